/* common/text/title.h — the line of an alert for a person: a template with fields.
 *
 *   template = { text | "{" field "}" | "{?" part "}" }
 *
 * A part, of text and fields, is left out where one of its fields is empty. Source:
 * redress.yaml(5), "alerts.titles". Pure. */
#pragma once

#include "common/base/base.h"

/* X(suffix, name) */
#define RD_TITLE_FIELDS(X)                                                                         \
    X(SUBJECT, "subject")                                                                          \
    X(CASE, "case")                                                                                \
    X(KIND, "kind")                                                                                \
    X(CUSTOMER, "customer")                                                                        \
    X(HANDLER, "handler")                                                                          \
    X(HOLDER, "holder")                                                                            \
    X(UNIT, "unit")                                                                                \
    X(UNIT_NAME, "unit_name")                                                                      \
    X(TYPE, "type")                                                                                \
    X(SEVERITY, "severity")                                                                        \
    X(TIME, "time")                                                                                \
    X(LATE, "late")                                                                                \
    X(LATE_BY, "late_by")                                                                          \
    X(CLOCK, "clock")                                                                              \
    X(CLOCK_NAME, "clock_name")                                                                    \
    X(DUE, "due")                                                                                  \
    X(LAST_DAY, "last_day")                                                                        \
    X(ACK_BY, "ack_by")                                                                            \
    X(SINCE, "since")                                                                              \
    X(RUNG, "rung")                                                                                \
    X(RUNG_NAME, "rung_name")                                                                      \
    X(REASONS, "reasons")                                                                          \
    X(WORDS, "words")                                                                              \
    X(ACTIONS, "actions")                                                                          \
    X(NOTICES, "notices")                                                                          \
    X(NOTICE, "notice")                                                                            \
    X(OUTCOME, "outcome")                                                                          \
    X(AMOUNT, "amount")                                                                            \
    X(QUESTION, "question")                                                                        \
    X(ANSWER, "answer")                                                                            \
    X(REASON, "reason")                                                                            \
    X(BY, "by")                                                                                    \
    X(BODY, "body")                                                                                \
    X(DUTY, "duty")                                                                                \
    X(CAUSE, "cause")                                                                              \
    X(SOURCE, "source")                                                                            \
    X(ERROR, "error")                                                                              \
    X(KEY, "key")                                                                                  \
    X(COUNT, "count")                                                                              \
    X(DAYS, "days")                                                                                \
    X(OPENED, "opened")                                                                            \
    X(CLOSED, "closed")                                                                            \
    X(OPEN, "open")                                                                                \
    X(OVERDUE, "overdue")                                                                          \
    X(MISSED, "missed")                                                                            \
    X(LETTER, "letter")                                                                            \
    X(NEXT, "next")                                                                                \
    X(INTO, "into")                                                                                \
    X(ORIGIN, "origin")                                                                            \
    X(GOING_ON, "going_on")                                                                        \
    X(WHY, "why")                                                                                  \
    X(STANDS_IN, "stands_in")                                                                      \
    X(ASKED, "asked")                                                                              \
    X(OVER, "over")                                                                                \
    X(SEQ, "seq")                                                                                  \
    X(SKIPPED, "skipped")                                                                          \
    X(REPEATED, "repeated")                                                                        \
    X(PROVISIONAL, "provisional")                                                                  \
    X(SUPERSEDES, "supersedes")                                                                    \
    X(GROUPED, "grouped")

enum rd_title_field {
#define X(suffix, name) RD_TITLE_##suffix,
    RD_TITLE_FIELDS(X)
#undef X
            RD_TITLE_FIELD_COUNT
};
const char *rd_title_field_name(enum rd_title_field field);
RD_MUST_USE int rd_title_field_parse(struct rd_str name, enum rd_title_field *ret_field);

enum rd_title_part {
    RD_TITLE_END,
    RD_TITLE_TEXT,
    RD_TITLE_FIELD, /* its text is the name, whether there is such a field or not */
    RD_TITLE_PART_BEGIN,
    RD_TITLE_PART_END,
};
struct rd_title_reader { /* begins with its template alone */
    struct rd_str form;
    size_t at;
    bool is_in_part;
};
/* The next piece. A brace that nothing closes is text. */
enum rd_title_part rd_title_next(struct rd_title_reader *reader, struct rd_str *ret_text);
