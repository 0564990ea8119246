/* What is written is read back; what is cut or altered is refused or read whole, never past its
 * end.
 */
#include <errno.h>
#include <string.h>

#include "common/wire/pack.h"
#include "tests/prop.h"

enum { BUF_MAX = 1 << 20, WIDTH_MAX = 6, TEXT_MAX = 40 };

static void put_text(struct prop_gen *gen, struct rd_buf *buf, const char *prefix)
{
    static const char *const parts[] = {"a", "Z", "é", "投", "诉", "😀", " ", "0"};
    char text[4 * TEXT_MAX + 16];
    size_t len = strlen(prefix);
    memcpy(text, prefix, len);
    for (uint64_t i = prop_below(gen, TEXT_MAX); i > 0; i--) {
        const char *part = parts[prop_below(gen, RD_COUNT(parts))];
        memcpy(text + len, part, strlen(part));
        len += strlen(part);
    }
    rd_pack_str(buf, (struct rd_str){text, len});
}

/* NOLINTNEXTLINE(misc-no-recursion): depth ≤ 16 */
static void put_random(struct prop_gen *gen, struct rd_buf *buf, unsigned depth)
{
    uint64_t kinds = depth < RD_PACK_DEPTH_MAX ? 9 : 7;
    switch (prop_below(gen, kinds)) {
    case 0:
        rd_pack_nil(buf);
        return;
    case 1:
        rd_pack_bool(buf, prop_below(gen, 2) == 1);
        return;
    case 2:
        rd_pack_uint(buf, prop_u64(gen) >> prop_below(gen, 64));
        return;
    case 3:
        rd_pack_int(buf, -(int64_t)(prop_u64(gen) >> prop_between(gen, 1, 63)));
        return;
    case 4:
        put_text(gen, buf, "");
        return;
    case 5:
        rd_pack_bin(buf, (struct rd_str){"\xff\xfe\x00", prop_below(gen, 4)});
        return;
    case 6:
        rd_pack_time(buf, prop_between(gen, RD_TIME_MIN, RD_TIME_MAX));
        return;
    default:
        break;
    }
    uint32_t width = (uint32_t)prop_below(gen, depth == 0 ? 60 : WIDTH_MAX);
    bool is_map = prop_below(gen, 2) == 1;
    if (is_map) {
        rd_pack_map(buf, width);
    } else {
        rd_pack_array(buf, width);
    }
    for (uint32_t i = 0; i < width; i++) {
        if (is_map) {
            char prefix[12];
            (void)snprintf(prefix, sizeof prefix, "%u:", i);
            put_text(gen, buf, prefix);
        }
        put_random(gen, buf, depth + 1);
    }
}

static int what_is_written_is_read_back(struct prop_gen *gen)
{
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf, again;
    rd_buf_init(&buf, BUF_MAX);
    rd_buf_init(&again, BUF_MAX);
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    for (int i = 0; i < 3; i++) { /* the same tree again and again: its memory is reused */
        rd_buf_reset(&buf);
        rd_buf_reset(&again);
        put_random(gen, &buf, 0);
        rd_node root = NULL;
        const char *what = NULL;
        if (rd_tree_read(tree, rd_buf_str(&buf), &root, &what) != 0) {
            (void)fprintf(stderr, "%s\n", what);
            return __LINE__;
        }
        rd_pack_node(&again, root);
        if (!rd_str_eq(rd_buf_str(&buf), rd_buf_str(&again))) {
            return __LINE__;
        }
        if (rd_pack_span(rd_buf_str(&buf)) != buf.len) {
            return __LINE__;
        }
    }
    return 0;
}

static int what_is_cut_is_refused(struct prop_gen *gen)
{
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_buf_init(&buf, BUF_MAX);
    put_random(gen, &buf, 0);
    size_t len = prop_below(gen, buf.len);
    char *exact = malloc(len + 1);
    if (exact == NULL) {
        return __LINE__;
    }
    memcpy(exact + 1, buf.ptr, len);
    int r = rd_pack_scan((struct rd_str){exact + 1, len}, NULL);
    free(exact);
    return r == -EBADMSG ? 0 : __LINE__;
}

static int what_is_altered_is_read_whole_or_not_at_all(struct prop_gen *gen)
{
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf, again;
    rd_buf_init(&buf, BUF_MAX);
    rd_buf_init(&again, BUF_MAX);
    put_random(gen, &buf, 0);
    for (uint64_t i = prop_between(gen, 1, 4) > 0 ? 3 : 0; i > 0; i--) {
        buf.ptr[prop_below(gen, buf.len)] = (uint8_t)prop_u64(gen);
    }
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    rd_node root = NULL;
    int r = rd_tree_read(tree, rd_buf_str(&buf), &root, NULL);
    if (r == -EBADMSG) {
        return root == NULL ? 0 : __LINE__;
    }
    rd_pack_node(&again, root);
    return rd_pack_scan(rd_buf_str(&again), NULL) == r ? 0 : __LINE__;
}

int main(void)
{
    return prop_check("what is written is read back", what_is_written_is_read_back) |
           prop_check("what is cut is refused", what_is_cut_is_refused) |
           prop_check("what is altered is read whole or not at all",
                   what_is_altered_is_read_whole_or_not_at_all);
}
