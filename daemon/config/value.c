/* daemon/config/value.c — single values: their grammars, their canonical form. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/base/num.h"
#include "common/plan/plan.h"
#include "common/time/civil.h"
#include "common/time/day_time.h"
#include "common/time/limit.h"
#include "common/time/schedule.h"
#include "daemon/config/calendar_build.h"
#include "daemon/config/check.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

bool config_is_name(struct rd_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_good = is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z') || c == '_' ||
                       c == '.' || c == '-';
        if (!is_good) {
            return false;
        }
    }
    return text.len >= 1 && text.len <= 64;
}

static struct rd_str cut(struct rd_str *rest, char at)
{
    const char *found = rest->len > 0 ? memchr(rest->ptr, at, rest->len) : NULL;
    struct rd_str head = {rest->ptr, found != NULL ? (size_t)(found - rest->ptr) : rest->len};
    size_t used = head.len + (found != NULL);
    rest->ptr += used;
    rest->len -= used;
    return head;
}

static int64_t limit_us(struct rd_limit limit)
{
    return limit.unit == RD_LIMIT_SECONDS ? (int64_t)limit.count * RD_SECOND_US
                                          : (int64_t)limit.count * RD_DAY_US;
}

int64_t config_span_us(struct rd_str text)
{
    struct rd_limit limit;
    return rd_limit_parse(text, &limit) == 0 ? limit_us(limit) : 0;
}

/* ---- one function a type ---- */

static struct config_node *same_text(struct config_load *load, const struct config_node *node)
{
    return config_node_str(load->arena, node->text, node);
}

static struct config_node *text_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    if ((int64_t)node->text.len < row->min || (int64_t)node->text.len > row->max) {
        config_fault_at(load, node, "%zu bytes of text; it takes %" PRId64 " to %" PRId64,
                node->text.len, row->min, row->max);
        return NULL;
    }
    return same_text(load, node);
}

static struct config_node *name_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    (void)row;
    if (!config_is_name(node->text)) {
        config_fault_at(load, node,
                "\"%.*s\": a name is 1 to 64 of the letters a-z, A-Z, digits, \"_\", \".\", \"-\"",
                CONFIG_QUOTED(node->text));
        return NULL;
    }
    return same_text(load, node);
}

static struct config_node *unit_id_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    (void)row;
    bool is_good = node->text.len >= 1 && node->text.len <= 32;
    for (size_t i = 0; is_good && i < node->text.len; i++) {
        char c = node->text.ptr[i];
        is_good = is_digit(c) || is_lower(c) || c == '_' || c == '-';
    }
    if (!is_good) {
        config_fault_at(load, node,
                "\"%.*s\": a unit's id is 1 to 32 of the letters a-z, digits, \"_\" and \"-\"",
                CONFIG_QUOTED(node->text));
        return NULL;
    }
    return same_text(load, node);
}

static struct config_node *bool_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    (void)row;
    if (node->kind != CONFIG_BOOL) {
        config_fault_at(load, node, "\"%.*s\": write true or false", CONFIG_QUOTED(node->text));
        return NULL;
    }
    return config_node_bool(load->arena, node->integer != 0, node);
}

static struct config_node *int_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    if (node->kind != CONFIG_INT) {
        config_fault_at(load, node, "\"%.*s\": not a whole number", CONFIG_QUOTED(node->text));
        return NULL;
    }
    if (node->integer < row->min || node->integer > row->max) {
        config_fault_at(load, node, "%" PRId64 ": it takes %" PRId64 " to %" PRId64, node->integer,
                row->min, row->max);
        return NULL;
    }
    return config_node_int(load->arena, node->integer, node);
}

static struct config_node *choice_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    struct rd_nearest nearest = rd_nearest_of(node->text);
    for (struct rd_str rest = rd_str_of(row->choices); rest.len > 0;) {
        struct rd_str choice = cut(&rest, '|');
        if (rd_str_eq(choice, node->text)) {
            return same_text(load, node);
        }
        rd_nearest_try(&nearest, choice);
    }
    struct rd_str list = rd_arena_dup(load->arena, rd_str_of(row->choices));
    char *at = rd_arena_zalloc(load->arena, list.len * 2 + 1);
    size_t len = 0;
    for (size_t i = 0; i < list.len; i++) {
        at[len++] = list.ptr[i] == '|' ? ',' : list.ptr[i];
        if (list.ptr[i] == '|') {
            at[len++] = ' ';
        }
    }
    config_fault_at(load, node, "\"%.*s\": not one of %s%s", CONFIG_QUOTED(node->text), at,
            config_nearest_hint(load, &nearest));
    return NULL;
}

static struct config_node *limit_node(
        struct config_load *load, const struct config_node *node, struct rd_limit limit)
{
    char text[RD_LIMIT_TEXT_MAX];
    rd_limit_format(limit, text);
    return config_node_str(load->arena, rd_arena_dup(load->arena, rd_str_of(text)), node);
}

static struct config_node *limit_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    struct rd_limit limit;
    int r = rd_limit_parse(node->text, &limit);
    if (r == -ERANGE) {
        config_fault_at(
                load, node, "\"%.*s\": at most 999999 of a unit", CONFIG_QUOTED(node->text));
        return NULL;
    }
    if (r < 0) {
        config_fault_at(load, node,
                "\"%.*s\": not a limit; write for instance 90m, 4h, 5bd, 15d or 8w",
                CONFIG_QUOTED(node->text));
        return NULL;
    }
    if (limit.count < row->min) {
        config_fault_at(
                load, node, "\"%.*s\": must be longer than zero", CONFIG_QUOTED(node->text));
        return NULL;
    }
    return limit_node(load, node, limit);
}

static struct config_node *span_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    struct rd_limit limit;
    if (rd_limit_parse(node->text, &limit) < 0 || limit.unit == RD_LIMIT_BUSINESS_DAYS) {
        config_fault_at(load, node,
                "\"%.*s\": not a span of time; write for instance 30s, 15m, 1h or 35d",
                CONFIG_QUOTED(node->text));
        return NULL;
    }
    int64_t us = limit_us(limit);
    if (us < row->min * RD_SECOND_US || us > row->max * RD_SECOND_US) {
        bool in_days = row->max >= 86400;
        config_fault_at(load, node, "\"%.*s\": it takes %" PRId64 "s to %" PRId64 "%s",
                CONFIG_QUOTED(node->text), row->min, in_days ? row->max / 86400 : row->max,
                in_days ? "d" : "s");
        return NULL;
    }
    return limit_node(load, node, limit);
}

static struct rd_str size_text(struct config_load *load, uint64_t bytes)
{
    static const char *const UNITS[] = {"", "KiB", "MiB", "GiB"};
    unsigned unit = 0;
    while (unit < 3 && bytes > 0 && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    return rd_arena_printf(load->arena, "%" PRIu64 "%s", bytes, UNITS[unit]);
}

static struct config_node *size_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    uint64_t bytes;
    if (rd_size_parse(node->text, &bytes) < 0) {
        config_fault_at(load, node, "\"%.*s\": not a size; write for instance 64KiB, 4MiB or 64GiB",
                CONFIG_QUOTED(node->text));
        return NULL;
    }
    if (bytes < (uint64_t)row->min || bytes > (uint64_t)row->max) {
        config_fault_at(load, node, "\"%.*s\": it takes %.*s to %.*s", CONFIG_QUOTED(node->text),
                RD_FMT(size_text(load, (uint64_t)row->min)),
                RD_FMT(size_text(load, (uint64_t)row->max)));
        return NULL;
    }
    return config_node_str(load->arena, size_text(load, bytes), node);
}

static struct config_node *money_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    (void)row;
    int64_t hundredths;
    if (rd_money_parse(node->text, &hundredths) < 0 || hundredths < 0) {
        config_fault_at(load, node, "\"%.*s\": not an amount; write for instance \"200000.00\"",
                CONFIG_QUOTED(node->text));
        return NULL;
    }
    char text[RD_MONEY_TEXT_MAX];
    rd_money_format(hundredths, text);
    return config_node_str(load->arena, rd_arena_dup(load->arena, rd_str_of(text)), node);
}

static struct config_node *share_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    (void)row;
    uint64_t share = 0;
    struct rd_str digits = {node->text.ptr, node->text.len > 0 ? node->text.len - 1 : 0};
    if (node->text.len < 2 || node->text.ptr[digits.len] != '%' ||
            rd_u64_parse(digits, &share) < 0 || share < 1 || share > 99) {
        config_fault_at(load, node, "\"%.*s\": not a share; write 1%% to 99%%, for instance 80%%",
                CONFIG_QUOTED(node->text));
        return NULL;
    }
    return config_node_str(load->arena, rd_arena_printf(load->arena, "%" PRIu64 "%%", share), node);
}

static struct config_node *date_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    (void)row;
    rd_day day;
    if (rd_day_parse(node->text, &day) < 0) {
        config_fault_at(load, node, "\"%.*s\": not a date; write for instance 2025-06-06",
                CONFIG_QUOTED(node->text));
        return NULL;
    }
    return same_text(load, node);
}

static struct config_node *month_day_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    (void)row;
    uint8_t month, day;
    if (config_month_day_parse(node->text, &month, &day) < 0) {
        config_fault_at(load, node,
                "\"%.*s\": not a day of every year; write month and day, for instance \"05-01\"",
                CONFIG_QUOTED(node->text));
        return NULL;
    }
    return same_text(load, node);
}

static struct config_node *days_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    (void)row;
    uint8_t bits;
    if (config_weekdays_parse(node->text, &bits) < 0) {
        config_fault_at(load, node,
                "\"%.*s\": not weekdays; write for instance mon-fri, sat or \"mon,wed\"",
                CONFIG_QUOTED(node->text));
        return NULL;
    }
    return same_text(load, node);
}

static struct config_node *hours_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    (void)row;
    uint16_t open, close;
    int r = config_interval_parse(node->text, &open, &close);
    if (r == -ERANGE) {
        config_fault_at(load, node,
                "\"%.*s\": ends where it begins or before, and opening hours do not cross "
                "midnight: "
                "each belongs to one date, whose closing a day limit ends at; write two, as "
                "\"22:00-24:00\" on that day and \"00:00-06:00\" on the next",
                CONFIG_QUOTED(node->text));
        return NULL;
    }
    if (r < 0) {
        config_fault_at(load, node,
                "\"%.*s\": not opening hours; write for instance \"09:00-12:00\", up to 24:00",
                CONFIG_QUOTED(node->text));
        return NULL;
    }
    return same_text(load, node);
}

static struct config_node *day_time_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    (void)row;
    struct rd_day_time time;
    if (rd_day_time_parse(node->text, &time) < 0) {
        config_fault_at(load, node,
                "\"%.*s\": not a time of the day; write for instance \"17:00\", closing-30m or "
                "opening+1h",
                CONFIG_QUOTED(node->text));
        return NULL;
    }
    return same_text(load, node);
}

static struct config_node *hand_over_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    (void)row;
    struct rd_rounds rounds = {0};
    if (rd_hand_over_parse(node->text, &rounds) < 0) {
        config_fault_at(load, node,
                "\"%.*s\": not a hand-over; write for instance \"mon 09:00\", \"09:00\" or opening",
                CONFIG_QUOTED(node->text));
        return NULL;
    }
    return same_text(load, node);
}

static struct config_node *duty_due_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    (void)row;
    struct rd_due due;
    if (rd_due_parse(node->text, &due) < 0) {
        config_fault_at(load, node,
                "\"%.*s\": neither days from the period's last day (0d, -5bd, +10d) nor a day of "
                "the year (\"12-31\")",
                CONFIG_QUOTED(node->text));
        return NULL;
    }
    return same_text(load, node);
}

struct config_node *config_check_scalar(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    static config_value_fn *const OF[] = {
            [CONFIG_T_TEXT] = text_value,
            [CONFIG_T_NAME] = name_value,
            [CONFIG_T_UNIT_ID] = unit_id_value,
            [CONFIG_T_BOOL] = bool_value,
            [CONFIG_T_INT] = int_value,
            [CONFIG_T_CHOICE] = choice_value,
            [CONFIG_T_LIMIT] = limit_value,
            [CONFIG_T_SPAN] = span_value,
            [CONFIG_T_SIZE] = size_value,
            [CONFIG_T_MONEY] = money_value,
            [CONFIG_T_SHARE] = share_value,
            [CONFIG_T_DATE] = date_value,
            [CONFIG_T_MONTH_DAY] = month_day_value,
            [CONFIG_T_DAYS] = days_value,
            [CONFIG_T_HOURS] = hours_value,
            [CONFIG_T_DAY_TIME] = day_time_value,
            [CONFIG_T_HAND_OVER] = hand_over_value,
            [CONFIG_T_DUTY_DUE] = duty_due_value,
    };
    config_value_fn *check = row->type < RD_COUNT(OF) ? OF[row->type] : NULL;
    return check != NULL ? check(load, row, node) : config_check_word(load, row, node);
}
