/* common/plan/figures.h — the figures: what each is called, means, and how it comes of the
 * counters.
 *
 * One table. The desk's report and figures, redressctl's text and CSV, and redress-figures(7) come
 * from it. A figure counts at a unit (`of`), on the day that `date` names; a share is in 1/10,000,
 * money in hundredths by currency, a span in seconds. A share of nothing is no number. */
#pragma once

#include "common/plan/counters.h"

enum rd_measure { /* what a figure is measured in */
    RD_MEASURE_COUNT,
    RD_MEASURE_SHARE,
    RD_MEASURE_MONEY,
    RD_MEASURE_SECONDS,
    RD_MEASURE_PER_10K, /* per 10,000 of the denominator that was given, in hundredths */
    RD_MEASURE_POINTS,  /* of an appraisal, in hundredths */
};
const char *rd_measure_name(enum rd_measure measure);

enum rd_figure_way { /* how it comes */
    RD_WAY_SUM,      /* top; a share, or money, of it over bottom where it is measured so */
    RD_WAY_MEDIAN,   /* of the histogram in top[0] */
    RD_WAY_P90,      /* the same */
    RD_WAY_PERSONS,  /* different persons in the roles of top[0] */
    RD_WAY_OVERDUE,  /* cases overdue now, by working days over: from..to */
    RD_WAY_GIVEN,    /* top over the denominator given */
    RD_WAY_APPRAISAL,
};

/* Of a counter, the sums whose `sub` lies in from..to. One without a counter ends the list. */
struct rd_figure_term {
    enum rd_counter counter;
    uint32_t from, to;
};
enum { RD_FIGURE_TERMS_MAX = 6, RD_FIGURE_ANY = UINT32_MAX };

struct rd_figure {
    const char *code;
    const char *name_zh, *name_en;
    const char *means_zh, *means_en;
    const char *formula; /* of codes; NULL: it is counted as its definition says */
    const char *date;    /* the day it counts on */
    const char *of;      /* "respondent": the unit complained of; "unit": of the event */
    enum rd_measure measure;
    int direction; /* 1: more is better; -1: less is; 0: neither */
    enum rd_figure_way way;
    struct rd_figure_term top[RD_FIGURE_TERMS_MAX], bottom[RD_FIGURE_TERMS_MAX];
};

/* The day that it counts on, and its formula (of codes alone in both languages), for people. */
const char *rd_figure_day(const struct rd_figure *figure, bool is_zh);
const char *rd_figure_formula(const struct rd_figure *figure, bool is_zh); /* NULL: it has none */

const struct rd_figure *rd_figure_at(size_t index); /* NULL: there are no more */
/* NULL: there is none of that code. */
const struct rd_figure *rd_figure_find(struct rd_str code);
