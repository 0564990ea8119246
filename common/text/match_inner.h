/* common/text/match_inner.h — a compiled matcher, as the files of it share it: match.c makes it and
 * shows it, match_holds.c evaluates it. */
#pragma once

#include "common/text/match.h"
#include "common/text/match_pattern.h"

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

/* "-?(0|[1-9][0-9]*)(\.[0-9]{1,2})?": the one text of a number, so that the phone "0123" is not
 * 123. False: not that, or over int64_t. */
bool match_decimal_of(struct rd_str text, hundredths *ret_number);
