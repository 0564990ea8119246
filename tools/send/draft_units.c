#include <string.h>

#include "common/client/desk.h"
#include "tools/send/draft.h"

/* The daemon's units, and which of them an office of a register is. */

/* Those of one page, behind those that are there. What stands behind it; 0: nothing. */
static uint64_t take_units(struct draft *draft, rd_node result)
{
    rd_node rows = rd_node_find(result, "rows");
    uint32_t count = rd_node_count(rows);
    struct draft_unit *units =
            RD_ARENA_ARRAY(&draft->arena, struct draft_unit, draft->unit_count + count + 1);
    for (size_t i = 0; i < draft->unit_count; i++) {
        units[i] = draft->units[i];
    }
    draft->units = units;
    for (uint32_t i = 0; i < count; i++) {
        rd_node row = rd_node_at(rows, i);
        draft->units[draft->unit_count++] = (struct draft_unit){
                .path = rd_arena_dup(&draft->arena, rd_node_str(rd_node_find(row, "unit"))),
                .name = rd_arena_dup(&draft->arena, rd_node_str(rd_node_find(row, "name")))};
    }
    return rd_node_uint(rd_node_find(result, "next"));
}

void draft_ask_units(struct draft *draft, const struct ends *ends)
{
    struct rd_client *client RD_CLEANUP(rd_client_closep)
    = NULL;
    struct rd_desk *desk RD_CLEANUP(rd_desk_closep)
    = NULL;
    struct rd_desk_answer answer;
    struct rd_buf params;
    if (rd_client_open(&client) < 0 || rd_desk_open(client, ends->desk, &desk) < 0) {
        return;
    }
    rd_buf_init(&params, 64);
    uint64_t after = 0;
    do {
        rd_buf_reset(&params);
        rd_pack_map(&params, 2);
        rd_pack_cstr(&params, "limit");
        rd_pack_uint(&params, 10000);
        rd_pack_cstr(&params, "after");
        rd_pack_uint(&params, after);
        int r = rd_desk_call(desk, "units", rd_buf_str(&params), RD_SECOND_US, &answer);
        draft->has_units = r == 0 && answer.error_code.len == 0;
        after = draft->has_units ? take_units(draft, answer.result) : 0;
    } while (after != 0);
    rd_buf_done(&params);
}

static struct rd_str id_of(struct rd_str path)
{
    const char *slash = path.len > 0 ? memrchr(path.ptr, '/', path.len) : NULL;
    size_t from = slash != NULL ? (size_t)(slash - path.ptr) + 1 : 0;
    return (struct rd_str){.ptr = path.ptr + from, .len = path.len - from};
}

struct rd_str draft_unit_of(const struct draft *draft, struct rd_str text)
{
    struct rd_str found = {0};
    size_t times = 0;
    for (size_t i = 0; i < draft->unit_count; i++) {
        const struct draft_unit *unit = &draft->units[i];
        if (rd_str_eq(unit->path, text)) {
            return unit->path;
        }
        if (rd_str_eq(unit->name, text) || rd_str_eq(id_of(unit->path), text)) {
            found = unit->path;
            times++;
        }
    }
    return times == 1 ? found : (struct rd_str){0};
}
