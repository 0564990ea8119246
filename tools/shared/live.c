#include "tools/shared/live.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/client/desk.h"
#include "tools/shared/ends.h"
#include "tools/shared/text.h"

enum { ROWS_MAX = 10000, PARAMS_BYTES_MAX = 256 };
#define ANSWER_US (RD_SECOND_US / 2)

struct names {
    const char *method, *key;
};
static const struct names UNITS = {"units", "unit"};
static const struct names SUBJECTS = {"case.list", "subject"};
static const struct names SOURCES = {"source.list", "source"};

/* Each name goes to `take`. */
static void ask(const char *desk, const struct names *names, void *context,
        void (*take)(void *context, struct rd_str name))
{
    char why[END_WHY_MAX];
    RD_CLEANUP(rd_client_closep)
    struct rd_client *client = NULL;
    RD_CLEANUP(rd_desk_closep)
    struct rd_desk *opened = NULL;
    struct rd_desk_answer answer = {0};
    struct rd_buf params;
    rd_buf_init(&params, PARAMS_BYTES_MAX);
    rd_pack_map(&params, 1);
    rd_pack_cstr(&params, "limit");
    rd_pack_uint(&params, ROWS_MAX);
    int r = ends_probe(desk, why);
    r = r == 0 ? rd_client_open(&client) : r;
    r = r == 0 ? rd_desk_open(client, desk, &opened) : r;
    r = r == 0 ? rd_desk_call(opened, names->method, rd_buf_str(&params), ANSWER_US, &answer) : r;
    rd_node rows = r == 0 ? rd_node_find(answer.result, "rows") : NULL;
    for (uint32_t i = 0; i < rd_node_count(rows); i++) {
        rd_node row = rd_node_at(rows, i);
        struct rd_str name = rd_node_str(rd_node_find(row, names->key));
        bool is_closed = rd_str_is(rd_node_str(rd_node_find(row, "state")), "closed");
        if (name.len > 0 && !is_closed) {
            take(context, name);
        }
    }
    rd_buf_done(&params);
}

static void print(void *context, struct rd_str name)
{
    (void)context;
    print_text(stdout, name);
    (void)fputc('\n', stdout);
}

void live_print_units(const char *desk)
{
    ask(desk, &UNITS, NULL, print);
}

void live_print_subjects(const char *desk)
{
    ask(desk, &SUBJECTS, NULL, print);
}

struct search {
    struct rd_nearest nearest;
    size_t tried;
    bool is_found;
    char *room; /* a name lives only until the next answer */
};

/* A unit may be written as the last part of its path. */
static void try_name(void *context, struct rd_str name)
{
    struct search *search = context;
    const char *slash = memrchr(name.ptr, '/', name.len);
    size_t before = search->nearest.distance;
    search->tried++;
    search->is_found = search->is_found || rd_str_eq(name, search->nearest.text);
    rd_nearest_try(&search->nearest, name);
    if (slash != NULL) {
        size_t skipped = (size_t)(slash + 1 - name.ptr);
        rd_nearest_try(
                &search->nearest, (struct rd_str){.ptr = slash + 1, .len = name.len - skipped});
    }
    if (search->nearest.distance < before) {
        search->room[0] = '\0';
        if (rd_nearest_is_close(&search->nearest)) {
            (void)snprintf(search->room, LIVE_HINT_MAX, "; did you mean %.*s?", RD_FMT(name));
        }
    }
}

static const char *hint(
        const char *desk, const struct names *names, const char *written, char *room)
{
    struct search search = {.nearest = rd_nearest_of(rd_str_of(written)), .room = room};
    room[0] = '\0';
    ask(desk, names, &search, try_name);
    if (search.is_found) { /* what is there is not what was wrong */
        room[0] = '\0';
    }
    return room;
}

const char *live_unit_hint(const char *desk, const char *written, char room[static LIVE_HINT_MAX])
{
    return hint(desk, &UNITS, written, room);
}

const char *live_subject_hint(
        const char *desk, const char *written, char room[static LIVE_HINT_MAX])
{
    return hint(desk, &SUBJECTS, written, room);
}

static int exists(const char *desk, const struct names *names, const char *written, char *room)
{
    struct search search = {.nearest = rd_nearest_of(rd_str_of(written)), .room = room};
    room[0] = '\0';
    ask(desk, names, &search, try_name);
    return search.tried == 0 ? -EAGAIN : search.is_found ? 1 : 0;
}

int live_unit_exists(const char *desk, const char *unit, char room[static LIVE_HINT_MAX])
{
    return exists(desk, &UNITS, unit, room);
}

int live_source_exists(const char *desk, const char *source, char room[static LIVE_HINT_MAX])
{
    return exists(desk, &SOURCES, source, room);
}
