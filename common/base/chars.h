/* common/base/chars.h — characters of UTF-8 text: counting, stepping, cutting at their borders.
 *
 * Text that is no UTF-8 is never read past its end; what counts as a character there is any byte
 * that does not continue one. */
#pragma once

#include "common/base/arena.h"
#include "common/base/base.h"

size_t rd_chars_count(struct rd_str text);
/* Where the `count`-th character from the border `at` on begins; text.len if there are fewer. */
size_t rd_chars_forward(struct rd_str text, size_t at, size_t count);
/* The other way; 0 if there are fewer. */
size_t rd_chars_back(struct rd_str text, size_t at, size_t count);
/* At most `chars` (3 or more) characters of `text` around `found`, a part of it; "…" stands where
 * it was cut and counts. Borrowed from `text` where all of it is shown. */
struct rd_str rd_chars_around(
        struct rd_str text, struct rd_str found, size_t chars, struct rd_arena *arena);
