#include "daemon/engine/measure.h"

#include <string.h>

#include "daemon/engine/state.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/window_row.h"

/* ---- one row ---- */

static bool was_breached(const struct case_row *row)
{
    for (size_t i = 0; i < row->clock_count; i++) {
        if (row->clocks[i].state == CLOCK_BREACHED || row->clocks[i].state == CLOCK_LATE ||
                row->clocks[i].was_breached) {
            return true;
        }
    }
    return false;
}

static void judge_complaint(struct engine *engine, uint64_t seq, uint64_t number, struct fate *fate)
{
    struct case_row *row;
    fate->is_open = true;
    if (number == 0 || !case_row_get(engine->view, number, &engine->arena, &row)) {
        return;
    }
    bool began_forwarded =
            row->is_regulator && row->moments[RD_MOMENT_FORWARDED].wall <= row->opened;
    fate->disputed =
            row->reopened > 0 || row->moments[RD_MOMENT_REVIEW_REQUESTED].wall != RD_TIME_NONE;
    fate->escalated = (row->ladder.fired & ~1U) != 0 ||
                      (row->moments[RD_MOMENT_FORWARDED].wall != RD_TIME_NONE &&
                              row->opened_seq == seq && !began_forwarded);
    fate->breached = was_breached(row);
    fate->has_come_true = fate->disputed || fate->escalated || fate->breached;
    fate->is_open = !fate->has_come_true && row->state != CASE_CLOSED;
}

struct fate engine_fate(struct engine *engine, uint64_t seq, const struct ledger_row *row)
{
    struct fate fate = {0};
    if (!row->is_contact) {
        rd_arena_reset(&engine->arena);
        judge_complaint(engine, seq, row->case_number, &fate);
        return fate;
    }
    struct case_row *opened = NULL;
    rd_arena_reset(&engine->arena);
    if (row->case_number != 0) {
        (void)case_row_get(engine->view, row->case_number, &engine->arena, &opened);
    }
    bool is_over = engine->counters.wall - row->time > engine->plan->assessment.follow_up_us;
    fate.contact = contact_fate_of(row, opened, is_over);
    fate.is_open = fate.contact.outcome == CONTACT_OPEN;
    fate.has_come_true =
            fate.contact.outcome == CONTACT_COMPLAINED || fate.contact.outcome == CONTACT_PREEMPTED;
    return fate;
}

/* ---- all of them ---- */

struct measure_code *measure_code_of(struct measure *measure, struct rd_str code)
{
    for (size_t i = 0; i < measure->code_count; i++) {
        if (rd_str_eq(measure->codes[i].code, code)) {
            return &measure->codes[i];
        }
    }
    if (measure->code_count == measure->code_room) {
        size_t room = measure->code_room == 0 ? 64 : measure->code_room * 2;
        struct measure_code *wider = RD_ARENA_ARRAY(measure->arena, struct measure_code, room);
        if (measure->code_count > 0) {
            memcpy(wider, measure->codes, measure->code_count * sizeof wider[0]);
        }
        measure->codes = wider;
        measure->code_room = room;
    }
    struct measure_code *fresh = &measure->codes[measure->code_count++];
    *fresh = (struct measure_code){.code = rd_arena_dup(measure->arena, code)};
    return fresh;
}

static void count(struct measure_counts *counts, const struct fate *fate)
{
    counts->assessed++;
    counts->open += fate->is_open;
    counts->came_true += fate->has_come_true;
    counts->disputed += fate->disputed;
    counts->escalated += fate->escalated;
    counts->breached += fate->breached;
}

static void count_contact(struct measure_counts *counts, const struct contact_fate *fate)
{
    bool has_complained = fate->outcome == CONTACT_COMPLAINED;
    counts->complained += has_complained;
    counts->acted += has_complained && fate->was_acted_on;
    counts->relapsed += fate->has_relapsed;
    counts->preempted += fate->outcome == CONTACT_PREEMPTED;
    counts->tended += fate->outcome == CONTACT_TENDED;
    counts->quiet += fate->outcome == CONTACT_QUIET;
}

static void count_in(struct measure_counts *counts, enum measured kind, const struct fate *fate)
{
    count(counts, fate);
    if (kind == MEASURED_CONTACT) {
        count_contact(counts, &fate->contact);
    }
}

/* The codes of the reasons; one that stands there twice counts once. */
static void count_codes(
        struct measure *measure, enum measured kind, rd_node warning, const struct fate *fate)
{
    rd_node reasons = rd_node_find(warning, "reasons");
    for (uint32_t i = 0; i < rd_node_count(reasons); i++) {
        struct rd_str code = rd_node_str(rd_node_find(rd_node_at(reasons, i), "code"));
        bool is_first = code.len > 0;
        for (uint32_t k = 0; k < i && is_first; k++) {
            is_first = !rd_str_eq(rd_node_str(rd_node_find(rd_node_at(reasons, k), "code")), code);
        }
        if (is_first) {
            count_in(&measure_code_of(measure, code)->of[kind], kind, fate);
        }
    }
}

static bool is_wanted(
        struct engine *engine, const struct measure_filter *filter, const struct ledger_row *row)
{
    if ((filter->since != RD_TIME_NONE && row->time < filter->since) ||
            (filter->until != RD_TIME_NONE && row->time >= filter->until)) {
        return false;
    }
    struct rd_str path = name_text(engine->view, row->unit), prefix = filter->unit;
    return prefix.len == 0 ||
           (rd_str_starts(path, prefix) && (path.len == prefix.len || path.ptr[prefix.len] == '/'));
}

uint64_t engine_measure(struct engine *engine, const struct measure_filter *filter, uint64_t after,
        uint32_t limit, struct measure *measure)
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    struct row_key from = {0};
    struct store_scan scan;
    struct rd_str key, value;
    uint64_t last = 0;
    row_key_u64(&from, after + 1);
    store_scan_begin(&scan, engine->view, STORE_LEDGER, row_key_str(&from));
    for (uint32_t looked = 0; looked < limit; looked++) {
        struct ledger_row row;
        if (!store_scan_next(&scan, &key, &value)) {
            return 0; /* it has ended itself */
        }
        last = row_key_read_u64(key, 0);
        ledger_row_decode(value, &row);
        if (row.is_text || !is_wanted(engine, filter, &row)) {
            continue;
        }
        enum measured kind = row.is_contact ? MEASURED_CONTACT : MEASURED_COMPLAINT;
        struct fate fate = engine_fate(engine, last, &row);
        rd_node warning;
        count_in(&measure->levels[kind][row.level], kind, &fate);
        if (rd_tree_read(tree, row.warning, &warning, NULL) == 0) {
            count_codes(measure, kind, warning, &fate);
        }
    }
    store_scan_end(&scan);
    return last;
}

struct planned {
    const char *kind;
    struct rd_str name;
};

static struct planned planned_code(const struct rd_plan *plan, struct rd_str code)
{
    const struct rd_plan_assessment *all = &plan->assessment;
    for (size_t i = 0; i < all->rule_count; i++) {
        if (rd_str_eq(all->rules[i].code, code)) {
            return (struct planned){"rule", all->rules[i].name};
        }
    }
    for (size_t i = 0; i < all->lexicon_count; i++) {
        if (rd_str_eq(all->lexicons[i].code, code)) {
            return (struct planned){"lexicon", all->lexicons[i].name};
        }
    }
    for (size_t i = 0; i < all->window_count; i++) {
        if (rd_str_eq(all->windows[i].code, code)) {
            return (struct planned){"window", all->windows[i].name};
        }
    }
    for (size_t i = 0; i < all->external_count; i++) {
        if (rd_str_eq(all->externals[i].code, code)) {
            return (struct planned){"external", all->externals[i].name};
        }
    }
    return (struct planned){.kind = all->scorecard != NULL ? "scorecard" : "former"};
}

const char *plan_code_kind(const struct rd_plan *plan, struct rd_str code)
{
    return planned_code(plan, code).kind;
}

struct rd_str plan_code_name(const struct rd_plan *plan, struct rd_str code)
{
    return planned_code(plan, code).name;
}
