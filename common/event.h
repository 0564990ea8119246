/* common/event.h — an event as it comes in: the envelope, and its data as typed values.
 *
 * One table (event_table.c) holds every event type with the keys it requires and allows, and every
 * data key with its type and limit; decoding, the JSON Schema and redress-events(7) follow it.
 * Source: redress-protocol(7) "Event"; redress-events(7). */
#pragma once

#include "common/pack.h"
#include "common/value.h"

/* X(suffix, wire name). The order is a format (rows hold the number): append only. */
#define RD_EVENT_TYPES(X)                                                                          \
    X(CONTACT_RECEIVED, "contact.received")                                                        \
    X(COMPLAINT_REGISTERED, "complaint.registered")                                                \
    X(FORWARDED, "case.forwarded")                                                                 \
    X(ASSIGNED, "case.assigned")                                                                   \
    X(ACKNOWLEDGED, "case.acknowledged")                                                           \
    X(CUSTOMER_CONTACTED, "case.customer_contacted")                                               \
    X(JOINED, "case.joined")                                                                       \
    X(NOTED, "case.noted")                                                                         \
    X(AMENDED, "case.amended")                                                                     \
    X(FACTS_ADDED, "case.facts_added")                                                             \
    X(PAUSED, "case.paused")                                                                       \
    X(RESUMED, "case.resumed")                                                                     \
    X(EXTENDED, "case.extended")                                                                   \
    X(ESCALATED, "case.escalated")                                                                 \
    X(CHASED, "case.chased")                                                                       \
    X(ANSWERED, "case.answered")                                                                   \
    X(PANEL_OPENED, "case.panel_opened")                                                           \
    X(PANEL_CONCLUDED, "case.panel_concluded")                                                     \
    X(MEDIATION_CALLED, "case.mediation_called")                                                   \
    X(MEDIATION_ACCEPTED, "case.mediation_accepted")                                               \
    X(MEDIATION_DECLINED, "case.mediation_declined")                                               \
    X(MEDIATION_SETTLED, "case.mediation_settled")                                                 \
    X(MEDIATION_FAILED, "case.mediation_failed")                                                   \
    X(MEDIATION_EXECUTED, "case.mediation_executed")                                               \
    X(DECIDED, "case.decided")                                                                     \
    X(CLOSED, "case.closed")                                                                       \
    X(WITHDRAWN, "case.withdrawn")                                                                 \
    X(DEFUSED, "case.defused")                                                                     \
    X(MERGED, "case.merged")                                                                       \
    X(REOPENED, "case.reopened")                                                                   \
    X(REVIEW_REQUESTED, "case.review_requested")                                                   \
    X(REVIEW_DECIDED, "case.review_decided")                                                       \
    X(VERIFIED, "case.verified")                                                                   \
    X(CAUSE_FOUND, "case.cause_found")                                                             \
    X(RECTIFIED, "case.rectified")                                                                 \
    X(SANCTIONED, "case.sanctioned")                                                               \
    X(NOTICE_GIVEN, "case.notice_given")                                                           \
    X(ALERT_ACKNOWLEDGED, "alert.acknowledged")                                                    \
    X(SILENCE_CREATED, "silence.created")                                                          \
    X(SILENCE_ENDED, "silence.ended")                                                              \
    X(CONTRACT_SCREENED, "contract.screened")                                                      \
    X(UNIT_REPORTED, "unit.reported")                                                              \
    X(DUTY_OPENED, "duty.opened")                                                                  \
    X(DUTY_PROGRESSED, "duty.progressed")                                                          \
    X(REAPPLIED, "case.reapplied")                                                                 \
    X(SOURCE_RESET, "source.reset")                                                                \
    X(CLOCK_ACCEPTED, "clock.accepted")                                                            \
    X(CUSTOMER_FORGOTTEN, "customer.forgotten")                                                    \
    X(FIGURE_GIVEN, "figure.given")

enum rd_event_type {
#define X(suffix, name) RD_EVENT_##suffix,
    RD_EVENT_TYPES(X)
#undef X
            RD_EVENT_TYPE_COUNT
};

/* Data keys: X(suffix, wire name, kind, limit).
 * kind: STR, UINT (0..2^53), BOOL, TIME (instant), DUE (instant or date), MONEY, STRS (array of
 * str), ATTRS (map of str → str, integer or bool), MATCH (map; a matcher), CODE (str of a closed
 * list, event_table.c; DATE: text "2025-09-22"). limit: bytes of a str, elements of a list or map,
 * else 0. The order is a format (attribute rows hold the number): append only. */
#define RD_EVENT_KEYS(X)                                                                           \
    X(CASE, "case", UINT, 0)                                                                       \
    X(CUSTOMER, "customer", STR, 128)                                                              \
    X(CHANNEL, "channel", STR, 128)                                                                \
    X(UNIT, "unit", STR, 256)                                                                      \
    X(PRODUCT, "product", STR, 256)                                                                \
    X(CONTRACT, "contract", STR, 128)                                                              \
    X(SELLER, "seller", STR, 128)                                                                  \
    X(PHONE, "phone", STR, 64)                                                                     \
    X(AGE, "age", UINT, 0)                                                                         \
    X(BIRTH_YEAR, "birth_year", UINT, 0)                                                           \
    X(AMOUNT, "amount", MONEY, 0)                                                                  \
    X(CURRENCY, "currency", STR, 8)                                                                \
    X(ISSUE, "issue", STR, 256)                                                                    \
    X(TEXT, "text", STR, 32768)                                                                    \
    X(TAGS, "tags", STRS, 64)                                                                      \
    X(ATTRIBUTES, "attributes", ATTRS, 64)                                                         \
    X(HANDLER, "handler", STR, 128)                                                                \
    X(RESPONDENT, "respondent", STR, 256)                                                          \
    X(RECEIVED, "received", TIME, 0)                                                               \
    X(CONTACT, "contact", STR, 128)                                                                \
    X(REGULATOR_REF, "regulator_ref", STR, 128)                                                    \
    X(PEOPLE, "people", UINT, 0)                                                                   \
    X(BODY, "body", STR, 128)                                                                      \
    X(REF, "ref", STR, 128)                                                                        \
    X(ANSWER_BY, "answer_by", DUE, 0)                                                              \
    X(BY, "by", STR, 128)                                                                          \
    X(ROLE, "role", STR, 64)                                                                       \
    X(REASON, "reason", STR, 1024)                                                                 \
    X(UNTIL, "until", TIME, 0)                                                                     \
    X(CLOCK, "clock", STR, 64)                                                                     \
    X(APPROVED_BY, "approved_by", STR, 128)                                                        \
    X(TOLD_CUSTOMER, "told_customer", BOOL, 0)                                                     \
    X(TO, "to", UINT, 0)                                                                           \
    X(QUESTION, "question", STR, 32768)                                                            \
    X(PARTICIPANTS, "participants", STRS, 64)                                                      \
    X(OPINION, "opinion", STR, 32768)                                                              \
    X(REQUIRED, "required", BOOL, 0)                                                               \
    X(DUE, "due", DUE, 0)                                                                          \
    X(OUTCOME, "outcome", CODE, 128)                                                               \
    X(ACCOMMODATION, "accommodation", BOOL, 0)                                                     \
    X(PAID_FOR, "paid_for", CODE, 32)                                                              \
    X(LIABLE, "liable", BOOL, 0)                                                                   \
    X(RESOLUTION, "resolution", STR, 1024)                                                         \
    X(MEASURE, "measure", STR, 1024)                                                               \
    X(INTO, "into", STR, 128)                                                                      \
    X(VALID, "valid", BOOL, 0)                                                                     \
    X(CAUSE, "cause", STR, 256)                                                                    \
    X(PERSON, "person", STR, 128)                                                                  \
    X(NOTICE, "notice", STR, 64)                                                                   \
    X(WRITTEN, "written", BOOL, 0)                                                                 \
    X(ALERT, "alert", UINT, 0)                                                                     \
    X(MATCHERS, "matchers", MATCH, 32)                                                             \
    X(SILENCE, "silence", UINT, 0)                                                                 \
    X(RISK, "risk", CODE, 16)                                                                      \
    X(ROUND, "round", STR, 64)                                                                     \
    X(REASONS, "reasons", STRS, 64)                                                                \
    X(DATE, "date", DATE, 0)                                                                       \
    X(OPENED, "opened", UINT, 0)                                                                   \
    X(CLOSED, "closed", UINT, 0)                                                                   \
    X(OPEN, "open", UINT, 0)                                                                       \
    X(DUTY, "duty", STR, 64)                                                                       \
    X(PERIOD, "period", STR, 32)                                                                   \
    X(TOTAL, "total", UINT, 0)                                                                     \
    X(TITLE, "title", STR, 256)                                                                    \
    X(DONE, "done", UINT, 0)                                                                       \
    X(MEASURES, "measures", STRS, 64)                                                              \
    X(SOURCE, "source", STR, 128)                                                                  \
    X(FIGURE, "figure", STR, 64)                                                                   \
    X(AS, "as", CODE, 16)                                                                          \
    X(VALUE, "value", MONEY, 0)

enum rd_event_key {
#define X(suffix, name, kind, limit) RD_KEY_##suffix,
    RD_EVENT_KEYS(X)
#undef X
            RD_EVENT_KEY_COUNT
};

struct rd_event {
    struct rd_str id, source, subject; /* subject empty: absent */
    enum rd_event_type type;
    rd_time time;      /* RD_TIME_NONE: absent, the door or the engine takes its own */
    uint64_t sequence; /* 0: absent */
    bool is_quiet;
    struct rd_str raw;                        /* the whole event as it came */
    struct rd_value data[RD_EVENT_KEY_COUNT]; /* RD_NIL: absent */
};

/* data.into is a case number or a subject: a number arrives as a UINT that has its decimal text in
 * `bytes` too. A key on a type whose row does not name it is unknown there: ignored, and kept in
 * raw. LIST and MAP are spans of raw. */

enum { RD_EVENT_BYTES_DEFAULT = 64 * 1024 };

const char *rd_event_type_name(enum rd_event_type type);
RD_MUST_USE int rd_event_type_parse(struct rd_str text, enum rd_event_type *ret_type);
const char *rd_event_key_name(enum rd_event_key key);
RD_MUST_USE int rd_event_key_parse(struct rd_str text, enum rd_event_key *ret_key);

/* Who may send a type by default (redress-events(7), column "who"). */
enum { RD_WHO_SOURCE = 1, RD_WHO_UNIT = 2, RD_WHO_OPERATOR = 4, RD_WHO_ANY = 7 };
unsigned rd_event_who(enum rd_event_type type);
bool rd_event_needs_case(enum rd_event_type type); /* every case.*, by subject or data.case */

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
