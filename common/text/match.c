#include "common/text/match.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/chars.h"
#include "common/base/num.h"
#include "common/text/match_inner.h"
#include "common/time/civil.h"

enum { WHAT_MAX = 200, ATTRIBUTES_MAX = 64, LIST_MAX = 1024 };

/* ---- compiling ---- */

struct compiler {
    struct rd_arena *arena;
    struct rd_match *match;
    struct rd_str attribute;
    char *what;
};

static int refuse(struct compiler *compiler, const char *format, ...) RD_PRINTF(2, 3);
static int refuse(struct compiler *compiler, const char *format, ...)
{
    /* An attribute's name may be long; it is cut so that the message still says what is wrong. */
    struct rd_str name = compiler->attribute;
    name.len = name.len < WHAT_MAX / 2 ? name.len : WHAT_MAX / 2;
    int length =
            snprintf(compiler->what, WHAT_MAX, "%.*s%s", RD_FMT(name), name.len > 0 ? ": " : "");
    va_list args;
    va_start(args, format);
    (void)vsnprintf(compiler->what + length, WHAT_MAX - (size_t)length, format, args);
    va_end(args);
    return -EINVAL;
}

bool match_decimal_of(struct rd_str text, hundredths *ret_number)
{
    struct rd_str digits = text;
    if (digits.len > 0 && digits.ptr[0] == '-') {
        digits.ptr++;
        digits.len--;
    }
    if (digits.len > 1 && digits.ptr[0] == '0' && digits.ptr[1] != '.') {
        return false;
    }
    int64_t number = 0;
    if (rd_money_parse(text, &number) == 0) {
        *ret_number = number;
        return true;
    }
    if (rd_i64_parse(text, &number) == 0) { /* too large for hundredths, not for a count */
        *ret_number = (hundredths)number * 100;
        return true;
    }
    return false;
}

static int compile_compare(struct compiler *compiler, struct rd_str text, struct test *ret_test)
{
    bool is_or_equal = text.len > 1 && text.ptr[1] == '=';
    bool is_greater = text.ptr[0] == '>';
    struct rd_str number = {.ptr = text.ptr + 1 + is_or_equal, .len = text.len - 1 - is_or_equal};
    *ret_test = (struct test){.kind = TEST_COMPARE};
    if (is_greater) {
        ret_test->op = is_or_equal ? COMPARE_GE : COMPARE_GT;
    } else {
        ret_test->op = is_or_equal ? COMPARE_LE : COMPARE_LT;
    }
    if (!match_decimal_of(number, &ret_test->number)) {
        return refuse(compiler, "\"%.*s\": a number with at most two places must follow",
                (int)(text.len < 40 ? text.len : 40), text.ptr);
    }
    return 0;
}

static int compile_pattern(struct compiler *compiler, struct rd_str text, struct test *ret_test)
{
    struct rd_pattern *pattern = NULL;
    char what[WHAT_MAX];
    if (rd_pattern_compile(text, compiler->arena, &pattern, what) < 0) {
        return refuse(compiler, "pattern: %s", what);
    }
    compiler->match->bytes += pattern->bytes;
    pattern->next = compiler->match->patterns;
    compiler->match->patterns = pattern;
    *ret_test = (struct test){.kind = TEST_PATTERN, .pattern = pattern};
    return 0;
}

static void compile_text(struct compiler *compiler, struct rd_str text, struct test *ret_test)
{
    *ret_test = (struct test){.kind = TEST_TEXT, .text = rd_arena_dup(compiler->arena, text)};
    ret_test->has_number = match_decimal_of(text, &ret_test->number);
}

/* "~RE", ">=60", or plain text. */
static int compile_positive(struct compiler *compiler, struct rd_str text, struct test *ret_test)
{
    char first = text.len > 0 ? text.ptr[0] : '\0';
    if (first == '~') {
        return compile_pattern(
                compiler, (struct rd_str){.ptr = text.ptr + 1, .len = text.len - 1}, ret_test);
    }
    if (first == '>' || first == '<') {
        return compile_compare(compiler, text, ret_test);
    }
    compile_text(compiler, text, ret_test);
    return 0;
}

static int compile_str(struct compiler *compiler, struct rd_str text, struct test *ret_test)
{
    if (text.len == 0 || text.ptr[0] != '!') {
        return compile_positive(compiler, text, ret_test);
    }
    struct rd_str rest = {.ptr = text.ptr + 1, .len = text.len - 1};
    if (rest.len > 0 && rest.ptr[0] == '!') {
        return refuse(compiler, "\"!!\": say it without");
    }
    struct test *inner = RD_ARENA_ARRAY(compiler->arena, struct test, 1);
    int r = compile_positive(compiler, rest, inner);
    if (r == 0 && inner->kind == TEST_TEXT) {
        /* Within the quotes YAML cannot tell "!true" from "!the text true": it means both. */
        inner->has_bool = rd_str_is(rest, "true") || rd_str_is(rest, "false");
        inner->boolean = rd_str_is(rest, "true");
    }
    *ret_test = (struct test){.kind = TEST_NOT, .list = inner, .count = 1};
    return r;
}

static int compile_scalar(struct compiler *compiler, rd_node node, struct test *ret_test)
{
    enum rd_node_type type = rd_node_type(node);
    if (type == RD_NODE_STR) {
        return compile_str(compiler, rd_node_str(node), ret_test);
    }
    if (type == RD_NODE_BOOL) {
        *ret_test =
                (struct test){.kind = TEST_BOOL, .has_bool = true, .boolean = rd_node_bool(node)};
        return 0;
    }
    if (type == RD_NODE_UINT || type == RD_NODE_INT) {
        *ret_test = (struct test){.kind = TEST_NUMBER, .has_number = true};
        ret_test->number = type == RD_NODE_UINT ? (hundredths)rd_node_uint(node) * 100
                                                : (hundredths)rd_node_int(node) * 100;
        return 0;
    }
    if (type == RD_NODE_FLOAT) {
        return refuse(compiler, "a number with places is written in quotes");
    }
    return refuse(compiler, "a test is a text, a number, true or false, or a list of these");
}

static int compile_test(struct compiler *compiler, rd_node node, struct test *ret_test)
{
    if (rd_node_type(node) != RD_NODE_ARRAY) {
        return compile_scalar(compiler, node, ret_test);
    }
    uint32_t count = rd_node_count(node);
    if (count == 0 || count > LIST_MAX) {
        return refuse(compiler, "a list has 1 to %d tests", LIST_MAX);
    }
    struct test *list = RD_ARENA_ARRAY(compiler->arena, struct test, count);
    for (uint32_t i = 0; i < count; i++) {
        int r = compile_scalar(compiler, rd_node_at(node, i), &list[i]);
        if (r < 0) {
            return r;
        }
    }
    *ret_test = (struct test){.kind = TEST_ANY, .list = list, .count = count};
    return 0;
}

int rd_match_compile(rd_node map, struct rd_arena *arena, struct rd_match **ret_match,
        char ret_what[static WHAT_MAX])
{
    struct compiler compiler = {.arena = arena, .what = ret_what};
    uint32_t count = rd_node_count(map);
    if (rd_node_type(map) != RD_NODE_MAP || count > ATTRIBUTES_MAX) {
        return refuse(&compiler, "a match is a map of at most %d attributes", ATTRIBUTES_MAX);
    }
    struct rd_match *match =
            rd_arena_zalloc(arena, sizeof *match + count * sizeof match->attributes[0]);
    compiler.match = match;
    for (uint32_t i = 0; i < count; i++) {
        rd_node test = rd_node_pair(map, i, &compiler.attribute);
        int r = compile_test(&compiler, test, &match->attributes[i].test);
        if (r < 0) {
            rd_match_free(match);
            return r;
        }
        match->attributes[i].name = rd_arena_dup(arena, compiler.attribute);
        match->count++;
    }
    *ret_match = match;
    return 0;
}

void rd_match_free(struct rd_match *match)
{
    if (match != NULL) {
        for (struct rd_pattern *pattern = match->patterns; pattern != NULL;
                pattern = pattern->next) {
            rd_pattern_done(pattern);
        }
        match->patterns = NULL;
    }
}

/* ---- reading ---- */

size_t rd_match_pattern_bytes(const struct rd_match *match)
{
    return match->bytes;
}

bool rd_match_names(const struct rd_match *match, struct rd_str name)
{
    for (size_t i = 0; i < match->count; i++) {
        if (rd_str_eq(match->attributes[i].name, name)) {
            return true;
        }
    }
    return false;
}

size_t rd_match_count(const struct rd_match *match)
{
    return match->count;
}

struct rd_str rd_match_name_at(const struct rd_match *match, size_t index)
{
    RD_ASSERT(index < match->count);
    return match->attributes[index].name;
}

/* ---- showing ---- */

struct rd_str rd_match_shown(const struct rd_match *match, size_t index, struct rd_str text,
        size_t *budget, struct rd_arena *arena)
{
    RD_ASSERT(index < match->count);
    const struct test *test = &match->attributes[index].test;
    const struct test *list = test->kind == TEST_ANY ? test->list : test;
    size_t count = test->kind == TEST_ANY ? test->count : 1;
    struct rd_str found = {text.ptr, 0};
    bool is_found = text.len <= RD_SHOWN_CHARS_MAX; /* then it is shown whole */
    for (size_t i = 0; i < count && !is_found; i++) {
        is_found = list[i].kind == TEST_PATTERN &&
                   rd_pattern_find(list[i].pattern, text, budget, &found);
    }
    return rd_chars_around(text, found, RD_SHOWN_CHARS_MAX, arena);
}
