/* Matchers on numbers and short texts, against one who compares them by hand. */
#include <string.h>

#include "common/base/num.h"
#include "common/text/match.h"
#include "tests/prop.h"

enum { TESTS_MAX = 5, TEXT_MAX = 32 };

/* One test: a number in hundredths behind an operator, or a text of few letters. */
struct naive {
    const char *op; /* ">=" ">" "<=" "<" "" ; NULL: a text */
    bool is_not;
    int64_t number;
    char text[TEXT_MAX];
};

static int64_t random_number(struct prop_gen *gen)
{
    return prop_below(gen, 2) == 0 ? prop_between(gen, -3, 3) * 100 : prop_between(gen, -150, 150);
}

static struct naive random_test(struct prop_gen *gen)
{
    static const char *const ops[] = {">=", ">", "<=", "<", "", NULL};
    struct naive test = {
            .op = ops[prop_below(gen, RD_COUNT(ops))],
            .is_not = prop_below(gen, 3) == 0,
            .number = random_number(gen),
    };
    char number[RD_MONEY_TEXT_MAX];
    rd_money_format(test.number, number);
    const char *not = test.is_not ? "!" : "";
    if (test.op != NULL) {
        (void)snprintf(test.text, sizeof test.text, "%s%s%s", not, test.op, number);
    } else {
        (void)snprintf(test.text, sizeof test.text, "%s%c", not, (int)prop_between(gen, 'a', 'c'));
    }
    return test;
}

static bool number_holds(const struct naive *test, int64_t number)
{
    if (test->op == NULL) {
        return false;
    }
    bool less = number < test->number, equal = number == test->number;
    switch (test->op[0]) {
    case '>':
        return (!less && !equal) || (equal && test->op[1] == '=');
    case '<':
        return less || (equal && test->op[1] == '=');
    default:
        return equal;
    }
}

static bool naive_holds(const struct naive *test, const struct rd_value *value)
{
    bool holds = false;
    if (value->type == RD_VALUE_STR) {
        struct rd_str text = rd_str_of(test->text + test->is_not);
        holds = test->op == NULL && rd_str_eq(text, value->bytes);
    } else if (value->type != RD_NIL) {
        bool is_money = value->type == RD_VALUE_MONEY;
        holds = number_holds(test, is_money ? value->integer : value->integer * 100);
    }
    return holds != test->is_not;
}

static struct rd_value random_value(struct prop_gen *gen)
{
    static const char letters[] = "abc";
    switch (prop_below(gen, 4)) {
    case 0:
        return (struct rd_value){.type = RD_NIL};
    case 1:
        return (struct rd_value){.type = RD_VALUE_MONEY, .integer = random_number(gen)};
    case 2:
        return (struct rd_value){
                .type = RD_VALUE_STR, .bytes = {.ptr = letters + prop_below(gen, 3), .len = 1}};
    default: {
        int64_t number = prop_between(gen, -3, 3);
        return (struct rd_value){
                .type = number < 0 ? RD_VALUE_INT : RD_VALUE_UINT, .integer = number};
    }
    }
}

static struct rd_value lookup(const void *context, struct rd_str name)
{
    (void)name;
    return *(const struct rd_value *)context;
}

static int holds_as_by_hand(struct prop_gen *gen)
{
    struct naive tests[TESTS_MAX];
    uint32_t count = 1 + (uint32_t)prop_below(gen, TESTS_MAX);
    struct rd_buf buf;
    rd_buf_init(&buf, 1024);
    rd_pack_map(&buf, 1);
    rd_pack_cstr(&buf, "a");
    rd_pack_array(&buf, count);
    for (uint32_t i = 0; i < count; i++) {
        tests[i] = random_test(gen);
        rd_pack_cstr(&buf, tests[i].text);
    }
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    rd_node root = NULL;
    struct rd_arena arena;
    rd_arena_init(&arena, 1 << 16);
    struct rd_match *match = NULL;
    char what[200];
    int failed = rd_tree_read(tree, rd_buf_str(&buf), &root, NULL) == 0 &&
                                 rd_match_compile(root, &arena, &match, what) == 0
                         ? 0
                         : __LINE__;
    for (int i = 0; i < 20 && failed == 0; i++) {
        struct rd_value value = random_value(gen);
        bool want = false;
        for (uint32_t k = 0; k < count; k++) {
            want |= naive_holds(&tests[k], &value);
        }
        failed = rd_match_holds(match, lookup, &value) == want ? 0 : __LINE__;
    }
    rd_match_free(match);
    rd_arena_done(&arena);
    rd_buf_done(&buf);
    return failed;
}

int main(void)
{
    return prop_check("holds as by hand", holds_as_by_hand);
}
