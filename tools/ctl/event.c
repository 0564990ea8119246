#include "tools/ctl/event.h"

#include <string.h>

#include "common/event_table.h"
#include "common/num.h"

static bool add(struct event_key *keys, size_t *count, struct event_key one)
{
    if (*count == EVENT_KEYS_MAX) {
        ctl_say("at most %d keys", EVENT_KEYS_MAX);
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
        ctl_say("%s: write KEY=VALUE", word);
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

/* ---- values: their kind is that of the key ---- */

static bool put_number(struct rd_buf *buf, const struct event_key *one)
{
    uint64_t number;
    if (!ctl_is_number(one->value, &number)) {
        ctl_say("%.*s=%s: give a number", (int)one->key_len, one->key, one->value);
        return false;
    }
    rd_pack_uint(buf, number);
    return true;
}

static bool put_bool(struct rd_buf *buf, const struct event_key *one)
{
    bool is_true = strcmp(one->value, "true") == 0;
    if (!is_true && strcmp(one->value, "false") != 0) {
        ctl_say("%.*s=%s: give true or false", (int)one->key_len, one->key, one->value);
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

static bool put_value(struct rd_buf *buf, const struct event_key *one)
{
    enum rd_event_key key;
    uint64_t number;
    if (rd_event_key_parse((struct rd_str){.ptr = one->key, .len = one->key_len}, &key) < 0) {
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
        ctl_say("write %.*s.KEY=VALUE", (int)one->key_len, one->key);
        return false;
    case RD_KIND_STR:
        if (rd_key_takes_number(key) && ctl_is_number(one->value, &number)) {
            rd_pack_uint(buf, number);
            return true;
        }
        break;
    case RD_KIND_TIME:
    case RD_KIND_DUE:
    case RD_KIND_DATE:
    case RD_KIND_MONEY:
    case RD_KIND_CODE:
        break;
    }
    rd_pack_cstr(buf, one->value);
    return true;
}

/* ---- the whole ---- */

static bool has_key(const struct event_draft *draft, const char *key)
{
    for (size_t i = 0; i < draft->key_count; i++) {
        if (draft->keys[i].key_len == strlen(key) &&
                memcmp(draft->keys[i].key, key, draft->keys[i].key_len) == 0) {
            return true;
        }
    }
    return false;
}

/* Where the type knows who did it, and a name is asked for, not a side. */
static bool add_by(const struct ctl *ctl, struct event_draft *draft)
{
    enum rd_event_type type;
    if (rd_event_type_parse(rd_str_of(draft->type), &type) < 0 || has_key(draft, "by") ||
            !rd_key_in(rd_type_rule(type)->allowed, RD_KEY_BY) ||
            rd_key_codes(type, RD_KEY_BY) != NULL) {
        return true;
    }
    if (ctl->by == NULL) {
        ctl_say("say who acts: --by NAME");
        return false;
    }
    return event_add(draft, "by", strlen("by"), ctl->by);
}

static bool put_data(struct rd_buf *buf, const struct event_draft *draft)
{
    uint32_t pairs = 0;
    size_t mark = rd_pack_map_begin(buf);
    for (size_t i = 0; i < draft->key_count; i++, pairs++) {
        const struct event_key *one = &draft->keys[i];
        rd_pack_str(buf, (struct rd_str){.ptr = one->key, .len = one->key_len});
        if (!put_value(buf, one)) {
            return false;
        }
    }
    if (draft->pair_count > 0) {
        rd_pack_cstr(buf, draft->pairs_key);
        rd_pack_map(buf, (uint32_t)draft->pair_count);
        for (size_t i = 0; i < draft->pair_count; i++) {
            const struct event_key *one = &draft->pairs[i];
            rd_pack_str(buf, (struct rd_str){.ptr = one->key, .len = one->key_len});
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

bool event_pack(const struct ctl *ctl, struct event_draft *draft, struct rd_buf *ret_id,
        struct rd_buf *ret_event)
{
    if (ctl_option(ctl, "id") != NULL) {
        rd_buf_put_text(ret_id, rd_str_of(ctl_option(ctl, "id")));
    } else {
        ctl_new_id(ctl, ret_id);
    }
    if (!add_by(ctl, draft)) {
        return false;
    }
    uint32_t pairs = 2;
    size_t mark = rd_pack_map_begin(ret_event);
    rd_pack_cstr(ret_event, "id");
    rd_pack_str(ret_event, rd_buf_str(ret_id));
    put_pair(ret_event, &pairs, "source", "redressctl");
    put_pair(ret_event, &pairs, "type", draft->type);
    put_pair(ret_event, &pairs, "subject", draft->subject);
    put_pair(ret_event, &pairs, "time", ctl_option(ctl, "time"));
    rd_pack_cstr(ret_event, "data");
    if (!put_data(ret_event, draft)) {
        return false;
    }
    rd_pack_map_end(ret_event, mark, pairs);
    return true;
}
