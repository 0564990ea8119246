#include "common/wire/alert.h"

#include <errno.h>

#include "common/base/sizes.h"
#include "common/wire/assessment.h"

static const char *const TYPES[] = {
#define X(suffix, name, zh) [RD_ALERT_##suffix] = (name),
        RD_ALERT_TYPES(X)
#undef X
};

static const char *const IN_CHINESE[] = {
#define X(suffix, name, zh) [RD_ALERT_##suffix] = (zh),
        RD_ALERT_TYPES(X)
#undef X
};

static const char *const SEVERITIES[] = {
        [RD_INFO] = "info",
        [RD_WARNING] = "warning",
        [RD_HIGH] = "high",
        [RD_CRITICAL] = "critical",
};

const char *rd_alert_type_name(enum rd_alert_type type)
{
    RD_ASSERT((size_t)type < RD_COUNT(TYPES));
    return TYPES[type];
}

const char *rd_alert_type_words(enum rd_alert_type type, bool is_zh)
{
    RD_ASSERT((size_t)type < RD_COUNT(IN_CHINESE));
    return is_zh ? IN_CHINESE[type] : TYPES[type];
}

int rd_alert_type_parse(struct rd_str text, enum rd_alert_type *ret_type)
{
    for (size_t i = 0; i < RD_COUNT(TYPES); i++) {
        if (rd_str_is(text, TYPES[i])) {
            *ret_type = (enum rd_alert_type)i;
            return 0;
        }
    }
    return -EINVAL;
}

bool rd_alert_is_digest(enum rd_alert_type type)
{
    return type == RD_ALERT_DIGEST_DAILY || type == RD_ALERT_DIGEST_WEEKLY ||
           type == RD_ALERT_DIGEST_MONTHLY;
}

const char *rd_severity_name(enum rd_severity severity)
{
    RD_ASSERT((size_t)severity < RD_COUNT(SEVERITIES));
    return SEVERITIES[severity];
}

const char *rd_severity_zh(enum rd_severity severity)
{
    switch (severity) {
    case RD_INFO:
        return "提示";
    case RD_WARNING:
        return rd_level_zh(RD_LEVEL_WATCH);
    case RD_HIGH:
        return rd_level_zh(RD_LEVEL_HIGH);
    case RD_CRITICAL:
        return rd_level_zh(RD_LEVEL_CRITICAL);
    }
    RD_UNREACHABLE("a severity");
}

int rd_severity_parse(struct rd_str text, enum rd_severity *ret_severity)
{
    for (size_t i = 0; i < RD_COUNT(SEVERITIES); i++) {
        if (rd_str_is(text, SEVERITIES[i])) {
            *ret_severity = (enum rd_severity)i;
            return 0;
        }
    }
    return -EINVAL;
}

/* ---- writing: a map that counts its pairs ---- */
struct map {
    struct rd_buf *buf;
    size_t mark;
    uint32_t pairs;
};

static void put_key(struct map *map, const char *key)
{
    rd_pack_cstr(map->buf, key);
    map->pairs++;
}

static void put_uint(struct map *map, const char *key, uint64_t value)
{
    put_key(map, key);
    rd_pack_uint(map->buf, value);
}

static void put_uint_if(struct map *map, const char *key, uint64_t value)
{
    if (value > 0) {
        put_uint(map, key, value);
    }
}

static void put_str(struct map *map, const char *key, struct rd_str text)
{
    put_key(map, key);
    rd_pack_str(map->buf, text);
}

static void put_str_if(struct map *map, const char *key, struct rd_str text)
{
    if (text.len > 0) {
        put_str(map, key, text);
    }
}

static void put_time_if(struct map *map, const char *key, rd_time time)
{
    if (time != RD_TIME_NONE) {
        put_key(map, key);
        rd_pack_time(map->buf, time);
    }
}

static void put_numbers(struct map *map, const struct rd_alert *alert)
{
    if (alert->skipped_count > 0) {
        put_key(map, "skipped");
        rd_pack_array(map->buf, (uint32_t)alert->skipped_count);
        for (size_t i = 0; i < alert->skipped_count; i++) {
            rd_pack_uint(map->buf, alert->skipped[i]);
        }
    }
    if (alert->grouped_count > 0) {
        put_key(map, "grouped");
        rd_pack_array(map->buf, (uint32_t)alert->grouped_count);
        for (size_t i = 0; i < alert->grouped_count; i++) {
            rd_pack_uint(map->buf, alert->grouped[i]);
        }
    }
    put_uint_if(map, "count", alert->count);
    if (alert->is_bundled) {
        put_key(map, "bundled");
        rd_pack_bool(map->buf, true);
    }
}

static void put_assessment(struct map *map, const struct rd_alert *alert)
{
    if (alert->reason_count > 0) {
        put_key(map, "reasons");
        rd_reasons_pack(map->buf, alert->reasons, alert->reason_count);
    }
    if (alert->action_count > 0) {
        put_key(map, "actions");
        rd_actions_pack(map->buf, alert->actions, alert->action_count);
    }
    if (alert->notice_count > 0) {
        put_key(map, "notices");
        rd_notices_pack(map->buf, alert->notices, alert->notice_count);
    }
}

static void put_cause(struct map *map, const struct rd_alert *alert)
{
    if (alert->cause_timer.len > 0) {
        put_key(map, "cause");
        rd_pack_map(map->buf, 1);
        rd_pack_cstr(map->buf, "timer");
        rd_pack_str(map->buf, alert->cause_timer);
    } else if (alert->cause_source.len > 0) {
        put_key(map, "cause");
        rd_pack_map(map->buf, 3);
        rd_pack_cstr(map->buf, "source");
        rd_pack_str(map->buf, alert->cause_source);
        rd_pack_cstr(map->buf, "id");
        rd_pack_str(map->buf, alert->cause_id);
        rd_pack_cstr(map->buf, "seq");
        rd_pack_uint(map->buf, alert->cause_seq);
    }
}

/* No keys of the wire: redress-protocol(7) has none of them. */
static const char bare_title[] = "bare_title", is_said[] = "said";

static void put_of_row(struct map *map, const struct rd_alert *alert)
{
    put_str_if(map, bare_title, alert->bare_title);
    if (alert->is_said) {
        put_key(map, is_said);
        rd_pack_bool(map->buf, true);
    }
}

void rd_alert_pack(struct rd_buf *buf, const struct rd_alert *alert)
{
    RD_ASSERT(alert->unit.len > 0);
    RD_ASSERT(alert->late_by_s >= 0);
    struct map map = {.buf = buf, .mark = rd_pack_map_begin(buf)};
    put_uint(&map, "seq", alert->seq);
    put_uint(&map, "term", alert->term);
    put_uint(&map, "prev", alert->prev);
    put_str(&map, "unit", alert->unit);
    put_str(&map, "type", rd_str_of(rd_alert_type_name(alert->type)));
    put_str(&map, "severity", rd_str_of(rd_severity_name(alert->severity)));
    put_key(&map, "time");
    rd_pack_time(buf, alert->time);
    put_uint_if(&map, "late_by", (uint64_t)alert->late_by_s);
    put_uint_if(&map, "case", alert->case_number);
    put_str_if(&map, "subject", alert->subject);
    put_str_if(&map, "kind", alert->kind);
    put_str_if(&map, "customer", alert->customer);
    put_uint_if(&map, "rung", alert->rung);
    put_str_if(&map, "unit_name", alert->unit_name);
    put_str_if(&map, "holder", alert->holder);
    put_str_if(&map, "clock", alert->clock);
    put_str_if(&map, "clock_name", alert->clock_name);
    put_time_if(&map, "due", alert->due);
    put_str_if(&map, "last_day", alert->last_day);
    if (alert->provisional) {
        put_key(&map, "provisional");
        rd_pack_bool(buf, true);
    }
    put_uint_if(&map, "repeated", alert->repeated);
    put_str(&map, "title", alert->title);
    put_of_row(&map, alert);
    if (alert->digest.len > 0) {
        put_key(&map, "digest");
        rd_buf_put_text(buf, alert->digest);
    }
    put_assessment(&map, alert);
    put_time_if(&map, "ack_by", alert->ack_by);
    put_cause(&map, alert);
    put_uint_if(&map, "supersedes", alert->supersedes);
    put_numbers(&map, alert);
    rd_pack_map_end(buf, map.mark, map.pairs);
}

int rd_alert_open(struct rd_str packed, struct rd_arena *arena, struct rd_alert *ret_alert)
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    rd_node node;
    int r = rd_tree_read(tree, packed, &node, NULL);
    return r == 0 ? rd_alert_unpack(node, arena, ret_alert) : r;
}

void rd_alert_topic(struct rd_buf *buf, const struct rd_alert *alert)
{
    rd_buf_put_text(buf, alert->unit);
    rd_buf_put_u8(buf, '/');
    rd_buf_put_text(buf, rd_str_of(rd_alert_type_name(alert->type)));
}

/* ---- reading ---- */
static void get_numbers(struct rd_fields *fields, struct rd_arena *arena, struct rd_alert *alert)
{
    rd_node skipped = rd_fields_array(fields, "skipped");
    rd_node grouped = rd_fields_array(fields, "grouped");
    uint32_t skips = rd_node_count(skipped), groups = rd_node_count(grouped);
    uint32_t *rungs = skips > 0 ? RD_ARENA_ARRAY(arena, uint32_t, skips) : NULL;
    uint64_t *numbers = groups > 0 ? RD_ARENA_ARRAY(arena, uint64_t, groups) : NULL;
    for (uint32_t i = 0; i < skips; i++) {
        uint64_t rung = rd_node_uint(rd_node_at(skipped, i));
        if (rung == 0 || rung > UINT32_MAX) {
            rd_fields_fail(fields);
        }
        rungs[i] = (uint32_t)rung;
    }
    for (uint32_t i = 0; i < groups; i++) {
        numbers[i] = rd_node_uint(rd_node_at(grouped, i));
        if (numbers[i] == 0) {
            rd_fields_fail(fields);
        }
    }
    alert->skipped = rungs;
    alert->skipped_count = skips;
    alert->grouped = numbers;
    alert->grouped_count = groups;
    alert->count = rd_fields_uint(fields, "count", UINT64_MAX);
    alert->is_bundled = rd_fields_bool(fields, "bundled");
}

static void get_cause(struct rd_fields *fields, struct rd_alert *alert)
{
    rd_node node = rd_fields_map(fields, "cause");
    if (node == NULL) {
        return;
    }
    struct rd_fields cause = rd_fields_of(node);
    alert->cause_timer = rd_fields_str(&cause, "timer");
    alert->cause_source = rd_fields_str(&cause, "source");
    alert->cause_id = rd_fields_str(&cause, "id");
    alert->cause_seq = rd_fields_uint(&cause, "seq", UINT64_MAX);
    if (cause.error != 0) {
        rd_fields_fail(fields);
    }
}

static void get_head(struct rd_fields *fields, struct rd_alert *alert)
{
    alert->seq = rd_fields_uint(fields, "seq", UINT64_MAX);
    alert->term = rd_fields_uint(fields, "term", UINT64_MAX);
    alert->prev = rd_fields_uint(fields, "prev", UINT64_MAX);
    alert->unit = rd_fields_str(fields, "unit");
    alert->time = rd_fields_time(fields, "time");
    if (rd_alert_type_parse(rd_fields_str(fields, "type"), &alert->type) != 0 ||
            rd_severity_parse(rd_fields_str(fields, "severity"), &alert->severity) != 0 ||
            alert->unit.len == 0 || alert->time == RD_TIME_NONE) {
        rd_fields_fail(fields);
    }
}

/* Written again: the node has none of its bytes. */
static struct rd_str get_digest(struct rd_fields *fields, struct rd_arena *arena)
{
    rd_node map = rd_fields_map(fields, "digest");
    if (map == NULL) {
        return (struct rd_str){0};
    }
    struct rd_buf buf;
    rd_buf_init(&buf, RD_DIGEST_BYTES_MAX);
    rd_pack_node(&buf, map);
    if (buf.error != 0) {
        rd_fields_fail(fields);
    }
    struct rd_str bytes = rd_arena_dup(arena, rd_buf_str(&buf));
    rd_buf_done(&buf);
    return bytes;
}

int rd_alert_unpack(rd_node node, struct rd_arena *arena, struct rd_alert *ret)
{
    struct rd_fields fields = rd_fields_of(node);
    struct rd_alert alert = {0};
    get_head(&fields, &alert);
    alert.late_by_s = (int64_t)rd_fields_uint(&fields, "late_by", INT64_MAX);
    alert.case_number = rd_fields_uint(&fields, "case", UINT64_MAX);
    alert.subject = rd_fields_str(&fields, "subject");
    alert.kind = rd_fields_str(&fields, "kind");
    alert.customer = rd_fields_str(&fields, "customer");
    alert.rung = (uint32_t)rd_fields_uint(&fields, "rung", UINT32_MAX);
    alert.unit_name = rd_fields_str(&fields, "unit_name");
    alert.holder = rd_fields_str(&fields, "holder");
    alert.clock = rd_fields_str(&fields, "clock");
    alert.clock_name = rd_fields_str(&fields, "clock_name");
    alert.last_day = rd_fields_str(&fields, "last_day");
    alert.due = rd_fields_time(&fields, "due");
    alert.provisional = rd_fields_bool(&fields, "provisional");
    alert.repeated = (uint32_t)rd_fields_uint(&fields, "repeated", UINT32_MAX);
    alert.title = rd_fields_str(&fields, "title");
    alert.bare_title = rd_fields_str(&fields, bare_title);
    alert.is_said = rd_fields_bool(&fields, is_said);
    alert.digest = get_digest(&fields, arena);
    alert.reasons = rd_reasons_unpack(&fields, arena, &alert.reason_count);
    alert.actions = rd_fields_strs(&fields, "actions", arena, &alert.action_count);
    alert.notices = rd_notices_unpack(&fields, arena, &alert.notice_count);
    alert.ack_by = rd_fields_time(&fields, "ack_by");
    alert.supersedes = rd_fields_uint(&fields, "supersedes", UINT64_MAX);
    get_cause(&fields, &alert);
    get_numbers(&fields, arena, &alert);
    if (fields.error == 0) {
        *ret = alert;
    }
    return fields.error;
}
