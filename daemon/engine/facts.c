#include "daemon/engine/facts.h"

#include <assert.h>

#include "common/base/digest.h"
#include "daemon/engine/event_rows.h"
#include "daemon/engine/figures.h"
#include "daemon/engine/names.h"
#include "daemon/engine/record.h"
#include "daemon/engine/take_shared.h"

/* Which of the event's closed list a text is; its length where it is none. */
static uint32_t code_of(const struct engine *engine, enum rd_event_key key)
{
    const char *const *codes = rd_key_codes(engine->event->type, key);
    struct rd_str text = event_str(engine, key);
    uint32_t code = 0;
    while (codes[code] != NULL && !rd_str_is(text, codes[code])) {
        code++;
    }
    return code;
}

/* How many of a kind a case may have. The sum leaves room for one of each of the other kinds: what
 * a customer was told is never refused because others told the firm too much. */
enum {
    SANCTIONS_MAX = 64,
    REOPENINGS_MAX = 48,
    OTHERS_MAX =
            32, /* causes, rectifications, notices, surveys; calls to mediation, each declined */
    ONES_MAX = 7
};
static_assert(SANCTIONS_MAX + REOPENINGS_MAX + 6 * OTHERS_MAX + ONES_MAX <= COUNTED_FACTS_MAX,
        "a case has room for all its facts");

static size_t most_of(enum fact_what what)
{
    if (what == FACT_SANCTIONED) {
        return SANCTIONS_MAX;
    }
    return what == FACT_REOPENED ? REOPENINGS_MAX : OTHERS_MAX;
}

static size_t count_of(const struct counted_row *row, enum fact_what what)
{
    size_t count = 0;
    for (size_t i = 0; i < row->fact_count; i++) {
        count += row->facts[i].what == what;
    }
    return count;
}

static void drop(struct counted_row *row, enum fact_what what)
{
    size_t kept = 0;
    for (size_t i = 0; i < row->fact_count; i++) {
        if (row->facts[i].what != what) {
            row->facts[kept++] = row->facts[i];
        }
    }
    row->fact_count = kept;
}

static void put(struct engine *engine, struct take *take, struct fact fact)
{
    struct counted_row *row = figures_of(engine, take->work);
    RD_ASSERT(row->fact_count < COUNTED_FACTS_MAX);
    fact.time = fact.time == RD_TIME_NONE ? engine->own.wall : fact.time;
    row->facts[row->fact_count++] = fact;
    take->work->has_fact = true;
    take->work->is_dirty = true;
}

/* One more of what a case may have many of. */
static bool add(struct engine *engine, struct take *take, struct fact fact)
{
    size_t most = most_of(fact.what);
    if (count_of(figures_of(engine, take->work), fact.what) >= most) {
        return rd_reject_set(take->reject, "illegal_transition", "",
                "the case has %zu of %s, and no more are counted", most,
                rd_event_type_name(engine->event->type));
    }
    put(engine, take, fact);
    return true;
}

/* The newest alone is kept. */
static bool set(struct engine *engine, struct take *take, struct fact fact)
{
    drop(figures_of(engine, take->work), fact.what);
    put(engine, take, fact);
    return true;
}

#define FACT(what_) ((struct fact){.what = (what_), .time = RD_TIME_NONE})

/* The number of a currency's name. Only three capitals get one: names are never removed, so a
 * sender must not be able to create any number of them. */
static uint32_t currency_of(struct engine *engine)
{
    struct rd_str text = event_str(engine, RD_KEY_CURRENCY);
    bool is_one = text.len == 3;
    for (size_t i = 0; is_one && i < text.len; i++) {
        is_one = text.ptr[i] >= 'A' && text.ptr[i] <= 'Z';
    }
    return is_one ? name_number(engine, text) : 0;
}

static void put_amount(struct engine *engine, struct fact *fact)
{
    const struct rd_value *amount = &engine->event->data[RD_KEY_AMOUNT];
    if (amount->type == RD_VALUE_MONEY) {
        fact->code |= FACT_HAS_AMOUNT;
        fact->amount = amount->integer;
        fact->sub = currency_of(engine);
    }
}

static bool note_accepted(struct engine *engine, struct take *take)
{
    bool is_by_body = rd_str_is(event_str(engine, RD_KEY_BY), "body");
    return !is_by_body || set(engine, take, FACT(FACT_ACCEPTED));
}

/* What was declined of the calls before the newest one stands with them; they come in the order in
 * which they were told. */
static void drop_newest_declined(struct counted_row *row)
{
    size_t last = row->fact_count;
    while (last > 0 && row->facts[last - 1].what != FACT_CALLED) {
        last--;
    }
    size_t kept = last;
    for (size_t i = last; i < row->fact_count; i++) {
        if (row->facts[i].what != FACT_DECLINED) {
            row->facts[kept++] = row->facts[i];
        }
    }
    row->fact_count = kept;
}

static bool note_declined(struct engine *engine, struct take *take)
{
    struct rd_str by = event_str(engine, RD_KEY_BY);
    struct fact fact = FACT(FACT_DECLINED);
    fact.code = rd_str_is(by, "customer") ? FACT_BY_CUSTOMER
                : rd_str_is(by, "body")   ? FACT_BY_BODY
                                          : FACT_BY_FIRM;
    drop_newest_declined(figures_of(engine, take->work));
    return add(engine, take, fact);
}

static bool note_settled(struct engine *engine, struct take *take)
{
    struct fact settled = FACT(FACT_SETTLED), due = FACT(FACT_SETTLED_DUE);
    put_amount(engine, &settled);
    due.time = event_due(engine, RD_KEY_DUE, take->work->row->respondent);
    drop(figures_of(engine, take->work), FACT_SETTLED_DUE);
    drop(figures_of(engine, take->work), FACT_EXECUTED);
    return set(engine, take, settled) && (due.time == RD_TIME_NONE || set(engine, take, due));
}

static bool note_decided(struct engine *engine, struct take *take)
{
    struct fact fact = FACT(FACT_DECIDED);
    const struct rd_value *paid = &engine->event->data[RD_KEY_PAID_FOR];
    fact.code = code_of(engine, RD_KEY_OUTCOME);
    if (event_flag(engine, RD_KEY_ACCOMMODATION)) {
        fact.code |= FACT_IS_ACCOMMODATION;
    }
    if (paid->type != RD_NIL) {
        fact.code |= (code_of(engine, RD_KEY_PAID_FOR) + 1) << FACT_PAID_SHIFT;
    }
    put_amount(engine, &fact);
    return set(engine, take, fact);
}

static bool note_sanctioned(struct engine *engine, struct take *take)
{
    uint8_t digest[RD_DIGEST_BYTES];
    struct fact fact = FACT(FACT_SANCTIONED);
    fact.code = code_of(engine, RD_KEY_ROLE);
    rd_digest1(event_str(engine, RD_KEY_PERSON), digest);
    fact.sub = row_key_read_u64((struct rd_str){(const char *)digest, sizeof digest}, 0);
    return add(engine, take, fact);
}

static bool note_surveyed(struct engine *engine, struct take *take)
{
    struct fact fact = FACT(FACT_SURVEYED);
    fact.code = event_flag(engine, RD_KEY_SATISFIED) ? 1 : 0;
    return add(engine, take, fact);
}

static bool note_cause(struct engine *engine, struct take *take)
{
    struct fact fact = FACT(FACT_CAUSE);
    fact.sub = name_number(engine, event_str(engine, RD_KEY_CAUSE));
    fact.code = take->has_recurred ? 1 : 0;
    return add(engine, take, fact);
}

/* What an event adds: by its own function, or a fact of that kind, one or one of many. */
static const struct fact_rule {
    take_fn *note;
    enum fact_what what;
    bool is_one;
} RULES[RD_EVENT_TYPE_COUNT] = {
        [RD_EVENT_MEDIATION_CALLED] = {.what = FACT_CALLED},
        [RD_EVENT_MEDIATION_ACCEPTED] = {.note = note_accepted},
        [RD_EVENT_MEDIATION_DECLINED] = {.note = note_declined},
        [RD_EVENT_MEDIATION_SETTLED] = {.note = note_settled},
        [RD_EVENT_MEDIATION_EXECUTED] = {.what = FACT_EXECUTED, .is_one = true},
        [RD_EVENT_DECIDED] = {.note = note_decided},
        [RD_EVENT_SANCTIONED] = {.note = note_sanctioned},
        [RD_EVENT_SURVEYED] = {.note = note_surveyed},
        [RD_EVENT_CAUSE_FOUND] = {.note = note_cause},
        [RD_EVENT_RECTIFIED] = {.what = FACT_RECTIFIED},
        [RD_EVENT_NOTICE_GIVEN] = {.what = FACT_NOTICE},
        [RD_EVENT_MERGED] = {.what = FACT_MERGED, .is_one = true},
        [RD_EVENT_WITHDRAWN] = {.what = FACT_WITHDRAWN, .is_one = true},
};

bool facts_note(struct engine *engine, struct take *take)
{
    const struct fact_rule *rule = &RULES[engine->event->type];
    /* What became of a contact its ledger tells, also where it was merged into another. */
    if (take->work == NULL || (rule->is_one && take->work->row->kind == CASE_CONTACT)) {
        return true;
    }
    if (take->has_reopened && !add(engine, take, FACT(FACT_REOPENED))) {
        return false;
    }
    if (rule->note != NULL) {
        return rule->note(engine, take);
    }
    if (rule->what == FACT_NONE) {
        return true;
    }
    struct fact fact = FACT(rule->what);
    return rule->is_one ? set(engine, take, fact) : add(engine, take, fact);
}
