/* Clocks, ladders and firing, by events and ticks on a scratch store: who is told what, and when.
 */
#include "daemon/engine/cases.h"
#include "daemon/engine/digest_pack.h"
#include "daemon/engine/fire.h"
#include "daemon/engine/ladder_items.h"
#include "daemon/engine/record.h"
#include "daemon/engine/watch.h"
#include "tests/unit/engine_fixture.h"

#define AT(hour, minute) (MIDNIGHT + (hour)*HOUR + (minute)*MINUTE)

static struct work *look(struct rig *rig, uint64_t number)
{
    struct engine_time at = {
            .wall = rig->engine->counters.wall, .steady = rig->engine->counters.steady};
    record_begin(rig->engine, &at);
    struct work *work = case_open(rig->engine, number);
    assert_non_null(work);
    return work;
}

/* When its first clock is due, on the wall; the rig's scales never part. */
static rd_time due_of(struct rig *rig, uint64_t number)
{
    const struct case_clock *clock = &look(rig, number)->row->clocks[0];
    return clock->due + (clock->is_steady ? MIDNIGHT : 0);
}

static void a_ladder_asks_climbs_and_stops(void **state)
{
    struct rig *rig = *state;
    rig_complaint(rig, AT(10, 0), "k");
    rig_expect(rig, "ladder.rung xj/south/d3 10:00");
    rd_time at[2];
    struct ladder_item item = ladder_next(rig->engine, look(rig, 1), at);
    assert_int_equal(item.kind, ITEM_MISSED); /* nobody has acknowledged: due before rung 2 */
    assert_int_equal(item.at, 10 * HOUR + 15 * MINUTE);
    assert_true(item.is_steady && at[0] == RD_TIME_NONE && at[1] == item.at);
    rig_until(rig, AT(10, 14));
    rig_expect(rig, "");
    rig_until(rig, AT(10, 15)); /* at the instant it is missed: half-open */
    rig_expect(rig, "ladder.rung xj/south 10:15");
    assert_null(rig_send(rig, AT(10, 20), "case.customer_contacted", "k", "by", "li", NULL));
    item = ladder_next(rig->engine, look(rig, 1), at);
    assert_int_equal(item.kind, ITEM_NONE);
    rig_until(rig, AT(13, 59));
    rig_expect(rig, "clock.reminder xj/south/d3 12:00");
}

static void an_acknowledgement_leaves_the_later_rungs(void **state)
{
    struct rig *rig = *state;
    rig_complaint(rig, AT(10, 0), "k");
    assert_null(rig_send(rig, AT(10, 5), "case.acknowledged", "k", "by", "li", NULL));
    rd_time at[2];
    struct ladder_item item = ladder_next(rig->engine, look(rig, 1), at);
    assert_int_equal(item.kind, ITEM_RUNG);
    assert_true(item.place == 1 && item.at == 12 * HOUR);
    rig_until(rig, AT(11, 59));
    rig_expect(rig, "ladder.rung xj/south/d3 10:00");
    rig_until(rig, AT(12, 0));
    rig_expect(rig, "clock.reminder xj/south/d3 12:00, ladder.rung xj/south 12:00");
}

static void a_clock_is_late_at_its_due_and_taken_back(void **state)
{
    struct rig *rig = *state;
    rig_complaint(rig, AT(10, 0), "k");
    assert_null(rig_send(rig, AT(10, 1), "case.customer_contacted", "k", "by", "li", NULL));
    assert_int_equal(due_of(rig, 1), AT(14, 0));
    rig_until(rig, AT(13, 59));
    rig_expect(rig, "ladder.rung xj/south/d3 10:00, clock.reminder xj/south/d3 12:00");
    rig_until(rig, AT(14, 0));
    rig_expect(rig, "clock.breach xj/south/d3 14:00, clock.breach xj/south 14:00");
    assert_int_equal(look(rig, 1)->row->clocks[0].state, CLOCK_BREACHED);
    assert_null(rig_send(rig, AT(14, 30), "case.decided", "k", "outcome", "upheld", NULL));
    assert_int_equal(look(rig, 1)->row->clocks[0].state, CLOCK_LATE);
}

static void a_pause_moves_a_clock_by_its_length_and_freezes_the_ladder(void **state)
{
    struct rig *rig = *state;
    rig_complaint(rig, AT(10, 0), "k");
    assert_null(rig_send(rig, AT(10, 10), "case.paused", "k", "reason", "customer", NULL));
    rig_until(rig, AT(10, 50));
    rig_expect(rig, "ladder.rung xj/south/d3 10:00");
    assert_null(rig_send(rig, AT(11, 10), "case.resumed", "k", "reason", "customer", NULL));
    assert_int_equal(due_of(rig, 1), AT(15, 0));
    rig_expect(rig, "clock.moved xj/south/d3 11:10");
    rig_until(rig, AT(11, 15)); /* five minutes were left */
    rig_expect(rig, "ladder.rung xj/south 11:15");
    assert_string_equal(rig_send(rig, AT(11, 20), "case.resumed", "k", "reason", "customer", NULL),
            "illegal_transition");
}

static void an_extension_counts_from_the_start(void **state)
{
    struct rig *rig = *state;
    rig_complaint(rig, AT(10, 0), "k");
    assert_null(rig_send(rig, AT(10, 1), "case.extended", "k", "clock", "answer", "approved_by",
            "zhao", "reason", "r", NULL));
    assert_int_equal(due_of(rig, 1), AT(18, 0));
    assert_string_equal(rig_send(rig, AT(10, 2), "case.extended", "k", "clock", "answer",
                                "approved_by", "zhao", "reason", "r", NULL),
            "illegal_transition");
}

static void an_event_fires_what_is_due_on_its_case_before_it_counts(void **state)
{
    struct rig *rig = *state;
    rig_complaint(rig, AT(10, 0), "k");
    rig_expect(rig, "ladder.rung xj/south/d3 10:00");
    struct engine_time at = rig_at(AT(14, 1)); /* no tick since: all of it is due at once */
    struct rd_event event = {.id = RD_STR("late"),
            .source = RD_STR("test"),
            .subject = RD_STR("k"),
            .type = RD_EVENT_DECIDED,
            .time = AT(14, 1),
            .present = RD_KEY_BIT(RD_KEY_OUTCOME)};
    event.data[RD_KEY_OUTCOME] = (struct rd_value){.type = RD_VALUE_STR, .bytes = RD_STR("upheld")};
    struct engine_sender sender = {.name = RD_STR("crm")};
    struct rd_receipt receipt;
    engine_event(rig->engine, &at, &sender, &event, &receipt);
    assert_int_equal(receipt.status, RD_ACCEPTED);
    rig_hear(rig);
    rig_expect(rig, "ladder.rung xj/south 14:01, clock.breach xj/south/d3 14:01, "
                    "clock.breach xj/south 14:01");
    assert_int_equal(look(rig, 1)->row->clocks[0].state, CLOCK_LATE);
}

/* A row whose owner is armed for another instant, or is another, is stale. */
static void a_timer_is_live_for_what_its_owner_is_armed_for(void **state)
{
    struct rig *rig = *state;
    struct engine *engine = rig->engine;
    rig_complaint(rig, AT(10, 0), "k");
    (void)look(rig, 1);
    size_t live = 0;
    unsigned kinds = 0;
    for (int steady = 0; steady < 2; steady++) {
        struct timer_row row, from = {.is_steady = steady != 0};
        for (const struct timer_row *at = NULL;
                timer_row_first(engine->view, steady != 0, at, &row); at = &from) {
            from = row;
            from.slot++;
            if (!timer_is_live(engine, &row)) {
                continue;
            }
            live++;
            kinds |= 1U << row.kind;
            struct timer_row late = row, other = row, elsewhere = row, scale = row;
            late.due++;
            other.owner = 99;
            elsewhere.slot = 9;
            scale.is_steady = !row.is_steady;
            assert_false(timer_is_live(engine, &late) || timer_is_live(engine, &other) ||
                         timer_is_live(engine, &scale));
            assert_true(row.kind == TIMER_LADDER || !timer_is_live(engine, &elsewhere));
            assert_int_equal(timer_cost(&row), 1);
        }
    }
    assert_int_equal(live, 2);
    assert_int_equal(kinds, 1U << TIMER_CLOCK | 1U << TIMER_LADDER);
}

/* What a firing looks at counts for as many timers of the tick. */
static void a_firing_that_looks_at_many_costs_more(void **state)
{
    (void)state;
    static const struct {
        enum timer_kind kind;
        uint16_t slot;
        uint32_t cost;
    } COSTS[] = {{TIMER_CLOCK, 0, 1}, {TIMER_SILENCE, 0, 64}, {TIMER_SWEEP, 0, 16},
            {TIMER_REST, 0, 64}, {TIMER_UNIT_DAY, 0, 1}, {TIMER_UNIT_DAY, WATCH_DIGEST, 64},
            {TIMER_APPROVAL, 0, 1}};
    for (size_t i = 0; i < RD_COUNT(COSTS); i++) {
        struct timer_row row = {.kind = COSTS[i].kind, .slot = COSTS[i].slot};
        assert_int_equal(timer_cost(&row), COSTS[i].cost);
    }
}

static void an_amended_respondent_matches_policies_anew(void **state)
{
    struct rig *rig = *state;
    rig_complaint(rig, AT(10, 0), "k");
    assert_true(rd_str_is(case_policy(look(rig, 1))->name, "all"));
    assert_null(rig_send(rig, AT(10, 1), "case.amended", "k", "respondent", "xj/south", NULL));
    assert_true(rd_str_is(case_policy(look(rig, 1))->name, "south"));
    assert_int_equal(due_of(rig, 1), AT(11, 0));
    assert_null(rig_send(rig, AT(10, 2), "case.amended", "k", "product", "loan", NULL));
    assert_true(rd_str_is(case_policy(look(rig, 1))->name, "south"));
}

static void the_history_keeps_who_acted_and_who_sent_it(void **state)
{
    struct rig *rig = *state;
    rig_complaint(rig, AT(10, 0), "k");
    assert_null(rig_send(
            rig, AT(10, 1), "case.closed", "k", "resolution", "refunded", "by", "anna", NULL));
    struct history_row row;
    uint64_t at = look(rig, 1)->row->history;
    while (history_row_get(rig->engine->view, at, &row) && row.what != HISTORY_EVENT) {
        at = row.before; /* what was told at the closing stands behind it */
    }
    assert_true(row.code == RD_EVENT_CLOSED && rd_str_is(row.by, "anna") &&
                rd_str_is(row.sender, "crm") && rd_str_is(row.note, "refunded"));
    assert_true(
            rd_str_is(case_attributes(rig->engine, look(rig, 1))->values[RD_KEY_RESOLUTION].bytes,
                    "refunded"));
}

static void a_refused_event_leaves_no_trace(void **state)
{
    struct rig *rig = *state;
    rig_complaint(rig, AT(10, 0), "k");
    uint64_t history = look(rig, 1)->row->history;
    struct engine_counts before = engine_counts(rig->engine);
    assert_string_equal(
            rig_send(rig, AT(10, 1), "case.answered", "k", "by", "li", "text", "t", NULL),
            "illegal_transition");
    assert_string_equal(
            rig_send(rig, AT(10, 1), "case.noted", "other", "by", "li", "text", "t", NULL),
            "unknown_case");
    struct engine_counts after = engine_counts(rig->engine);
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(look(rig, 1)->row->history, history);
}

static uint32_t listed(struct rig *rig, const struct digest_case *one)
{
    struct digest_work work = {.worst = {*one}, .worst_count = 1};
    rd_node root;
    (void)look(rig, one->number); /* as within a record */
    struct rd_str packed = digest_packed(rig->engine, RD_DIGEST_DAY, 1, &work);
    assert_int_equal(rd_tree_read(rig->tree, packed, &root, NULL), 0);
    return rd_node_count(rd_node_find(root, "worst"));
}

/* A walk over many cases goes in shares, and what it has listed may change before it ends. */
static void a_digest_lists_what_is_still_overdue(void **state)
{
    struct rig *rig = *state;
    rig_complaint(rig, AT(10, 0), "k");
    struct digest_case one = {.number = 1, .due = AT(14, 0)};
    struct digest_case gone = {.number = 1, .due = AT(14, 0), .clock = 7};
    assert_int_equal(listed(rig, &one), 0);
    rig_until(rig, AT(14, 0));
    assert_int_equal(listed(rig, &one), 1);
    assert_int_equal(listed(rig, &gone), 0);
    assert_null(rig_send(rig, AT(14, 30), "case.closed", "k", "resolution", "paid", NULL));
    assert_int_equal(listed(rig, &one), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_open, rig_close)
    const struct CMUnitTest tests[] = {
            TEST(a_ladder_asks_climbs_and_stops),
            TEST(an_acknowledgement_leaves_the_later_rungs),
            TEST(a_clock_is_late_at_its_due_and_taken_back),
            TEST(a_pause_moves_a_clock_by_its_length_and_freezes_the_ladder),
            TEST(an_extension_counts_from_the_start),
            TEST(an_event_fires_what_is_due_on_its_case_before_it_counts),
            TEST(a_timer_is_live_for_what_its_owner_is_armed_for),
            cmocka_unit_test(a_firing_that_looks_at_many_costs_more),
            TEST(an_amended_respondent_matches_policies_anew),
            TEST(the_history_keeps_who_acted_and_who_sent_it),
            TEST(a_refused_event_leaves_no_trace),
            TEST(a_digest_lists_what_is_still_overdue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
