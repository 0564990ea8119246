#include "daemon/store/rows/case_parts.h"

#include <errno.h>

/* A time is kept as 0 for none, else zigzag + 1: near ones stay short, none costs a byte. */
void case_put_time(struct rd_buf *buf, rd_time time)
{
    if (time == RD_TIME_NONE) {
        rd_buf_put_uint(buf, 0);
        return;
    }
    uint64_t zigzag = ((uint64_t)time << 1) ^ (uint64_t)(time >> 63);
    rd_buf_put_uint(buf, zigzag + 1);
}

rd_time case_get_time(struct rd_get *get)
{
    uint64_t value = rd_get_uint(get);
    if (value == 0) {
        return RD_TIME_NONE;
    }
    value--;
    return (rd_time)(value >> 1) ^ -(rd_time)(value & 1);
}

/* The steady scale runs beside the wall: the difference is short where the time is not. */
void case_put_instant(struct rd_buf *buf, struct instant at)
{
    case_put_time(buf, at.wall);
    if (at.wall != RD_TIME_NONE) {
        rd_buf_put_int(buf, at.steady - at.wall);
    }
}

struct instant case_get_instant(struct rd_get *get)
{
    struct instant at = {.wall = case_get_time(get), .steady = RD_TIME_NONE};
    if (at.wall != RD_TIME_NONE) {
        int64_t ahead = rd_get_int(get);
        if (__builtin_add_overflow(at.wall, ahead, &at.steady)) {
            get->error = -EBADMSG;
        }
    }
    return at;
}

enum {
    CALL_HELD = 1,
    CALL_MISSED = 2,
    CALL_ACKED = 4,
    CALL_OLD = 8,
    CALL_ASKS = 16,
    CALL_WORKING = 32,
    CALL_LEASED = 64,
    CALL_RENOTIFIED = 128,
};
/* The second byte: rung, severity, and these. */
enum { CALL_SEVERITY = 0x03, CALL_AFTER_UNTIL = 0x40, CALL_PASSED_ON = 0x80 };
/* The third byte. */
enum { CALL_PASSING = 1, CALL_BEFORE = 2, CALL_STAND_IN = 4, CALL_AGAIN = 8 };

/* Its newest alert is not the one that ack counts from. */
static bool is_told_apart(const struct rung_call *call)
{
    return call->renotified > 0 || call->notified.wall != call->sent.wall ||
           call->notified.steady != call->sent.steady;
}

static unsigned call_flags(const struct rung_call *call)
{
    return (call->is_held ? (unsigned)CALL_HELD : 0) | (call->is_missed ? CALL_MISSED : 0) |
           (call->is_acked ? CALL_ACKED : 0) | (call->is_old ? CALL_OLD : 0) |
           (call->has_ack ? CALL_ASKS : 0) | (call->counts_working ? CALL_WORKING : 0) |
           (call->leased.wall != RD_TIME_NONE ? CALL_LEASED : 0) |
           (is_told_apart(call) ? CALL_RENOTIFIED : 0);
}

static void put_call(struct rd_buf *buf, const struct rung_call *call)
{
    unsigned flags = call_flags(call);
    rd_buf_put_u8(buf, (uint8_t)flags);
    rd_buf_put_u8(buf, (uint8_t)((unsigned)call->severity << 4 | call->rung |
                                 (call->is_after_until ? CALL_AFTER_UNTIL : 0U) |
                                 (call->is_passed_on ? CALL_PASSED_ON : 0U)));
    rd_buf_put_u8(buf,
            (uint8_t)((call->is_passing ? (unsigned)CALL_PASSING : 0U) |
                      (call->is_stand_in ? CALL_STAND_IN : 0U) |
                      (call->is_again ? CALL_AGAIN : 0U) | (call->before != 0 ? CALL_BEFORE : 0U)));
    rd_buf_put_uint(buf, call->unit);
    rd_buf_put_uint(buf, call->calendar);
    rd_buf_put_uint(buf, call->skipped);
    rd_buf_put_uint(buf, call->seq);
    if (call->before != 0) {
        rd_buf_put_uint(buf, call->before);
    }
    case_put_instant(buf, call->sent);
    if ((flags & CALL_ASKS) != 0) {
        rd_buf_put_u8(buf, (uint8_t)call->ack.unit);
        rd_buf_put_uint(buf, call->ack.count);
    }
    if ((flags & CALL_LEASED) != 0) {
        case_put_instant(buf, call->leased);
    }
    if ((flags & CALL_RENOTIFIED) != 0) {
        rd_buf_put_u8(buf, call->renotified);
        case_put_instant(buf, call->notified);
    }
}

static void get_call(struct rd_get *get, bool is_of_8, struct rung_call *call)
{
    unsigned flags = rd_get_u8(get);
    *call = (struct rung_call){.is_held = (flags & CALL_HELD) != 0,
            .is_missed = (flags & CALL_MISSED) != 0,
            .is_acked = (flags & CALL_ACKED) != 0,
            .is_old = (flags & CALL_OLD) != 0,
            .has_ack = (flags & CALL_ASKS) != 0,
            .counts_working = (flags & CALL_WORKING) != 0,
            .leased = {RD_TIME_NONE, RD_TIME_NONE}};
    uint8_t head = rd_get_u8(get);
    call->rung = head & 0x0fU;
    call->severity = head >> 4 & CALL_SEVERITY;
    call->is_after_until = (head & CALL_AFTER_UNTIL) != 0;
    call->is_passed_on = (head & CALL_PASSED_ON) != 0;
    uint8_t more = is_of_8 ? 0 : rd_get_u8(get);
    call->is_passing = (more & CALL_PASSING) != 0;
    call->is_stand_in = (more & CALL_STAND_IN) != 0;
    call->is_again = (more & CALL_AGAIN) != 0;
    call->unit = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
    call->calendar = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
    call->skipped = (uint16_t)rd_get_uint_max(get, UINT16_MAX);
    call->seq = rd_get_uint(get);
    call->before = (more & CALL_BEFORE) != 0 ? rd_get_uint(get) : 0;
    call->sent = case_get_instant(get);
    if (call->has_ack) {
        uint8_t unit = rd_get_u8(get);
        if (unit > RD_LIMIT_CALENDAR_DAYS) {
            get->error = -EBADMSG;
            unit = RD_LIMIT_SECONDS;
        }
        call->ack = (struct rd_limit){.unit = (enum rd_limit_unit)unit,
                .count = (uint32_t)rd_get_uint_max(get, UINT32_MAX)};
    }
    if ((flags & CALL_LEASED) != 0) {
        call->leased = case_get_instant(get);
    }
    call->notified = call->sent;
    if ((flags & CALL_RENOTIFIED) != 0) {
        call->renotified = rd_get_u8(get);
        call->notified = case_get_instant(get);
    }
}

void case_put_ladder(struct rd_buf *buf, const struct case_ladder *ladder)
{
    rd_buf_put_u8(buf, (uint8_t)((unsigned)ladder->state | (ladder->is_exhausted ? 0x80U : 0)));
    case_put_instant(buf, ladder->start);
    rd_buf_put_uint(buf, ladder->begun);
    rd_buf_put_uint(buf, ladder->calendar);
    if (ladder->state == LADDER_NONE) {
        return;
    }
    rd_buf_put_uint(buf, ladder->fired);
    rd_buf_put_uint(buf, ladder->call_count);
    for (uint32_t i = 0; i < ladder->call_count; i++) {
        put_call(buf, &ladder->calls[i]);
    }
    case_put_time(buf, ladder->armed_wall);
    case_put_time(buf, ladder->armed_steady);
}

void case_get_ladder(
        struct rd_get *get, struct rd_arena *arena, bool is_of_8, struct case_ladder *ladder)
{
    uint8_t head = rd_get_u8(get);
    *ladder = (struct case_ladder){.state = (enum ladder_state)(head & 0x7fU),
            .is_exhausted = (head & 0x80U) != 0,
            .armed_wall = RD_TIME_NONE,
            .armed_steady = RD_TIME_NONE};
    ladder->start = case_get_instant(get);
    ladder->begun = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
    ladder->calendar = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
    if ((head & 0x7fU) > LADDER_STOPPED) {
        get->error = -EBADMSG;
        ladder->state = LADDER_NONE;
    }
    if (ladder->state == LADDER_NONE) {
        return;
    }
    ladder->fired = (uint16_t)rd_get_uint_max(get, UINT16_MAX);
    ladder->call_count = ladder->call_room = (uint32_t)rd_get_uint_max(get, CASE_CALLS_MAX);
    if (ladder->call_count > 0) {
        ladder->calls = rd_arena_alloc(arena, sizeof *ladder->calls * ladder->call_count);
    }
    for (uint32_t i = 0; i < ladder->call_count; i++) {
        get_call(get, is_of_8, &ladder->calls[i]);
    }
    ladder->armed_wall = case_get_time(get);
    ladder->armed_steady = case_get_time(get);
}
