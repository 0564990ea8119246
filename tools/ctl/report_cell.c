#include <inttypes.h>
#include <string.h>

#include "common/base/num.h"
#include "tools/ctl/report.h"
#include "tools/shared/text.h"

enum { HUNDRED = 100, THOUSAND = 1000, MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };
static const char none[] = "–";

/* Digits in groups of three. */
static void put_grouped(struct rd_buf *cell, struct rd_str digits)
{
    for (size_t i = 0; i < digits.len; i++) {
        size_t left = digits.len - i;
        rd_buf_printf(cell, "%s%c", i > 0 && left % 3 == 0 && digits.ptr[i - 1] != '-' ? "," : "",
                digits.ptr[i]);
    }
}

static void put_number(struct rd_buf *cell, int64_t value, enum cell_form form)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, value);
    if (form == CELL_PLAIN) {
        rd_buf_put_text(cell, rd_str_of(text));
    } else {
        put_grouped(cell, rd_str_of(text));
    }
}

/* "29730000.00" */
static void put_decimal(struct rd_buf *cell, struct rd_str text, enum cell_form form)
{
    const char *dot = memchr(text.ptr, '.', text.len);
    size_t whole = dot != NULL ? (size_t)(dot - text.ptr) : text.len;
    if (form == CELL_PLAIN) {
        rd_buf_put_text(cell, text);
        return;
    }
    put_grouped(cell, (struct rd_str){text.ptr, whole});
    rd_buf_put_text(cell, (struct rd_str){text.ptr + whole, text.len - whole});
}

static void put_money(struct rd_buf *cell, rd_node value, enum cell_form form)
{
    if (rd_node_count(value) == 0) {
        rd_buf_put_text(cell, RD_STR("0"));
    }
    for (uint32_t i = 0; i < rd_node_count(value); i++) {
        struct rd_str currency;
        rd_node amount = rd_node_pair(value, i, &currency);
        rd_buf_printf(cell, "%s", i > 0 ? "; " : "");
        put_decimal(cell, rd_node_str(amount), form);
        bool is_named = currency.len > 0 && (form == CELL_FOR_PEOPLE || rd_node_count(value) > 1);
        if (is_named) {
            rd_buf_put_u8(cell, ' ');
            put_text(cell, currency);
        }
    }
}

static void put_span(struct rd_buf *cell, int64_t seconds, bool is_zh)
{
    int64_t days = seconds / DAY_S, hours = seconds % DAY_S / HOUR_S;
    int64_t minutes = seconds % HOUR_S / MINUTE_S;
    if (days > 0) {
        rd_buf_printf(cell, is_zh ? "%" PRId64 "天%" PRId64 "小时" : "%" PRId64 "d %" PRId64 "h",
                days, hours);
    } else if (hours > 0) {
        rd_buf_printf(cell, is_zh ? "%" PRId64 "小时%" PRId64 "分" : "%" PRId64 "h %" PRId64 "m",
                hours, minutes);
    } else {
        rd_buf_printf(cell, is_zh ? "%" PRId64 "分%" PRId64 "秒" : "%" PRId64 "m %" PRId64 "s",
                minutes, seconds % MINUTE_S);
    }
}

/* Hundredths; of a share "21.97 %". */
static void put_hundredths(struct rd_buf *cell, int64_t value)
{
    int64_t plain = value < 0 ? -value : value;
    rd_buf_printf(cell, "%s%" PRId64 ".%02" PRId64, value < 0 ? "-" : "", plain / HUNDRED,
            plain % HUNDRED);
}

static void put_number_as(
        struct rd_buf *cell, struct rd_str measure, int64_t number, enum cell_form form, bool is_zh)
{
    if (rd_str_is(measure, "share") && form == CELL_PLAIN) {
        rd_buf_printf(cell, "%" PRId64 ".%04" PRId64, number / 10000, number % 10000);
    } else if (rd_str_is(measure, "share")) {
        put_hundredths(cell, number);
        rd_buf_put_text(cell, RD_STR(" %"));
    } else if (rd_str_is(measure, "per_10k") || rd_str_is(measure, "points")) {
        put_hundredths(cell, number);
    } else if (rd_str_is(measure, "seconds") && form == CELL_FOR_PEOPLE) {
        put_span(cell, number, is_zh);
    } else {
        put_number(cell, number, form);
    }
}

void put_figure(
        struct rd_buf *cell, struct rd_str measure, rd_node value, enum cell_form form, bool is_zh)
{
    enum rd_node_type type = rd_node_type(value);
    if (type == RD_NODE_MAP) {
        put_money(cell, value, form);
        return;
    }
    if (type != RD_NODE_UINT && type != RD_NODE_INT) {
        rd_buf_put_text(cell, form == CELL_PLAIN ? RD_STR("") : rd_str_of(none));
        return;
    }
    put_number_as(cell, measure, rd_node_int(value), form, is_zh);
}
void put_given(
        struct rd_buf *cell, struct rd_str measure, rd_node value, enum cell_form form, bool is_zh)
{
    struct rd_str text = rd_node_str(value);
    bool is_whole = text.len > 3 && memcmp(text.ptr + text.len - 3, ".00", 3) == 0;
    bool is_scaled = rd_str_is(measure, "share") || rd_str_is(measure, "seconds");
    int64_t hundredths;
    if (is_scaled && is_whole && rd_money_parse(text, &hundredths) == 0) {
        put_number_as(cell, measure, hundredths / HUNDRED, form, is_zh);
        return;
    }
    text.len -= is_whole ? 3 : 0;
    if (text.len > 0) {
        put_decimal(cell, text, form);
    } else {
        rd_buf_put_text(cell, form == CELL_PLAIN ? RD_STR("") : rd_str_of(none));
    }
}

const struct given_column GIVEN_COLUMNS[GIVEN_COUNT] = {{"target", {"target", "目标"}, 5, false},
        {"base", {"base", "基数"}, 6, false}, {"denominator", {"denominator", "分母"}, 7, true},
        {"rank", {"rank given", "给定排名"}, 3, true},
        {"rank_before", {"rank given before", "上年给定排名"}, 4, true}};

bool is_any_given(rd_node figures, const struct given_column *column)
{
    for (uint32_t i = 0; i < rd_node_count(figures); i++) {
        if (rd_node_type(rd_node_find(rd_node_at(figures, i), column->key)) != RD_NODE_NONE) {
            return true;
        }
    }
    return false;
}

void put_given_of(struct rd_buf *cell, rd_node row, const struct given_column *column,
        enum cell_form form, bool is_zh)
{
    struct rd_str measure = rd_node_str(rd_node_find(row, "measure"));
    put_given(cell, column->is_plain ? RD_STR("count") : measure, rd_node_find(row, column->key),
            form, is_zh);
}

static bool is_nothing(rd_node row, const char *key)
{
    rd_node value = rd_node_find(row, key);
    enum rd_node_type type = rd_node_type(value);
    bool is_share = rd_str_is(rd_node_str(rd_node_find(row, "measure")), "share");
    if (is_share && (type == RD_NODE_UINT || type == RD_NODE_INT)) {
        return false; /* none of some is the worst that there is, not nothing */
    }
    return type == RD_NODE_NIL || type == RD_NODE_NONE ||
           (type == RD_NODE_MAP && rd_node_count(value) == 0) ||
           (type == RD_NODE_UINT && rd_node_uint(value) == 0);
}

bool is_nothing_told(rd_node row)
{
    static const char *const KEYS[] = {"value", "before", "year_before"};
    for (size_t i = 0; i < RD_COUNT(KEYS); i++) {
        if (!is_nothing(row, KEYS[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < RD_COUNT(GIVEN_COLUMNS); i++) {
        if (!is_nothing(row, GIVEN_COLUMNS[i].key)) {
            return false;
        }
    }
    return true;
}

/* The dissolved, those below small_n, the last quarter, and what a unit has none of yet. */
void put_marks(struct rd_buf *cell, rd_node row, rd_node figures, bool is_zh)
{
    static const char *const MARKS[][3] = {{"gone", "dissolved", "已撤销"},
            {"small", "small, not ranked", "件数少,不排名"},
            {"last", "last quarter", "末四分之一"}};
    size_t begin = cell->len;
    for (size_t i = 0; i < RD_COUNT(MARKS); i++) {
        if (rd_node_bool(rd_node_find(row, MARKS[i][0]))) {
            rd_buf_printf(cell, "%s%s", cell->len > begin ? "; " : "", MARKS[i][is_zh ? 2 : 1]);
        }
    }
    rd_node zeros = rd_node_find(row, "at_zero");
    for (uint32_t i = 0; i < rd_node_count(zeros); i++) {
        struct rd_str name = rd_node_str(rd_node_at(zeros, i));
        for (uint32_t k = 0; k < rd_node_count(figures); k++) {
            rd_node figure = rd_node_at(figures, k);
            if (rd_str_eq(rd_node_str(rd_node_find(figure, "figure")), name)) {
                name = rd_node_str(rd_node_find(figure, "name"));
                break;
            }
        }
        rd_buf_printf(cell, "%s%.*s",
                i > 0               ? ", "
                : cell->len > begin ? is_zh ? "; 尚无:" : "; none yet: "
                : is_zh             ? "尚无:"
                                    : "none yet: ",
                RD_FMT(name));
    }
}

void put_change(struct rd_buf *cell, struct rd_str measure, rd_node value, enum cell_form form)
{
    enum rd_node_type type = rd_node_type(value);
    if (type != RD_NODE_UINT && type != RD_NODE_INT) {
        rd_buf_put_text(cell, form == CELL_PLAIN ? RD_STR("") : rd_str_of(none));
        return;
    }
    int64_t number = rd_node_int(value);
    int64_t plain = number < 0 ? -number : number;
    if (form == CELL_PLAIN) {
        rd_buf_printf(cell, "%s%" PRId64 ".%04" PRId64, number < 0 ? "-" : "", plain / 10000,
                plain % 10000);
        return;
    }
    int64_t tenths = (plain + 5) / 10; /* of a hundredth part */
    rd_buf_printf(cell, "%s%" PRId64 ".%" PRId64 "%s", number < 0 ? "-" : "+", tenths / 10,
            tenths % 10, rd_str_is(measure, "share") ? "" : " %");
}

void put_sparkline(struct rd_buf *cell, const rd_node *values, size_t count)
{
    static const char *const BARS[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    int64_t most = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t number = rd_node_int(values[i]);
        most = number > most ? number : most;
    }
    for (size_t i = 0; i < count; i++) {
        enum rd_node_type type = rd_node_type(values[i]);
        int64_t number = rd_node_int(values[i]);
        size_t bar = most > 0 && number > 0 ? (size_t)(number * 7 / most) : 0;
        bool is_there = type == RD_NODE_UINT || type == RD_NODE_INT;
        rd_buf_put_text(cell, is_there ? rd_str_of(BARS[bar]) : RD_STR(" "));
    }
}
