#include "daemon/engine/approvals.h"

#include <stdio.h>

#include "common/base/digest.h"
#include "common/base/sizes.h"
#include "common/wire/event_table.h"
#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/names.h"
#include "daemon/engine/record.h"
#include "daemon/store/rows/approval_row.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/gone_row.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/timer_row.h"

/* An event that needs two persons is applied on trial, so that the second person is never asked
 * about one that would be refused; then all of it is undone except its row here. The approval
 * applies it as it would have been applied at first: with its own number, time and sender. */

bool approval_is_owed(const struct engine *engine, enum rd_event_type type)
{
    return engine->plan->four_eyes.types[type];
}

bool approval_waits(struct engine *engine, uint64_t seq)
{
    struct approval_row row;
    return approval_row_get(engine->view, seq, &row);
}

static struct timer_row timer_of(uint64_t seq)
{
    return (struct timer_row){
            .is_steady = true, .is_service = true, .kind = TIMER_APPROVAL, .owner = seq};
}

static bool are_too_many(struct engine *engine)
{
    struct store_scan scan;
    struct rd_str key, value;
    size_t count = 0;
    store_scan_begin(&scan, engine->view, STORE_APPROVALS, (struct rd_str){0});
    while (count < APPROVALS_MAX && store_scan_next(&scan, &key, &value)) {
        count++;
    }
    store_scan_end(&scan);
    return count == APPROVALS_MAX;
}

/* "case.extended by li" and, where it lapsed, that it did. */
static uint64_t tell(struct engine *engine, struct work *work, uint64_t seq,
        enum rd_event_type type, struct rd_str by, uint64_t before)
{
    struct alert_draft draft = alert_draft_of(RD_ALERT_APPROVAL_OWED, RD_WARNING, NAME_OPS);
    draft.extra = (struct rd_reason){
            .code = rd_arena_printf(&engine->arena, "approval.%llu", (unsigned long long)seq),
            .detail = rd_arena_printf(&engine->arena, "%s%s%.*s%s", rd_event_type_name(type),
                    by.len > 0 ? " by " : "", RD_FMT(by), before != 0 ? " has lapsed" : "")};
    draft.supersedes = before;
    draft.is_late = before != 0;
    return alert_send(engine, work, &draft);
}

bool approval_wait(struct engine *engine, struct take *take)
{
    if (are_too_many(engine)) {
        return rd_reject_set(take->reject, "conflict", "",
                "%d events wait for a second person already: let some be approved, or lapse",
                APPROVALS_MAX);
    }
    const struct rd_event *event = engine->event;
    struct rd_buf sender;
    rd_buf_init(&sender, RD_EVENT_BYTES_MAX);
    engine_sender_pack(&sender, engine->sender);
    struct approval_row row = {.type = (uint8_t)event->type,
            .is_quiet = event->is_quiet,
            .own = engine->own.wall,
            .taken = engine->now.wall,
            .armed = RD_TIME_NONE,
            .lapses = engine->now.wall + engine->plan->four_eyes.lapses_us,
            .case_number = take->case_number,
            .unit = take->work != NULL ? take->work->row->unit : 0,
            .sender = rd_buf_str(&sender),
            .source = event->source,
            .event = event->raw};
    timer_arm(engine, &row.armed, engine->now.steady + engine->plan->four_eyes.lapses_us,
            timer_of(engine->seq));
    row.alert = tell(engine, take->work, engine->seq, event->type, event_str(engine, RD_KEY_BY), 0);
    approval_row_put(engine->view, engine->seq, &row);
    rd_buf_done(&sender);
    return true;
}

bool approval_find(struct engine *engine, uint64_t seq, struct approval *ret_approval)
{
    struct approval_row row;
    if (!approval_row_get(engine->view, seq, &row)) {
        return false;
    }
    struct rd_str event = rd_arena_dup(&engine->arena, row.event);
    *ret_approval = (struct approval){.seq = seq,
            .own = row.own,
            .sender = engine_sender_of(rd_arena_dup(&engine->arena, row.sender))};
    struct rd_reject reject = {0};
    bool is_read = rd_event_decode(
            engine->approval_tree, event, RD_EVENT_BYTES_MAX, &ret_approval->event, &reject);
    ret_approval->event.time = ret_approval->own;
    return is_read;
}

void approval_end(struct engine *engine, uint64_t seq)
{
    struct approval_row row;
    bool is_found = approval_row_get(engine->view, seq, &row);
    RD_ASSERT(is_found);
    timer_arm(engine, &row.armed, RD_TIME_NONE, timer_of(seq));
    approval_row_del(engine->view, seq);
}

bool approval_timer_is_live(struct engine *engine, const struct timer_row *row)
{
    struct approval_row approval;
    return row->is_steady && approval_row_get(engine->view, row->owner, &approval) &&
           approval.armed == row->due;
}

void approval_lapse(struct engine *engine, uint64_t seq, struct work *work, const uint8_t *customer)
{
    struct approval_row lapsed;
    struct approval approval;
    bool is_found = approval_row_get(engine->view, seq, &lapsed);
    RD_ASSERT(is_found);
    enum rd_event_type type = (enum rd_event_type)lapsed.type; /* the row is borrowed */
    uint64_t before = lapsed.alert;
    bool is_read = approval_find(engine, seq, &approval);
    const struct rd_value by = is_read ? approval.event.data[RD_KEY_BY] : (struct rd_value){0};
    if (before != 0) {
        (void)tell(engine, work, seq, type, by.bytes, before);
    }
    if (customer != NULL) { /* no history tells of it */
        gone_row_put(engine->view, customer, 0, seq, &seq, 1);
    }
    approval_end(engine, seq);
}

/* Drops an event that got no approval in time and alerts operators. */
void approval_fire(struct engine *engine, const struct timer_row *row)
{
    struct approval_row lapsed;
    uint8_t customer[RD_DIGEST_BYTES];
    bool is_found = approval_row_get(engine->view, row->owner, &lapsed);
    RD_ASSERT(is_found && lapsed.armed == row->due);
    struct work *work = lapsed.case_number != 0 ? case_open(engine, lapsed.case_number) : NULL;
    struct rd_str name = work != NULL ? case_attributes(engine, work)->values[RD_KEY_CUSTOMER].bytes
                                      : (struct rd_str){0};
    rd_digest1(name, customer);
    engine->cause = "approval";
    engine->cause_name = rd_arena_printf(&engine->arena, "%llu", (unsigned long long)row->owner);
    approval_lapse(engine, row->owner, work, name.len > 0 ? customer : NULL);
}

uint64_t approvals_armed(struct engine *engine)
{
    struct store_scan scan;
    struct rd_str key, value;
    uint64_t armed = 0;
    store_scan_begin(&scan, engine->view, STORE_APPROVALS, (struct rd_str){0});
    while (store_scan_next(&scan, &key, &value)) {
        struct approval_row row;
        (void)approval_row_read(key, value, &row);
        armed += row.armed != RD_TIME_NONE;
    }
    store_scan_end(&scan);
    return armed;
}
