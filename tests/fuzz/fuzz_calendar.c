/* Files that a calendar is made of, by the first byte: 'J' holiday-cn JSON, 'I' iCalendar, 'Z'
 * TZif, 'R' a TZ rule. Law: what is taken makes a calendar that can be sealed, comes back from its
 * packed form the same, and answers with what opening times say themselves. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/calendar_pack.h"
#include "common/time/zone_table.h"
#include "daemon/config/holidays_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int by_day(const void *a, const void *b)
{
    const struct rd_special_day *left = a, *right = b;
    return (left->day > right->day) - (left->day < right->day);
}

static void keep_one_a_day(struct holidays_list *list)
{
    if (list->count == 0) {
        return;
    }
    qsort(list->rows, list->count, sizeof *list->rows, by_day);
    size_t kept = 1;
    for (size_t i = 1; i < list->count; i++) {
        if (list->rows[i].day != list->rows[kept - 1].day) {
            list->rows[kept++] = list->rows[i];
        }
    }
    list->count = kept;
}

static void packed_form_is_the_same(const struct rd_calendar *calendar, struct rd_arena *arena)
{
    struct rd_buf buf;
    rd_buf_init(&buf, 16 << 20);
    rd_calendar_pack(&buf, calendar);
    struct rd_tree *tree = rd_tree_new();
    rd_node root = NULL;
    const char *what = NULL;
    struct rd_calendar again;
    RD_ASSERT(rd_tree_read(tree, rd_buf_str(&buf), &root, &what) == 0);
    RD_ASSERT(rd_calendar_unpack(root, arena, &again) == 0);
    RD_ASSERT(again.digest == calendar->digest);
    rd_tree_free(tree);
    rd_buf_done(&buf);
}

static void answers_agree(const struct rd_calendar *calendar)
{
    static const int64_t spans_us[] = {1, RD_HOUR_US, 40 * RD_HOUR_US, 400 * RD_HOUR_US};
    for (rd_time from = 0; from < INT64_C(4102444800) * RD_SECOND_US; from += 777 * RD_DAY_US + 1) {
        for (size_t i = 0; i < RD_COUNT(spans_us); i++) {
            rd_time until = rd_calendar_add_open(calendar, from, spans_us[i]);
            RD_ASSERT(until == RD_TIME_NONE ||
                      rd_calendar_open_between(calendar, from, until) == spans_us[i]);
        }
        rd_day day = rd_calendar_day(calendar, from);
        RD_ASSERT(rd_calendar_instant(calendar, day, 0) <= from);
        rd_day after = rd_calendar_working_after(calendar, day);
        RD_ASSERT(after == RD_DAY_NONE || rd_calendar_is_working(calendar, after));
    }
}

static void judge(struct rd_calendar *calendar, struct rd_arena *arena)
{
    struct rd_season season = {.month = 1, .day = 1};
    for (unsigned i = 0; i < 5; i++) {
        season.week[i] = (struct rd_hours){.count = 2, .open = {540, 810}, .close = {720, 1050}};
    }
    calendar->seasons = &season;
    calendar->season_count = 1;
    RD_ASSERT(rd_calendar_seal(calendar) == 0);
    packed_form_is_the_same(calendar, arena);
    answers_agree(calendar);
}

static const struct rd_offset utc = {.from = 0, .offset_s = 0};

static void holidays(bool is_json, struct rd_str text, struct rd_arena *arena)
{
    struct holidays_list list = {.arena = arena};
    int r = is_json ? holidays_json_read(&list, "fuzz", text)
                    : holidays_ics_read(&list, "fuzz", text);
    RD_ASSERT((r < 0) == (list.what[0] != '\0'));
    if (r < 0) {
        return;
    }
    keep_one_a_day(&list);
    struct rd_calendar calendar = {.offsets = &utc,
            .offset_count = 1,
            .specials = list.rows,
            .special_count = list.count,
            .horizon = RD_DAY_NONE};
    judge(&calendar, arena);
}

static void zone(bool is_rule, struct rd_str bytes, struct rd_arena *arena)
{
    struct zone_table table = {.at = RD_ARENA_ARRAY(arena, struct rd_offset, ZONE_OFFSETS_MAX)};
    const char *what = NULL;
    bool has_room = zone_table_put(&table, 0, 0);
    int r = is_rule ? zone_rule_expand(bytes, 0, &table) : zone_parse(bytes, arena, &table, &what);
    if (r < 0 || !has_room) {
        return;
    }
    struct rd_calendar calendar = {
            .offsets = table.at, .offset_count = table.count, .horizon = RD_DAY_NONE};
    struct rd_season season = {.month = 1, .day = 1};
    calendar.seasons = &season;
    calendar.season_count = 1;
    if (rd_calendar_seal(&calendar) == 0) { /* else refused: offsets that no clock could follow */
        judge(&calendar, arena);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 16384) {
        return 0;
    }
    struct rd_arena arena;
    rd_arena_init(&arena, 64 << 20);
    struct rd_str text =
            rd_arena_dup(&arena, (struct rd_str){.ptr = (const char *)data + 1, .len = size - 1});
    switch (data[0]) {
    case 'J':
    case 'I':
        holidays(data[0] == 'J', text, &arena);
        break;
    case 'Z':
    case 'R':
        zone(data[0] == 'R', text, &arena);
        break;
    default:
        break;
    }
    rd_arena_done(&arena);
    return 0;
}
