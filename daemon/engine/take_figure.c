#include <inttypes.h>

#include "common/base/nearest.h"
#include "common/plan/figures.h"
#include "common/time/period.h"
#include "daemon/engine/event_rows.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/engine/take.h"
#include "daemon/store/rows/figure_row.h"

/* figure.given: what nobody would find in a report again is told to whoever gives it. */

enum { SLIP_LETTERS = 2, HUNDREDTHS = 100, WHOLE_SHARE = 10000 };

/* Of a figure of the firm's own it is whatever the firm calls it. */
static bool check_period(struct engine *engine, struct take *take)
{
    struct rd_period period;
    struct rd_str text = event_str(engine, RD_KEY_PERIOD);
    return rd_period_parse(text, &period) == 0 ||
           rd_reject_set(take->reject, "bad_value", "data.period",
                   "that is no span: write 2021, 2021-H2, 2021-Q3, 2021-09, 2021-W36 or "
                   "2021-09-08");
}

/* A figure may be the firm's own, but not one that is a slip off one of ours. */
static bool check_figure(
        struct engine *engine, struct take *take, const struct rd_figure **ret_figure)
{
    struct rd_str code = event_str(engine, RD_KEY_FIGURE);
    struct rd_nearest nearest = rd_nearest_of(code);
    const struct rd_figure *figure;
    for (size_t i = 0; (figure = rd_figure_at(i)) != NULL; i++) {
        rd_nearest_try(&nearest, rd_str_of(figure->code));
    }
    *ret_figure = rd_figure_find(code);
    bool is_slip = *ret_figure == NULL && nearest.best.len > 0 &&
                   nearest.distance <= SLIP_LETTERS && rd_nearest_is_close(&nearest);
    return !is_slip || rd_reject_set(take->reject, "bad_value", "data.figure",
                               "there is no such figure; did you mean %.*s?", RD_FMT(nearest.best));
}

static bool refuse_value(struct take *take, const char *why)
{
    return rd_reject_set(take->reject, "bad_value", "data.value", "%s", why);
}

/* A base or a target is what the figure itself could be. */
static bool check_measured(struct take *take, const struct rd_figure *figure, int64_t value)
{
    bool is_whole = value % HUNDREDTHS == 0;
    switch (figure->measure) {
    case RD_MEASURE_SHARE:
        return (is_whole && value >= 0 && value / HUNDREDTHS <= WHOLE_SHARE) ||
               refuse_value(
                       take, "a share is given in whole 1/10,000, from 0 to 10000: 2500 is 25 %");
    case RD_MEASURE_SECONDS:
        return (is_whole && value >= 0) ||
               refuse_value(take, "a span is given in whole seconds, from 0 on");
    case RD_MEASURE_COUNT:
        return (is_whole && value >= 0) ||
               refuse_value(take, "the figure is a count: a whole number from 0 on");
    case RD_MEASURE_MONEY:
        return true;
    case RD_MEASURE_PER_10K:
    case RD_MEASURE_POINTS:
        return value >= 0 || refuse_value(take, "the figure is never below 0");
    }
    RD_UNREACHABLE("a measure");
}

static bool check_value(struct engine *engine, struct take *take, const struct rd_figure *figure)
{
    int64_t value = engine->event->data[RD_KEY_VALUE].integer;
    struct rd_str as = event_str(engine, RD_KEY_AS);
    if (rd_str_is(as, "rank")) {
        return (value % HUNDREDTHS == 0 && value > 0) ||
               refuse_value(take, "a rank is a whole number from 1 on");
    }
    if (!rd_str_is(as, "denominator")) {
        return figure == NULL || check_measured(take, figure, value);
    }
    if (figure != NULL && figure->way != RD_WAY_GIVEN) {
        return rd_reject_set(take->reject, "bad_value", "data.as",
                "%s is divided by nothing that is given: complaints_per_10k is", figure->code);
    }
    return value >= 0 || refuse_value(take, "a denominator is not below 0");
}

bool take_figure(struct engine *engine, struct take *take)
{
    const struct rd_figure *figure;
    if (!check_figure(engine, take, &figure) || (figure != NULL && !check_period(engine, take)) ||
            !check_value(engine, take, figure)) {
        return false;
    }
    struct figure_key of = {.figure = event_str(engine, RD_KEY_FIGURE),
            .period = event_str(engine, RD_KEY_PERIOD),
            .as = event_str(engine, RD_KEY_AS),
            .unit = take->unit,
            .seq = engine->seq};
    figure_row_put(engine->view, &of, engine->event->data[RD_KEY_VALUE].integer, engine->own.wall);
    return true;
}
