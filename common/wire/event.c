#include "common/wire/event.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/num.h"
#include "common/time/civil.h"
#include "common/wire/event_content.h"
#include "common/wire/event_table.h"
#include "common/wire/event_value.h"

/* The envelope's keys, in the order of the checks: X(suffix, name, types, what it must be). */
#define IS(type) (1U << (unsigned)RD_NODE_##type)
#define ENVELOPE_KEYS(X)                                                                           \
    X(SPECVERSION, "specversion", IS(STR), "the text \"1.0\"")                                     \
    X(ID, "id", IS(STR), "text")                                                                   \
    X(SOURCE, "source", IS(STR), "text")                                                           \
    X(TYPE, "type", IS(STR), "text")                                                               \
    X(TIME, "time", IS(STR) | IS(TIME), "a MessagePack timestamp or RFC 3339 text with an offset") \
    X(SUBJECT, "subject", IS(STR), "text")                                                         \
    X(SEQUENCE, "sequence", IS(UINT) | IS(INT) | IS(STR),                                          \
            "a whole number, or its decimal digits as text")                                       \
    X(QUIET, "quiet", IS(BOOL), "true or false")                                                   \
    X(DATA, "data", IS(MAP), "a map")

enum envelope {
#define X(suffix, name, types, wants) suffix,
    ENVELOPE_KEYS(X)
#undef X
            ENVELOPE_COUNT
};

static const struct {
    const char *name, *wants;
    unsigned types; /* bits */
} ENVELOPE[ENVELOPE_COUNT] = {
#define X(suffix, name, types, wants) [suffix] = {name, wants, types},
        ENVELOPE_KEYS(X)
#undef X
};

struct decode {
    rd_node envelope[ENVELOPE_COUNT];
    bool is_known;   /* the type, and so `rule` */
    bool is_unified; /* rd_tree_unify() changed something */
    enum rd_event_type type;
    const struct rd_type_rule *rule;
    uint64_t content;   /* of the pairs of `data`, rd_content_of() */
    rd_key_set present; /* which of `data` are filled: the keys the type knows */
    struct rd_data data[RD_EVENT_KEY_COUNT];
    const char *end; /* of the bytes */
    struct rd_tree *tree;
    struct rd_event *event;
    struct rd_reject *reject;
};

static bool refuse_data(
        struct decode *decode, const char *code, enum rd_event_key key, const char *wants)
{
    char field[96];
    (void)snprintf(field, sizeof field, "data.%s", rd_event_key_name(key));
    return rd_reject_set(decode->reject, code, field, "%s", wants);
}

/* ---- what stands where ---- */
static enum envelope envelope_of(struct rd_str key)
{
    /* Of a length that the compiler knows each memcmp becomes a compare of words. */
#define X(suffix, name, types, wants)                                                              \
    if (key.len == sizeof(name) - 1 && memcmp(key.ptr, (name), sizeof(name) - 1) == 0) {           \
        return suffix;                                                                             \
    }
    ENVELOPE_KEYS(X)
#undef X
    return ENVELOPE_COUNT;
}

static void ignore(struct rd_event *event, struct rd_str name)
{
    if (event->ignored_count < RD_EVENT_IGNORED_MAX) {
        event->ignored[event->ignored_count] = name;
    }
    event->ignored_count++;
}

static void collect_data(struct decode *decode)
{
    rd_node map = decode->envelope[DATA];
    uint32_t count = rd_node_count(map);
    for (uint32_t i = 0; i < count; i++) {
        struct rd_str name;
        enum rd_event_key key;
        rd_node node = rd_node_pair(map, i, &name);
        bool is_allowed =
                rd_event_key_parse(name, &key) == 0 && rd_key_in(decode->rule->allowed, key);
        if (is_allowed ? rd_value_is_absent(key, rd_key_in(decode->rule->required, key), node)
                       : rd_node_type(node) == RD_NODE_NIL) {
            continue;
        }
        if (is_allowed) {
            decode->data[key] = (struct rd_data){.node = node, .start = name.ptr + name.len};
            decode->present |= (rd_key_set)1 << key;
        } else {
            ignore(decode->event, name);
            decode->content += rd_content_other(name, node);
        }
    }
}

/* nil, and the empty text of what is optional and may be text. */
static bool is_absent(enum envelope slot, rd_node node)
{
    bool is_optional = slot == SPECVERSION || slot == TIME || slot == SUBJECT || slot == SEQUENCE;
    enum rd_node_type type = rd_node_type(node);
    return type == RD_NODE_NIL ||
           (is_optional && type == RD_NODE_STR && rd_node_str(node).len == 0);
}

static void collect(struct decode *decode, rd_node root)
{
    uint32_t count = rd_node_count(root);
    for (uint32_t i = 0; i < count; i++) {
        struct rd_str key;
        rd_node node = rd_node_pair(root, i, &key);
        enum envelope slot = envelope_of(key);
        if (slot != ENVELOPE_COUNT && !is_absent(slot, node)) {
            decode->envelope[slot] = node;
        }
    }
    struct rd_str type = rd_node_str(decode->envelope[TYPE]);
    decode->is_known = rd_event_type_parse(type, &decode->type) == 0;
    if (decode->is_known) {
        decode->rule = rd_type_rule(decode->type);
        decode->event->type = decode->type;
        if (rd_node_type(decode->envelope[DATA]) == RD_NODE_MAP) {
            collect_data(decode);
        }
    }
}

static bool is_id(struct rd_str text)
{
    return text.len > 0 && text.len <= RD_ID_BYTES_MAX && rd_pack_is_utf8(text);
}

/* ---- missing_field ---- */
static bool check_missing(struct decode *decode)
{
    static const enum envelope needed[] = {ID, SOURCE, TYPE};
    for (size_t i = 0; i < RD_COUNT(needed); i++) {
        if (decode->envelope[needed[i]] == NULL) {
            const char *name = ENVELOPE[needed[i]].name;
            return rd_reject_set(
                    decode->reject, "missing_field", name, "every event needs \"%s\"", name);
        }
    }
    if (!decode->is_known) {
        return true;
    }
    const struct rd_type_rule *rule = decode->rule;
    const char *type = rd_event_type_name(decode->type);
    rd_node data = decode->envelope[DATA];
    bool is_data_map = rd_node_type(data) == RD_NODE_MAP, has_data = data != NULL;
    bool has_subject = decode->envelope[SUBJECT] != NULL;
    if (rule->needs == RD_NEEDS_SUBJECT && !has_subject) {
        return rd_reject_set(
                decode->reject, "missing_field", "subject", "%s needs \"subject\"", type);
    }
    if (has_data && !is_data_map) {
        return true; /* a bad_type, in a moment */
    }
    if (rule->needs == RD_NEEDS_CASE && !has_subject && !rd_key_in(decode->present, RD_KEY_CASE)) {
        return rd_reject_set(decode->reject, "missing_field", "subject",
                "%s names its case by \"subject\" or by \"data.case\"", type);
    }
    rd_key_set missing = rule->required & ~decode->present;
    enum rd_event_key key;
    if (!rd_key_next(&missing, &key)) {
        return true;
    }
    if (!has_data) {
        return rd_reject_set(decode->reject, "missing_field", "data", "%s needs \"data\"", type);
    }
    char wants[96];
    (void)snprintf(wants, sizeof wants, "%s needs \"%s\"", type, rd_event_key_name(key));
    return refuse_data(decode, "missing_field", key, wants);
}

/* ---- bad_type ---- */
static bool check_types(struct decode *decode)
{
    for (unsigned i = 0; i < ENVELOPE_COUNT; i++) {
        rd_node node = decode->envelope[i];
        if (node != NULL && (ENVELOPE[i].types >> (unsigned)rd_node_type(node) & 1U) == 0) {
            return rd_reject_set(decode->reject, "bad_type", ENVELOPE[i].name,
                    "\"%s\" must be %s; here is %s", ENVELOPE[i].name, ENVELOPE[i].wants,
                    rd_node_words(node));
        }
    }
    rd_key_set rest = decode->present;
    for (enum rd_event_key key; rd_key_next(&rest, &key);) {
        if (!rd_value_check_type(key, &decode->data[key], decode->reject)) {
            return false;
        }
    }
    return true;
}

/* ---- bad_value ---- */

static bool check_ids(struct decode *decode)
{
    static const enum envelope ids[] = {ID, SOURCE, SUBJECT};
    struct rd_str *texts[] = {&decode->event->id, &decode->event->source, &decode->event->subject};
    for (size_t i = 0; i < RD_COUNT(ids); i++) {
        rd_node node = decode->envelope[ids[i]];
        const char *name = ENVELOPE[ids[i]].name;
        if (node != NULL && !is_id(rd_node_str(node))) {
            return rd_reject_set(decode->reject, "bad_value", name,
                    "\"%s\" must have 1 to %d bytes", name, RD_ID_BYTES_MAX);
        }
        *texts[i] = rd_node_str(node);
    }
    return true;
}

/* CloudEvents has `sequence` as text; leading zeros, which keep its order as text, are let be. */
static bool read_sequence(struct decode *decode)
{
    rd_node node = decode->envelope[SEQUENCE];
    uint64_t sequence = rd_node_uint(node);
    bool is_text = rd_node_type(node) == RD_NODE_STR;
    if (is_text && rd_u64_parse(rd_node_str(node), &sequence) != 0) {
        return rd_reject_set(decode->reject, "bad_value", "sequence",
                "\"sequence\" as text must be the decimal digits of a number of 64 bits");
    }
    if (node != NULL && sequence == 0) {
        return rd_reject_set(decode->reject, "bad_value", "sequence", "\"sequence\" counts from 1");
    }
    decode->event->sequence = sequence;
    return true;
}

static bool check_envelope(struct decode *decode)
{
    struct rd_event *event = decode->event;
    rd_node version = decode->envelope[SPECVERSION];
    if (version != NULL && !rd_str_is(rd_node_str(version), "1.0")) {
        return rd_reject_set(
                decode->reject, "bad_value", "specversion", "\"specversion\" must be \"1.0\"");
    }
    if (!check_ids(decode)) {
        return false;
    }
    if (rd_node_str(decode->envelope[TYPE]).len == 0) {
        return rd_reject_set(decode->reject, "bad_value", "type", "\"type\" must not be empty");
    }
    rd_node time = decode->envelope[TIME];
    event->time = RD_TIME_NONE;
    if (time != NULL && !rd_value_time(time, &event->time)) {
        return rd_reject_set(decode->reject, "bad_value", "time",
                "\"time\" must be an instant of the years 1 to 9999, with an offset where it is "
                "text");
    }
    if (!read_sequence(decode)) {
        return false;
    }
    event->is_quiet = rd_node_bool(decode->envelope[QUIET]);
    return true;
}

static bool check_values(struct decode *decode)
{
    if (!check_envelope(decode)) {
        return false;
    }
    rd_key_set rest = decode->present;
    struct rd_event *event = decode->event;
    struct rd_value_place place = {.type = decode->type,
            .is_unified = decode->is_unified,
            .end = decode->end,
            .tree = decode->tree};
    for (enum rd_event_key key; rd_key_next(&rest, &key);) {
        place.key = key;
        place.is_required = rd_key_in(decode->rule->required, key);
        if (!rd_value_read(&place, &decode->data[key], &event->data[key], decode->reject)) {
            return false;
        }
        decode->content += rd_content_value(key, &event->data[key], decode->data[key].node);
    }
    event->present = decode->present;
    event->content = rd_content_of(event, decode->content);
    return true;
}

/* Of a frame that is no map: what it is instead. JSON's first byte is a number to MessagePack. */
static bool refuse_malformed(struct rd_str bytes, const char *what, struct rd_reject *reject)
{
    bool is_json = bytes.len > 1 && (bytes.ptr[0] == '{' || bytes.ptr[0] == '[');
    return rd_reject_set(reject, "malformed", NULL, "an event is one MessagePack map; here is %s",
            is_json ? "JSON, by its first byte: send it packed as MessagePack" : what);
}

static bool check_size(struct rd_str bytes, size_t limit_bytes, struct rd_reject *reject)
{
    return bytes.len <= limit_bytes ||
           rd_reject_set(reject, "too_large", NULL,
                   "an event may have at most %zu bytes; this one has %zu", limit_bytes, bytes.len);
}

/* Names a malformed event in its receipt by the id, if the bytes still show one. */
static bool with_id(struct rd_str bytes, struct rd_event *event)
{
    struct rd_str id;
    if (rd_pack_find_text(bytes, RD_STR("id"), &id) && is_id(id)) {
        event->id = id;
    }
    return false;
}

bool rd_event_decode(struct rd_tree *tree, struct rd_str bytes, size_t limit_bytes,
        struct rd_event *ret_event, struct rd_reject *reject)
{
    *ret_event = (struct rd_event){.raw = bytes, .time = RD_TIME_NONE};
    reject->code = NULL;
    if (!check_size(bytes, limit_bytes, reject)) {
        return with_id(bytes, ret_event);
    }
    rd_node root = NULL;
    const char *what = NULL;
    int r = rd_tree_read(tree, bytes, &root, &what);
    if (r == -EBADMSG || rd_node_type(root) != RD_NODE_MAP) {
        (void)refuse_malformed(bytes, r == -EBADMSG ? what : rd_node_words(root), reject);
        return with_id(bytes, ret_event);
    }
    struct decode decode; /* not cleared: of `data` only what `present` names is read */
    memset(decode.envelope, 0, sizeof decode.envelope);
    decode.is_unified = rd_tree_unify(tree);
    decode.content = 0;
    decode.present = 0;
    decode.rule = NULL;
    decode.end = bytes.ptr + bytes.len;
    decode.tree = tree;
    decode.event = ret_event;
    decode.reject = reject;
    collect(&decode, root);
    struct rd_str id = rd_node_str(decode.envelope[ID]);
    if (is_id(id)) {
        ret_event->id = id;
    }
    if (!check_missing(&decode) || !check_types(&decode)) {
        return false;
    }
    if (r == -EILSEQ) {
        return rd_reject_set(reject, "bad_value", rd_tree_bad_path(tree), "all text must be UTF-8");
    }
    if (!check_values(&decode)) {
        return false;
    }
    if (!decode.is_known) {
        return rd_reject_set(reject, "unknown_type", "type",
                "no event has this type; redress-events(7) lists them all");
    }
    return true;
}
