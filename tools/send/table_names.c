#include "tools/send/amount.h"
#include "tools/send/input_inner.h"

/* Whether a cell may be a name: not empty, no number, no date. */
static bool is_name(struct rd_str field)
{
    struct rd_str cell = amount_trim(field);
    char sum[RD_MONEY_TEXT_MAX];
    rd_day day;
    return cell.len > 0 && cell.len <= 120 && amount_parse(cell, RD_STR(""), sum) != 0 &&
           moment_parse_day(DATE_DMY, cell, &day) != 0;
}

size_t table_count_names(const struct rd_str *fields, size_t count)
{
    size_t score = 0;
    for (size_t i = 0; i < count; i++) {
        struct rd_str cell = amount_trim(fields[i]);
        bool is_new = is_name(cell);
        for (size_t j = 0; j < i && is_new; j++) {
            is_new = !rd_str_eq(amount_trim(fields[j]), cell);
        }
        score += is_new ? 1 : 0;
    }
    return score;
}

static struct rd_str cell_at(const struct rd_str *fields, size_t count, size_t at)
{
    return at < count ? amount_trim(fields[at]) : RD_STR("");
}

bool table_is_pair(const struct rd_str *upper, size_t upper_count, const struct rd_str *lower,
        size_t lower_count)
{
    size_t above_only = 0, below_only = 0;
    size_t count = upper_count > lower_count ? upper_count : lower_count;
    for (size_t i = 0; i < count; i++) {
        struct rd_str above = cell_at(upper, upper_count, i);
        struct rd_str below = cell_at(lower, lower_count, i);
        bool begins_group = cell_at(upper, upper_count, i + 1).len == 0 &&
                            cell_at(lower, lower_count, i + 1).len > 0;
        bool is_fitting = (above.len == 0 || is_name(above)) &&
                          (below.len == 0 || is_name(below)) &&
                          (above.len == 0 || below.len == 0 || begins_group);
        if (!is_fitting) {
            return false;
        }
        above_only += above.len > 0 && below.len == 0 ? 1 : 0;
        below_only += above.len == 0 && below.len > 0 ? 1 : 0;
    }
    return above_only > 0 && below_only > 0;
}

size_t table_join(struct rd_arena *arena, const struct rd_str *upper, size_t upper_count,
        const struct rd_str *lower, size_t lower_count, struct rd_str *ret_names)
{
    size_t count = upper_count > lower_count ? upper_count : lower_count;
    struct rd_str group = {0};
    for (size_t i = 0; i < count; i++) {
        struct rd_str above = cell_at(upper, upper_count, i);
        struct rd_str below = cell_at(lower, lower_count, i);
        group = above.len > 0 ? above : group;
        size_t times = 0;
        for (size_t j = 0; j < lower_count && below.len > 0; j++) {
            times += rd_str_eq(amount_trim(lower[j]), below) ? 1 : 0;
        }
        ret_names[i] = times > 1 && group.len > 0
                               ? rd_arena_printf(arena, "%.*s %.*s", RD_FMT(group), RD_FMT(below))
                       : below.len > 0 ? below
                                       : above;
    }
    return count;
}
