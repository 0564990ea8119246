#include "daemon/engine/names.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/state.h"
#include "daemon/store/rows/name_row.h"

/* Names that were met are kept in memory by number, and found by a hash of their text: a few of
 * them (units, calendars, codes) stand in every record. Numbers are given once and for all, so only
 * a record that is refused, a side view that moves on or another plan make what is kept untrue. */

enum { NAMES_KEPT_MAX = 8192, SLOTS = 4 * NAMES_KEPT_MAX, UNIT_UNKNOWN = -2 };

struct kept_name {
    struct rd_str text; /* ptr NULL: not kept */
    int32_t unit;       /* index in the present plan, RD_NO_INDEX, or UNIT_UNKNOWN */
};

struct names {
    struct rd_arena arena;
    struct kept_name at[NAMES_KEPT_MAX];
    uint16_t slots[SLOTS]; /* numbers; 0: free */
    uint32_t kept;
};

static_assert(NAMES_KEPT_MAX <= UINT16_MAX, "a slot holds any number that is kept");

struct names *names_new(void)
{
    struct names *names = calloc(1, sizeof *names);
    if (names == NULL) {
        rd_oom();
    }
    rd_arena_init(&names->arena, RECORD_BYTES_MAX);
    return names;
}

void names_free(struct names *names)
{
    if (names != NULL) {
        rd_arena_done(&names->arena);
        free(names);
    }
}

void names_forget(struct engine *engine)
{
    struct names *names = engine->names;
    if (names->kept > 0) {
        memset(names->at, 0, sizeof names->at);
        memset(names->slots, 0, sizeof names->slots);
        rd_arena_reset(&names->arena);
        names->kept = 0;
    }
}

static uint32_t hash_of(struct rd_str text)
{
    uint32_t hash = 2166136261U; /* FNV-1a: texts are short; collisions only slow the lookup down */
    for (size_t i = 0; i < text.len; i++) {
        hash = (hash ^ (uint8_t)text.ptr[i]) * 16777619U;
    }
    return hash;
}

static void keep(struct names *names, uint32_t number, struct rd_str text)
{
    if (number >= NAMES_KEPT_MAX || names->at[number].text.ptr != NULL) {
        return;
    }
    names->at[number] =
            (struct kept_name){.text = rd_arena_dup(&names->arena, text), .unit = UNIT_UNKNOWN};
    names->kept++;
    uint32_t at = hash_of(text) % SLOTS;
    while (names->slots[at] != 0) {
        at = (at + 1) % SLOTS;
    }
    names->slots[at] = (uint16_t)number;
}

/* The text as it stands, whatever it was found by: who has a text that was hidden still gives its
 * number, and what is shown must not hang on who was met first since the start. */
static void keep_as_shown(struct engine *engine, uint32_t number)
{
    struct rd_str text = name_text(engine->view, number);
    if (text.len > 0) { /* empty: the disk failed, which the turn sees before anything leaves */
        keep(engine->names, number, text);
    }
}

static uint32_t find_kept(const struct names *names, struct rd_str text)
{
    for (uint32_t at = hash_of(text) % SLOTS; names->slots[at] != 0; at = (at + 1) % SLOTS) {
        if (rd_str_eq(names->at[names->slots[at]].text, text)) {
            return names->slots[at];
        }
    }
    return 0;
}

uint32_t name_known(struct engine *engine, struct rd_str text)
{
    uint32_t number = find_kept(engine->names, text);
    if (number == 0) {
        number = name_find(engine->view, text);
        if (number != 0) {
            keep_as_shown(engine, number);
        }
    }
    return number;
}

uint32_t name_number(struct engine *engine, struct rd_str text)
{
    uint32_t number = find_kept(engine->names, text);
    if (number == 0) {
        number = name_of(engine->view, text, &engine->counters.names);
        keep_as_shown(engine, number);
    }
    return number;
}

/* What is kept changes its text in place: others of the record at work have borrowed texts. */
void names_hide(struct engine *engine, uint32_t number)
{
    struct names *names = engine->names;
    name_hide(engine->view, number);
    if (number < NAMES_KEPT_MAX && names->at[number].text.ptr != NULL) {
        names->at[number].text = rd_arena_dup(&names->arena, name_text(engine->view, number));
    }
    engine->has_hidden_names = true;
}

struct rd_str name_shown(struct engine *engine, uint32_t number)
{
    struct names *names = engine->names;
    if (number >= NAMES_KEPT_MAX) {
        return rd_arena_dup(&engine->arena, name_text(engine->view, number));
    }
    if (number != 0 && names->at[number].text.ptr == NULL) {
        struct rd_str text = name_text(engine->view, number);
        if (text.len == 0) {
            return text; /* the disk failed: the turn sees it before anything leaves */
        }
        keep(names, number, text);
    }
    return names->at[number].text;
}

int32_t unit_index(struct engine *engine, uint32_t number)
{
    const struct rd_plan *plan = engine->plan;
    struct kept_name *kept = number < NAMES_KEPT_MAX ? &engine->names->at[number] : NULL;
    if (kept != NULL && kept->unit != UNIT_UNKNOWN && kept->text.ptr != NULL) {
        return kept->unit;
    }
    struct rd_str path = name_shown(engine, number);
    int32_t index = RD_NO_INDEX;
    for (size_t i = 0; i < plan->unit_count && index == RD_NO_INDEX; i++) {
        index = rd_str_eq(plan->units[i].path, path) ? (int32_t)i : RD_NO_INDEX;
    }
    if (kept != NULL && kept->text.ptr != NULL) {
        kept->unit = index;
    }
    return index;
}
