#include "daemon/engine/duties.h"

#include "common/base/num.h"
#include "daemon/store/rows/duty_row.h"

uint64_t duty_mends(const struct case_row *row, const struct attribute_row *attributes)
{
    const struct rd_value *values = attributes->values;
    uint64_t number = 0;
    bool is_one = row->kind == CASE_DUTY && values[RD_KEY_DUTY].type == RD_VALUE_STR &&
                  rd_str_is(values[RD_KEY_DUTY].bytes, RECTIFICATION) &&
                  values[RD_KEY_PERIOD].type == RD_VALUE_STR;
    return is_one && rd_u64_parse(values[RD_KEY_PERIOD].bytes, &number) == 0 ? number : 0;
}

void duty_save(
        struct engine *engine, const struct case_row *row, const struct attribute_row *attributes)
{
    struct duty_row duty = duty_row_of(row, attributes);
    duty_row_put(engine->view, row->number, &duty);
    uint64_t of_case = duty_mends(row, attributes);
    if (of_case != 0 && row->state < CASE_DECIDED) {
        mending_put(engine->view, of_case, row->number);
    } else if (of_case != 0) {
        mending_del(engine->view, of_case, row->number);
    }
}

/* A round that bears the sign that stands between the parts is written apart, or two contracts
 * might share one duty. */
static struct rd_str round_part(struct rd_arena *arena, struct rd_str round)
{
    char *text = RD_ARENA_ARRAY(arena, char, 3 * round.len + 1);
    size_t length = 0;
    for (size_t i = 0; i < round.len; i++) {
        const char *escaped = round.ptr[i] == '/' ? "%2F" : round.ptr[i] == '%' ? "%25" : NULL;
        for (const char *c = escaped; c != NULL && *c != '\0'; c++) {
            text[length++] = *c;
        }
        if (escaped == NULL) {
            text[length++] = round.ptr[i];
        }
    }
    return (struct rd_str){text, length};
}

struct rd_str duty_screening_subject(struct rd_arena *arena, const struct rd_plan *plan,
        struct rd_str round, struct rd_str contract)
{
    round = round_part(arena, round);
    return rd_arena_printf(
            arena, "%.*s/%.*s/%.*s", RD_FMT(plan->screening.duty), RD_FMT(round), RD_FMT(contract));
}
