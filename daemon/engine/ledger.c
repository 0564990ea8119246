#include "daemon/engine/ledger.h"

#include <string.h>

#include "daemon/engine/assess.h"
#include "daemon/engine/counters.h"
#include "daemon/engine/figures.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/rows/window_row.h"

enum { PLACE_LEDGER = 250, PLACE_INDEX = 251, MARKED_MAX = 1000 };

static int32_t day_gone(struct engine *engine)
{
    const struct rd_plan *plan = engine->plan;
    int64_t keep = plan->alerts_keep_us > plan->dedup_us ? plan->alerts_keep_us : plan->dedup_us;
    return (int32_t)((engine->now.wall + keep) / RD_DAY_US) + 1;
}

/* A contact that comes late may already have become a complaint: the earliest within follow_up. */
static rd_time complained_since(struct engine *engine, const struct ledger_row *row)
{
    rd_time last = row->time + engine->plan->assessment.follow_up_us, found = RD_TIME_NONE;
    uint64_t number = 0;
    uint8_t kind;
    if (!row->is_contact || row->time == engine->now.wall) {
        return RD_TIME_NONE;
    }
    for (int looked = 0; looked < MARKED_MAX; looked++) {
        struct case_row *complaint;
        number = customer_case_before(engine->view, row->customer, number, &kind);
        if (number == 0) {
            break;
        }
        if (kind == CASE_COMPLAINT &&
                case_row_get(engine->view, number, &engine->arena, &complaint) &&
                complaint->opened >= row->time && complaint->opened <= last &&
                (found == RD_TIME_NONE || complaint->opened < found)) {
            found = complaint->opened;
        }
    }
    return found;
}

static void count(
        struct engine *engine, const struct ledger_row *row, enum rd_counter counter, int64_t sum)
{
    rd_day day = rd_calendar_day(unit_calendar(engine, row->unit), row->time);
    counters_count(engine, row->unit, day,
            &(struct counter_cell){.counter = (uint32_t)counter, .sub = row->level, .sum = sum});
}

/* A contact that opened a case counts as that case does; one that joined another's is no matter of
 * its own; of the others nobody has acted on any. */
static void count_new(struct engine *engine, const struct ledger_row *row)
{
    if (!row->is_contact) {
        return;
    }
    count(engine, row, RD_COUNTER_CONTACTS, 1);
    if (row->case_number == 0) {
        count(engine, row,
                row->complained != RD_TIME_NONE ? RD_COUNTER_COMPLAINED_IDLE : RD_COUNTER_QUIET, 1);
    }
}

static void count_complained(struct engine *engine, const struct ledger_row *row, uint64_t seq)
{
    struct case_row *contact;
    if (row->case_number == 0) {
        count(engine, row, RD_COUNTER_QUIET, -1);
        count(engine, row, RD_COUNTER_COMPLAINED_IDLE, 1);
    } else if (case_row_get(engine->view, row->case_number, &engine->arena, &contact) &&
               contact->opened_seq == seq) {
        figures_complained(engine, row->case_number);
    }
}

/* Keeps the assessment: a duplicate is answered from it, and warnings are measured by it later. */
void ledger_note(struct engine *engine, uint32_t unit, uint64_t case_number,
        const struct rd_warning *warning)
{
    const struct rd_event *event = engine->event;
    struct ledger_row row = {.is_contact = event->type == RD_EVENT_CONTACT_RECEIVED,
            .is_text = event->type != RD_EVENT_CONTACT_RECEIVED &&
                       event->type != RD_EVENT_COMPLAINT_REGISTERED &&
                       event->type != RD_EVENT_FORWARDED,
            .complained = RD_TIME_NONE,
            .level = warning->level,
            .unit = unit,
            .time = engine->own.wall,
            .case_number = case_number,
            .sender = engine->sender->name,
            .warning = warning_packed(engine, warning)};
    memcpy(row.customer, customer_digest(engine), sizeof row.customer);
    row.complained = complained_since(engine, &row);
    ledger_row_put(engine->view, engine->seq, &row);
    count_new(engine, &row);
    struct row_key key = {0};
    row_key_u64(&key, engine->seq);
    expiry_put(engine->view, day_gone(engine), engine->seq, PLACE_LEDGER, STORE_LEDGER,
            row_key_str(&key));
    if (row.is_contact) {
        struct row_key index = {0};
        ledger_index(engine->view, &row, engine->seq, &index);
        expiry_put(engine->view, day_gone(engine), engine->seq, PLACE_INDEX, STORE_BY_KEY,
                row_key_str(&index));
    }
}

static void mark(struct engine *engine, uint64_t seq, rd_time at)
{
    struct ledger_row row;
    if (ledger_row_get(engine->view, seq, &row) && row.is_contact && row.time <= at &&
            at - row.time <= engine->plan->assessment.follow_up_us &&
            (row.complained == RD_TIME_NONE || row.complained > at)) {
        row.warning = rd_arena_dup(&engine->arena, row.warning);
        row.sender = rd_arena_dup(&engine->arena, row.sender);
        bool is_first = row.complained == RD_TIME_NONE;
        row.complained = at;
        ledger_row_put(engine->view, seq, &row);
        if (is_first) {
            count_complained(engine, &row, seq);
        }
    }
}

/* The complaint names the contact it grew from, whoever the customer is there. */
void ledger_grown(struct engine *engine, const struct case_row *contact, rd_time at)
{
    mark(engine, contact->opened_seq, at);
}

/* The customer complained after all: his contacts within follow_up before it are marked. */
void ledger_complained(struct engine *engine, rd_time at)
{
    const uint8_t *digest = customer_digest(engine);
    rd_time time = at + 1;
    uint64_t seq = 0;
    rd_time oldest = at - engine->plan->assessment.follow_up_us;
    for (int marked = 0; marked < MARKED_MAX; marked++) {
        if (!ledger_before(engine->view, digest, &time, &seq) || time < oldest) {
            return;
        }
        mark(engine, seq, at);
    }
}
