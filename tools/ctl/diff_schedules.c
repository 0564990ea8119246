/* config diff: reports, digests, duties and turns that another configuration would move. */
#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "tools/ctl/diff.h"
#include "tools/shared/json.h"
#include "tools/shared/text.h"

/* Both sides have as many as there are units, watches and duties. */
enum { LIST_BYTES_MAX = 1024 * 1024 * 1024 };

struct list {
    struct rd_arena arena; /* rows and their texts */
    struct engine_upcoming *rows;
    size_t count, room;
};

static void keep(void *user, const struct engine_upcoming *upcoming)
{
    struct list *list = user;
    if (list->count == list->room) {
        size_t room = list->room != 0 ? list->room * 2 : 64;
        struct engine_upcoming *rows = RD_ARENA_ARRAY(&list->arena, struct engine_upcoming, room);
        if (list->count > 0) {
            memcpy(rows, list->rows, list->count * sizeof rows[0]);
        }
        list->rows = rows;
        list->room = room;
    }
    struct engine_upcoming *row = &list->rows[list->count++];
    *row = *upcoming;
    row->unit = rd_arena_dup(&list->arena, upcoming->unit);
    row->name = rd_arena_dup(&list->arena, upcoming->name);
    row->who = rd_arena_dup(&list->arena, upcoming->who);
}

/* Units before rosters, each by its path. */
static int compare(const void *left, const void *right)
{
    const struct engine_upcoming *a = left, *b = right;
    if ((a->unit.len == 0) != (b->unit.len == 0)) {
        return a->unit.len == 0 ? 1 : -1;
    }
    int r = rd_str_cmp(a->unit, b->unit);
    r = r != 0 ? r : rd_str_cmp(a->name, b->name);
    return r != 0 ? r : strcmp(a->what, b->what);
}

static void list_of(struct engine *engine, struct list *list)
{
    rd_arena_init(&list->arena, LIST_BYTES_MAX);
    engine_upcoming_each(engine, keep, list);
    if (list->count > 0) {
        qsort(list->rows, list->count, sizeof list->rows[0], compare);
    }
}

/* ---- what differs ---- */

static void add_side(
        json_t *row, const char *key, const char *who, const struct engine_upcoming *at)
{
    char room[DIFF_TIME_MAX];
    const char *time = at != NULL ? diff_time(at->at, true, room) : NULL;
    (void)json_object_set_new(row, key, time != NULL ? json_string(time) : json_null());
    if (at != NULL && at->who.len > 0) {
        (void)json_object_set_new(row, who, json_text(at->who));
    }
}

static void add_row(
        json_t *rows, const struct engine_upcoming *now, const struct engine_upcoming *then)
{
    const struct engine_upcoming *any = now != NULL ? now : then;
    json_t *row = json_object();
    if (any->unit.len > 0) {
        (void)json_object_set_new(row, "unit", json_text(any->unit));
    }
    (void)json_object_set_new(row, "what", json_string(any->what));
    if (any->name.len > 0) {
        (void)json_object_set_new(row, "name", json_text(any->name));
    }
    add_side(row, "from", "from_unit", now);
    add_side(row, "to", "to_unit", then);
    (void)json_array_append_new(rows, row);
}

/* Of a roster: whether it is told with its beginning, or with its end. */
static bool is_begun(const char *what)
{
    return strcmp(what, "next turn") == 0 || strcmp(what, "turn then") == 0;
}

static void print_side(const struct engine_upcoming *at)
{
    char room[DIFF_TIME_MAX];
    const char *time = at != NULL ? diff_time(at->at, false, room) : NULL;
    if (at != NULL && at->unit.len == 0) {
        (void)printf("%.*s", RD_FMT(at->who.len > 0 ? at->who : RD_STR("nobody")));
        (void)fputs(is_begun(at->what) ? " from " : " until ", stdout);
    }
    (void)fputs(time != NULL ? time : "none", stdout);
}

/* "unit zj/hz: digest (day): FROM -> TO", "roster night: next turn: zj/hz from AT -> …" */
static void print_row(const struct engine_upcoming *now, const struct engine_upcoming *then)
{
    const struct engine_upcoming *any = now != NULL ? now : then;
    if (any->unit.len == 0) {
        (void)printf("roster %.*s: %s: ", RD_FMT(any->name), any->what);
    } else {
        (void)printf("unit %.*s: %s", RD_FMT(any->unit), any->what);
        if (any->name.len > 0) {
            (void)printf(" (%.*s)", RD_FMT(any->name));
        }
        (void)fputs(": ", stdout);
    }
    print_side(now);
    (void)fputs(" -> ", stdout);
    print_side(then);
    (void)putchar('\n');
}

static bool is_same(const struct engine_upcoming *now, const struct engine_upcoming *then)
{
    return now != NULL && then != NULL ? now->at == then->at && rd_str_eq(now->who, then->who)
                                       : (now != NULL ? now : then)->at == RD_TIME_NONE;
}

static void tell(struct diff_schedules *schedules, const struct engine_upcoming *now,
        const struct engine_upcoming *then)
{
    schedules->count++;
    if (is_same(now, then)) {
        return;
    }
    schedules->moved++;
    if (schedules->rows != NULL) {
        add_row(schedules->rows, now, then);
    } else {
        print_row(now, then);
    }
}

static void tell_lost(void *user, const struct engine_upcoming *lost)
{
    tell(user, lost, NULL);
}

void diff_schedules(
        struct engine *now, struct engine *then, bool is_json, struct diff_schedules *ret_schedules)
{
    struct list before = {0}, behind = {0};
    list_of(now, &before);
    list_of(then, &behind);
    *ret_schedules = (struct diff_schedules){.rows = is_json ? json_array() : NULL};
    for (size_t i = 0, k = 0; i < before.count || k < behind.count;) {
        int order = i == before.count   ? 1
                    : k == behind.count ? -1
                                        : compare(&before.rows[i], &behind.rows[k]);
        tell(ret_schedules, order <= 0 ? &before.rows[i] : NULL,
                order >= 0 ? &behind.rows[k] : NULL);
        i += order <= 0;
        k += order >= 0;
    }
    engine_stand_ins_lost(now, engine_plan(then), tell_lost, ret_schedules);
    rd_arena_done(&behind.arena);
    rd_arena_done(&before.arena);
}
