/* common/text/fold.h — text made comparable: NFKC, case and width folded (utf8proc).
 *
 * "ＡＢＣ１２３" → "abc123", "ｶﾞ" → "ガ"; what Unicode calls ignorable (U+200B) is dropped. ASCII
 * without capitals is returned as it is, without a copy. */
#pragma once

#include "common/base/arena.h"
#include "common/base/base.h"

/* Input: valid UTF-8; what is none is returned unfolded. The result is borrowed from `text` or
 * allocated in `arena`; at most 11 × the input's bytes (U+FDFA), and twice that of the arena. */
struct rd_str rd_fold(struct rd_str text, struct rd_arena *arena);
/* The same, and how many combining marks were left out: a run keeps its first 30 (Unicode's
 * stream-safe form), since putting a longer one in order would cost its square. */
struct rd_str rd_fold_telling(struct rd_str text, struct rd_arena *arena, size_t *ret_left_out);
/* As rd_fold(); and of a text with Han characters: spaces, punctuation, symbols (emoji), marks and
 * controls between two of them are dropped ("银 保-监" → "银保监"), traditional ones become
 * simplified ("銀保監" → "银保监"; OpenCC's table, common/text/han/). Terms and the texts that they
 * are looked for in are folded so. At most 4/3 of what rd_fold() returns. */
struct rd_str rd_fold_text(struct rd_str text, struct rd_arena *arena);
/* The same, and how many combining marks were left out. */
struct rd_str rd_fold_text_telling(
        struct rd_str text, struct rd_arena *arena, size_t *ret_left_out);
/* rd_fold_text() without ASCII and folded digits: for digests that equate "order 123" and
 * "order 456". */
struct rd_str rd_fold_no_digits(struct rd_str text, struct rd_arena *arena);
/* Folds the character at `at` without its neighbours: decomposed, so that it is compared with what
 * was folded so, too. What is ignorable gives no bytes, and a byte that is no character itself.
 * Returns how many bytes of the text it took. */
enum { RD_FOLD_ONE_MAX = 128 }; /* Unicode's longest decomposition has 18 characters */
size_t rd_fold_one(
        struct rd_str text, size_t at, uint8_t ret_folded[static RD_FOLD_ONE_MAX], size_t *ret_len);
/* A phone's digits alone, folded, without the prefix of mainland China: "+86 138-0013-8000" and
 * "0086 13800138000" are one. Empty: it has none. */
struct rd_str rd_fold_phone(struct rd_str phone, struct rd_arena *arena);
/* The same of a phone that is folded; in `room`, as large as the phone. */
struct rd_str rd_phone_digits(struct rd_str folded, char *room);
