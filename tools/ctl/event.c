#include "tools/ctl/event.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "common/base/num.h"
#include "common/wire/event_table.h"
#include "tools/shared/when.h"

enum { NAME_MAX_IN_ID = 64, THOUSAND = 1000 };

static bool add(struct event_key *keys, size_t *count, struct event_key one)
{
    if (*count == EVENT_KEYS_MAX) {
        say_error("at most %d keys", EVENT_KEYS_MAX);
        return false;
    }
    keys[(*count)++] = one;
    return true;
}

bool event_add(struct event_draft *draft, const char *key, size_t key_len, const char *value)
{
    return add(draft->keys, &draft->key_count,
            (struct event_key){.key = key, .key_len = key_len, .value = value});
}

bool event_add_pair(struct event_draft *draft, const char *map, const char *key, size_t key_len,
        const char *value)
{
    draft->pairs_key = map;
    return add(draft->pairs, &draft->pair_count,
            (struct event_key){.key = key, .key_len = key_len, .value = value});
}

bool event_add_word(struct event_draft *draft, const char *word)
{
    static const char *const maps[] = {"attributes", "matchers"};
    const char *equals = strchr(word, '=');
    if (equals == NULL || equals == word) {
        say_error("%s: write KEY=VALUE", word);
        return false;
    }
    size_t key_len = (size_t)(equals - word);
    for (size_t i = 0; i < RD_COUNT(maps); i++) {
        size_t len = strlen(maps[i]);
        if (key_len > len + 1 && memcmp(word, maps[i], len) == 0 && word[len] == '.') {
            return event_add_pair(draft, maps[i], word + len + 1, key_len - len - 1, equals + 1);
        }
    }
    return event_add(draft, word, key_len, equals + 1);
}

bool event_add_case(struct event_draft *draft, const char *text)
{
    static const char prefix[] = "subject:";
    uint64_t number;
    if (ctl_is_number(text, &number)) {
        return event_add(draft, "case", strlen("case"), text);
    }
    bool is_marked = strncmp(text, prefix, sizeof prefix - 1) == 0;
    draft->subject = is_marked ? text + sizeof prefix - 1 : text;
    return true;
}

/* ---- names ---- */

bool event_type_is_known(const char *type)
{
    enum rd_event_type known;
    char room[OPT_HINT_MAX];
    if (rd_event_type_parse(rd_str_of(type), &known) == 0) {
        return true;
    }
    struct rd_nearest nearest = rd_nearest_of(rd_str_of(type));
    for (unsigned i = 0; i < RD_EVENT_TYPE_COUNT; i++) {
        rd_nearest_try(&nearest, rd_str_of(rd_event_type_name((enum rd_event_type)i)));
    }
    say_error("there is no event %s%s", type, opt_hint(&nearest, room));
    return false;
}

static struct rd_str key_text(const struct event_key *one)
{
    return (struct rd_str){.ptr = one->key, .len = one->key_len};
}

/* A key that the type does not name would be kept and mean nothing. */
static bool key_is_known(enum rd_event_type type, const struct event_key *one)
{
    enum rd_event_key key;
    char room[OPT_HINT_MAX];
    rd_key_set allowed = rd_type_rule(type)->allowed;
    bool is_by = rd_str_is(key_text(one), "by"); /* of every event that a person sends */
    if (is_by || (rd_event_key_parse(key_text(one), &key) == 0 && rd_key_in(allowed, key))) {
        return true;
    }
    struct rd_nearest nearest = rd_nearest_of(key_text(one));
    for (unsigned i = 0; i < RD_EVENT_KEY_COUNT; i++) {
        if (rd_key_in(allowed, (enum rd_event_key)i)) {
            rd_nearest_try(&nearest, rd_str_of(rd_event_key_name((enum rd_event_key)i)));
        }
    }
    say_error("%s has no key %.*s%s", rd_event_type_name(type), RD_FMT(key_text(one)),
            opt_hint(&nearest, room));
    return false;
}

static bool code_is_known(const char *const *codes, const struct event_key *one)
{
    char room[OPT_HINT_MAX], all[OPT_HINT_MAX] = "";
    struct rd_nearest nearest = rd_nearest_of(rd_str_of(one->value));
    for (size_t i = 0; codes[i] != NULL; i++) {
        if (strcmp(codes[i], one->value) == 0) {
            return true;
        }
        size_t used = strlen(all);
        (void)snprintf(all + used, sizeof all - used, "%s%s", used > 0 ? ", " : "", codes[i]);
        rd_nearest_try(&nearest, rd_str_of(codes[i]));
    }
    say_error("%.*s=%s: give one of %s%s", RD_FMT(key_text(one)), one->value, all,
            opt_hint(&nearest, room));
    return false;
}

/* ---- values: their kind is that of the key ---- */

static bool put_number(struct rd_buf *buf, const struct event_key *one)
{
    uint64_t number;
    if (!ctl_is_number(one->value, &number)) {
        say_error("%.*s=%s: give a number", (int)one->key_len, one->key, one->value);
        return false;
    }
    rd_pack_uint(buf, number);
    return true;
}

static bool put_bool(struct rd_buf *buf, const struct event_key *one)
{
    bool is_true = strcmp(one->value, "true") == 0;
    if (!is_true && strcmp(one->value, "false") != 0) {
        say_error("%.*s=%s: give true or false", (int)one->key_len, one->key, one->value);
        return false;
    }
    rd_pack_bool(buf, is_true);
    return true;
}

/* "a,b,c" */
static void put_list(struct rd_buf *buf, const char *value)
{
    uint32_t count = 0;
    size_t mark = rd_pack_array_begin(buf);
    for (const char *at = value;;) {
        size_t len = strcspn(at, ",");
        rd_pack_str(buf, (struct rd_str){.ptr = at, .len = len});
        count++;
        if (at[len] == '\0') {
            break;
        }
        at += len + 1;
    }
    rd_pack_array_end(buf, mark, count);
}

/* In a map without a schema: numbers and truth values are what they look like. */
static void put_guessed(struct rd_buf *buf, const char *value)
{
    int64_t number;
    if (rd_i64_parse(rd_str_of(value), &number) == 0) {
        rd_pack_int(buf, number);
    } else if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0) {
        rd_pack_bool(buf, value[0] == 't');
    } else {
        rd_pack_cstr(buf, value);
    }
}

static bool put_time(struct rd_buf *buf, const struct event_key *one)
{
    rd_time time;
    char room[OPT_HINT_MAX];
    if (when_parse(rd_str_of(one->value), when_now(), WHEN_AHEAD, &time) < 0) {
        struct rd_nearest nearest = when_nearest(rd_str_of(one->value));
        say_error("%.*s=%s: give a time such as " WHEN_EXAMPLES "%s", RD_FMT(key_text(one)),
                one->value, opt_hint(&nearest, room));
        return false;
    }
    rd_pack_time(buf, time);
    return true;
}

/* A date stays one: the daemon knows when it ends. */
static bool put_date(struct rd_buf *buf, const struct event_key *one, bool may_be_time)
{
    char date[RD_DATE_TEXT_MAX];
    if (when_is_day(rd_str_of(one->value), when_now(), WHEN_AHEAD, date)) {
        rd_pack_cstr(buf, date);
        return true;
    }
    if (may_be_time) {
        return put_time(buf, one);
    }
    char room[OPT_HINT_MAX];
    struct rd_nearest nearest = when_nearest(rd_str_of(one->value));
    say_error("%.*s=%s: give a date such as 2025-09-22, today or friday%s", RD_FMT(key_text(one)),
            one->value, opt_hint(&nearest, room));
    return false;
}

static bool put_value(struct rd_buf *buf, const struct event_key *one, const char *const *codes)
{
    enum rd_event_key key;
    uint64_t number;
    if (codes != NULL && !code_is_known(codes, one)) {
        return false;
    }
    if (rd_event_key_parse(key_text(one), &key) < 0) {
        put_guessed(buf, one->value); /* the daemon keeps what it does not know */
        return true;
    }
    switch (rd_key_rule(key)->kind) {
    case RD_KIND_UINT:
        return put_number(buf, one);
    case RD_KIND_BOOL:
        return put_bool(buf, one);
    case RD_KIND_STRS:
        put_list(buf, one->value);
        return true;
    case RD_KIND_ATTRS:
    case RD_KIND_MATCH:
        say_error("write %.*s.KEY=VALUE", RD_FMT(key_text(one)));
        return false;
    case RD_KIND_TIME:
        return put_time(buf, one);
    case RD_KIND_DUE:
        return put_date(buf, one, true);
    case RD_KIND_DATE:
        return put_date(buf, one, false);
    case RD_KIND_STR:
        if (rd_key_takes_number(key) && ctl_is_number(one->value, &number)) {
            rd_pack_uint(buf, number);
            return true;
        }
        break;
    case RD_KIND_MONEY:
    case RD_KIND_CODE:
        break;
    }
    rd_pack_cstr(buf, one->value);
    return true;
}

/* ---- the whole ---- */

const char *event_value(const struct event_draft *draft, const char *key)
{
    for (size_t i = 0; i < draft->key_count; i++) {
        if (rd_str_is(key_text(&draft->keys[i]), key)) {
            return draft->keys[i].value;
        }
    }
    return NULL;
}

const char *event_written(const struct event_draft *draft, const char *field)
{
    static const char prefix[] = "data.";
    if (strcmp(field, "subject") == 0) {
        return draft->subject;
    }
    bool is_data = strncmp(field, prefix, sizeof prefix - 1) == 0;
    return is_data ? event_value(draft, field + sizeof prefix - 1) : NULL;
}

/* Who acts belongs to every event of a case, of an alert, of a silence and of an approval; where
 * `by` is a side of a closed list it must be written: who runs the command is none. */
static bool add_by(const struct ctl *ctl, enum rd_event_type type, struct event_draft *draft)
{
    static const char *const persons[] = {"case.", "alert.", "silence.", "approval."};
    const struct rd_type_rule *rule = rd_type_rule(type);
    bool is_persons = rd_key_in(rule->allowed, RD_KEY_BY);
    for (size_t i = 0; i < RD_COUNT(persons); i++) {
        is_persons = is_persons || rd_str_starts(rd_str_of(draft->type), rd_str_of(persons[i]));
    }
    bool is_side = rd_key_codes(type, RD_KEY_BY) != NULL;
    if (is_side && event_value(draft, "by") == NULL && ctl->by != ctl->user) {
        return event_add(draft, "by", strlen("by"), ctl->by); /* put_value() knows the sides */
    }
    if (!is_persons || event_value(draft, "by") != NULL || is_side) {
        return true;
    }
    if (ctl->by == NULL) { /* also where the daemon would take it: nobody could be asked later */
        say_error("tell who acts: --by NAME");
        return false;
    }
    return event_add(draft, "by", strlen("by"), ctl->by);
}

static bool put_data(struct rd_buf *buf, enum rd_event_type type, const struct event_draft *draft)
{
    uint32_t pairs = 0;
    size_t mark = rd_pack_map_begin(buf);
    for (size_t i = 0; i < draft->key_count; i++, pairs++) {
        const struct event_key *one = &draft->keys[i];
        enum rd_event_key key;
        bool is_known = rd_event_key_parse(key_text(one), &key) == 0;
        rd_pack_str(buf, key_text(one));
        if (!key_is_known(type, one) ||
                !put_value(buf, one, is_known ? rd_key_codes(type, key) : NULL)) {
            return false;
        }
    }
    if (draft->pair_count > 0) {
        rd_pack_cstr(buf, draft->pairs_key);
        rd_pack_map(buf, (uint32_t)draft->pair_count);
        for (size_t i = 0; i < draft->pair_count; i++) {
            const struct event_key *one = &draft->pairs[i];
            rd_pack_str(buf, key_text(one));
            put_guessed(buf, one->value);
        }
        pairs++;
    }
    rd_pack_map_end(buf, mark, pairs);
    return true;
}

static void put_pair(struct rd_buf *buf, uint32_t *pairs, const char *key, const char *value)
{
    if (value != NULL) {
        rd_pack_cstr(buf, key);
        rd_pack_cstr(buf, value);
        (*pairs)++;
    }
}

/* A new id: who, when, and chance. */
static void new_id(const struct ctl *ctl, struct rd_buf *ret_id)
{
    struct timespec now;
    uint32_t chance = 0;
    struct rd_str name = rd_str_of(ctl->by != NULL ? ctl->by : "nobody");
    if (name.len > NAME_MAX_IN_ID) {
        name.len = NAME_MAX_IN_ID;
        while (name.len > 0 && ((unsigned char)name.ptr[name.len] & 0xc0) == 0x80) {
            name.len--; /* no half a character */
        }
    }
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance) {
        chance = (uint32_t)getpid();
    }
    uint64_t micros = (uint64_t)now.tv_sec * RD_SECOND_US + (uint64_t)now.tv_nsec / THOUSAND;
    rd_buf_printf(ret_id, "%.*s-%" PRIx64 "-%08" PRIx32, RD_FMT(name), micros, chance);
}

bool event_pack(const struct ctl *ctl, struct event_draft *draft, struct rd_buf *ret_id,
        struct rd_buf *ret_event)
{
    enum rd_event_type type;
    int r = rd_event_type_parse(rd_str_of(draft->type), &type);
    RD_ASSERT(r == 0); /* a verb's own, or looked at by event_type_is_known() */
    if (ctl_option(ctl, "id") != NULL) {
        rd_buf_put_text(ret_id, rd_str_of(ctl_option(ctl, "id")));
    } else {
        new_id(ctl, ret_id);
    }
    if (!add_by(ctl, type, draft)) {
        return false;
    }
    uint32_t pairs = 2;
    size_t mark = rd_pack_map_begin(ret_event);
    rd_pack_cstr(ret_event, "id");
    rd_pack_str(ret_event, rd_buf_str(ret_id));
    const char *source = ctl_option(ctl, "source");
    put_pair(ret_event, &pairs, "source", source != NULL ? source : "redressctl");
    put_pair(ret_event, &pairs, "type", draft->type);
    put_pair(ret_event, &pairs, "subject", draft->subject);
    const struct ctl_option *time = ctl_given(ctl, "time");
    if (time != NULL) {
        rd_pack_cstr(ret_event, "time");
        rd_pack_time(ret_event, time->value.time);
        pairs++;
    }
    rd_pack_cstr(ret_event, "data");
    if (!put_data(ret_event, type, draft)) {
        return false;
    }
    rd_pack_map_end(ret_event, mark, pairs);
    return true;
}
