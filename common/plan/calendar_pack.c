#include "common/plan/calendar_pack.h"

#include <errno.h>

#include "common/time/calendar_walk.h"

/* ---- writing ---- */

static void pack_hours(struct rd_buf *buf, const struct rd_hours *hours)
{
    rd_pack_array(buf, hours->count * 2U);
    for (unsigned i = 0; i < hours->count; i++) {
        rd_pack_uint(buf, hours->open[i]);
        rd_pack_uint(buf, hours->close[i]);
    }
}

static void pack_season(struct rd_buf *buf, const struct rd_season *season)
{
    rd_pack_array(buf, 3);
    rd_pack_uint(buf, season->month);
    rd_pack_uint(buf, season->day);
    rd_pack_array(buf, 7);
    for (unsigned i = 0; i < 7; i++) {
        pack_hours(buf, &season->week[i]);
    }
}

static void pack_special(struct rd_buf *buf, const struct rd_special_day *special)
{
    bool has_hours = special->kind == RD_SPECIAL_HOURS;
    rd_pack_array(buf, has_hours ? 4 : 3);
    rd_pack_int(buf, special->day);
    rd_pack_uint(buf, (uint64_t)special->kind);
    rd_pack_str(buf, special->name);
    if (has_hours) {
        pack_hours(buf, &special->hours);
    }
}

static void pack_layers(struct rd_buf *buf, const struct rd_calendar *calendar)
{
    rd_pack_cstr(buf, "layers");
    rd_pack_array(buf, 2);
    rd_pack_array(buf, (uint32_t)calendar->layer_count);
    for (size_t i = 0; i < calendar->layer_count; i++) {
        rd_pack_str(buf, calendar->layers[i]);
    }
    size_t mark = rd_pack_array_begin(buf);
    uint32_t numbers = 0;
    for (size_t i = 0, run; i < calendar->special_count; i += run) {
        const struct rd_special_day *at = &calendar->specials[i];
        for (run = 1; i + run < calendar->special_count && at[run].layer == at->layer; run++) {
        }
        rd_pack_uint(buf, run);
        rd_pack_uint(buf, at->layer);
        numbers += 2;
    }
    rd_pack_array_end(buf, mark, numbers);
}

void rd_calendar_pack(struct rd_buf *buf, const struct rd_calendar *calendar)
{
    rd_pack_map(buf, calendar->layer_count > 0 ? 7 : 6);
    rd_pack_cstr(buf, "name");
    rd_pack_str(buf, calendar->name);
    rd_pack_cstr(buf, "zone");
    rd_pack_str(buf, calendar->zone);
    rd_pack_cstr(buf, "horizon");
    if (calendar->horizon == RD_DAY_NONE) {
        rd_pack_nil(buf);
    } else {
        rd_pack_int(buf, calendar->horizon);
    }
    rd_pack_cstr(buf, "offsets");
    rd_pack_array(buf, (uint32_t)calendar->offset_count * 2);
    for (size_t i = 0; i < calendar->offset_count; i++) {
        rd_pack_int(buf, calendar->offsets[i].from / RD_SECOND_US);
        rd_pack_int(buf, calendar->offsets[i].offset_s);
    }
    rd_pack_cstr(buf, "seasons");
    rd_pack_array(buf, (uint32_t)calendar->season_count);
    for (size_t i = 0; i < calendar->season_count; i++) {
        pack_season(buf, &calendar->seasons[i]);
    }
    rd_pack_cstr(buf, "specials");
    rd_pack_array(buf, (uint32_t)calendar->special_count);
    for (size_t i = 0; i < calendar->special_count; i++) {
        pack_special(buf, &calendar->specials[i]);
    }
    if (calendar->layer_count > 0) {
        pack_layers(buf, calendar);
    }
}

/* ---- reading ---- */

/* An integer of low..high; the sticky flag otherwise. */
static int64_t number(rd_node node, int64_t low, int64_t high, bool *is_bad)
{
    enum rd_node_type type = rd_node_type(node);
    int64_t value = rd_node_int(node);
    if ((type != RD_NODE_UINT && type != RD_NODE_INT) || value < low || value > high) {
        *is_bad = true;
        return low;
    }
    return value;
}

static struct rd_str text(rd_node node, struct rd_arena *arena, bool *is_bad)
{
    *is_bad = *is_bad || rd_node_type(node) != RD_NODE_STR;
    return rd_arena_dup(arena, rd_node_str(node));
}

/* The count of an array of min..max elements; 0 and the sticky flag otherwise. */
static uint32_t count_of(rd_node node, uint32_t min, uint32_t max, bool *is_bad)
{
    uint32_t count = rd_node_count(node);
    if (rd_node_type(node) != RD_NODE_ARRAY || count < min || count > max) {
        *is_bad = true;
        return 0;
    }
    return count;
}

static struct rd_hours hours_from(rd_node node, bool *is_bad)
{
    struct rd_hours hours = {.count = 0};
    uint32_t count = count_of(node, 0, 2 * RD_HOURS_MAX, is_bad);
    *is_bad = *is_bad || count % 2 != 0;
    for (uint32_t i = 0; i < count / 2; i++) {
        hours.open[i] = (uint16_t)number(rd_node_at(node, 2 * i), 0, 1440, is_bad);
        hours.close[i] = (uint16_t)number(rd_node_at(node, 2 * i + 1), 0, 1440, is_bad);
        hours.count++;
    }
    return hours;
}

static void read_offsets(
        rd_node node, struct rd_arena *arena, struct rd_calendar *calendar, bool *is_bad)
{
    uint32_t count = count_of(node, 2, 2 * CALENDAR_OFFSETS_MAX, is_bad);
    *is_bad = *is_bad || count % 2 != 0;
    struct rd_offset *offsets = RD_ARENA_ARRAY(arena, struct rd_offset, count / 2);
    for (uint32_t i = 0; i < count / 2; i++) {
        offsets[i].from = RD_SECOND_US * number(rd_node_at(node, 2 * i), RD_TIME_MIN / RD_SECOND_US,
                                                 RD_TIME_MAX / RD_SECOND_US, is_bad);
        offsets[i].offset_s = (int32_t)number(
                rd_node_at(node, 2 * i + 1), -CALENDAR_OFFSET_S_MAX, CALENDAR_OFFSET_S_MAX, is_bad);
    }
    calendar->offsets = offsets;
    calendar->offset_count = count / 2;
}

static void read_seasons(
        rd_node node, struct rd_arena *arena, struct rd_calendar *calendar, bool *is_bad)
{
    uint32_t count = count_of(node, 1, CALENDAR_SEASONS_MAX, is_bad);
    struct rd_season *seasons = RD_ARENA_ARRAY(arena, struct rd_season, count);
    for (uint32_t i = 0; i < count; i++) {
        rd_node row = rd_node_at(node, i);
        rd_node week = rd_node_at(row, 2);
        (void)count_of(row, 3, 3, is_bad);
        (void)count_of(week, 7, 7, is_bad);
        seasons[i].month = (uint8_t)number(rd_node_at(row, 0), 1, 12, is_bad);
        seasons[i].day = (uint8_t)number(rd_node_at(row, 1), 1, 31, is_bad);
        for (uint32_t j = 0; j < 7; j++) {
            seasons[i].week[j] = hours_from(rd_node_at(week, j), is_bad);
        }
    }
    calendar->seasons = seasons;
    calendar->season_count = count;
}

static struct rd_special_day *read_specials(
        rd_node node, struct rd_arena *arena, struct rd_calendar *calendar, bool *is_bad)
{
    uint32_t count = count_of(node, 0, CALENDAR_SPECIALS_MAX, is_bad);
    struct rd_special_day *specials = RD_ARENA_ARRAY(arena, struct rd_special_day, count);
    for (uint32_t i = 0; i < count; i++) {
        rd_node row = rd_node_at(node, i);
        uint32_t width = count_of(row, 3, 4, is_bad);
        specials[i].day = (rd_day)number(rd_node_at(row, 0), RD_DAY_MIN, RD_DAY_MAX, is_bad);
        specials[i].kind = (enum rd_special)number(
                rd_node_at(row, 1), RD_SPECIAL_OFF, RD_SPECIAL_CLOSED, is_bad);
        specials[i].name = text(rd_node_at(row, 2), arena, is_bad);
        *is_bad = *is_bad || (width == 4) != (specials[i].kind == RD_SPECIAL_HOURS);
        if (width == 4) {
            specials[i].hours = hours_from(rd_node_at(row, 3), is_bad);
        }
    }
    calendar->specials = specials;
    calendar->special_count = count;
    return specials;
}

/* Runs as they are written: none empty, two beside each other of two layers, to the last day. */
static void read_layers(rd_node node, struct rd_arena *arena, struct rd_calendar *calendar,
        struct rd_special_day *specials, bool *is_bad)
{
    rd_node names = rd_node_at(node, 0), runs = rd_node_at(node, 1);
    (void)count_of(node, 2, 2, is_bad);
    uint32_t count = count_of(names, 2, RD_CALENDAR_LAYERS_MAX, is_bad);
    struct rd_str *layers = RD_ARENA_ARRAY(arena, struct rd_str, count);
    for (uint32_t i = 0; i < count; i++) {
        layers[i] = text(rd_node_at(names, i), arena, is_bad);
    }
    calendar->layers = layers;
    calendar->layer_count = count;
    uint32_t numbers = count_of(runs, 0, 2 * CALENDAR_SPECIALS_MAX, is_bad);
    size_t at = 0;
    for (uint32_t i = 0; i < numbers && !*is_bad; i += 2) {
        int64_t left = (int64_t)(calendar->special_count - at);
        int64_t run = number(rd_node_at(runs, i), 1, left, is_bad);
        uint8_t layer = (uint8_t)number(rd_node_at(runs, i + 1), 0, (int64_t)count - 1, is_bad);
        *is_bad = *is_bad || (at > 0 && specials[at - 1].layer == layer);
        for (; run > 0 && !*is_bad; run--) {
            specials[at++].layer = layer;
        }
    }
    *is_bad = *is_bad || at != calendar->special_count;
}

int rd_calendar_unpack(rd_node node, struct rd_arena *arena, struct rd_calendar *ret)
{
    rd_node layers = rd_node_find(node, "layers");
    bool has_layers = rd_node_type(layers) != RD_NODE_NONE;
    bool is_bad = rd_node_type(node) != RD_NODE_MAP || rd_node_count(node) != (has_layers ? 7 : 6);
    struct rd_calendar calendar = {.horizon = RD_DAY_NONE};
    calendar.name = text(rd_node_find(node, "name"), arena, &is_bad);
    calendar.zone = text(rd_node_find(node, "zone"), arena, &is_bad);
    rd_node horizon = rd_node_find(node, "horizon");
    if (rd_node_type(horizon) != RD_NODE_NIL) {
        calendar.horizon = (rd_day)number(horizon, RD_DAY_MIN, CALENDAR_DAY_END, &is_bad);
    }
    read_offsets(rd_node_find(node, "offsets"), arena, &calendar, &is_bad);
    read_seasons(rd_node_find(node, "seasons"), arena, &calendar, &is_bad);
    struct rd_special_day *specials =
            read_specials(rd_node_find(node, "specials"), arena, &calendar, &is_bad);
    if (has_layers) {
        read_layers(layers, arena, &calendar, specials, &is_bad);
    }
    if (is_bad || rd_calendar_seal(&calendar) < 0) {
        return -EBADMSG;
    }
    *ret = calendar;
    return 0;
}
