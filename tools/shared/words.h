/* tools/shared/words.h — what the keys of an answer, and the codes in it, are called in Chinese.
 *
 * A key or a code that no table has is what somebody wrote or configured: it stays as it is. */
#pragma once

#include "common/base/buf.h"
#include "common/wire/pack.h"

/* Where a value stands. */
struct word_place {
    rd_node answer, map; /* all of it, and the map that holds the value; NULL: unknown */
    struct rd_str key;
};

/* "办理经过" of `history`, as a key of `map`; static, or the key itself. */
struct rd_str word_of_key(rd_node map, struct rd_str key);
/* As the head of a list that has no row: beside it stand `columns`, as print_table() takes them. */
struct rd_str word_of_column(const char *columns, struct rd_str key);
/* The text of a value: a code as a word, a note of the daemon's in Chinese, a clock or a policy by
 * its name for people, anything else as put_text() writes it. */
void word_put(struct rd_buf *buf, const struct word_place *place, struct rd_str value);
/* The column that a person reads instead of `key`: names for codes. Static, or the key itself. */
struct rd_str word_column(struct rd_str key);
/* The key of the code that such a column names; empty: it names none. */
struct rd_str word_code_of(struct rd_str column);
