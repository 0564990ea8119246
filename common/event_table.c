#include "common/event_table.h"

#include <errno.h>
#include <string.h>

#define MAX_EXACT (UINT64_C(1) << 53) /* what every JSON peer can still count */

static const struct rd_key_rule KEYS[RD_EVENT_KEY_COUNT] = {
#define X(suffix, wire, kind_, limit_)                                                             \
    [RD_KEY_##suffix] = {.name = (wire), .kind = RD_KIND_##kind_, .limit = (limit_)},
        RD_EVENT_KEYS(X)
#undef X
};

#define K(suffix) ((rd_key_set)1 << RD_KEY_##suffix)

#define MONEY_KEYS       (K(AMOUNT) | K(CURRENCY))
#define CONTACT_REQUIRED (K(CUSTOMER) | K(CHANNEL) | K(UNIT))
#define CONTACT_KEYS                                                                               \
    (CONTACT_REQUIRED | K(PRODUCT) | K(CONTRACT) | K(SELLER) | K(PHONE) | K(AGE) | K(BIRTH_YEAR) | \
            MONEY_KEYS | K(ISSUE) | K(TEXT) | K(TAGS) | K(ATTRIBUTES) | K(HANDLER) |               \
            K(RESPONDENT))
#define COMPLAINT_KEYS (CONTACT_KEYS | K(RECEIVED) | K(CONTACT) | K(REGULATOR_REF) | K(PEOPLE))
/* Whatever a case is described by, the due dates that clocks may follow included. */
#define ATTRIBUTE_KEYS (COMPLAINT_KEYS | K(BODY) | K(REF) | K(ANSWER_BY) | K(DUE))

enum {
    SOURCE = RD_WHO_SOURCE,
    UNIT = RD_WHO_UNIT,
    OP = RD_WHO_OPERATOR,
    ANY = RD_WHO_ANY,
    FREE = RD_NEEDS_NOTHING,
    SUBJECT = RD_NEEDS_SUBJECT,
    CASE = RD_NEEDS_CASE,
};

/* type, who, needs, required keys, further keys. `case` of a case's events is added below. */
#define ROWS(X)                                                                                    \
    X(CONTACT_RECEIVED, SOURCE, SUBJECT, CONTACT_REQUIRED, CONTACT_KEYS)                           \
    X(COMPLAINT_REGISTERED, SOURCE, SUBJECT, CONTACT_REQUIRED, COMPLAINT_KEYS)                     \
    X(FORWARDED, SOURCE, CASE, K(BODY) | K(REF), COMPLAINT_KEYS | K(ANSWER_BY))                    \
    X(ASSIGNED, OP | UNIT, CASE, K(UNIT), K(HANDLER))                                              \
    X(ACKNOWLEDGED, UNIT, CASE, K(BY), 0)                                                          \
    X(CUSTOMER_CONTACTED, UNIT, CASE, K(BY), K(TEXT))                                              \
    X(JOINED, UNIT, CASE, K(BY), K(ROLE))                                                          \
    X(NOTED, ANY, CASE, K(BY) | K(TEXT), 0)                                                        \
    X(AMENDED, SOURCE | OP, CASE, 0, ATTRIBUTE_KEYS)                                               \
    X(FACTS_ADDED, UNIT | SOURCE, CASE, K(TEXT), 0)                                                \
    X(PAUSED, UNIT, CASE, K(REASON), K(UNTIL))                                                     \
    X(RESUMED, UNIT, CASE, K(REASON), 0)                                                           \
    X(EXTENDED, OP, CASE, K(CLOCK) | K(APPROVED_BY) | K(REASON), K(TOLD_CUSTOMER))                 \
    X(ESCALATED, ANY, CASE, K(BY) | K(REASON), K(TO))                                              \
    X(CHASED, OP | UNIT, CASE, K(BY) | K(QUESTION) | K(ANSWER_BY), K(UNIT))                        \
    X(ANSWERED, OP | UNIT, CASE, K(BY) | K(TEXT), 0)                                               \
    X(PANEL_OPENED, UNIT, CASE, K(PARTICIPANTS), 0)                                                \
    X(PANEL_CONCLUDED, UNIT, CASE, K(OPINION), 0)                                                  \
    X(MEDIATION_CALLED, UNIT | SOURCE, CASE, K(BODY), K(REQUIRED))                                 \
    X(MEDIATION_ACCEPTED, UNIT | SOURCE, CASE, K(BY), 0)                                           \
    X(MEDIATION_DECLINED, UNIT | SOURCE, CASE, K(BY), 0)                                           \
    X(MEDIATION_SETTLED, UNIT | SOURCE, CASE, 0, MONEY_KEYS | K(DUE))                              \
    X(MEDIATION_FAILED, UNIT | SOURCE, CASE, 0, 0)                                                 \
    X(MEDIATION_EXECUTED, UNIT | SOURCE, CASE, 0, 0)                                               \
    X(DECIDED, UNIT, CASE, K(OUTCOME),                                                             \
            MONEY_KEYS | K(ACCOMMODATION) | K(PAID_FOR) | K(APPROVED_BY) | K(LIABLE))              \
    X(CLOSED, UNIT | SOURCE, CASE, K(RESOLUTION), 0)                                               \
    X(WITHDRAWN, UNIT | SOURCE, CASE, 0, 0)                                                        \
    X(DEFUSED, UNIT, CASE, K(BY), K(MEASURE))                                                      \
    X(MERGED, UNIT | OP, CASE, K(INTO) | K(REASON), 0)                                             \
    X(REOPENED, ANY, CASE, K(REASON), 0)                                                           \
    X(REVIEW_REQUESTED, SOURCE | UNIT, CASE, 0, K(TEXT))                                           \
    X(REVIEW_DECIDED, SOURCE | UNIT, CASE, K(OUTCOME), 0)                                          \
    X(VERIFIED, SOURCE | OP, CASE, K(VALID) | K(BY), K(REASON))                                    \
    X(CAUSE_FOUND, UNIT | OP, CASE, K(CAUSE) | K(UNIT), K(TEXT))                                   \
    X(RECTIFIED, UNIT | OP, CASE, K(MEASURE) | K(BY), 0)                                           \
    X(SANCTIONED, OP, CASE, K(PERSON) | K(ROLE) | K(MEASURE), 0)                                   \
    X(NOTICE_GIVEN, UNIT, CASE, K(NOTICE), K(WRITTEN))                                             \
    X(ALERT_ACKNOWLEDGED, UNIT, FREE, K(ALERT) | K(BY), 0)                                         \
    X(SILENCE_CREATED, OP, FREE, K(MATCHERS) | K(UNTIL) | K(BY) | K(REASON), 0)                    \
    X(SILENCE_ENDED, OP, FREE, K(SILENCE), 0)                                                      \
    X(CONTRACT_SCREENED, SOURCE, FREE, K(CONTRACT) | K(RISK),                                      \
            K(ROUND) | K(CUSTOMER) | K(PRODUCT) | K(UNIT) | K(REASONS))                            \
    X(UNIT_REPORTED, UNIT, FREE, K(UNIT) | K(DATE), K(OPENED) | K(CLOSED) | K(OPEN))               \
    X(DUTY_OPENED, OP | UNIT, FREE, K(DUTY) | K(UNIT) | K(DUE), K(PERIOD) | K(TOTAL) | K(TITLE))   \
    X(DUTY_PROGRESSED, OP | UNIT, FREE, K(DUTY) | K(UNIT) | K(DONE) | K(TOTAL),                    \
            K(PERIOD) | K(MEASURES))                                                               \
    X(REAPPLIED, OP, CASE, K(REASON), 0)                                                           \
    X(SOURCE_RESET, OP, FREE, K(SOURCE), 0)                                                        \
    X(CLOCK_ACCEPTED, OP, FREE, 0, 0)                                                              \
    X(CUSTOMER_FORGOTTEN, OP, FREE, K(CUSTOMER), 0)                                                \
    X(FIGURE_GIVEN, OP, FREE, K(FIGURE) | K(AS) | K(PERIOD) | K(VALUE), K(UNIT))

static const char *const NAMES[RD_EVENT_TYPE_COUNT] = {
#define X(suffix, wire) [RD_EVENT_##suffix] = (wire),
        RD_EVENT_TYPES(X)
#undef X
};

static const struct rd_type_rule TYPES[RD_EVENT_TYPE_COUNT] = {
#define X(suffix, who_, needs_, required_, further_)                                               \
    [RD_EVENT_##suffix] = {.who = (who_),                                                          \
            .needs = (enum rd_needs)(needs_),                                                      \
            .required = (required_),                                                               \
            .allowed = (required_) | (further_) |                                                  \
                       ((unsigned)(needs_) == (unsigned)CASE ? K(CASE) : (rd_key_set)0)},
        ROWS(X)
#undef X
};

/* ---- closed lists ---- */
static const char *const OUTCOMES[] = {"upheld", "partly_upheld", "rejected", "settled", NULL};
static const char *const PAID_FORS[] = {
        "agreed_termination", "refund", "compensation", "goodwill", NULL};
static const char *const RISKS[] = {"none", "watch", "high", NULL};
static const char *const FIGURE_USES[] = {"base", "target", "denominator", "rank", NULL};
static const char *const MEDIATION_SIDES[] = {"customer", "firm", "body", NULL};
static const char *const SANCTIONED_ROLES[] = {"seller", "supervisor", "manager", NULL};

static const struct {
    enum rd_event_type type;
    enum rd_event_key key;
    const char *const *codes;
} CODES[] = {
        {RD_EVENT_DECIDED, RD_KEY_OUTCOME, OUTCOMES},
        {RD_EVENT_DECIDED, RD_KEY_PAID_FOR, PAID_FORS},
        {RD_EVENT_CONTRACT_SCREENED, RD_KEY_RISK, RISKS},
        {RD_EVENT_FIGURE_GIVEN, RD_KEY_AS, FIGURE_USES},
        {RD_EVENT_MEDIATION_ACCEPTED, RD_KEY_BY, MEDIATION_SIDES},
        {RD_EVENT_SANCTIONED, RD_KEY_ROLE, SANCTIONED_ROLES},
};

const char *const *rd_key_codes(enum rd_event_type type, enum rd_event_key key)
{
    for (size_t i = 0; i < RD_COUNT(CODES); i++) {
        if (CODES[i].type == type && CODES[i].key == key) {
            return CODES[i].codes;
        }
    }
    return NULL;
}

const struct rd_key_rule *rd_key_rule(enum rd_event_key key)
{
    RD_ASSERT((size_t)key < RD_COUNT(KEYS));
    return &KEYS[key];
}

const struct rd_type_rule *rd_type_rule(enum rd_event_type type)
{
    RD_ASSERT((size_t)type < RD_COUNT(TYPES));
    return &TYPES[type];
}

/* What cannot be true is refused: numbers that count from 1, ages and years of people. */
struct rd_key_range rd_key_range(enum rd_event_key key)
{
    static const struct {
        enum rd_event_key key;
        struct rd_key_range range;
    } ranges[] = {
            {RD_KEY_CASE, {1, MAX_EXACT}},
            {RD_KEY_ALERT, {1, MAX_EXACT}},
            {RD_KEY_SILENCE, {1, MAX_EXACT}},
            {RD_KEY_TO, {1, MAX_EXACT}},
            {RD_KEY_INTO, {1, MAX_EXACT}},
            {RD_KEY_AGE, {0, 150}},
            {RD_KEY_BIRTH_YEAR, {1850, 2100}},
            {RD_KEY_PEOPLE, {1, 1000000}},
    };
    for (size_t i = 0; i < RD_COUNT(ranges); i++) {
        if (ranges[i].key == key) {
            return ranges[i].range;
        }
    }
    return (struct rd_key_range){0, MAX_EXACT};
}

bool rd_key_is_signed(enum rd_event_key key)
{
    return key == RD_KEY_VALUE;
}

bool rd_key_takes_number(enum rd_event_key key)
{
    return key == RD_KEY_INTO;
}

bool rd_key_in(rd_key_set set, enum rd_event_key key)
{
    return (set >> (unsigned)key & 1) != 0;
}

/* ---- names ---- */

/* Inlined with a `len` the compiler knows, all rows of another length fall away and each memcmp
 * becomes a compare of words: a perfect hash by length that no generator has to keep. */
static inline __attribute__((always_inline)) int key_of_len(const char *text, size_t len)
{
#define X(suffix, wire, kind_, limit_)                                                             \
    if (sizeof(wire) - 1 == len && memcmp(text, (wire), sizeof(wire) - 1) == 0) {                  \
        return RD_KEY_##suffix;                                                                    \
    }
    RD_EVENT_KEYS(X)
#undef X
    return -1;
}

enum { KEY_LEN_MAX = 13 };
#define X(suffix, wire, kind_, limit_)                                                             \
    _Static_assert(sizeof(wire) - 1 >= 2 && sizeof(wire) - 1 <= KEY_LEN_MAX, "a case below");
RD_EVENT_KEYS(X)
#undef X

int rd_event_key_parse(struct rd_str text, enum rd_event_key *ret_key)
{
    int key = -1;
    switch (text.len) {
#define LEN(n)                                                                                     \
    case n:                                                                                        \
        key = key_of_len(text.ptr, n);                                                             \
        break;
        LEN(2)
        LEN(3)
        LEN(4)
        LEN(5)
        LEN(6)
        LEN(7)
        LEN(8)
        LEN(9)
        LEN(10)
        LEN(11)
        LEN(12)
        LEN(13)
#undef LEN
    default:
        break;
    }
    if (key < 0) {
        return -EINVAL;
    }
    *ret_key = (enum rd_event_key)key;
    return 0;
}

int rd_event_type_parse(struct rd_str text, enum rd_event_type *ret_type)
{
    static const uint8_t lens[RD_EVENT_TYPE_COUNT] = {
#define X(suffix, wire) [RD_EVENT_##suffix] = sizeof(wire) - 1,
            RD_EVENT_TYPES(X)
#undef X
    };
    for (size_t i = 0; i < RD_EVENT_TYPE_COUNT; i++) {
        if (lens[i] == text.len && memcmp(text.ptr, NAMES[i], text.len) == 0) {
            *ret_type = (enum rd_event_type)i;
            return 0;
        }
    }
    return -EINVAL;
}

const char *rd_event_type_name(enum rd_event_type type)
{
    RD_ASSERT((size_t)type < RD_COUNT(NAMES));
    return NAMES[type];
}

const char *rd_event_key_name(enum rd_event_key key)
{
    return rd_key_rule(key)->name;
}

unsigned rd_event_who(enum rd_event_type type)
{
    return rd_type_rule(type)->who;
}

bool rd_event_needs_case(enum rd_event_type type)
{
    return rd_type_rule(type)->needs == RD_NEEDS_CASE;
}
