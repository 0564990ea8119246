#include "daemon/engine/recontact.h"

#include <string.h>

#include "common/base/digest.h"
#include "daemon/engine/alerts.h"
#include "daemon/engine/attributes.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/contacts.h"
#include "daemon/engine/ladder.h"
#include "daemon/engine/ladder_items.h"
#include "daemon/engine/merge.h"
#include "daemon/engine/names.h"
#include "daemon/engine/policy.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/engine/take_shared.h"
#include "daemon/engine/tallies.h"
#include "daemon/engine/texts.h"
#include "daemon/engine/windows.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/index_row.h"

/* Of each kind so many of the newest are looked at for the one that is the same matter, and of all
 * for those that were merged. */
enum { LOOKED_MAX = 16, OFTEN_DAYS = 7 };

/* ---- finding ---- */

static bool is_of_customer(const struct rd_event *event)
{
    return event->type == RD_EVENT_CONTACT_RECEIVED ||
           event->type == RD_EVENT_COMPLAINT_REGISTERED || event->type == RD_EVENT_FORWARDED;
}

/* A letter about a known case may leave its customer out. */
static struct rd_str customer_of(struct engine *engine, const struct take *take)
{
    if (take->work == NULL) {
        return event_str(engine, RD_KEY_CUSTOMER);
    }
    const struct rd_value *customer = &case_attributes(engine, take->work)->values[RD_KEY_CUSTOMER];
    return customer->type == RD_VALUE_STR ? customer->bytes : (struct rd_str){0};
}

static bool is_among(const struct contacts *growing, uint64_t number)
{
    for (size_t i = 0; i < growing->count; i++) {
        if (growing->at[i]->row->number == number) {
            return true;
        }
    }
    return false;
}

/* Ascending numbers of cases, each once. */
struct carrying {
    uint64_t at[LOOKED_MAX];
    size_t count;
};

static void carrying_add(struct carrying *carrying, uint64_t number)
{
    size_t at = 0;
    while (at < carrying->count && carrying->at[at] < number) {
        at++;
    }
    if (at < carrying->count && carrying->at[at] == number) {
        return;
    }
    memmove(&carrying->at[at + 1], &carrying->at[at],
            (carrying->count - at) * sizeof carrying->at[0]);
    carrying->at[at] = number;
    carrying->count++;
}

/* The open cases that those of the customer were merged into, whosever they are. */
static struct carrying find_carrying(
        struct engine *engine, const uint8_t digest[static RD_DIGEST_BYTES])
{
    struct carrying carrying = {.count = 0};
    uint64_t number = 0;
    uint8_t kind;
    for (int looked = 0; looked < LOOKED_MAX && engine->plan->assessment.follows_merged; looked++) {
        number = customer_case_before(engine->view, digest, number, &kind);
        if (number == 0) {
            break;
        }
        uint64_t into = merge_carried(engine, number);
        if (into != 0) {
            carrying_add(&carrying, into);
        }
    }
    return carrying;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

/* The oldest by number, whether contacts or complaints; those that the event ends stand apart. */
static void find_oldest(
        struct engine *engine, struct take *take, const uint8_t digest[static RD_DIGEST_BYTES])
{
    struct contacts growing = contacts_growing(engine, take);
    struct carrying carrying = find_carrying(engine, digest);
    uint64_t own = take->work != NULL ? take->work->row->number : 0;
    uint64_t contact = customer_open_after(engine->view, digest, CASE_CONTACT, 0);
    uint64_t complaint = customer_open_after(engine->view, digest, CASE_COMPLAINT, 0);
    size_t carried = 0;
    while (take->other_count < RD_OPEN_CASES_MAX) {
        uint64_t other = carried < carrying.count ? carrying.at[carried] : 0;
        uint64_t number = least(other, least(contact, complaint));
        if (number == 0) {
            break;
        }
        carried += number == other ? 1 : 0;
        if (number == contact) {
            contact = customer_open_after(engine->view, digest, CASE_CONTACT, number);
        }
        if (number == complaint) {
            complaint = customer_open_after(engine->view, digest, CASE_COMPLAINT, number);
        }
        if (number != own && !is_among(&growing, number)) {
            take->others[take->other_count++] = case_open(engine, number);
        }
    }
}

/* Two different contracts mean two different matters. */
static bool is_same_matter(struct engine *engine, struct work *work)
{
    const struct rd_value *contract = &case_attributes(engine, work)->values[RD_KEY_CONTRACT];
    struct rd_str own = event_str(engine, RD_KEY_CONTRACT);
    return own.len == 0 || contract->type != RD_VALUE_STR || rd_str_eq(contract->bytes, own);
}

static struct work *find_newest(
        struct engine *engine, const uint8_t digest[static RD_DIGEST_BYTES], enum case_kind kind)
{
    uint64_t number = 0;
    for (int looked = 0; looked < LOOKED_MAX; looked++) {
        number = customer_open_before(engine->view, digest, (uint8_t)kind, number);
        struct work *work = number != 0 ? case_open(engine, number) : NULL;
        if (work == NULL || is_same_matter(engine, work)) {
            return work;
        }
    }
    return NULL;
}

void recontact_find(struct engine *engine, struct take *take)
{
    if (!is_of_customer(engine->event)) {
        return;
    }
    struct rd_str customer = customer_of(engine, take);
    if (customer.len == 0 || windows_ignore(engine, RD_STR("customer"), customer)) {
        return;
    }
    uint8_t of_case[RD_DIGEST_BYTES];
    const uint8_t *digest = of_case;
    if (take->work != NULL) {
        rd_digest1(customer, of_case);
    } else {
        digest = customer_digest(engine);
    }
    find_oldest(engine, take, digest);
    if (engine->event->type == RD_EVENT_CONTACT_RECEIVED) {
        take->joins = find_newest(engine, digest, CASE_CONTACT);
        if (take->joins == NULL && engine->plan->assessment.joins_complaints) {
            take->joins = find_newest(engine, digest, CASE_COMPLAINT);
        }
    }
}

/* ---- what it does to each ---- */

/* A second call deserves an alert like the first, but an alert for each call of an hour would only
 * be noise. */
static void begin_again(struct engine *engine, struct work *work)
{
    struct case_row *row = work->row;
    const struct rd_plan_ladder *ladder = ladder_of(work);
    bool was_answered = row->ladder.state == LADDER_STOPPED && ladder->has_until &&
                        (ladder->until == RD_MOMENT_ACKNOWLEDGED ||
                                ladder->until == RD_MOMENT_CUSTOMER_CONTACTED);
    bool is_time =
            row->begun_again == RD_TIME_NONE || engine->own.wall - row->begun_again >= RD_DAY_US;
    if (was_answered && is_time) {
        row->begun_again = engine->own.wall;
        row->was_acknowledged = false;
        ladder_start(engine, work, engine->own);
    }
}

/* True: it is the second within the days that make it often. */
static bool count_in(struct engine *engine, struct case_row *row)
{
    bool is_first = row->recontacted == RD_TIME_NONE;
    int64_t apart = is_first ? 0 : engine->own.wall - row->recontacted;
    row->recontacts++;
    tally_note(engine, row->unit, engine->own.wall, TALLY_RECONTACTS);
    if (is_first || apart > 0) {
        row->recontacted = engine->own.wall;
    }
    return !is_first && apart < OFTEN_DAYS * RD_DAY_US && -apart < OFTEN_DAYS * RD_DAY_US;
}

static void tell(struct engine *engine, const struct take *take, struct work *work, bool is_often)
{
    enum rd_severity least = level_severity(take->warning.level);
    enum rd_severity severity = is_often ? RD_WARNING : RD_INFO;
    struct alert_draft draft = alert_draft_of(
            RD_ALERT_CASE_RECONTACT, severity > least ? severity : least, work->row->unit);
    draft.count = work->row->recontacts;
    draft.warning = take->is_assessed ? &take->warning : NULL;
    (void)alert_send(engine, work, &draft);
}

static void note_one(struct engine *engine, const struct take *take, struct work *work)
{
    bool is_joined = work == take->joined;
    const struct attributes_seen *before = attributes_see(engine, work);
    if (is_joined) {
        subject_put(engine->view, engine->event->subject, work->row->number); /* an alias */
        work->row->contacts++;
    }
    bool is_often = count_in(engine, work->row);
    work->is_dirty = true;
    (void)policy_follow(engine, work, before);
    case_history_event(engine, work, is_joined ? HISTORY_JOINED : HISTORY_RECONTACT);
    take_moment(engine, work, RD_MOMENT_RECONTACT, engine->own);
    tell(engine, take, work, is_often);
    level_raise(engine, work, is_joined ? take->warning.level : take->text_level, &take->warning);
    if (is_joined) {
        begin_again(engine, work);
    }
}

void recontact_note(struct engine *engine, struct take *take)
{
    bool is_noted = take->joined == NULL;
    for (size_t i = 0; i < take->other_count; i++) {
        note_one(engine, take, take->others[i]);
        is_noted = is_noted || take->others[i] == take->joined;
    }
    if (!is_noted) { /* younger than the oldest ones */
        note_one(engine, take, take->joined);
    }
}

/* ---- the receipt ---- */

static bool is_overdue(const struct case_row *row)
{
    for (size_t i = 0; i < row->clock_count; i++) {
        if (row->clocks[i].state == CLOCK_BREACHED) {
            return true;
        }
    }
    return false;
}

const struct rd_open_case *recontact_list(struct engine *engine, const struct take *take)
{
    struct rd_open_case *list =
            RD_ARENA_ARRAY(&engine->arena, struct rd_open_case, take->other_count + 1);
    for (size_t i = 0; i < take->other_count; i++) {
        const struct case_row *row = take->others[i]->row;
        const struct attribute_row *attributes = case_attributes(engine, take->others[i]);
        list[i] = (struct rd_open_case){.case_number = row->number,
                .subject = attributes->subject,
                .unit = name_shown(engine, row->unit),
                .handler = attributes->values[RD_KEY_HANDLER].bytes,
                .state = rd_str_of(case_state_name(row->state)),
                .level = row->level,
                .opened = row->opened,
                .last_contact = attributes->contacted,
                .by = attributes->contacted_by,
                .is_overdue = is_overdue(row)};
    }
    return list;
}
