/* Law: a mapping loads or says why not; what it makes of a row is MessagePack that passes the scan
 * and has its id, or a reject with a code. Input: the mapping, a NUL, then the text of all columns.
 */
#include <string.h>

#include "common/wire/pack.h"
#include "tools/send/mapping.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void apply(const struct mapping *mapping, struct rd_str text)
{
    struct rd_str values[MAPPING_COLUMNS_MAX];
    for (size_t i = 0; i < mapping->column_count; i++) {
        values[i] = text;
    }
    struct mapping_row row = {.values = values, .line = 3, .row = 2, .sequence = 2};
    struct rd_buf event, id;
    struct rd_reject reject = {0};
    rd_buf_init(&event, MAPPING_EVENT_BYTES_MAX);
    rd_buf_init(&id, MAPPING_EVENT_BYTES_MAX);
    if (mapping_apply(mapping, &row, &event, &id, &reject)) {
        struct rd_tree *tree = rd_tree_new();
        rd_node root = NULL;
        const char *what = NULL;
        int r = rd_tree_read(tree, rd_buf_str(&event), &root, &what);
        RD_ASSERT(r == 0 || !rd_pack_is_utf8(text)); /* then the daemon says so */
        RD_ASSERT(rd_node_type(root) == RD_NODE_MAP);
        RD_ASSERT(rd_str_eq(rd_node_str(rd_node_find(root, "id")), rd_buf_str(&id)));
        rd_tree_free(tree);
    } else {
        RD_ASSERT(reject.code != NULL);
    }
    rd_buf_done(&event);
    rd_buf_done(&id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *mark = size > 0 ? memchr(data, 0, size) : NULL;
    size_t len = mark != NULL ? (size_t)(mark - data) : size;
    struct rd_str text = {.ptr = (const char *)data, .len = len};
    struct rd_str value = RD_STR("");
    if (mark != NULL) {
        value = (struct rd_str){.ptr = (const char *)mark + 1, .len = size - len - 1};
    }
    char what[256] = "";
    struct mapping *mapping = len > 0 ? mapping_parse(text, what) : NULL;
    if (mapping != NULL) {
        apply(mapping, value);
        mapping_free(mapping);
    } else {
        RD_ASSERT(len == 0 || what[0] != '\0');
    }
    return 0;
}
