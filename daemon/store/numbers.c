#include "daemon/store/numbers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "daemon/store/page.h"
#include "daemon/store/row_sum.h"

enum { DEPTH_MAX = 32, ENGINE_PLACE = 12, SCHEMA_VERSION = 1 };

struct look {
    int fd;
    size_t page_bytes;
    uint64_t pages; /* in the snapshot */
    uint8_t *bytes; /* the page at hand */
};

static int read_at(const struct look *look, uint64_t offset, uint8_t *bytes, size_t size)
{
    size_t got = 0;
    while (got < size) {
        ssize_t n = pread(look->fd, bytes + got, size - got, (off_t)(offset + got));
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        if (n == 0) {
            return -EBADMSG;
        }
        got += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int page_read(struct look *look, uint64_t page, uint16_t flag)
{
    if (page < 2 || page >= look->pages) {
        return -EBADMSG;
    }
    int r = read_at(look, page * look->page_bytes, look->bytes, look->page_bytes);
    if (r < 0) {
        return r;
    }
    unsigned lower = page_u16(look->bytes + 12), upper = page_u16(look->bytes + 14);
    bool is_it = page_u64(look->bytes) == page && page_u16(look->bytes + 10) == flag &&
                 lower >= PAGE_HEAD && lower <= upper && upper <= look->page_bytes;
    return is_it ? 0 : -EBADMSG;
}

static unsigned node_count(const struct look *look)
{
    return (page_u16(look->bytes + 12) - (unsigned)PAGE_HEAD) / 2;
}

/* A node of the page at hand; NULL: it does not lie in it. */
static const uint8_t *node_at(const struct look *look, unsigned index, struct rd_str *ret_key)
{
    size_t at = page_u16(look->bytes + PAGE_HEAD + 2 * index);
    if (at < PAGE_HEAD || at + NODE_HEAD > look->page_bytes) {
        return NULL;
    }
    const uint8_t *node = look->bytes + at;
    size_t len = page_u16(node + 6);
    if (len > look->page_bytes - at - NODE_HEAD) {
        return NULL;
    }
    *ret_key = (struct rd_str){.ptr = (const char *)node + NODE_HEAD, .len = len};
    return node;
}

/* The child of the branch at hand under which the key would stand. */
static int child_of(const struct look *look, struct rd_str key, uint64_t *ret_page)
{
    unsigned count = node_count(look);
    /* The first node has an empty key and covers all smaller keys. */
    for (unsigned i = count; i > 0; i--) {
        struct rd_str at;
        const uint8_t *node = node_at(look, i - 1, &at);
        if (node == NULL) {
            return -EBADMSG;
        }
        if (i == 1 || rd_str_cmp(at, key) <= 0) {
            *ret_page = page_u16(node) | (uint64_t)page_u16(node + 2) << 16 |
                        (uint64_t)page_u16(node + 4) << 32;
            return 0;
        }
    }
    return -EBADMSG;
}

/* The value of `key` in the tree whose description lies at `db`; it points into the page at hand.
 */
static int find(struct look *look, const uint8_t *db, struct rd_str key, uint16_t flags,
        struct rd_str *ret_value)
{
    uint64_t page = page_u64(db + 40);
    unsigned depth = page_u16(db + 6);
    if (page == PAGE_NONE) {
        return -ENOENT;
    }
    if (depth == 0 || depth > DEPTH_MAX) {
        return -EBADMSG;
    }
    for (unsigned level = 0; level < depth; level++) {
        bool is_leaf = level + 1 == depth;
        int r = page_read(look, page, is_leaf ? FLAG_LEAF : FLAG_BRANCH);
        if (r == 0 && !is_leaf) {
            r = child_of(look, key, &page);
        }
        if (r < 0) {
            return r;
        }
    }
    for (unsigned i = 0; i < node_count(look); i++) {
        struct rd_str at;
        const uint8_t *node = node_at(look, i, &at);
        if (node == NULL) {
            return -EBADMSG;
        }
        if (rd_str_eq(at, key)) {
            size_t room =
                    look->page_bytes - (size_t)((const uint8_t *)at.ptr - look->bytes) - at.len;
            *ret_value = (struct rd_str){.ptr = at.ptr + at.len,
                    .len = page_u16(node) | (size_t)page_u16(node + 2) << 16};
            return page_u16(node + 4) == flags && ret_value->len <= room ? 0 : -EBADMSG;
        }
    }
    return -ENOENT;
}

/* A row of `meta`, without its checksum. */
static int row_find(
        struct look *look, const uint8_t *meta, const char *name, struct rd_str *ret_value)
{
    struct rd_str key = rd_str_of(name);
    int r = find(look, meta, key, 0, ret_value);
    if (r < 0) {
        return r;
    }
    return row_strip(row_table_seed(STORE_META), key, ret_value) ? 0 : -EBADMSG;
}

static int schema_read(struct rd_str row, uint32_t *ret_schema)
{
    struct rd_get get = rd_get_of(row);
    uint8_t version = rd_get_u8(&get);
    uint32_t schema = rd_get_u32(&get);
    if (version != SCHEMA_VERSION || rd_get_end(&get) != 0) {
        return -EPROTO;
    }
    *ret_schema = schema;
    return 0;
}

static int engine_read(struct rd_str row, struct store_numbers *numbers)
{
    struct rd_get get = rd_get_of(row);
    (void)rd_get_u8(&get);
    uint64_t position = rd_get_uint(&get), value = 0;
    for (int i = 1; i < ENGINE_PLACE; i++) {
        value = rd_get_uint(&get);
    }
    int64_t wall = rd_get_i64(&get);
    if (get.error != 0 || value == 0 || value > UINT32_MAX) {
        return -EBADMSG;
    }
    numbers->wall = wall;
    numbers->position = position;
    numbers->engine = (uint32_t)value;
    return 0;
}

int numbers_of(struct rd_str schema, struct rd_str engine, struct store_numbers *ret_numbers)
{
    struct store_numbers numbers = {.schema = 0};
    int r = schema_read(schema, &numbers.schema);
    if (r == 0 && engine.len > 0) {
        r = engine_read(engine, &numbers);
    }
    if (r == 0) {
        *ret_numbers = numbers;
    }
    return r;
}

static int meta_read(struct look *look, const uint8_t *tables, struct store_numbers *numbers)
{
    struct rd_str value;
    uint8_t meta[DB_BYTES];
    int r = find(look, tables, rd_str_of(store_table_name(STORE_META)), NODE_TABLE, &value);
    if (r < 0) {
        return r;
    }
    if (value.len != DB_BYTES) {
        return -EBADMSG;
    }
    memcpy(meta, value.ptr, DB_BYTES);
    r = row_find(look, meta, "schema", &value);
    if (r == 0) {
        r = schema_read(value, &numbers->schema);
    }
    if (r < 0) {
        return r;
    }
    r = row_find(look, meta, "engine", &value);
    return r == 0 ? engine_read(value, numbers) : r == -ENOENT ? 0 : r;
}

/* The newer one of the two heads. */
static int head_read(struct look *look, uint8_t ret_head[static META_BYTES])
{
    uint8_t heads[2][PAGE_HEAD + META_BYTES];
    for (size_t i = 0; i < 2; i++) {
        const uint8_t *meta = heads[i] + PAGE_HEAD;
        int r = read_at(look, i * look->page_bytes, heads[i], sizeof heads[i]);
        if (r < 0) {
            return r;
        }
        if (page_u32(meta) != PAGE_MAGIC || page_u32(meta + 4) != PAGE_VERSION ||
                page_u32(meta + META_DBS) != look->page_bytes) {
            return -EBADMSG;
        }
    }
    bool is_second =
            page_u64(heads[0] + PAGE_HEAD + META_TXN) < page_u64(heads[1] + PAGE_HEAD + META_TXN);
    memcpy(ret_head, heads[is_second] + PAGE_HEAD, META_BYTES);
    look->pages = page_u64(ret_head + META_LAST) + 1;
    return 0;
}

int numbers_read(int fd, struct store_numbers *ret_numbers)
{
    uint8_t head[META_BYTES];
    struct store_numbers numbers = {.schema = 0};
    struct look look = {.fd = fd, .page_bytes = (size_t)sysconf(_SC_PAGESIZE)};
    int r = head_read(&look, head);
    if (r < 0) {
        return r;
    }
    look.bytes = malloc(look.page_bytes);
    if (look.bytes == NULL) {
        rd_oom();
    }
    r = meta_read(&look, head + META_DBS + DB_BYTES, &numbers);
    free(look.bytes);
    if (r == 0) {
        *ret_numbers = numbers;
    }
    return r;
}
