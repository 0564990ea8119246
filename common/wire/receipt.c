#include "common/wire/receipt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/wire/assessment.h"

enum { SCORE_MAX = 100, IGNORED_BYTES_MAX = 96 };
static const char DATA_PREFIX[] = "data.";

static const char *const STATUSES[] = {
        [RD_ACCEPTED] = "accepted",
        [RD_DUPLICATE] = "duplicate",
        [RD_REJECTED] = "rejected",
        [RD_BUSY] = "busy",
};

static const struct {
    const char *name, *zh;
} LEVELS[] = {
        [RD_LEVEL_NONE] = {"none", "无"},
        [RD_LEVEL_WATCH] = {"watch", "关注"},
        [RD_LEVEL_HIGH] = {"high", "高风险"},
        [RD_LEVEL_CRITICAL] = {"critical", "特急"},
};

const char *rd_status_name(enum rd_status status)
{
    RD_ASSERT((size_t)status < RD_COUNT(STATUSES));
    return STATUSES[status];
}

const char *rd_level_name(enum rd_level level)
{
    RD_ASSERT((size_t)level < RD_COUNT(LEVELS));
    return LEVELS[level].name;
}

const char *rd_level_zh(enum rd_level level)
{
    RD_ASSERT((size_t)level < RD_COUNT(LEVELS));
    return LEVELS[level].zh;
}

int rd_level_parse(struct rd_str text, enum rd_level *ret_level)
{
    for (size_t i = 0; i < RD_COUNT(LEVELS); i++) {
        if (rd_str_is(text, LEVELS[i].name)) {
            *ret_level = (enum rd_level)i;
            return 0;
        }
    }
    return -EINVAL;
}

static int status_parse(struct rd_str text, enum rd_status *ret_status)
{
    for (size_t i = 0; i < RD_COUNT(STATUSES); i++) {
        if (rd_str_is(text, STATUSES[i])) {
            *ret_status = (enum rd_status)i;
            return 0;
        }
    }
    return -EINVAL;
}

/* ---- writing ---- */
static void put_uint(struct rd_buf *buf, const char *key, uint64_t value)
{
    rd_pack_cstr(buf, key);
    rd_pack_uint(buf, value);
}

void rd_warning_pack(struct rd_buf *buf, const struct rd_warning *warning)
{
    RD_ASSERT(warning->score >= 0 && warning->score <= SCORE_MAX);
    rd_pack_map(buf, 5U + (warning->case_number > 0) + (warning->alert > 0));
    rd_pack_cstr(buf, "level");
    rd_pack_cstr(buf, rd_level_name(warning->level));
    put_uint(buf, "score", (uint64_t)warning->score);
    rd_pack_cstr(buf, "reasons");
    rd_reasons_pack(buf, warning->reasons, warning->reason_count);
    rd_pack_cstr(buf, "actions");
    rd_actions_pack(buf, warning->actions, warning->action_count);
    rd_pack_cstr(buf, "notices");
    rd_notices_pack(buf, warning->notices, warning->notice_count);
    if (warning->case_number > 0) {
        put_uint(buf, "case", warning->case_number);
    }
    if (warning->alert > 0) {
        put_uint(buf, "alert", warning->alert);
    }
}

static void put_error(struct rd_buf *buf, const struct rd_reject *error)
{
    RD_ASSERT(error->code != NULL);
    rd_pack_map(buf, 3);
    rd_pack_cstr(buf, "code");
    rd_pack_cstr(buf, error->code);
    rd_pack_cstr(buf, "field");
    if (error->field[0] != '\0') {
        rd_pack_cstr(buf, error->field);
    } else {
        rd_pack_nil(buf);
    }
    rd_pack_cstr(buf, "message");
    rd_pack_cstr(buf, error->message);
}

/* As paths; a key that is no text, or a long one, as far as it can be said. */
static void put_ignored(struct rd_buf *buf, const struct rd_str *names, size_t count)
{
    RD_ASSERT(count <= RD_RECEIPT_IGNORED_MAX);
    rd_pack_array(buf, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        char path[sizeof DATA_PREFIX + IGNORED_BYTES_MAX];
        struct rd_str name = rd_str_cut(names[i], IGNORED_BYTES_MAX);
        (void)snprintf(path, sizeof path, "%s%.*s", DATA_PREFIX, RD_FMT(name));
        rd_pack_cstr(buf, path);
    }
}

static void put_text(struct rd_buf *buf, const char *key, struct rd_str text)
{
    if (text.len > 0) {
        rd_pack_cstr(buf, key);
        rd_pack_str(buf, text);
    }
}

static void put_open_case(struct rd_buf *buf, const struct rd_open_case *open)
{
    rd_pack_map(buf, 6U + (open->subject.len > 0) + (open->handler.len > 0) + (open->by.len > 0) +
                             (open->last_contact != RD_TIME_NONE));
    put_uint(buf, "case", open->case_number);
    put_text(buf, "subject", open->subject);
    rd_pack_cstr(buf, "unit");
    rd_pack_str(buf, open->unit);
    put_text(buf, "handler", open->handler);
    rd_pack_cstr(buf, "state");
    rd_pack_str(buf, open->state);
    rd_pack_cstr(buf, "level");
    rd_pack_cstr(buf, rd_level_name(open->level));
    rd_pack_cstr(buf, "opened");
    rd_pack_time(buf, open->opened);
    if (open->last_contact != RD_TIME_NONE) {
        rd_pack_cstr(buf, "last_contact");
        rd_pack_time(buf, open->last_contact);
    }
    put_text(buf, "by", open->by);
    rd_pack_cstr(buf, "overdue");
    rd_pack_bool(buf, open->is_overdue);
}

static void put_open_cases(struct rd_buf *buf, const struct rd_open_case *open, size_t count)
{
    RD_ASSERT(count <= RD_OPEN_CASES_MAX);
    rd_pack_cstr(buf, "open_cases");
    rd_pack_array(buf, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        put_open_case(buf, &open[i]);
    }
}

void rd_receipt_pack(struct rd_buf *buf, const struct rd_receipt *receipt)
{
    RD_ASSERT((receipt->status == RD_REJECTED) == (receipt->error != NULL));
    rd_pack_map(buf, 2U + (receipt->seq > 0) + (receipt->term > 0) + (receipt->case_number > 0) +
                             (receipt->retry_after_ms > 0) + receipt->adjusted_time +
                             receipt->waits + (receipt->ignored_count > 0) +
                             (receipt->silence > 0) + (receipt->roster.len > 0) +
                             (receipt->noted.len > 0) + (receipt->warning != NULL) +
                             (receipt->open_case_count > 0) + (receipt->error != NULL));
    rd_pack_cstr(buf, "id");
    if (receipt->id.ptr != NULL) {
        rd_pack_str(buf, receipt->id);
    } else {
        rd_pack_nil(buf);
    }
    rd_pack_cstr(buf, "status");
    rd_pack_cstr(buf, rd_status_name(receipt->status));
    if (receipt->seq > 0) {
        put_uint(buf, "seq", receipt->seq);
    }
    if (receipt->term > 0) {
        put_uint(buf, "term", receipt->term);
    }
    if (receipt->case_number > 0) {
        put_uint(buf, "case", receipt->case_number);
    }
    if (receipt->retry_after_ms > 0) {
        put_uint(buf, "retry_after", receipt->retry_after_ms);
    }
    if (receipt->adjusted_time) {
        rd_pack_cstr(buf, "adjusted");
        rd_pack_cstr(buf, "time");
    }
    if (receipt->waits) {
        rd_pack_cstr(buf, "waits");
        rd_pack_bool(buf, true);
    }
    if (receipt->ignored_count > 0) {
        rd_pack_cstr(buf, "ignored");
        put_ignored(buf, receipt->ignored, receipt->ignored_count);
    }
    if (receipt->silence > 0) {
        put_uint(buf, "silence", receipt->silence);
    }
    if (receipt->roster.len > 0) {
        rd_pack_cstr(buf, "roster");
        rd_pack_str(buf, receipt->roster);
    }
    if (receipt->noted.len > 0) {
        rd_pack_cstr(buf, "noted");
        rd_pack_str(buf, receipt->noted);
    }
    if (receipt->warning != NULL) {
        rd_pack_cstr(buf, "warning");
        rd_warning_pack(buf, receipt->warning);
    }
    if (receipt->open_case_count > 0) {
        put_open_cases(buf, receipt->open_cases, receipt->open_case_count);
    }
    if (receipt->error != NULL) {
        rd_pack_cstr(buf, "error");
        put_error(buf, receipt->error);
    }
}

/* ---- reading ---- */
int rd_warning_unpack(rd_node node, struct rd_arena *arena, struct rd_warning *ret)
{
    struct rd_fields fields = rd_fields_of(node);
    struct rd_warning warning = {0};
    if (rd_level_parse(rd_fields_str(&fields, "level"), &warning.level) != 0) {
        rd_fields_fail(&fields);
    }
    warning.score = (int32_t)rd_fields_uint(&fields, "score", SCORE_MAX);
    warning.reasons = rd_reasons_unpack(&fields, arena, &warning.reason_count);
    warning.actions = rd_fields_strs(&fields, "actions", arena, &warning.action_count);
    warning.notices = rd_notices_unpack(&fields, arena, &warning.notice_count);
    warning.case_number = rd_fields_uint(&fields, "case", UINT64_MAX);
    warning.alert = rd_fields_uint(&fields, "alert", UINT64_MAX);
    if (fields.error == 0) {
        *ret = warning;
    }
    return fields.error;
}

int rd_warning_open(struct rd_str packed, struct rd_arena *arena, struct rd_warning *ret_warning)
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    rd_node node;
    int r = rd_tree_read(tree, packed, &node, NULL);
    return r == 0 ? rd_warning_unpack(node, arena, ret_warning) : r;
}

/* Cut to the room there is, between characters. */
static void copy_text(char *to, size_t size, struct rd_str text)
{
    struct rd_str cut = rd_str_cut(text, size - 1);
    if (cut.len > 0) {
        memcpy(to, cut.ptr, cut.len);
    }
    to[cut.len] = '\0';
}

static int read_error(rd_node node, struct rd_arena *arena, struct rd_reject **ret_error)
{
    struct rd_fields fields = rd_fields_of(node);
    struct rd_reject *error = RD_ARENA_ARRAY(arena, struct rd_reject, 1);
    struct rd_str code = rd_fields_str(&fields, "code");
    bool has_field = rd_node_type(rd_node_find(node, "field")) != RD_NODE_NIL;
    struct rd_str field = has_field ? rd_fields_str(&fields, "field") : (struct rd_str){0};
    error->code = rd_arena_dup(arena, code).ptr;
    copy_text(error->field, sizeof error->field, field);
    copy_text(error->message, sizeof error->message, rd_fields_str(&fields, "message"));
    /* A text of C here: one with a zero in it would be another. */
    if (code.len == 0 || memchr(code.ptr, 0, code.len) != NULL) {
        rd_fields_fail(&fields);
    }
    *ret_error = error;
    return fields.error;
}

static const struct rd_str *read_ignored(
        struct rd_fields *fields, struct rd_arena *arena, size_t *ret_count)
{
    size_t count = 0;
    const struct rd_str *paths = rd_fields_strs(fields, "ignored", arena, &count);
    count = count < RD_RECEIPT_IGNORED_MAX ? count : RD_RECEIPT_IGNORED_MAX;
    *ret_count = paths != NULL ? count : 0;
    if (*ret_count == 0) {
        return NULL;
    }
    struct rd_str *names = RD_ARENA_ARRAY(arena, struct rd_str, count);
    size_t len = strlen(DATA_PREFIX);
    for (size_t i = 0; i < count; i++) {
        bool has_prefix = rd_str_starts(paths[i], rd_str_of(DATA_PREFIX));
        names[i] = has_prefix ? (struct rd_str){paths[i].ptr + len, paths[i].len - len} : paths[i];
    }
    return names;
}

static bool read_open_case(rd_node node, struct rd_open_case *ret_open)
{
    struct rd_fields fields = rd_fields_of(node);
    *ret_open = (struct rd_open_case){
            .case_number = rd_fields_uint(&fields, "case", UINT64_MAX),
            .subject = rd_fields_str(&fields, "subject"),
            .unit = rd_fields_str(&fields, "unit"),
            .handler = rd_fields_str(&fields, "handler"),
            .state = rd_fields_str(&fields, "state"),
            .opened = rd_fields_time(&fields, "opened"),
            .last_contact = rd_fields_time(&fields, "last_contact"),
            .by = rd_fields_str(&fields, "by"),
            .is_overdue = rd_fields_bool(&fields, "overdue"),
    };
    return rd_level_parse(rd_fields_str(&fields, "level"), &ret_open->level) == 0 &&
           fields.error == 0;
}

static const struct rd_open_case *read_open_cases(
        struct rd_fields *fields, struct rd_arena *arena, size_t *ret_count)
{
    rd_node array = rd_fields_array(fields, "open_cases");
    uint32_t count = rd_node_count(array);
    count = count < RD_OPEN_CASES_MAX ? count : RD_OPEN_CASES_MAX;
    struct rd_open_case *open =
            count > 0 ? RD_ARENA_ARRAY(arena, struct rd_open_case, count) : NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (!read_open_case(rd_node_at(array, i), &open[i])) {
            rd_fields_fail(fields);
            return NULL;
        }
    }
    *ret_count = count;
    return open;
}

int rd_receipt_unpack(rd_node node, struct rd_arena *arena, struct rd_receipt *ret)
{
    struct rd_fields fields = rd_fields_of(node);
    struct rd_receipt receipt = {0};
    if (rd_node_type(rd_node_find(node, "id")) != RD_NODE_NIL) {
        receipt.id = rd_fields_str(&fields, "id");
    }
    if (status_parse(rd_fields_str(&fields, "status"), &receipt.status) != 0) {
        rd_fields_fail(&fields);
    }
    receipt.seq = rd_fields_uint(&fields, "seq", UINT64_MAX);
    receipt.term = rd_fields_uint(&fields, "term", UINT64_MAX);
    receipt.case_number = rd_fields_uint(&fields, "case", UINT64_MAX);
    receipt.retry_after_ms = (uint32_t)rd_fields_uint(&fields, "retry_after", UINT32_MAX);
    receipt.ignored = read_ignored(&fields, arena, &receipt.ignored_count);
    receipt.silence = rd_fields_uint(&fields, "silence", UINT64_MAX);
    receipt.open_cases = read_open_cases(&fields, arena, &receipt.open_case_count);
    receipt.roster = rd_fields_str(&fields, "roster");
    receipt.noted = rd_fields_str(&fields, "noted");
    receipt.waits = rd_fields_bool(&fields, "waits");
    receipt.adjusted_time = rd_str_is(rd_fields_str(&fields, "adjusted"), "time");
    rd_node warning = rd_fields_map(&fields, "warning"), error = rd_fields_map(&fields, "error");
    if (warning != NULL) {
        struct rd_warning *into = RD_ARENA_ARRAY(arena, struct rd_warning, 1);
        if (rd_warning_unpack(warning, arena, into) != 0) {
            rd_fields_fail(&fields);
        }
        receipt.warning = into;
    }
    if (error != NULL) {
        struct rd_reject *into = NULL;
        if (read_error(error, arena, &into) != 0) {
            rd_fields_fail(&fields);
        }
        receipt.error = into;
    }
    if ((receipt.status == RD_REJECTED) != (receipt.error != NULL)) {
        rd_fields_fail(&fields);
    }
    if (fields.error == 0) {
        *ret = receipt;
    }
    return fields.error;
}
