#include "daemon/store/rows/case_row.h"

#include <errno.h>
#include <string.h>

enum { ROW_VERSION = 1, ROW_BYTES_MAX = 64 * 1024, ROW_BYTES_USUAL = 1024 };

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

/* A time is kept as 0 for none, else zigzag + 1: near ones stay short, none costs a byte. */
static void put_time(struct rd_buf *buf, rd_time time)
{
    if (time == RD_TIME_NONE) {
        rd_buf_put_uint(buf, 0);
        return;
    }
    uint64_t zigzag = ((uint64_t)time << 1) ^ (uint64_t)(time >> 63);
    rd_buf_put_uint(buf, zigzag + 1);
}

static rd_time get_time(struct rd_get *get)
{
    uint64_t value = rd_get_uint(get);
    if (value == 0) {
        return RD_TIME_NONE;
    }
    value--;
    return (rd_time)(value >> 1) ^ -(rd_time)(value & 1);
}

/* The steady scale runs beside the wall: the difference is short where the time is not. */
static void put_instant(struct rd_buf *buf, struct instant at)
{
    put_time(buf, at.wall);
    if (at.wall != RD_TIME_NONE) {
        rd_buf_put_int(buf, at.steady - at.wall);
    }
}

static struct instant get_instant(struct rd_get *get)
{
    struct instant at = {.wall = get_time(get), .steady = RD_TIME_NONE};
    if (at.wall != RD_TIME_NONE) {
        int64_t ahead = rd_get_int(get);
        if (__builtin_add_overflow(at.wall, ahead, &at.steady)) {
            get->error = -EBADMSG;
        }
    }
    return at;
}

static void put_clock(struct rd_buf *buf, const struct case_clock *clock)
{
    rd_buf_put_u8(buf, (uint8_t)((unsigned)clock->state | (clock->is_steady ? 0x40U : 0) |
                                 (clock->is_provisional ? 0x80U : 0)));
    rd_buf_put_u8(buf, clock->definition);
    rd_buf_put_u8(buf, clock->extensions);
    rd_buf_put_uint(buf, clock->reminders_sent);
    put_instant(buf, clock->start);
    put_time(buf, clock->due);
    put_time(buf, clock->due_override);
    put_time(buf, clock->armed);
    put_time(buf, clock->stopped);
    rd_buf_put_uint(buf, clock->calendar);
}

static void get_clock(struct rd_get *get, struct case_clock *clock)
{
    uint8_t head = rd_get_u8(get);
    if ((head & 0x3fU) > CLOCK_UNUSED) {
        get->error = -EBADMSG;
        head = 0;
    }
    *clock = (struct case_clock){.state = (enum clock_state)(head & 0x3fU),
            .is_steady = (head & 0x40U) != 0,
            .is_provisional = (head & 0x80U) != 0};
    clock->definition = rd_get_u8(get);
    clock->extensions = rd_get_u8(get);
    clock->reminders_sent = (uint16_t)rd_get_uint_max(get, UINT16_MAX);
    clock->start = get_instant(get);
    clock->due = get_time(get);
    clock->due_override = get_time(get);
    clock->armed = get_time(get);
    clock->stopped = get_time(get);
    clock->calendar = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
}

static void put_ladder(struct rd_buf *buf, const struct case_ladder *ladder)
{
    rd_buf_put_u8(buf, (uint8_t)((unsigned)ladder->state | (ladder->is_exhausted ? 0x80U : 0)));
    if (ladder->state == LADDER_NONE) {
        return;
    }
    put_instant(buf, ladder->start);
    rd_buf_put_uint(buf, ladder->calendar);
    rd_buf_put_uint(buf, ladder->fired);
    rd_buf_put_u8(buf, ladder->rung_count);
    for (size_t i = 0; i < ladder->rung_count; i++) {
        const struct rung_state *rung = &ladder->rungs[i];
        rd_buf_put_u8(buf, rung->rung);
        rd_buf_put_u8(buf, (uint8_t)((rung->has_alert ? 1U : 0) | (rung->is_acked ? 2U : 0) |
                                     (rung->is_missed ? 4U : 0)));
        rd_buf_put_u8(buf, rung->renotified);
        rd_buf_put_uint(buf, rung->acked_unit);
        put_instant(buf, rung->fired);
        put_instant(buf, rung->notified);
        rd_buf_put_uint(buf, rung->calendar);
        put_instant(buf, rung->leased);
    }
    rd_buf_put_u8(buf, ladder->held_count);
    for (size_t i = 0; i < ladder->held_count; i++) {
        rd_buf_put_u8(
                buf, (uint8_t)(ladder->held[i].rung | (ladder->held[i].is_renewed ? 0x80U : 0)));
        rd_buf_put_uint(buf, ladder->held[i].unit);
        put_time(buf, ladder->held[i].release);
    }
    put_time(buf, ladder->armed_wall);
    put_time(buf, ladder->armed_steady);
}

static void get_ladder(struct rd_get *get, struct case_ladder *ladder)
{
    uint8_t head = rd_get_u8(get);
    ladder->state = (enum ladder_state)(head & 0x7fU);
    ladder->is_exhausted = (head & 0x80U) != 0;
    ladder->armed_wall = ladder->armed_steady = RD_TIME_NONE;
    ladder->rung_count = ladder->held_count = 0;
    if (ladder->state == LADDER_NONE) {
        return;
    }
    ladder->start = get_instant(get);
    ladder->calendar = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
    ladder->fired = (uint16_t)rd_get_uint_max(get, UINT16_MAX);
    uint8_t count = rd_get_u8(get);
    if (count > RD_RUNGS_MAX || ladder->state > LADDER_STOPPED) {
        get->error = -EBADMSG;
        return;
    }
    ladder->rung_count = count;
    for (size_t i = 0; i < count; i++) {
        struct rung_state *rung = &ladder->rungs[i];
        rung->rung = rd_get_u8(get);
        uint8_t flags = rd_get_u8(get);
        rung->has_alert = (flags & 1U) != 0;
        rung->is_acked = (flags & 2U) != 0;
        rung->is_missed = (flags & 4U) != 0;
        rung->renotified = rd_get_u8(get);
        rung->acked_unit = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
        rung->fired = get_instant(get);
        rung->notified = get_instant(get);
        rung->calendar = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
        rung->leased = get_instant(get);
    }
    count = rd_get_u8(get);
    if (count > RD_TARGETS_MAX) {
        get->error = -EBADMSG;
        return;
    }
    ladder->held_count = count;
    for (size_t i = 0; i < count; i++) {
        uint8_t rung = rd_get_u8(get);
        ladder->held[i] = (struct held_alert){.rung = rung & 0x7fU, .is_renewed = rung >= 0x80U};
        ladder->held[i].unit = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
        ladder->held[i].release = get_time(get);
    }
    ladder->armed_wall = get_time(get);
    ladder->armed_steady = get_time(get);
}

static void put_lists(struct rd_buf *buf, const struct case_row *row)
{
    rd_buf_put_uint(buf, row->pause_count);
    for (uint32_t i = 0; i < row->pause_count; i++) {
        rd_buf_put_uint(buf, row->pauses[i].reason);
        put_instant(buf, row->pauses[i].begin);
        put_instant(buf, row->pauses[i].end);
        put_time(buf, row->pauses[i].until);
        put_time(buf, row->pauses[i].armed);
    }
    rd_buf_put_uint(buf, row->chase_count);
    for (uint32_t i = 0; i < row->chase_count; i++) {
        rd_buf_put_uint(buf, row->chases[i].asker);
        rd_buf_put_uint(buf, row->chases[i].asked);
        put_time(buf, row->chases[i].answer_by);
        put_time(buf, row->chases[i].armed);
    }
    rd_buf_put_uint(buf, row->notice_count);
    for (uint32_t i = 0; i < row->notice_count; i++) {
        rd_buf_put_uint(buf, row->notices[i].code);
        rd_buf_put_u8(buf, row->notices[i].is_given ? 1 : 0);
        put_time(buf, row->notices[i].armed);
    }
    rd_buf_put_uint(buf, row->alert_count);
    for (uint32_t i = 0; i < row->alert_count; i++) {
        rd_buf_put_uint(buf, row->alerts[i].seq);
        rd_buf_put_uint(buf, row->alerts[i].unit);
        rd_buf_put_u8(buf, row->alerts[i].severity);
        rd_buf_put_u8(buf, row->alerts[i].rung);
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

static void get_lists(struct rd_get *get, struct rd_arena *arena, struct case_row *row)
{
    row->pause_count = row->pause_room = (uint32_t)rd_get_uint_max(get, CASE_PAUSES_MAX);
    row->pauses = rd_arena_alloc(arena, sizeof *row->pauses * (row->pause_room + 1U));
    for (uint32_t i = 0; i < row->pause_count; i++) {
        row->pauses[i].reason = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
        row->pauses[i].begin = get_instant(get);
        row->pauses[i].end = get_instant(get);
        row->pauses[i].until = get_time(get);
        row->pauses[i].armed = get_time(get);
    }
    row->chase_count = row->chase_room = (uint32_t)rd_get_uint_max(get, CASE_CHASES_MAX);
    row->chases = rd_arena_alloc(arena, sizeof *row->chases * (row->chase_room + 1U));
    for (uint32_t i = 0; i < row->chase_count; i++) {
        row->chases[i].asker = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
        row->chases[i].asked = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
        row->chases[i].answer_by = get_time(get);
        row->chases[i].armed = get_time(get);
    }
    row->notice_count = (uint32_t)rd_get_uint_max(get, CASE_NOTICES_MAX);
    for (uint32_t i = 0; i < row->notice_count; i++) {
        row->notices[i].code = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
        row->notices[i].is_given = rd_get_u8(get) != 0;
        row->notices[i].armed = get_time(get);
    }
    row->alert_count = row->alert_room = (uint32_t)rd_get_uint_max(get, CASE_ALERTS_MAX);
    row->alerts = rd_arena_alloc(arena, sizeof *row->alerts * (row->alert_room + 1U));
    for (uint32_t i = 0; i < row->alert_count; i++) {
        row->alerts[i].seq = rd_get_uint(get);
        row->alerts[i].unit = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
        row->alerts[i].severity = rd_get_u8(get);
        row->alerts[i].rung = rd_get_u8(get);
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
    put_time(buf, row->opened);
    put_time(buf, row->received);
    put_time(buf, row->closed);
    rd_buf_put_uint(buf, row->opened_seq);
    rd_buf_put_uint(buf, row->transfers);
    rd_buf_put_uint(buf, row->reopened);
    rd_buf_put_uint(buf, row->contacts);
    rd_buf_put_uint(buf, row->history_count);
    rd_buf_put_u8(buf, (uint8_t)((unsigned)row->level << 4 | (unsigned)row->mediation));
    rd_buf_put_uint(buf, (uint64_t)row->score);
    rd_buf_put_uint(buf, flags_of(row));
    rd_buf_put_uint(buf, row->grown_into);
    uint64_t known = 0;
    for (unsigned i = 0; i < RD_MOMENT_COUNT; i++) {
        known |= row->moments[i] != RD_TIME_NONE ? UINT64_C(1) << i : 0;
    }
    rd_buf_put_uint(buf, known);
    for (unsigned i = 0; i < RD_MOMENT_COUNT; i++) {
        if (row->moments[i] != RD_TIME_NONE) {
            put_time(buf, row->moments[i]);
        }
    }
    rd_buf_put_u8(buf, row->clock_count);
    for (size_t i = 0; i < row->clock_count; i++) {
        put_clock(buf, &row->clocks[i]);
    }
    put_ladder(buf, &row->ladder);
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

int case_row_decode(struct rd_str bytes, struct rd_arena *arena, struct case_row *row)
{
    struct rd_get get = rd_get_of(bytes);
    if (rd_get_u8(&get) != ROW_VERSION) {
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
    row->opened = get_time(&get);
    row->received = get_time(&get);
    row->closed = get_time(&get);
    row->opened_seq = rd_get_uint(&get);
    row->transfers = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    row->reopened = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    row->contacts = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    row->history_count = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    uint8_t levels = rd_get_u8(&get);
    row->level = (enum rd_level)(levels >> 4);
    row->mediation = (enum mediation_state)(levels & 0x0fU);
    row->score = (int32_t)rd_get_uint_max(&get, 100);
    get_flags(&get, row);
    row->grown_into = rd_get_uint(&get);
    uint64_t known = rd_get_uint(&get);
    for (unsigned i = 0; i < RD_MOMENT_COUNT; i++) {
        row->moments[i] = (known >> i & 1U) != 0 ? get_time(&get) : RD_TIME_NONE;
    }
    uint8_t count = rd_get_u8(&get);
    if (count > RD_CLOCKS_MAX || row->kind > CASE_DUTY || row->state > CASE_GROWN ||
            row->level > RD_LEVEL_CRITICAL || row->mediation > MEDIATION_EXECUTED) {
        return -EBADMSG;
    }
    row->clock_count = count;
    for (size_t i = 0; i < count; i++) {
        get_clock(&get, &row->clocks[i]);
    }
    get_ladder(&get, &row->ladder);
    get_lists(&get, arena, row);
    return rd_get_end(&get);
}

struct case_row *case_row_new(struct rd_arena *arena)
{
    struct case_row *row = rd_arena_zalloc(arena, sizeof *row);
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
