#include <string.h>

#include "common/base/num.h"
#include "common/text/match_inner.h"
#include "common/time/civil.h"

enum { TEST_COST = 8 }; /* of one test of one value, in what patterns count by */

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
        fact->text = rd_str_of(fact->made);
    } else {
        char room[RD_DECIMAL_MAX];
        struct rd_str digits = rd_decimal((int64_t)(number / 100), 1, room);
        memcpy(fact->made, digits.ptr, digits.len);
        fact->text = (struct rd_str){fact->made, digits.len};
    }
}

static void fact_of_str(struct fact *fact, struct rd_str text)
{
    fact->has_text = true;
    fact->text = text;
    fact->has_number = match_decimal_of(text, &fact->number);
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

/* False: the budget is used up. */
static bool charge(size_t *budget)
{
    *budget = *budget > TEST_COST ? *budget - TEST_COST : 0;
    return *budget > 0;
}

/* Walks the list's own bytes: a tree would allocate. */
static bool element_holds(const struct test *test, struct rd_str bytes, size_t *budget)
{
    struct rd_get get = rd_get_of(bytes);
    struct rd_str text;
    for (uint32_t left = take_array(&get); left > 0 && charge(budget) && take_str(&get, &text);
            left--) {
        struct fact fact = {.budget = budget};
        fact_of_str(&fact, text);
        if (fact_holds(test, &fact)) {
            return true;
        }
    }
    return false;
}

static bool value_holds(const struct test *test, const struct rd_value *value, size_t *budget)
{
    if (value->type == RD_VALUE_LIST) {
        return element_holds(test, value->bytes, budget);
    }
    struct fact fact;
    fact_of(&fact, value);
    fact.budget = budget;
    return fact_holds(test, &fact);
}

/* A value has a budget of its own; `shared`: it is taken out of one for many; NULL: it is not. */
static bool scalar_holds(const struct test *test, const struct rd_value *value, size_t *shared)
{
    size_t own = rd_pattern_budget(value->bytes.len);
    own = shared == NULL || own < *shared ? own : *shared;
    size_t left = own;
    bool is_true = charge(&left) && value_holds(test, value, &left);
    if (shared != NULL) {
        *shared -= own - left;
    }
    return is_true;
}

static bool test_holds(const struct test *test, const struct rd_value *value, size_t *shared)
{
    const struct test *list = test->kind == TEST_ANY ? test->list : test;
    size_t count = test->kind == TEST_ANY ? test->count : 1;
    for (size_t i = 0; i < count && (shared == NULL || *shared > 0); i++) {
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
    return budget == NULL || *budget > 0;
}

bool rd_match_holds(const struct rd_match *match, rd_lookup_fn *lookup, const void *context)
{
    return rd_match_holds_within(match, lookup, context, NULL);
}
