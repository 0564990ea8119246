#include "common/match.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/chars.h"
#include "common/civil.h"
#include "common/match_pattern.h"
#include "common/num.h"

enum { WHAT_MAX = 200, ATTRIBUTES_MAX = 64, LIST_MAX = 1024 };

enum test_kind {
    TEST_TEXT,    /* text; number too where has_number */
    TEST_NUMBER,  /* equals */
    TEST_BOOL,    /* equals number */
    TEST_COMPARE, /* op, number */
    TEST_PATTERN,
    TEST_NOT, /* of the one test in list */
    TEST_ANY, /* of the tests in list */
};

enum compare { COMPARE_GE, COMPARE_GT, COMPARE_LE, COMPARE_LT };

/* Hundredths of any int64_t or uint64_t: money and counts compare in one scale without overflow. */
typedef __int128 hundredths;

struct test {
    enum test_kind kind;
    enum compare op;
    bool has_number, has_bool, boolean;
    struct rd_str text;
    hundredths number;
    struct rd_pattern *pattern;
    const struct test *list;
    size_t count;
};

struct attribute {
    struct rd_str name;
    struct test test;
};

struct rd_match {
    size_t count;
    size_t bytes;                /* of its patterns, compiled */
    struct rd_pattern *patterns; /* all of them, to be freed */
    struct attribute attributes[];
};

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
    /* An attribute's name may be anything; what is wrong must still stand behind it. */
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

/* "-?(0|[1-9][0-9]*)(\.[0-9]{1,2})?": the one text of a number, so that the phone "0123" is not
 * 123. False: not that, or over int64_t. */
static bool decimal_of(struct rd_str text, hundredths *ret_number)
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
    if (!decimal_of(number, &ret_test->number)) {
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
    ret_test->has_number = decimal_of(text, &ret_test->number);
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

/* ---- evaluating ---- */

/* What an attribute's value, or one element of it, is to a test: its text, its number, its truth.
 */
struct fact {
    bool has_text, has_number, has_bool, boolean;
    struct rd_str text;
    hundredths number;
    size_t *budget;              /* what patterns may still cost on the whole value */
    char made[RD_TIME_TEXT_MAX]; /* the text of what came as a number, a date or a time */
};

static void fact_of_number(struct fact *fact, hundredths number, bool is_money)
{
    fact->has_number = true;
    fact->number = number;
    fact->has_text = true;
    if (is_money) {
        rd_money_format((int64_t)number, fact->made);
    } else {
        (void)snprintf(fact->made, sizeof fact->made, "%jd", (intmax_t)(number / 100));
    }
    fact->text = rd_str_of(fact->made);
}

static void fact_of_str(struct fact *fact, struct rd_str text)
{
    fact->has_text = true;
    fact->text = text;
    fact->has_number = decimal_of(text, &fact->number);
}

static void fact_of(struct fact *fact, const struct rd_value *value)
{
    *fact = (struct fact){0};
    switch (value->type) {
    case RD_VALUE_STR:
        fact_of_str(fact, value->bytes);
        break;
    case RD_VALUE_UINT:
    case RD_VALUE_INT:
        fact_of_number(fact, (hundredths)value->integer * 100, false);
        break;
    case RD_VALUE_MONEY:
        fact_of_number(fact, value->integer, true);
        break;
    case RD_VALUE_BOOL:
        fact->has_bool = true;
        fact->boolean = value->integer != 0;
        break;
    case RD_VALUE_TIME:
        rd_time_format(value->integer, fact->made);
        fact->has_text = true;
        fact->text = rd_str_of(fact->made);
        break;
    case RD_VALUE_DATE:
        rd_day_format((rd_day)value->integer, fact->made);
        fact->has_text = true;
        fact->text = rd_str_of(fact->made);
        break;
    case RD_NIL:
    case RD_VALUE_LIST:
    case RD_VALUE_MAP:
        break; /* nothing equals it */
    }
}

static bool compares(enum compare op, hundredths fact, hundredths number)
{
    switch (op) {
    case COMPARE_GE:
        return fact >= number;
    case COMPARE_GT:
        return fact > number;
    case COMPARE_LE:
        return fact <= number;
    case COMPARE_LT:
        return fact < number;
    }
    RD_UNREACHABLE("an operator of four");
}

/* Text against text is by bytes; a number on either side is by value. `is_number`: the fact came as
 * a number, so that its text is only another way to say it. */
static bool fact_holds(const struct test *test, const struct fact *fact)
{
    bool is_number = fact->has_number && fact->text.ptr == fact->made;
    switch (test->kind) {
    case TEST_TEXT:
        if (test->has_bool && fact->has_bool) {
            return test->boolean == fact->boolean;
        }
        if (is_number && test->has_number) {
            return test->number == fact->number;
        }
        return fact->has_text && rd_str_eq(test->text, fact->text);
    case TEST_NUMBER:
        return fact->has_number && test->number == fact->number;
    case TEST_BOOL:
        return fact->has_bool && test->boolean == fact->boolean;
    case TEST_COMPARE:
        return fact->has_number && compares(test->op, fact->number, test->number);
    case TEST_PATTERN:
        return fact->has_text && rd_pattern_matches(test->pattern, fact->text, fact->budget);
    case TEST_NOT:
    case TEST_ANY:
        break;
    }
    RD_UNREACHABLE("of a value, not of a fact");
}

/* The head of a MessagePack str at the front of `get`; false for what is no str. */
static bool take_str(struct rd_get *get, struct rd_str *ret_text)
{
    uint8_t head = rd_get_u8(get);
    size_t size;
    if (head >= 0xa0 && head <= 0xbf) {
        size = head & 0x1f;
    } else if (head == 0xd9) {
        size = rd_get_u8(get);
    } else if (head == 0xda) {
        size = rd_get_u16(get);
    } else if (head == 0xdb) {
        size = rd_get_u32(get);
    } else {
        return false;
    }
    *ret_text = rd_get_bytes(get, size);
    return get->error == 0;
}

static uint32_t take_array(struct rd_get *get)
{
    uint8_t head = rd_get_u8(get);
    if (head >= 0x90 && head <= 0x9f) {
        return head & 0x0f;
    }
    if (head == 0xdc) {
        return rd_get_u16(get);
    }
    return head == 0xdd ? rd_get_u32(get) : 0;
}

/* Walks the list's own bytes: a tree would allocate. */
static bool element_holds(const struct test *test, struct rd_str bytes, size_t *budget)
{
    struct rd_get get = rd_get_of(bytes);
    struct rd_str text;
    for (uint32_t left = take_array(&get); left > 0 && take_str(&get, &text); left--) {
        struct fact fact = {.budget = budget};
        fact_of_str(&fact, text);
        if (fact_holds(test, &fact)) {
            return true;
        }
    }
    return false;
}

/* `shared`: what patterns may cost on other values too; NULL: each value has its own budget. */
static bool scalar_holds(const struct test *test, const struct rd_value *value, size_t *shared)
{
    size_t own = rd_pattern_budget(value->bytes.len);
    size_t *budget = shared != NULL ? shared : &own;
    if (value->type == RD_VALUE_LIST) {
        return element_holds(test, value->bytes, budget);
    }
    struct fact fact;
    fact_of(&fact, value);
    fact.budget = budget;
    return fact_holds(test, &fact);
}

static bool test_holds(const struct test *test, const struct rd_value *value, size_t *shared)
{
    const struct test *list = test->kind == TEST_ANY ? test->list : test;
    size_t count = test->kind == TEST_ANY ? test->count : 1;
    for (size_t i = 0; i < count; i++) {
        bool is_not = list[i].kind == TEST_NOT;
        if (scalar_holds(is_not ? list[i].list : &list[i], value, shared) != is_not) {
            return true;
        }
    }
    return false;
}

bool rd_match_holds_within(
        const struct rd_match *match, rd_lookup_fn *lookup, const void *context, size_t *budget)
{
    for (size_t i = 0; i < match->count; i++) {
        struct rd_value value = lookup(context, match->attributes[i].name);
        if (!test_holds(&match->attributes[i].test, &value, budget)) {
            return false;
        }
    }
    return true;
}

bool rd_match_holds(const struct rd_match *match, rd_lookup_fn *lookup, const void *context)
{
    return rd_match_holds_within(match, lookup, context, NULL);
}

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

struct rd_str rd_match_shown(
        const struct rd_match *match, size_t index, struct rd_str text, struct rd_arena *arena)
{
    RD_ASSERT(index < match->count);
    const struct test *test = &match->attributes[index].test;
    const struct test *list = test->kind == TEST_ANY ? test->list : test;
    size_t count = test->kind == TEST_ANY ? test->count : 1;
    struct rd_str found = {text.ptr, 0};
    bool is_found = text.len <= RD_SHOWN_CHARS_MAX; /* then it is shown whole */
    for (size_t i = 0; i < count && !is_found; i++) {
        is_found = list[i].kind == TEST_PATTERN && rd_pattern_find(list[i].pattern, text, &found);
    }
    return rd_chars_around(text, found, RD_SHOWN_CHARS_MAX, arena);
}
