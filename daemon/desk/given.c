#include "daemon/desk/given.h"

#include <string.h>

#include "daemon/store/rows/key.h"
#include "daemon/store/rows/name_row.h"

/* Of the key figure NUL period NUL as NUL unit seq. */
struct parts {
    struct rd_str figure, period, as;
    uint32_t unit;
};

static struct rd_str cut(struct rd_str *rest)
{
    const char *end = memchr(rest->ptr, 0, rest->len);
    RD_ASSERT(end != NULL);
    struct rd_str text = {rest->ptr, (size_t)(end - rest->ptr)};
    *rest = (struct rd_str){end + 1, rest->len - text.len - 1};
    return text;
}

static struct parts parts_of(struct rd_str key)
{
    struct parts parts;
    parts.figure = cut(&key);
    parts.period = cut(&key);
    parts.as = cut(&key);
    parts.unit = row_key_read_u32(key, 0);
    return parts;
}

/* Of no unit is of the whole. */
static uint32_t root_of(struct method_call *call, uint32_t unit)
{
    return unit != 0 ? unit : name_find(call->view, call->plan->units[0].path);
}

struct given given_find(struct method_call *call, struct rd_str figure, const char *as,
        struct rd_period period, uint32_t unit)
{
    struct given given = {0};
    struct store_scan scan;
    struct rd_str key, value, from = rd_arena_printf(call->arena, "%.*s", RD_FMT(figure));
    store_scan_begin(&scan, call->view, STORE_FIGURES_GIVEN, from);
    while (store_scan_next(&scan, &key, &value)) {
        struct parts parts = parts_of(key);
        struct rd_period of;
        if (!rd_str_eq(parts.figure, figure)) {
            if (rd_str_starts(parts.figure, figure)) {
                continue;
            }
            store_scan_end(&scan);
            break;
        }
        if (rd_str_is(parts.as, as) && root_of(call, parts.unit) == root_of(call, unit) &&
                rd_period_parse(parts.period, &of) == 0 && of.first == period.first &&
                of.last == period.last) {
            given = (struct given){true, row_key_read_time(value, 1)}; /* the newest stands last */
        }
    }
    return given;
}

struct rd_str given_next(struct method_call *call, struct rd_str after)
{
    struct store_scan scan;
    struct rd_str key, value, found = {0};
    struct rd_str from = rd_arena_printf(call->arena, "%.*s%c", RD_FMT(after), 1);
    store_scan_begin(
            &scan, call->view, STORE_FIGURES_GIVEN, after.len > 0 ? from : (struct rd_str){0});
    if (store_scan_next(&scan, &key, &value)) {
        found = rd_arena_dup(call->arena, parts_of(key).figure);
        store_scan_end(&scan);
    }
    return found;
}
