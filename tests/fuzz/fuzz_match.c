/* Input: a test, a newline, an attribute's text. Laws: "!T" holds exactly where "T" does not; a
 * list of both always holds; a text that is no test of another kind equals itself; what does not
 * compile says why. */
#include <errno.h>
#include <string.h>

#include "common/text/match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BUF_MAX = 1 << 20, ARENA_MAX = 1 << 22 };

static struct rd_value lookup(const void *context, struct rd_str name)
{
    RD_ASSERT(rd_str_is(name, "a"));
    return *(const struct rd_value *)context;
}

/* {a: [TEST, "!" TEST]}, one of the two, by `parts`: bit 0 the test, bit 1 its negation. */
static int compile(
        struct rd_str test, unsigned parts, struct rd_arena *arena, struct rd_match **ret)
{
    struct rd_buf buf, negation;
    rd_buf_init(&buf, BUF_MAX);
    rd_buf_init(&negation, BUF_MAX);
    rd_buf_put_u8(&negation, '!');
    rd_buf_put_text(&negation, test);
    rd_pack_map(&buf, 1);
    rd_pack_cstr(&buf, "a");
    rd_pack_array(&buf, parts == 3 ? 2 : 1);
    if ((parts & 1) != 0) {
        rd_pack_str(&buf, test);
    }
    if ((parts & 2) != 0) {
        rd_pack_str(&buf, rd_buf_str(&negation));
    }
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    rd_node root = NULL;
    int r = rd_tree_read(tree, rd_buf_str(&buf), &root, NULL); /* refuses what is no UTF-8 */
    if (r == 0) {
        char what[200] = "";
        r = rd_match_compile(root, arena, ret, what);
        RD_ASSERT(r == 0 || what[0] != '\0');
    }
    rd_buf_done(&negation);
    rd_buf_done(&buf);
    return r;
}

static void check(struct rd_str test, const struct rd_value *value, struct rd_arena *arena)
{
    struct rd_match *plain = NULL, *negated = NULL, *both = NULL;
    int r = compile(test, 1, arena, &plain);
    bool is_negation = test.len > 0 && test.ptr[0] == '!';
    if (r == 0 && !is_negation) {
        RD_ASSERT(compile(test, 2, arena, &negated) == 0);
        RD_ASSERT(compile(test, 3, arena, &both) == 0);
        bool holds = rd_match_holds(plain, lookup, value);
        RD_ASSERT(rd_match_holds(negated, lookup, value) != holds);
        RD_ASSERT(rd_match_holds(both, lookup, value));
        bool is_text = test.len == 0 || strchr("~<>", test.ptr[0]) == NULL;
        RD_ASSERT(
                !is_text || value->type != RD_VALUE_STR || holds == rd_str_eq(test, value->bytes));
    }
    rd_match_free(plain);
    rd_match_free(negated);
    rd_match_free(both);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *newline = size > 0 ? memchr(data, '\n', size) : NULL;
    if (newline == NULL) {
        return 0;
    }
    struct rd_str test = {.ptr = (const char *)data, .len = (size_t)(newline - data)};
    struct rd_str text = {.ptr = (const char *)newline + 1, .len = size - test.len - 1};
    struct rd_arena arena;
    rd_arena_init(&arena, ARENA_MAX);
    check(test, &(struct rd_value){.type = RD_VALUE_STR, .bytes = text}, &arena);
    check(test, &(struct rd_value){.type = RD_VALUE_MONEY, .integer = (int64_t)size * 7919},
            &arena);
    check(test, &(struct rd_value){.type = RD_NIL}, &arena);
    struct rd_value list = {.type = RD_VALUE_LIST, .bytes = text}; /* hostile: never past the end */
    check(test, &list, &arena);
    rd_arena_done(&arena);
    return 0;
}
