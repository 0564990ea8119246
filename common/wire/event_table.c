#include "common/wire/event_table.h"

#include <errno.h>
#include <string.h>

#define MAX_EXACT (UINT64_C(1) << 53) /* what every JSON peer can still count */

enum { IS_NO, IS_YES };

static const struct rd_key_rule KEYS[RD_EVENT_KEY_COUNT] = {
#define X(suffix, wire, kind_, limit_, attribute_, personal_, note_)                               \
    [RD_KEY_##suffix] = {.name = (wire),                                                           \
            .kind = RD_KIND_##kind_,                                                               \
            .limit = (limit_),                                                                     \
            .attribute = RD_ATTRIBUTE_##attribute_,                                                \
            .is_personal = IS_##personal_,                                                         \
            .note = RD_NOTE_##note_},
        RD_EVENT_KEYS(X)
#undef X
};

static const uint8_t SEES[RD_EVENT_KEY_COUNT] = {
#define X(suffix, word) [RD_KEY_##suffix] = RD_SEES_##word,
        RD_EVENT_SEES(X)
#undef X
};

#define K(suffix) RD_KEY_BIT(RD_KEY_##suffix)

/* Sets of keys by what their columns say. */
#define IF_GIVEN(suffix, wire, kind_, limit_, attribute_, personal_, note_)                        \
    | (RD_ATTRIBUTE_##attribute_ == RD_ATTRIBUTE_GIVEN ? K(suffix) : 0)
#define IF_ATTRIBUTE(suffix, wire, kind_, limit_, attribute_, personal_, note_)                    \
    | (RD_ATTRIBUTE_##attribute_ != RD_ATTRIBUTE_NO ? K(suffix) : 0)
#define IF_PERSONAL(suffix, wire, kind_, limit_, attribute_, personal_, note_)                     \
    | (IS_##personal_ ? K(suffix) : 0)
#define IF_NOTE(suffix, wire, kind_, limit_, attribute_, personal_, note_)                         \
    | (RD_NOTE_##note_ == RD_NOTE_FIRST ? K(suffix) : 0)
#define IF_LAST(suffix, wire, kind_, limit_, attribute_, personal_, note_)                         \
    | (RD_NOTE_##note_ == RD_NOTE_LAST ? K(suffix) : 0)
#define KEYS_WHERE(IF) ((rd_key_set)0 RD_EVENT_KEYS(IF))

#define MONEY_KEYS       (K(AMOUNT) | K(CURRENCY))
#define CONTACT_REQUIRED (K(CUSTOMER) | K(CHANNEL) | K(UNIT))
#define CONTACT_KEYS                                                                               \
    (CONTACT_REQUIRED | K(PRODUCT) | K(CONTRACT) | K(SELLER) | K(PHONE) | K(AGE) | K(BIRTH_YEAR) | \
            MONEY_KEYS | K(ISSUE) | K(TEXT) | K(TAGS) | K(ATTRIBUTES) | K(HANDLER) |               \
            K(RESPONDENT))
#define COMPLAINT_KEYS (CONTACT_KEYS | K(RECEIVED) | K(CONTACT) | K(REGULATOR_REF) | K(PEOPLE))

/* Every event of a case may name it by number, and who acted. */
#define CASE_KEYS (K(CASE) | K(BY))

enum {
    SOURCE = RD_WHO_SOURCE,
    UNIT = RD_WHO_UNIT,
    OP = RD_WHO_OPERATOR,
    ANY = RD_WHO_ANY,
    FREE = RD_NEEDS_NOTHING,
    SUBJECT = RD_NEEDS_SUBJECT,
    CASE = RD_NEEDS_CASE,
};

static const char *const NAMES[RD_EVENT_TYPE_COUNT] = {
#define X(suffix, wire, ...) [RD_EVENT_##suffix] = (wire),
        RD_EVENT_TYPES(X)
#undef X
};

static const struct rd_type_rule TYPES[RD_EVENT_TYPE_COUNT] = {
#define X(suffix, wire, who_, needs_, required_, further_)                                         \
    [RD_EVENT_##suffix] = {.who = (who_),                                                          \
            .needs = (enum rd_needs)(needs_),                                                      \
            .required = (required_),                                                               \
            .allowed = (required_) | (further_) |                                                  \
                       ((unsigned)(needs_) == (unsigned)CASE ? CASE_KEYS : (rd_key_set)0)},
        RD_EVENT_TYPES(X)
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

/* Refuses values that cannot be true: 0 where counting begins at 1, impossible ages and years of
 * birth. */
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

rd_key_set rd_keys_attributes(void)
{
    return KEYS_WHERE(IF_ATTRIBUTE);
}

rd_key_set rd_keys_personal(void)
{
    return KEYS_WHERE(IF_PERSONAL);
}

unsigned rd_key_sees(enum rd_event_key key)
{
    return SEES[key];
}

bool rd_note_is_text(enum rd_event_type type)
{
    rd_key_set keys = rd_type_rule(type)->allowed & KEYS_WHERE(IF_NOTE);
    enum rd_event_key key;
    bool is_text = false;
    while (!is_text && rd_key_next(&keys, &key)) {
        is_text = SEES[key] == RD_SEES_TEXT;
    }
    return is_text;
}

static struct rd_str first_text(const struct rd_event *event, rd_key_set keys)
{
    enum rd_event_key key;
    while (rd_key_next(&keys, &key)) {
        if (event->data[key].type == RD_VALUE_STR) {
            return event->data[key].bytes;
        }
    }
    return (struct rd_str){0};
}

struct rd_str rd_event_note(const struct rd_event *event)
{
    struct rd_str note = first_text(event, KEYS_WHERE(IF_NOTE));
    return note.len > 0 ? note : first_text(event, KEYS_WHERE(IF_LAST));
}

/* ---- names ---- */

/* Inlined with a `len` the compiler knows, all rows of another length fall away and each memcmp
 * becomes a compare of words: a perfect hash by length that no generator has to keep. */
static inline __attribute__((always_inline)) int key_of_len(const char *text, size_t len)
{
#define X(suffix, wire, ...)                                                                       \
    if (sizeof(wire) - 1 == len && memcmp(text, (wire), sizeof(wire) - 1) == 0) {                  \
        return RD_KEY_##suffix;                                                                    \
    }
    RD_EVENT_KEYS(X)
#undef X
    return -1;
}

enum { KEY_LEN_MAX = 16 };
#define X(suffix, wire, ...)                                                                       \
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
        LEN(14)
        LEN(15)
        LEN(16)
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
#define X(suffix, wire, ...) [RD_EVENT_##suffix] = sizeof(wire) - 1,
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
