#include "daemon/clock.h"

#include <time.h>

static rd_time read_scale(clockid_t id)
{
    struct timespec at;
    int r = clock_gettime(id, &at);
    RD_ASSERT(r == 0); /* fails only for an unknown id */
    return (rd_time)at.tv_sec * RD_SECOND_US + (rd_time)(at.tv_nsec / 1000);
}

/* The two scales are read one after the other, and on a busy machine the process may lose the
 * processor in between: the distance of the scales would be off by that, and a rung whose limit
 * runs on the steady scale would come that much before the due that people were told. So wall is
 * read between two readings of steady, and the narrowest of a few tries is taken. */
struct clock_reading clock_read(void)
{
    enum { TRIES = 5, NARROW_US = 20 };
    struct clock_reading best = {.real = 0, .boot = 0};
    int64_t best_us = INT64_MAX;
    for (int i = 0; i < TRIES && best_us > NARROW_US; i++) {
        rd_time before = read_scale(CLOCK_BOOTTIME);
        rd_time real = read_scale(CLOCK_REALTIME);
        int64_t width_us = read_scale(CLOCK_BOOTTIME) - before;
        if (width_us < best_us) {
            best_us = width_us;
            best = (struct clock_reading){.real = real, .boot = before};
        }
    }
    return best;
}

rd_time clock_ticks_us(void)
{
    return read_scale(CLOCK_MONOTONIC);
}

static rd_time later(rd_time a, rd_time b)
{
    return a > b ? a : b;
}

static enum clock_news hold(struct clock *clock, rd_time real, bool is_start)
{
    clock->is_held = true;
    clock->is_start_held = is_start;
    clock->held_us = real - clock->wall;
    return CLOCK_HELD;
}

enum clock_news clock_init(struct clock *clock, const struct clock_options *options, rd_time wall,
        rd_time steady, struct clock_reading reading)
{
    *clock = (struct clock){.options = *options, .wall = wall, .steady = steady, .last = reading};
    if (options->mode == CLOCK_EVENTS) {
        return CLOCK_STEADY;
    }
    if (wall == RD_TIME_NONE) {
        clock->wall = clock->steady = reading.real;
        return CLOCK_STEADY;
    }
    if (reading.real > wall + CLOCK_ABSENCE_MAX_US) {
        return hold(clock, reading.real, true);
    }
    clock->steady += reading.real > wall ? reading.real - wall : 0;
    clock->is_behind = reading.real < wall;
    clock->wall = later(wall, reading.real);
    return clock->is_behind ? CLOCK_SET_BACK : CLOCK_STEADY;
}

static enum clock_news step_held(struct clock *clock, rd_time real, int64_t elapsed_us)
{
    clock->wall += elapsed_us;
    if (real > clock->wall + clock->options.max_step_us) {
        clock->held_us = real - clock->wall;
        return CLOCK_STEADY;
    }
    clock->is_held = clock->is_start_held = false;
    clock->held_us = 0;
    clock->is_behind = real < clock->wall;
    clock->wall = later(clock->wall, real);
    return CLOCK_BACK;
}

static enum clock_news step_events(struct clock *clock, int64_t elapsed_us)
{
    int64_t moved_us = 0;
    if (clock->wall != RD_TIME_NONE && clock->options.rate > 0 &&
            !__builtin_mul_overflow(elapsed_us, (int64_t)clock->options.rate, &moved_us)) {
        int64_t room_us = RD_TIME_MAX - clock->wall;
        clock_advance(clock, clock->wall + (moved_us < room_us ? moved_us : room_us));
    }
    return CLOCK_STEADY;
}

enum clock_news clock_step(struct clock *clock, struct clock_reading reading)
{
    /* BOOTTIME does not go back; a hypervisor's may. */
    int64_t elapsed_us = later(reading.boot - clock->last.boot, 0);
    clock->last = (struct clock_reading){
            .real = reading.real, .boot = later(reading.boot, clock->last.boot)};
    if (clock->options.mode == CLOCK_EVENTS) {
        return step_events(clock, elapsed_us);
    }
    clock->steady += elapsed_us;
    if (clock->is_held) {
        return step_held(clock, reading.real, elapsed_us);
    }
    if (reading.real > clock->wall + elapsed_us + clock->options.max_step_us) {
        clock->wall += elapsed_us;
        clock->is_behind = false;
        return hold(clock, reading.real, false);
    }
    bool was_behind = clock->is_behind;
    clock->is_behind = reading.real < clock->wall;
    clock->wall = later(clock->wall, reading.real);
    if (clock->is_behind == was_behind) {
        return CLOCK_STEADY;
    }
    return was_behind ? CLOCK_CAUGHT_UP : CLOCK_SET_BACK;
}

bool clock_accept(struct clock *clock)
{
    if (!clock->is_held) {
        return false;
    }
    int64_t jump_us = later(clock->last.real - clock->wall, 0);
    if (clock->is_start_held) {
        clock->steady +=
                jump_us; /* the absence was real: steady goes on by the wall's difference */
    }
    clock->wall += jump_us;
    clock->is_held = clock->is_start_held = false;
    clock->held_us = 0;
    return true;
}

void clock_advance(struct clock *clock, rd_time time)
{
    RD_ASSERT(clock->options.mode == CLOCK_EVENTS);
    if (clock->wall == RD_TIME_NONE || time > clock->wall) {
        clock->wall = clock->steady = time;
    }
}

int64_t clock_until_us(const struct clock *clock, rd_time wall)
{
    if (wall == RD_TIME_NONE || clock->wall == RD_TIME_NONE) {
        return INT64_MAX;
    }
    if (wall <= clock->wall) {
        return 0;
    }
    int64_t span_us = wall - clock->wall;
    if (clock->options.mode == CLOCK_EVENTS) {
        return clock->options.rate > 0 ? span_us / clock->options.rate + 1 : INT64_MAX;
    }
    int64_t behind_us = clock->is_behind ? clock->wall - clock->last.real : 0;
    return span_us < INT64_MAX - behind_us ? span_us + behind_us : INT64_MAX;
}
