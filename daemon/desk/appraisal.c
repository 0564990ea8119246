#include "daemon/desk/appraisal.h"

enum { HUNDRED = 100, QUARTER = 4 };

/* Each figure's weight × the unit's place between the worst and the best of those ranked: all of
 * it for the best, nothing for the worst and for one without a value; all where all are equal, but
 * not for having none of what one wants more of. */
static void add_figure(const struct tally_question *question, const struct tally *tally,
        const struct rd_figure *figure, int64_t weight, struct appraised *units)
{
    struct worth {
        bool has;
        int64_t value;
    } *values = RD_ARENA_ARRAY(question->call->arena, struct worth, tally->count);
    int64_t best = INT64_MIN, worst = INT64_MAX;
    for (size_t i = 0; i < tally->count; i++) {
        struct figure_value found = figure_of(question, figure, tally, &tally->groups[i]);
        values[i] = (struct worth){found.has, figure->direction < 0 ? -found.value : found.value};
        if (values[i].has && !units[i].is_small) {
            best = values[i].value > best ? values[i].value : best;
            worst = values[i].value < worst ? values[i].value : worst;
        }
    }
    bool is_of_nothing = best == worst && best == 0 && figure->direction > 0;
    for (size_t i = 0; i < tally->count && !is_of_nothing; i++) {
        if (values[i].has && !units[i].is_small) {
            units[i].points +=
                    best == worst ? weight * HUNDRED
                                  : (values[i].value - worst) * weight * HUNDRED / (best - worst);
        }
    }
}

static void rank(struct appraised *units, size_t count)
{
    uint32_t ranked = 0;
    for (size_t i = 0; i < count; i++) {
        ranked += !units[i].is_small;
    }
    for (size_t i = 0; i < count; i++) {
        units[i].rank = units[i].is_small ? 0 : 1;
        for (size_t k = 0; k < count && !units[i].is_small; k++) {
            units[i].rank += !units[k].is_small && units[k].points > units[i].points;
        }
        units[i].is_last = ranked >= QUARTER && units[i].rank > ranked - ranked / QUARTER;
    }
}

struct appraised *appraise(const struct tally_question *question, const struct tally *tally)
{
    static const struct rd_figure_term complaints = {RD_COUNTER_COMPLAINTS, 0, RD_FIGURE_ANY};
    rd_node figures = rd_node_find(question->call->plan->root, "figures");
    rd_node weights = rd_node_find(figures, "appraisal");
    int64_t small = rd_node_int(rd_node_find(figures, "small_n"));
    bool is_of_units = question->by == BY_UNIT || question->by == BY_RESPONDENT;
    if (!is_of_units || rd_node_count(weights) == 0) {
        return NULL;
    }
    struct appraised *units = RD_ARENA_ARRAY(question->call->arena, struct appraised, tally->count);
    for (size_t i = 0; i < tally->count; i++) {
        units[i].is_small = sums_of(&tally->groups[i].sums, &complaints) < small ||
                            rd_str_eq(tally->groups[i].name, question->unit);
    }
    for (uint32_t i = 0; i < rd_node_count(weights); i++) {
        struct rd_str code;
        int64_t weight = rd_node_int(rd_node_pair(weights, i, &code));
        const struct rd_figure *figure = rd_figure_find(code);
        if (figure != NULL) {
            add_figure(question, tally, figure, weight, units);
        }
    }
    rank(units, tally->count);
    return units;
}
