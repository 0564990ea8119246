/* common/wire/event.h — an event as it comes in: the envelope, and its data as typed values.
 *
 * Two tables, below, hold every event type with the keys it requires and allows, and every data key
 * with its type and limit; decoding, the JSON Schema and redress-events(7) follow it.
 * Source: redress-protocol(7) "Event"; redress-events(7). */
#pragma once

#include "common/base/sizes.h"
#include "common/wire/pack.h"
#include "common/wire/value.h"

/* Event types: X(suffix, wire name, who, needs, required keys, further keys). The order is a format
 * (rows hold the number): append only. `who` sends it by default, RD_WHO_*; what it `needs` to
 * name: FREE nothing, SUBJECT the envelope's subject, CASE subject or data.case, which is then a
 * key of it, as is `by`. The words are those of event_table.c. */
#define RD_EVENT_TYPES(X)                                                                          \
    X(CONTACT_RECEIVED, "contact.received", SOURCE, SUBJECT, CONTACT_REQUIRED, CONTACT_KEYS)       \
    X(COMPLAINT_REGISTERED, "complaint.registered", SOURCE, SUBJECT, CONTACT_REQUIRED,             \
            COMPLAINT_KEYS)                                                                        \
    X(FORWARDED, "case.forwarded", SOURCE, CASE, K(BODY) | K(REF), COMPLAINT_KEYS | K(ANSWER_BY))  \
    X(ASSIGNED, "case.assigned", OP | UNIT, CASE, K(UNIT), K(HANDLER))                             \
    X(ACKNOWLEDGED, "case.acknowledged", UNIT, CASE, K(BY), 0)                                     \
    X(CUSTOMER_CONTACTED, "case.customer_contacted", UNIT, CASE, K(BY), K(TEXT))                   \
    X(JOINED, "case.joined", UNIT, CASE, K(BY), K(ROLE))                                           \
    X(NOTED, "case.noted", ANY, CASE, K(BY) | K(TEXT), 0)                                          \
    X(AMENDED, "case.amended", SOURCE | OP, CASE, 0, KEYS_WHERE(IF_GIVEN) & ~K(UNIT))              \
    X(FACTS_ADDED, "case.facts_added", UNIT | SOURCE, CASE, K(TEXT), 0)                            \
    X(PAUSED, "case.paused", UNIT, CASE, K(REASON), K(UNTIL))                                      \
    X(RESUMED, "case.resumed", UNIT, CASE, K(REASON), 0)                                           \
    X(EXTENDED, "case.extended", OP, CASE, K(CLOCK) | K(APPROVED_BY) | K(REASON),                  \
            K(TOLD_CUSTOMER))                                                                      \
    X(ESCALATED, "case.escalated", ANY, CASE, K(BY) | K(REASON), K(TO))                            \
    X(CHASED, "case.chased", OP | UNIT, CASE, K(BY) | K(QUESTION) | K(ANSWER_BY),                  \
            K(UNIT) | K(ASKER))                                                                    \
    X(ANSWERED, "case.answered", OP | UNIT, CASE, K(BY) | K(TEXT), K(UNIT))                        \
    X(PANEL_OPENED, "case.panel_opened", UNIT, CASE, K(PARTICIPANTS), 0)                           \
    X(PANEL_CONCLUDED, "case.panel_concluded", UNIT, CASE, K(OPINION), 0)                          \
    X(MEDIATION_CALLED, "case.mediation_called", UNIT | SOURCE, CASE, K(BODY), K(REQUIRED))        \
    X(MEDIATION_ACCEPTED, "case.mediation_accepted", UNIT | SOURCE, CASE, K(BY), 0)                \
    X(MEDIATION_DECLINED, "case.mediation_declined", UNIT | SOURCE, CASE, K(BY), 0)                \
    X(MEDIATION_SETTLED, "case.mediation_settled", UNIT | SOURCE, CASE, 0, MONEY_KEYS | K(DUE))    \
    X(MEDIATION_FAILED, "case.mediation_failed", UNIT | SOURCE, CASE, 0, 0)                        \
    X(MEDIATION_EXECUTED, "case.mediation_executed", UNIT | SOURCE, CASE, 0, 0)                    \
    X(DECIDED, "case.decided", UNIT, CASE, K(OUTCOME),                                             \
            MONEY_KEYS | K(ACCOMMODATION) | K(PAID_FOR) | K(APPROVED_BY) | K(LIABLE))              \
    X(CLOSED, "case.closed", UNIT | SOURCE, CASE, K(RESOLUTION), 0)                                \
    X(WITHDRAWN, "case.withdrawn", UNIT | SOURCE, CASE, 0, 0)                                      \
    X(DEFUSED, "case.defused", UNIT, CASE, K(BY), K(MEASURE))                                      \
    X(MERGED, "case.merged", UNIT | OP, CASE, K(INTO) | K(REASON), 0)                              \
    X(REOPENED, "case.reopened", ANY, CASE, K(REASON), K(TEXT))                                    \
    X(REVIEW_REQUESTED, "case.review_requested", SOURCE | UNIT, CASE, 0, K(TEXT))                  \
    X(REVIEW_DECIDED, "case.review_decided", SOURCE | UNIT, CASE, K(OUTCOME), 0)                   \
    X(VERIFIED, "case.verified", SOURCE | OP, CASE, K(VALID) | K(BY), K(REASON))                   \
    X(CAUSE_FOUND, "case.cause_found", UNIT | OP, CASE, K(CAUSE) | K(UNIT), K(TEXT))               \
    X(RECTIFIED, "case.rectified", UNIT | OP, CASE, K(MEASURE) | K(BY), 0)                         \
    X(SANCTIONED, "case.sanctioned", OP, CASE, K(PERSON) | K(ROLE) | K(MEASURE), 0)                \
    X(NOTICE_GIVEN, "case.notice_given", UNIT, CASE, K(NOTICE), K(WRITTEN))                        \
    X(ALERT_ACKNOWLEDGED, "alert.acknowledged", UNIT, FREE, K(ALERT) | K(BY), 0)                   \
    X(SILENCE_CREATED, "silence.created", OP, FREE, K(MATCHERS) | K(UNTIL) | K(BY) | K(REASON), 0) \
    X(SILENCE_ENDED, "silence.ended", OP, FREE, K(SILENCE), 0)                                     \
    X(CONTRACT_SCREENED, "contract.screened", SOURCE, FREE, K(CONTRACT) | K(RISK),                 \
            K(ROUND) | K(CUSTOMER) | K(PRODUCT) | K(UNIT) | K(REASONS))                            \
    X(UNIT_REPORTED, "unit.reported", UNIT, FREE, K(UNIT) | K(DATE),                               \
            K(OPENED) | K(CLOSED) | K(OPEN))                                                       \
    X(DUTY_OPENED, "duty.opened", OP | UNIT, FREE, K(DUTY) | K(UNIT) | K(DUE),                     \
            K(PERIOD) | K(TOTAL) | K(TITLE))                                                       \
    X(DUTY_PROGRESSED, "duty.progressed", OP | UNIT, FREE, K(DUTY) | K(UNIT) | K(DONE) | K(TOTAL), \
            K(PERIOD) | K(MEASURES) | K(CASE))                                                     \
    X(REAPPLIED, "case.reapplied", OP, CASE, K(REASON), 0)                                         \
    X(SOURCE_RESET, "source.reset", OP, FREE, K(SOURCE), 0)                                        \
    X(CLOCK_ACCEPTED, "clock.accepted", OP, FREE, 0, 0)                                            \
    X(CUSTOMER_FORGOTTEN, "customer.forgotten", OP, FREE, K(CUSTOMER), 0)                          \
    X(FIGURE_GIVEN, "figure.given", OP, FREE, K(FIGURE) | K(AS) | K(PERIOD) | K(VALUE), K(UNIT))   \
    X(ROSTER_OVERRIDDEN, "roster.overridden", OP, FREE,                                            \
            K(ROSTER) | K(UNIT) | K(FROM) | K(UNTIL) | K(BY), 0)                                   \
    X(CONTRACT_CLEARED, "contract.cleared", UNIT | OP, FREE, K(CONTRACT) | K(BY) | K(MEASURE),     \
            K(ROUND))                                                                              \
    X(SURVEYED, "case.surveyed", SOURCE | UNIT, CASE, K(SATISFIED) | K(BY), K(SCORE) | K(TEXT))    \
    X(APPROVAL_GIVEN, "approval.given", OP, FREE, K(EVENT) | K(BY), 0)                             \
    X(DUTY_VERIFIED, "duty.verified", OP | UNIT, CASE, K(EFFECTIVE) | K(BY), 0)                    \
    X(QUARANTINE_RELEASED, "quarantine.released", OP, FREE, K(DIGEST) | K(REASON), 0)              \
    X(DEAD_REQUEUED, "dead.requeued", OP, FREE, K(NUMBER), 0)

enum rd_event_type {
#define X(suffix, ...) RD_EVENT_##suffix,
    RD_EVENT_TYPES(X)
#undef X
            RD_EVENT_TYPE_COUNT
};

/* Data keys: X(suffix, wire name, kind, limit, attribute, personal, note).
 * kind: STR, UINT (0..2^53), BOOL, TIME (instant), DUE (instant or date), MONEY, STRS (array of
 * str), ATTRS (map of str → str, integer or bool), MATCH (map; a matcher), CODE (str of a closed
 * list, event_table.c; DATE: text "2025-09-22"). limit: bytes of a str, elements of a list or map,
 * else 0. The order is a format (attribute rows hold the number): append only.
 *
 * attribute: what matchers may name of a case: GIVEN to it by the event that opens it or by an
 * amendment, or known LATER by what happens to it, or kept APART: of a word that several events
 * bring (`amount`, `body`), as its own attribute and no key of any event. personal: YES, erased by
 * customer.forgotten. note: which text of an event stands in the case's history: the FIRST one in
 * this order, else the LAST resort. */
#define RD_EVENT_KEYS(X)                                                                           \
    X(CASE, "case", UINT, 0, NO, NO, NO)                                                           \
    X(CUSTOMER, "customer", STR, 128, GIVEN, YES, NO)                                              \
    X(CHANNEL, "channel", STR, 128, GIVEN, NO, NO)                                                 \
    X(UNIT, "unit", STR, 256, GIVEN, NO, LAST)                                                     \
    X(PRODUCT, "product", STR, 256, GIVEN, NO, NO)                                                 \
    X(CONTRACT, "contract", STR, 128, GIVEN, YES, NO)                                              \
    X(SELLER, "seller", STR, 128, GIVEN, NO, NO)                                                   \
    X(PHONE, "phone", STR, 64, GIVEN, YES, NO)                                                     \
    X(AGE, "age", UINT, 0, GIVEN, YES, NO)                                                         \
    X(BIRTH_YEAR, "birth_year", UINT, 0, GIVEN, YES, NO)                                           \
    X(AMOUNT, "amount", MONEY, 0, GIVEN, NO, NO)                                                   \
    X(CURRENCY, "currency", STR, 8, GIVEN, NO, NO)                                                 \
    X(ISSUE, "issue", STR, 256, GIVEN, NO, NO)                                                     \
    X(TEXT, "text", STR, RD_TEXT_BYTES_MAX, GIVEN, YES, FIRST)                                     \
    X(TAGS, "tags", STRS, 64, GIVEN, YES, NO)                                                      \
    X(ATTRIBUTES, "attributes", ATTRS, 64, GIVEN, YES, NO)                                         \
    X(HANDLER, "handler", STR, 128, GIVEN, NO, NO)                                                 \
    X(RESPONDENT, "respondent", STR, 256, GIVEN, NO, NO)                                           \
    X(RECEIVED, "received", TIME, 0, GIVEN, NO, NO)                                                \
    X(CONTACT, "contact", STR, 128, GIVEN, NO, NO)                                                 \
    X(REGULATOR_REF, "regulator_ref", STR, 128, GIVEN, NO, NO)                                     \
    X(PEOPLE, "people", UINT, 0, GIVEN, NO, NO)                                                    \
    X(BODY, "body", STR, 128, GIVEN, NO, NO)                                                       \
    X(REF, "ref", STR, 128, GIVEN, NO, NO)                                                         \
    X(ANSWER_BY, "answer_by", DUE, 0, GIVEN, NO, NO)                                               \
    X(BY, "by", STR, 128, NO, NO, NO)                                                              \
    X(ROLE, "role", STR, 64, NO, NO, NO)                                                           \
    X(REASON, "reason", STR, RD_REASON_BYTES_MAX, NO, NO, FIRST)                                   \
    X(UNTIL, "until", TIME, 0, NO, NO, NO)                                                         \
    X(CLOCK, "clock", STR, 64, NO, NO, NO)                                                         \
    X(APPROVED_BY, "approved_by", STR, 128, NO, NO, NO)                                            \
    X(TOLD_CUSTOMER, "told_customer", BOOL, 0, NO, NO, NO)                                         \
    X(TO, "to", UINT, 0, NO, NO, NO)                                                               \
    X(QUESTION, "question", STR, RD_TEXT_BYTES_MAX, NO, NO, FIRST)                                 \
    X(PARTICIPANTS, "participants", STRS, 64, LATER, NO, NO)                                       \
    X(OPINION, "opinion", STR, RD_TEXT_BYTES_MAX, NO, NO, FIRST)                                   \
    X(REQUIRED, "required", BOOL, 0, NO, NO, NO)                                                   \
    X(DUE, "due", DUE, 0, GIVEN, NO, NO)                                                           \
    X(OUTCOME, "outcome", CODE, 128, LATER, NO, FIRST)                                             \
    X(ACCOMMODATION, "accommodation", BOOL, 0, LATER, NO, NO)                                      \
    X(PAID_FOR, "paid_for", CODE, 32, LATER, NO, NO)                                               \
    X(LIABLE, "liable", BOOL, 0, LATER, NO, NO)                                                    \
    X(RESOLUTION, "resolution", STR, 1024, LATER, NO, FIRST)                                       \
    X(MEASURE, "measure", STR, 1024, NO, NO, FIRST)                                                \
    X(INTO, "into", STR, 128, NO, NO, NO)                                                          \
    X(VALID, "valid", BOOL, 0, LATER, NO, NO)                                                      \
    X(CAUSE, "cause", STR, 256, LATER, NO, FIRST)                                                  \
    X(PERSON, "person", STR, 128, NO, NO, FIRST)                                                   \
    X(NOTICE, "notice", STR, 64, NO, NO, FIRST)                                                    \
    X(WRITTEN, "written", BOOL, 0, NO, NO, NO)                                                     \
    X(ALERT, "alert", UINT, 0, NO, NO, NO)                                                         \
    X(MATCHERS, "matchers", MATCH, 32, NO, NO, NO)                                                 \
    X(SILENCE, "silence", UINT, 0, NO, NO, NO)                                                     \
    X(RISK, "risk", CODE, 16, NO, NO, NO)                                                          \
    X(ROUND, "round", STR, 64, NO, NO, NO)                                                         \
    X(REASONS, "reasons", STRS, 64, NO, NO, NO)                                                    \
    X(DATE, "date", DATE, 0, NO, NO, NO)                                                           \
    X(OPENED, "opened", UINT, 0, NO, NO, NO)                                                       \
    X(CLOSED, "closed", UINT, 0, NO, NO, NO)                                                       \
    X(OPEN, "open", UINT, 0, NO, NO, NO)                                                           \
    X(DUTY, "duty", STR, 64, LATER, NO, NO)                                                        \
    X(PERIOD, "period", STR, 32, LATER, NO, NO)                                                    \
    X(TOTAL, "total", UINT, 0, LATER, NO, NO)                                                      \
    X(TITLE, "title", STR, 256, LATER, NO, NO)                                                     \
    X(DONE, "done", UINT, 0, LATER, NO, NO)                                                        \
    X(MEASURES, "measures", STRS, 64, NO, NO, NO)                                                  \
    X(SOURCE, "source", STR, 128, NO, NO, NO)                                                      \
    X(FIGURE, "figure", STR, 64, NO, NO, NO)                                                       \
    X(AS, "as", CODE, 16, NO, NO, NO)                                                              \
    X(VALUE, "value", MONEY, 0, NO, NO, NO)                                                        \
    X(ROSTER, "roster", STR, 64, NO, NO, NO)                                                       \
    X(FROM, "from", TIME, 0, NO, NO, NO)                                                           \
    X(ASKER, "asker", STR, 256, NO, NO, NO)                                                        \
    X(SATISFIED, "satisfied", BOOL, 0, LATER, NO, NO)                                              \
    X(SCORE, "score", UINT, 0, NO, NO, NO)                                                         \
    X(EVENT, "event", UINT, 0, NO, NO, NO)                                                         \
    X(EFFECTIVE, "effective", BOOL, 0, LATER, NO, NO)                                              \
    X(DIGEST, "digest", STR, 64, NO, NO, NO)                                                       \
    X(DECIDED_AMOUNT, "decided_amount", MONEY, 0, APART, NO, NO)                                   \
    X(DECIDED_CURRENCY, "decided_currency", STR, 8, APART, NO, NO)                                 \
    X(SETTLED_AMOUNT, "settled_amount", MONEY, 0, APART, NO, NO)                                   \
    X(SETTLED_CURRENCY, "settled_currency", STR, 8, APART, NO, NO)                                 \
    X(MEDIATION_BODY, "mediation_body", STR, 128, APART, NO, NO)                                   \
    X(NUMBER, "number", UINT, 0, NO, NO, NO)

enum rd_event_key {
#define X(suffix, name, kind, limit, attribute, personal, note) RD_KEY_##suffix,
    RD_EVENT_KEYS(X)
#undef X
            RD_EVENT_KEY_COUNT
};

/* Keys that are shown without a mask only where a client's `sees` has the word: X(suffix, word).
 * All others are shown to everybody, but for a value of the case's customer, phone or contract that
 * stands in them. */
#define RD_EVENT_SEES(X)                                                                           \
    X(CUSTOMER, CUSTOMER)                                                                          \
    X(PHONE, PHONE)                                                                                \
    X(CONTRACT, CONTRACT)                                                                          \
    X(TEXT, TEXT)                                                                                  \
    X(TAGS, TEXT)                                                                                  \
    X(ATTRIBUTES, TEXT)                                                                            \
    X(REASON, TEXT)                                                                                \
    X(QUESTION, TEXT)                                                                              \
    X(OPINION, TEXT)                                                                               \
    X(RESOLUTION, TEXT)                                                                            \
    X(MEASURE, TEXT)                                                                               \
    X(MEASURES, TEXT)                                                                              \
    X(TITLE, TEXT)

enum { RD_EVENT_IGNORED_MAX = 16 };

typedef unsigned __int128 rd_key_set; /* bits RD_KEY_BIT() */
#define RD_KEY_BIT(key) ((rd_key_set)1 << (unsigned)(key))
_Static_assert(RD_EVENT_KEY_COUNT <= 128, "rd_key_set has a bit for each key");

struct rd_event {
    struct rd_str id, source, subject; /* subject empty: absent */
    enum rd_event_type type;
    rd_time time;      /* RD_TIME_NONE: absent, the door or the engine takes its own */
    int64_t ahead_us;  /* so much of `time` was cut, as it lay ahead of now */
    uint64_t sequence; /* 0: absent */
    bool is_quiet;
    struct rd_str raw; /* the whole event as it came */
    uint64_t content;  /* event_content.h: equal where the same id says the same again */
    /* Keys of `data` that the type does not name: how many, and the first of them. */
    uint32_t ignored_count;
    struct rd_str ignored[RD_EVENT_IGNORED_MAX];
    rd_key_set present;                       /* the keys that `data` has a value of */
    struct rd_value data[RD_EVENT_KEY_COUNT]; /* RD_NIL: absent */
};

/* data.into is a case number or a subject: a number arrives as a UINT that has its decimal text in
 * `bytes` too. A key on a type whose row does not name it is unknown there: ignored, told of, and
 * kept in raw. LIST and MAP are spans of raw, or of `tree` where raw has them in a form that the
 * engine does not read. */

enum { RD_EVENT_BYTES_DEFAULT = 64 * 1024 };

const char *rd_event_type_name(enum rd_event_type type);
RD_MUST_USE int rd_event_type_parse(struct rd_str text, enum rd_event_type *ret_type);
const char *rd_event_key_name(enum rd_event_key key);
RD_MUST_USE int rd_event_key_parse(struct rd_str text, enum rd_event_key *ret_key);

/* Who may send a type by default (redress-events(7), column "who"). */
enum { RD_WHO_SOURCE = 1, RD_WHO_UNIT = 2, RD_WHO_OPERATOR = 4, RD_WHO_ANY = 7 };
unsigned rd_event_who(enum rd_event_type type);
/* Every case.* and duty.verified, by subject or data.case. */
bool rd_event_needs_case(enum rd_event_type type);

/* Decodes and checks what can be checked without state, in the protocol's order: too_large,
 * malformed, missing_field, bad_type, bad_value, unknown_type; of one class the envelope answers
 * before the data, the data in the order of the keys above. True: *ret_event is filled, its
 * texts borrowed from `bytes` and `tree`. False: *reject says why, and ret_event->id, if it could
 * be read, else has ptr NULL. (unknown_type stands last: a missing `id` is reported first; a known
 * type's own required keys are `missing_field`.) */
bool rd_event_decode(struct rd_tree *tree, struct rd_str bytes, size_t limit_bytes,
        struct rd_event *ret_event, struct rd_reject *reject);

/* The JSON Schema (2020-12) of all events, as text, from the same table. */
void rd_event_schema(struct rd_buf *buf);
