#include "daemon/engine/assess.h"

#include <string.h>

#include "common/base/chars.h"
#include "common/base/num.h"
#include "common/plan/lexicons.h"
#include "common/text/fold.h"
#include "daemon/engine/attributes.h"
#include "daemon/engine/points.h"
#include "daemon/engine/state.h"
#include "daemon/engine/title_words.h"
#include "daemon/engine/windows.h"

/* Points from rules, lexicons, windows and the scorecard, summed, cut to 0..100, then a level by
 * the thresholds (redress.yaml(5), "assessment"). Integers only. */

enum { EVIDENCE_MAX = 192 };

/* "age 71" */
static struct rd_str described(struct engine *engine, struct rd_str name, struct rd_str shown)
{
    char *text = rd_arena_alloc(&engine->arena, name.len + 1 + shown.len);
    memcpy(text, name.ptr, name.len);
    text[name.len] = ' ';
    if (shown.len > 0) {
        memcpy(text + name.len + 1, shown.ptr, shown.len);
    }
    return (struct rd_str){text, name.len + 1 + shown.len};
}

static struct rd_str described_number(struct engine *engine, struct rd_str name, int64_t number)
{
    char room[RD_DECIMAL_MAX];
    return described(engine, name, rd_decimal(number, 1, room));
}

/* What the rule saw: the value of its one attribute. */
static struct rd_str rule_detail(struct engine *engine, const struct attribute_view *view,
        const struct rd_plan_rule *rule, struct points *points)
{
    if (rd_match_count(rule->match) != 1) {
        return (struct rd_str){0};
    }
    struct rd_str named = rd_match_name_at(rule->match, 0);
    struct rd_value value = attribute_lookup(view, named);
    struct rd_str name = title_attribute(title_language_of(engine->plan->language), named);
    if (value.type == RD_VALUE_STR) {
        struct rd_str shown =
                rd_match_shown(rule->match, 0, value.bytes, &points->budget, &engine->arena);
        enum rd_event_key key;
        if (rd_event_key_parse(named, &key) == 0) {
            shown = rd_plan_code_name(engine->plan, key, shown);
        }
        return described(engine, name, shown);
    }
    if (value.type == RD_VALUE_UINT || value.type == RD_VALUE_INT) {
        return described_number(engine, name, value.integer);
    }
    return (struct rd_str){0};
}

/* Returns the points of those that look at the text. */
static int64_t add_rules(struct engine *engine, const struct attribute_view *view,
        bool is_text_alone, struct points *points)
{
    const struct rd_plan_assessment *plan = &engine->plan->assessment;
    int64_t of_text = 0;
    for (size_t i = 0; i < plan->rule_count; i++) {
        const struct rd_plan_rule *rule = &plan->rules[i];
        bool reads_text = rd_match_names(rule->match, RD_STR("text"));
        if ((reads_text || !is_text_alone) &&
                rd_match_holds_within(rule->match, attribute_lookup, view, &points->budget)) {
            points_name(points_add(engine, points, rule->code, rule->points,
                                rule_detail(engine, view, rule, points), &rule->actions),
                    rule->name);
            of_text += reads_text ? rule->points : 0;
        }
    }
    points->is_spent = points->budget == 0; /* whatever else it scores decides nothing here */
    return of_text;
}

/* The folded text that terms and tokens are searched in; empty when no rule searches it. */
static struct rd_str folded_text(
        struct engine *engine, const struct attribute_view *view, size_t *ret_left_out)
{
    const struct rd_plan_assessment *plan = &engine->plan->assessment;
    const struct rd_value *text = &view->values[RD_KEY_TEXT];
    bool is_read = plan->term_count > 0 ||
                   (plan->scorecard != NULL && rd_scorecard_reads_text(plan->scorecard));
    *ret_left_out = 0;
    return is_read && text->type == RD_VALUE_STR
                   ? rd_fold_text_telling(text->bytes, &engine->arena, ret_left_out)
                   : (struct rd_str){0};
}

enum { DIGITS_SHOWN = 4, DIGITS_FREE = 5, STARS = 4 };

/* Five digits in a row are a hotline's number, which identifies no person; of longer runs only the
 * last four are shown. */
static struct rd_str mask_digits(struct rd_str text, struct rd_arena *arena)
{
    char *out = rd_arena_alloc(arena, 2 * text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len;) {
        size_t digits = 0;
        while (i + digits < text.len && text.ptr[i + digits] >= '0' &&
                text.ptr[i + digits] <= '9') {
            digits++;
        }
        size_t hidden = digits > DIGITS_FREE ? digits - DIGITS_SHOWN : 0;
        size_t stars = hidden > 0 ? STARS : 0;
        memset(out + len, '*', stars);
        len += stars;
        size_t copied = digits > 0 ? digits - hidden : 1;
        memcpy(out + len, text.ptr + i + hidden, copied);
        len += copied;
        i += hidden + copied;
    }
    return (struct rd_str){out, len};
}

/* A literal is known from the configuration, so its detail need not repeat it; of a pattern the
 * reader wants the text it matched. */
static struct rd_str evidence_of(struct engine *engine, const struct rd_plan_lexicon *lexicon,
        size_t index, struct rd_str folded, size_t *budget)
{
    const struct rd_term *term = &lexicon->terms[index];
    struct rd_str text = {0};
    if (lexicon->evidence == RD_EVIDENCE_NONE) {
        return text;
    }
    if (term->is_pattern) {
        text = rd_terms_evidence(
                engine->plan->assessment.terms, lexicon->first_term + index, folded, budget);
    }
    if (text.len == 0) {
        return term->text;
    }
    text.len = rd_chars_forward(text, 0, RD_SHOWN_CHARS_MAX);
    return lexicon->evidence == RD_EVIDENCE_FULL ? text : mask_digits(text, &engine->arena);
}

/* The terms that counted, as far as they fit. */
static struct rd_str evidence_list(struct engine *engine, const struct rd_plan_lexicon *lexicon,
        const struct rd_lexicon_score *score, struct rd_str folded, size_t *budget)
{
    static const char comma[] = {',', ' '};
    char *list = rd_arena_alloc(&engine->arena, EVIDENCE_MAX + sizeof comma);
    size_t len = 0;
    for (size_t i = 0; i < score->term_count && len < EVIDENCE_MAX; i++) {
        struct rd_str term = evidence_of(engine, lexicon, score->terms[i], folded, budget);
        if (term.len > 0 && len + term.len < EVIDENCE_MAX) {
            size_t between = len > 0 ? sizeof comma : 0;
            memcpy(list + len, comma, between);
            memcpy(list + len + between, term.ptr, term.len);
            len += between + term.len;
        }
    }
    return (struct rd_str){list, len};
}

static void add_lexicons(struct engine *engine, struct rd_str folded, struct points *points)
{
    const struct rd_plan_assessment *plan = &engine->plan->assessment;
    if (plan->term_count == 0 || folded.len == 0) {
        return;
    }
    const struct rd_lexicon_score *scores =
            rd_lexicons_score(plan, engine->terms_scratch, folded, &engine->arena);
    for (size_t i = 0; i < plan->lexicon_count; i++) {
        const struct rd_plan_lexicon *lexicon = &plan->lexicons[i];
        if (scores[i].points != 0) {
            struct rd_str list =
                    evidence_list(engine, lexicon, &scores[i], folded, &points->budget);
            points_name(points_add(engine, points, lexicon->code, scores[i].points, list,
                                &lexicon->actions),
                    lexicon->name);
        }
    }
}

static void add_scorecard(struct engine *engine, const struct attribute_view *view,
        struct rd_str folded, struct points *points)
{
    const struct rd_scorecard *card = engine->plan->assessment.scorecard;
    if (card == NULL) {
        return;
    }
    struct rd_card_score score =
            rd_scorecard_score(card, attribute_lookup, view, folded, &engine->arena);
    if (score.points > 0) {
        (void)points_add(engine, points, rd_scorecard_card(card)->code, score.points,
                rd_scorecard_detail(card, &score, &engine->arena), NULL);
    }
}

/* A score that another system computed, as a share of the points it may give. */
static void add_externals(
        struct engine *engine, const struct attribute_view *view, struct points *points)
{
    const struct rd_plan_assessment *plan = &engine->plan->assessment;
    for (size_t i = 0; i < plan->external_count; i++) {
        const struct rd_plan_external *external = &plan->externals[i];
        struct rd_value value = attribute_lookup(view, external->attribute);
        if (value.type != RD_VALUE_INT && value.type != RD_VALUE_UINT) {
            continue;
        }
        int64_t share = value.integer <= external->from ? 0
                        : value.integer >= external->to
                                ? external->cap
                                : external->cap * (value.integer - external->from) /
                                          (external->to - external->from);
        points_name(points_add(engine, points, external->code, (int32_t)share,
                            described_number(engine, external->attribute, value.integer), NULL),
                external->name);
    }
}

/* Points descending; equal ones stay in file order (an insertion sort is stable). */
static void sort_reasons(struct points *points)
{
    for (size_t i = 1; i < points->reason_count; i++) {
        struct rd_reason reason = points->reasons[i];
        const struct rd_texts *actions = points->actions[i];
        size_t at = i;
        while (at > 0 && points->reasons[at - 1].points < reason.points) {
            points->reasons[at] = points->reasons[at - 1];
            points->actions[at] = points->actions[at - 1];
            at--;
        }
        points->reasons[at] = reason;
        points->actions[at] = actions;
    }
}

static void gather_actions(
        struct engine *engine, const struct points *points, struct rd_warning *warning)
{
    size_t room = 0;
    for (size_t i = 0; i < points->reason_count; i++) {
        room += points->actions[i] != NULL ? points->actions[i]->count : 0;
    }
    struct rd_str *actions = RD_ARENA_ARRAY(&engine->arena, struct rd_str, room + 1);
    size_t count = 0;
    for (size_t i = 0; i < points->reason_count; i++) {
        for (size_t k = 0; points->actions[i] != NULL && k < points->actions[i]->count &&
                           count < RD_ACTIONS_MAX;
                k++) {
            struct rd_str action = points->actions[i]->at[k];
            bool is_new = true;
            for (size_t n = 0; n < count; n++) {
                is_new = is_new && !rd_str_eq(actions[n], action);
            }
            if (is_new) {
                actions[count++] = action;
            }
        }
    }
    warning->actions = actions;
    warning->action_count = count;
}

/* Adds a last reason without points that names what the assessment did not look at. */
static void tell_left_out(struct engine *engine, struct points *points, size_t left_out)
{
    size_t notes = (left_out > 0 ? 1U : 0U) + (points->is_spent ? 1U : 0U);
    if (points->reason_count > RD_REASONS_MAX - notes) {
        points->reason_count = RD_REASONS_MAX - notes; /* the strongest */
    }
    if (points->is_spent) {
        points_note(engine, points, RD_STR("text.unread"),
                RD_STR("some rules: their patterns take too many steps"));
    }
    if (left_out > 0) {
        points_note(engine, points, RD_STR("text.unread"),
                rd_arena_printf(&engine->arena, "%zu combining marks", left_out));
    }
}

static int32_t score_of(int64_t sum)
{
    return (int32_t)(sum < 0 ? 0 : sum > 100 ? 100 : sum);
}

static enum rd_level level_of(const struct engine *engine, int64_t sum)
{
    const struct rd_plan_assessment *plan = &engine->plan->assessment;
    int32_t score = score_of(sum);
    return score >= plan->critical ? RD_LEVEL_CRITICAL
           : score >= plan->high   ? RD_LEVEL_HIGH
           : score >= plan->watch  ? RD_LEVEL_WATCH
                                   : RD_LEVEL_NONE;
}

/* Makes the warning of all points gathered. */
static void conclude(struct engine *engine, struct points *points, size_t left_out,
        struct rd_warning *ret_warning)
{
    sort_reasons(points);
    tell_left_out(engine, points, left_out);
    *ret_warning = (struct rd_warning){.score = score_of(points->sum),
            .level = level_of(engine, points->sum),
            .reasons = points->reasons,
            .reason_count = points->reason_count};
    gather_actions(engine, points, ret_warning);
}

enum rd_level assess(struct engine *engine, const struct attribute_view *view, uint32_t unit,
        struct rd_warning *ret_warning)
{
    struct points points = {.budget = RD_MATCH_BUDGET_OF_RULES};
    size_t left_out;
    int64_t of_text = add_rules(engine, view, false, &points);
    struct rd_str folded = folded_text(engine, view, &left_out);
    of_text -= points.sum;
    add_lexicons(engine, folded, &points);
    of_text += points.sum;
    windows_count(engine, view, unit, &points);
    add_scorecard(engine, view, folded, &points);
    add_externals(engine, view, &points);
    conclude(engine, &points, left_out, ret_warning);
    return level_of(engine, of_text);
}

void assess_text(
        struct engine *engine, const struct attribute_view *view, struct rd_warning *ret_warning)
{
    struct points points = {.budget = RD_MATCH_BUDGET_OF_RULES};
    size_t left_out;
    (void)add_rules(engine, view, true, &points);
    add_lexicons(engine, folded_text(engine, view, &left_out), &points);
    conclude(engine, &points, left_out, ret_warning);
}

struct rd_str warning_packed(struct engine *engine, const struct rd_warning *warning)
{
    struct rd_buf buf;
    uint8_t room[2048];
    rd_buf_init_in(&buf, room, sizeof room, RD_WARNING_BYTES_MAX);
    rd_warning_pack(&buf, warning);
    RD_ASSERT(buf.error == 0);
    struct rd_str packed = rd_arena_dup(&engine->arena, rd_buf_str(&buf));
    rd_buf_done(&buf);
    return packed;
}
