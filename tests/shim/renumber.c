/* renumber STORE_DIR SCHEMA ENGINE — gives a store other numbers, as a version to come would have
 * written them. Engine 0: it stays as it is. */
#include <stdio.h>

#include "common/base/buf.h"
#include "common/base/num.h"
#include "daemon/store/rows/meta_row.h"

static void put_schema(struct store *store, uint32_t schema)
{
    struct rd_buf row;
    rd_buf_init(&row, 16);
    rd_buf_put_u8(&row, 1);
    rd_buf_put_u32(&row, schema);
    store_put(store_live(store), STORE_META, RD_STR("schema"), rd_buf_str(&row));
    rd_buf_done(&row);
}

int main(int argc, char *argv[])
{
    char what[256] = "";
    struct store *store = NULL;
    uint64_t schema, engine;
    if (argc != 4 || rd_u64_parse(rd_str_of(argv[2]), &schema) < 0 ||
            rd_u64_parse(rd_str_of(argv[3]), &engine) < 0) {
        return 64;
    }
    struct store_options options = {.dir = argv[1], .map_bytes_max = UINT64_C(1) << 30};
    int r = store_open(&options, &store, what);
    if (r < 0) {
        (void)fprintf(stderr, "%s: %s\n", argv[1], what);
        return 1;
    }
    struct counters counters;
    if (engine != 0 && meta_row_get(store_live(store), &counters)) {
        counters.engine_number = (uint32_t)engine;
        meta_row_put(store_live(store), &counters);
    }
    put_schema(store, (uint32_t)schema);
    r = store_flush(store);
    store_close(store);
    return r < 0;
}
