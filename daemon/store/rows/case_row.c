#include "daemon/store/rows/case_row.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "daemon/store/rows/case_parts.h"

/* VERSION_OF_8: of engine 8, whose rows are still read where a state is brought forward. */
enum { ROW_VERSION = 6, VERSION_OF_8 = 5, ROW_BYTES_MAX = 256 * 1024, ROW_BYTES_USUAL = 1024 };
/* A field of eight bytes takes ten as a varint, shorter ones less than twice their own. */
static_assert(2 * (sizeof(struct case_row) + RD_CLOCKS_MAX * sizeof(struct case_clock) +
                          CASE_PAUSES_MAX * sizeof(struct case_pause) +
                          CASE_CHASES_MAX * sizeof(struct case_chase) +
                          CASE_NOTICES_MAX * sizeof(struct case_notice) +
                          CASE_ALERTS_MAX * sizeof(struct open_alert) +
                          CASE_CALLS_MAX * sizeof(struct rung_call) +
                          RD_CLOCKS_MAX * CLOCK_CALLS_MAX * sizeof(struct breach_call)) <=
                      ROW_BYTES_MAX,
        "a case that has as much of everything as it may have");

const char *case_kind_name(enum case_kind kind)
{
    static const char *const names[] = {"contact", "complaint", "duty"};
    RD_ASSERT((size_t)kind < RD_COUNT(names));
    return names[kind];
}

const char *case_state_name(enum case_state state)
{
    static const char *const names[] = {
            "open", "assigned", "handling", "decided", "closed", "grown"};
    RD_ASSERT((size_t)state < RD_COUNT(names));
    return names[state];
}

enum rd_moment case_row_first_moment(
        const struct case_row *row, uint32_t moments, enum rd_moment otherwise)
{
    enum rd_moment first = otherwise;
    bool is_found = false;
    for (int i = 0; i < RD_MOMENT_COUNT; i++) {
        bool has_come = (moments >> i & 1U) != 0 && row->moments[i].wall != RD_TIME_NONE;
        if (has_come && (!is_found || row->first_place[i] < row->first_place[first])) {
            first = (enum rd_moment)i;
            is_found = true;
        }
    }
    return first;
}

static void put_clock(struct rd_buf *buf, const struct case_clock *clock)
{
    rd_buf_put_u8(
            buf, (uint8_t)((unsigned)clock->state | (clock->is_graced ? 0x08U : 0) |
                           (clock->was_breached ? 0x10U : 0) | (clock->is_restarted ? 0x20U : 0) |
                           (clock->is_steady ? 0x40U : 0) | (clock->is_provisional ? 0x80U : 0)));
    rd_buf_put_u8(buf, clock->definition);
    rd_buf_put_u8(buf, clock->extensions);
    rd_buf_put_uint(buf, clock->reminders_sent);
    case_put_instant(buf, clock->start);
    case_put_time(buf, clock->due);
    case_put_time(buf, clock->graced_at);
    case_put_time(buf, clock->armed);
    case_put_time(buf, clock->stopped);
    rd_buf_put_uint(buf, clock->calendar);
    rd_buf_put_uint(buf, clock->call_count << 1 | (clock->is_armed_steady ? 1U : 0));
    case_put_instant(buf, clock->told);
    if (clock->told.wall != RD_TIME_NONE) {
        rd_buf_put_uint(buf, clock->repeated);
    }
    for (uint32_t i = 0; i < clock->call_count; i++) {
        rd_buf_put_uint(buf, clock->calls[i].unit);
        rd_buf_put_uint(buf, clock->calls[i].seq << 1 | (clock->calls[i].is_held ? 1U : 0));
    }
}

static struct breach_call *breach_calls(struct rd_arena *arena)
{
    return rd_arena_alloc(arena, sizeof(struct breach_call) * CLOCK_CALLS_MAX);
}

static void get_calls(struct rd_get *get, struct rd_arena *arena, struct case_clock *clock)
{
    uint64_t head = rd_get_uint_max(get, CLOCK_CALLS_MAX << 1 | 1);
    clock->is_armed_steady = (head & 1) != 0;
    clock->call_count = (uint32_t)(head >> 1);
    clock->told = case_get_instant(get);
    if (clock->told.wall != RD_TIME_NONE) {
        clock->repeated = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
    }
    if (clock->call_count > 0) {
        clock->calls = breach_calls(arena);
    }
    for (uint32_t i = 0; i < clock->call_count; i++) {
        clock->calls[i].unit = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
        uint64_t seq = rd_get_uint(get);
        clock->calls[i].is_held = (seq & 1) != 0;
        clock->calls[i].seq = seq >> 1;
    }
}

/* Engine 8 kept a breach's first alert alone: that the case's unit got it is what is known. */
static void get_calls_of_8(struct rd_get *get, struct rd_arena *arena, const struct case_row *row,
        struct case_clock *clock)
{
    uint64_t seq = rd_get_uint(get);
    clock->is_armed_steady = clock->is_steady;
    clock->told = INSTANT_NONE;
    if (clock->graced_at != RD_TIME_NONE) { /* that was the due itself, after a reopening */
        clock->graced_at = row->moments[RD_MOMENT_REOPENED].wall;
        clock->is_graced = true;
    }
    if (clock->state != CLOCK_BREACHED || clock->stopped == RD_TIME_NONE) {
        return;
    }
    clock->told = (struct instant){clock->stopped, clock->stopped};
    (void)__builtin_sub_overflow(clock->start.steady, clock->start.wall, &clock->told.steady);
    (void)__builtin_add_overflow(clock->told.steady, clock->stopped, &clock->told.steady);
    if (seq > 0) {
        clock->calls = breach_calls(arena);
        clock->calls[0] = (struct breach_call){.unit = row->unit, .seq = seq};
        clock->call_count = 1;
    }
}

static void get_clock(struct rd_get *get, struct rd_arena *arena, const struct case_row *of_8,
        struct case_clock *clock)
{
    uint8_t head = rd_get_u8(get);
    if ((head & 0x07U) > CLOCK_UNUSED) {
        get->error = -EBADMSG;
        head = 0;
    }
    *clock = (struct case_clock){.state = (enum clock_state)(head & 0x07U),
            .is_graced = (head & 0x08U) != 0,
            .was_breached = (head & 0x10U) != 0,
            .is_restarted = (head & 0x20U) != 0,
            .is_steady = (head & 0x40U) != 0,
            .is_provisional = (head & 0x80U) != 0};
    clock->definition = rd_get_u8(get);
    clock->extensions = rd_get_u8(get);
    clock->reminders_sent = (uint16_t)rd_get_uint_max(get, UINT16_MAX);
    clock->start = case_get_instant(get);
    clock->due = case_get_time(get);
    clock->graced_at = case_get_time(get);
    clock->armed = case_get_time(get);
    clock->stopped = case_get_time(get);
    clock->calendar = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
    if (of_8 != NULL) {
        get_calls_of_8(get, arena, of_8, clock);
    } else {
        get_calls(get, arena, clock);
    }
}

static void put_lists(struct rd_buf *buf, const struct case_row *row)
{
    rd_buf_put_uint(buf, row->pause_count);
    for (uint32_t i = 0; i < row->pause_count; i++) {
        rd_buf_put_uint(buf, row->pauses[i].reason);
        case_put_instant(buf, row->pauses[i].begin);
        case_put_instant(buf, row->pauses[i].end);
        case_put_time(buf, row->pauses[i].until);
        case_put_time(buf, row->pauses[i].armed);
    }
    rd_buf_put_uint(buf, row->chase_count);
    for (uint32_t i = 0; i < row->chase_count; i++) {
        rd_buf_put_uint(buf, row->chases[i].asker);
        rd_buf_put_uint(buf, row->chases[i].asked);
        rd_buf_put_uint(buf, row->chases[i].entry);
        case_put_time(buf, row->chases[i].answer_by);
        case_put_time(buf, row->chases[i].armed);
        rd_buf_put_u8(buf, (uint8_t)(row->chases[i].is_answered | row->chases[i].is_missed << 1));
    }
    rd_buf_put_uint(buf, row->notice_count);
    for (uint32_t i = 0; i < row->notice_count; i++) {
        rd_buf_put_uint(buf, row->notices[i].code);
        rd_buf_put_u8(buf, row->notices[i].is_given ? 1 : 0);
        case_put_time(buf, row->notices[i].armed);
    }
    rd_buf_put_uint(buf, row->alert_count);
    for (uint32_t i = 0; i < row->alert_count; i++) {
        rd_buf_put_uint(buf, row->alerts[i].seq);
        rd_buf_put_uint(buf, row->alerts[i].unit);
        rd_buf_put_u8(buf, row->alerts[i].severity);
    }
}

/* Arrays grow by doubling; the old one stays in the arena until the record ends. */
static void *grown(
        struct rd_arena *arena, const void *old, uint32_t count, size_t size, uint32_t room)
{
    void *wider = rd_arena_alloc(arena, size * room);
    if (count > 0) {
        memcpy(wider, old, size * count);
    }
    return wider;
}

struct case_pause *case_row_add_pause(struct case_row *row, struct rd_arena *arena)
{
    RD_ASSERT(row->pause_count < CASE_PAUSES_MAX);
    if (row->pause_count == row->pause_room) {
        row->pause_room = row->pause_room * 2 + 4;
        row->pauses =
                grown(arena, row->pauses, row->pause_count, sizeof *row->pauses, row->pause_room);
    }
    return &row->pauses[row->pause_count++];
}

struct case_chase *case_row_add_chase(struct case_row *row, struct rd_arena *arena)
{
    RD_ASSERT(row->chase_count < CASE_CHASES_MAX);
    if (row->chase_count == row->chase_room) {
        row->chase_room = row->chase_room * 2 + 4;
        row->chases =
                grown(arena, row->chases, row->chase_count, sizeof *row->chases, row->chase_room);
    }
    return &row->chases[row->chase_count++];
}

struct open_alert *case_row_add_alert(struct case_row *row, struct rd_arena *arena)
{
    RD_ASSERT(row->alert_count < CASE_ALERTS_MAX);
    if (row->alert_count == row->alert_room) {
        row->alert_room = row->alert_room * 2 + 8;
        row->alerts =
                grown(arena, row->alerts, row->alert_count, sizeof *row->alerts, row->alert_room);
    }
    return &row->alerts[row->alert_count++];
}

struct rung_call *case_row_add_call(struct case_row *row, struct rd_arena *arena)
{
    struct case_ladder *ladder = &row->ladder;
    RD_ASSERT(ladder->call_count < CASE_CALLS_MAX);
    if (ladder->call_count == ladder->call_room) {
        ladder->call_room = ladder->call_room * 2 + 4;
        ladder->calls = grown(
                arena, ladder->calls, ladder->call_count, sizeof *ladder->calls, ladder->call_room);
    }
    return &ladder->calls[ladder->call_count++];
}

struct breach_call *case_row_add_breach_call(struct case_clock *clock, struct rd_arena *arena)
{
    if (clock->call_count == 0) {
        clock->calls = breach_calls(arena);
    } else if (clock->call_count == CLOCK_CALLS_MAX) {
        clock->call_count--;
        memmove(clock->calls, clock->calls + 1, sizeof *clock->calls * clock->call_count);
    }
    return &clock->calls[clock->call_count++];
}

static void get_lists(
        struct rd_get *get, struct rd_arena *arena, bool is_of_8, struct case_row *row)
{
    row->pause_count = row->pause_room = (uint32_t)rd_get_uint_max(get, CASE_PAUSES_MAX);
    row->pauses = rd_arena_alloc(arena, sizeof *row->pauses * (row->pause_room + 1U));
    for (uint32_t i = 0; i < row->pause_count; i++) {
        row->pauses[i].reason = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
        row->pauses[i].begin = case_get_instant(get);
        row->pauses[i].end = case_get_instant(get);
        row->pauses[i].until = case_get_time(get);
        row->pauses[i].armed = case_get_time(get);
    }
    row->chase_count = row->chase_room = (uint32_t)rd_get_uint_max(get, CASE_CHASES_MAX);
    row->chases = rd_arena_alloc(arena, sizeof *row->chases * (row->chase_room + 1U));
    for (uint32_t i = 0; i < row->chase_count; i++) {
        row->chases[i].asker = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
        row->chases[i].asked = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
        row->chases[i].entry = is_of_8 ? 0 : rd_get_uint(get);
        row->chases[i].answer_by = case_get_time(get);
        row->chases[i].armed = case_get_time(get);
        uint8_t flags = is_of_8 ? 0 : rd_get_u8(get);
        row->chases[i].is_answered = (flags & 1U) != 0;
        row->chases[i].is_missed = (flags & 2U) != 0;
    }
    row->notice_count = (uint32_t)rd_get_uint_max(get, CASE_NOTICES_MAX);
    for (uint32_t i = 0; i < row->notice_count; i++) {
        row->notices[i].code = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
        row->notices[i].is_given = rd_get_u8(get) != 0;
        row->notices[i].armed = case_get_time(get);
    }
    row->alert_count = row->alert_room = (uint32_t)rd_get_uint_max(get, CASE_ALERTS_MAX);
    row->alerts = rd_arena_alloc(arena, sizeof *row->alerts * (row->alert_room + 1U));
    for (uint32_t i = 0; i < row->alert_count; i++) {
        row->alerts[i].seq = rd_get_uint(get);
        row->alerts[i].unit = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
        row->alerts[i].severity = rd_get_u8(get);
    }
}

static uint64_t flags_of(const struct case_row *row)
{
    return (row->panel_open ? 1U : 0) | (row->review_open ? 2U : 0) | (row->is_regulator ? 4U : 0) |
           (row->was_acknowledged ? 8U : 0) | (row->was_decided ? 16U : 0) |
           (row->was_defused ? 32U : 0) | (row->is_first_told ? 64U : 0);
}

void case_row_encode(struct rd_buf *buf, const struct case_row *row)
{
    rd_buf_put_u8(buf, ROW_VERSION);
    rd_buf_put_u8(buf, (uint8_t)((unsigned)row->kind << 4 | (unsigned)row->state));
    rd_buf_put_uint(buf, row->config);
    rd_buf_put_uint(buf, row->policy);
    rd_buf_put_uint(buf, row->unit);
    rd_buf_put_uint(buf, row->respondent);
    rd_buf_put_uint(buf, row->first_unit);
    case_put_time(buf, row->opened);
    case_put_time(buf, row->received);
    case_put_time(buf, row->closed);
    rd_buf_put_uint(buf, row->opened_seq);
    rd_buf_put_uint(buf, row->transfers);
    rd_buf_put_uint(buf, row->rungs_fired);
    rd_buf_put_uint(buf, row->reopened);
    rd_buf_put_uint(buf, row->contacts);
    rd_buf_put_uint(buf, row->recontacts);
    if (row->recontacts > 0) { /* of most cases there is none */
        case_put_time(buf, row->recontacted);
        case_put_time(buf, row->begun_again);
    }
    rd_buf_put_uint(buf, row->history);
    rd_buf_put_uint(buf, row->swept);
    rd_buf_put_u8(buf, (uint8_t)((unsigned)row->level << 4 | (unsigned)row->mediation));
    rd_buf_put_uint(buf, (uint64_t)row->score);
    rd_buf_put_uint(buf, flags_of(row));
    rd_buf_put_uint(buf, row->gone_into);
    uint64_t known = 0;
    for (unsigned i = 0; i < RD_MOMENT_COUNT; i++) {
        known |= row->moments[i].wall != RD_TIME_NONE ? UINT64_C(1) << i : 0;
    }
    rd_buf_put_uint(buf, known);
    rd_buf_put_uint(buf, row->moment_count);
    int64_t before = 0; /* the scales seldom part within a life: what is put is mostly one byte */
    for (unsigned i = 0; i < RD_MOMENT_COUNT; i++) {
        const struct instant *at = &row->moments[i];
        if (at->wall != RD_TIME_NONE) {
            int64_t ahead = at->steady - at->wall;
            case_put_time(buf, at->wall);
            rd_buf_put_int(buf, ahead - before);
            before = ahead;
            rd_buf_put_uint(buf, row->first_place[i]);
            rd_buf_put_uint(buf, row->last_place[i]);
        }
    }
    rd_buf_put_u8(buf, row->clock_count);
    for (size_t i = 0; i < row->clock_count; i++) {
        put_clock(buf, &row->clocks[i]);
    }
    case_put_ladder(buf, &row->ladder);
    put_lists(buf, row);
}

static void get_flags(struct rd_get *get, struct case_row *row)
{
    uint64_t flags = rd_get_uint(get);
    row->panel_open = (flags & 1U) != 0;
    row->review_open = (flags & 2U) != 0;
    row->is_regulator = (flags & 4U) != 0;
    row->was_acknowledged = (flags & 8U) != 0;
    row->was_decided = (flags & 16U) != 0;
    row->was_defused = (flags & 32U) != 0;
    row->is_first_told = (flags & 64U) != 0;
    row->is_quiet = false;
}

static void get_moments(struct rd_get *get, struct case_row *row)
{
    uint64_t known = rd_get_uint(get);
    row->moment_count = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
    int64_t ahead = 0;
    for (unsigned i = 0; i < RD_MOMENT_COUNT; i++) {
        struct instant *at = &row->moments[i];
        *at = INSTANT_NONE;
        row->first_place[i] = row->last_place[i] = 0;
        if ((known >> i & 1U) == 0) {
            continue;
        }
        at->wall = case_get_time(get);
        if (__builtin_add_overflow(ahead, rd_get_int(get), &ahead) ||
                __builtin_add_overflow(at->wall, ahead, &at->steady)) {
            get->error = -EBADMSG;
        }
        row->first_place[i] = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
        row->last_place[i] = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
    }
}

int case_row_decode(struct rd_str bytes, struct rd_arena *arena, struct case_row *row)
{
    struct rd_get get = rd_get_of(bytes);
    uint8_t version = rd_get_u8(&get);
    bool is_of_8 = version == VERSION_OF_8;
    if (version != ROW_VERSION && !is_of_8) {
        return -EBADMSG;
    }
    uint8_t head = rd_get_u8(&get);
    row->kind = (enum case_kind)(head >> 4);
    row->state = (enum case_state)(head & 0x0fU);
    row->config = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    row->policy = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    row->unit = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    row->respondent = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    row->first_unit = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    row->opened = case_get_time(&get);
    row->received = case_get_time(&get);
    row->closed = case_get_time(&get);
    row->opened_seq = rd_get_uint(&get);
    row->transfers = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    row->rungs_fired = (uint16_t)rd_get_uint_max(&get, UINT16_MAX);
    row->reopened = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    row->contacts = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    row->recontacts = is_of_8 ? 0 : (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    row->recontacted = row->recontacts > 0 ? case_get_time(&get) : RD_TIME_NONE;
    row->begun_again = row->recontacts > 0 ? case_get_time(&get) : RD_TIME_NONE;
    row->history = rd_get_uint(&get);
    row->swept = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    uint8_t levels = rd_get_u8(&get);
    row->level = (enum rd_level)(levels >> 4);
    row->mediation = (enum mediation_state)(levels & 0x0fU);
    row->score = (int32_t)rd_get_uint_max(&get, 100);
    get_flags(&get, row);
    row->gone_into = rd_get_uint(&get);
    get_moments(&get, row);
    uint8_t count = rd_get_u8(&get);
    if (count > RD_CLOCKS_MAX || row->kind > CASE_DUTY || row->state > CASE_GROWN ||
            row->level > RD_LEVEL_CRITICAL || row->mediation > MEDIATION_EXECUTED) {
        return -EBADMSG;
    }
    row->clock_count = count;
    for (size_t i = 0; i < count; i++) {
        get_clock(&get, arena, is_of_8 ? row : NULL, &row->clocks[i]);
    }
    case_get_ladder(&get, arena, is_of_8, &row->ladder);
    get_lists(&get, arena, is_of_8, row);
    return rd_get_end(&get);
}

struct case_row *case_row_new(struct rd_arena *arena)
{
    struct case_row *row = rd_arena_alloc(arena, sizeof *row);
    /* All but the clocks, of which a case uses a tenth: their count says how many there are. */
    memset(row, 0, offsetof(struct case_row, clocks));
    size_t behind = offsetof(struct case_row, ladder);
    memset((uint8_t *)row + behind, 0, sizeof *row - behind);
    row->notices = rd_arena_alloc(arena, sizeof *row->notices * CASE_NOTICES_MAX);
    return row;
}

static struct rd_str key_of(uint64_t number, uint8_t key[static 8])
{
    for (int i = 0; i < 8; i++) {
        key[i] = (uint8_t)(number >> (56 - 8 * i));
    }
    return (struct rd_str){(const char *)key, 8};
}

bool case_row_get(
        struct store_view *view, uint64_t number, struct rd_arena *arena, struct case_row **ret_row)
{
    uint8_t key[8];
    struct rd_str value;
    if (!store_get(view, STORE_CASES, key_of(number, key), &value)) {
        return false;
    }
    struct case_row *row = case_row_new(arena);
    int r = case_row_decode(value, arena, row);
    RD_ASSERT(r == 0); /* what we wrote and the store gave back whole */
    row->number = number;
    *ret_row = row;
    return true;
}

void case_row_put(struct store_view *view, const struct case_row *row)
{
    RD_ASSERT(row->number > 0);
    RD_ASSERT(row->clock_count <= RD_CLOCKS_MAX);
    struct rd_buf buf;
    uint8_t room[ROW_BYTES_USUAL];
    rd_buf_init_in(&buf, room, sizeof room, ROW_BYTES_MAX);
    case_row_encode(&buf, row);
    RD_ASSERT(buf.error == 0);
    uint8_t key[8];
    store_put(view, STORE_CASES, key_of(row->number, key), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

void case_row_del(struct store_view *view, uint64_t number)
{
    uint8_t key[8];
    store_del(view, STORE_CASES, key_of(number, key));
}
