/* daemon/desk/figure.h — a figure's value of the counters that were added up. This room only. */
#pragma once

#include "daemon/desk/tally.h"

enum { CURRENCIES_MAX = 64 };

struct figure_value {
    bool has;            /* false: a share of nothing, a span of nothing, nothing given */
    int64_t value;       /* as its measure says; of money: of its first currency */
    int64_t top, bottom; /* of a share */
    struct {
        uint32_t currency; /* name number; 0: not told */
        int64_t amount;
    } money[CURRENCIES_MAX];
    size_t currency_count;
};

/* Whether it is told of the groups of such a question, too. */
bool figure_has_groups(const struct tally_question *question, const struct rd_figure *figure);
/* `group`: one of the tally, or its total. */
struct figure_value figure_of(const struct tally_question *question, const struct rd_figure *figure,
        const struct tally *tally, const struct tally_group *group);
/* Of one of what is overdue: which of a tally's `overdue` it counts. */
size_t figure_band(const struct rd_figure *figure);
/* now / before − 1 in 1/10,000; of shares the difference. False: there is no base. */
bool figure_change(const struct rd_figure *figure, const struct figure_value *now,
        const struct figure_value *before, int64_t *ret_change);
