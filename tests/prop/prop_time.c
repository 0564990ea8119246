/* Times, limits and money: what is formatted reads back, at any offset. */
#include <string.h>

#include "common/base/num.h"
#include "common/time/limit.h"
#include "common/time/utime.h"
#include "tests/prop.h"

static int times_round_trip(struct prop_gen *gen)
{
    rd_time time = prop_between(gen, RD_TIME_MIN, RD_TIME_MAX), again = RD_TIME_NONE;
    if (prop_below(gen, 2) == 0) {
        time -= time % RD_SECOND_US;
    }
    char text[RD_TIME_TEXT_MAX];
    rd_time_format(time, text);
    if (rd_time_parse(rd_str_of(text), &again) != 0 || again != time) {
        return __LINE__;
    }
    rd_time_format_at(time, (int32_t)prop_between(gen, -90000, 90000), text);
    if (rd_time_parse(rd_str_of(text), &again) != 0 || again != time) {
        return __LINE__;
    }
    return 0;
}

/* In UTC the order of texts of one length is the order of times. */
static int order_is_kept(struct prop_gen *gen)
{
    rd_time a = prop_between(gen, RD_TIME_MIN, RD_TIME_MAX - RD_DAY_US);
    rd_time b = a + prop_between(gen, 0, RD_DAY_US);
    char text_a[RD_TIME_TEXT_MAX], text_b[RD_TIME_TEXT_MAX];
    rd_time_format(a, text_a);
    rd_time_format(b, text_b);
    if (strlen(text_a) == strlen(text_b) && strcmp(text_a, text_b) > 0) {
        return __LINE__;
    }
    return 0;
}

static int limits_round_trip(struct prop_gen *gen)
{
    static const char *const units[] = {"s", "m", "h", "bd", "d", "w"};
    char text[RD_LIMIT_TEXT_MAX];
    unsigned count = (unsigned)prop_below(gen, prop_below(gen, 2) == 0 ? 100 : 1000000);
    (void)snprintf(text, sizeof text, "%u%s", count, units[prop_below(gen, RD_COUNT(units))]);
    struct rd_limit first, again;
    if (rd_limit_parse(rd_str_of(text), &first) != 0) {
        return __LINE__;
    }
    char shortest[RD_LIMIT_TEXT_MAX];
    rd_limit_format(first, shortest);
    if (rd_limit_parse(rd_str_of(shortest), &again) != 0 || again.unit != first.unit ||
            again.count != first.count || strlen(shortest) > strlen(text)) {
        return __LINE__;
    }
    return 0;
}

static int money_round_trips(struct prop_gen *gen)
{
    int64_t money = (int64_t)(prop_u64(gen) >> prop_below(gen, 64)), again = 0;
    money = prop_below(gen, 2) == 0 ? money : -(money / 2);
    char text[RD_MONEY_TEXT_MAX];
    rd_money_format(money, text);
    if (rd_money_parse(rd_str_of(text), &again) != 0 || again != money) {
        return __LINE__;
    }
    return 0;
}

int main(void)
{
    int bad = prop_check("times round-trip", times_round_trip);
    bad += prop_check("order is kept", order_is_kept);
    bad += prop_check("limits round-trip", limits_round_trip);
    bad += prop_check("money round-trips", money_round_trips);
    return bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
