/* daemon/engine/forget_find.h — whether what somebody sent names a customer who is forgotten, by
 * the words that tell of him: phones, contracts, subjects of his cases. */
#pragma once

#include "common/wire/pack.h"

struct forget_look {
    bool (*is_word)(void *arg, struct rd_str text);
    bool (*is_case)(void *arg, uint64_t number); /* NULL: numbers of cases are not looked at */
    void *arg;
};

/* Of a map: a value that is such a word, where its key is one that names a case, a phone or a
 * contract; of other texts also a part between blanks and marks, if it has six bytes or more. */
bool forget_find(const struct forget_look *look, rd_node node);
/* The same of a text whose key names nothing. */
bool forget_find_text(const struct forget_look *look, struct rd_str text);
/* The same in bytes that are no whole MessagePack: texts of MessagePack, what stands in quotes, and
 * such parts. */
bool forget_find_raw(const struct forget_look *look, struct rd_str bytes);
