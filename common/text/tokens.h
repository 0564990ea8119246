/* common/text/tokens.h — a folded text cut into the words and pairs of characters a scorecard
 * knows.
 *
 *   word    = two and more letters or digits side by side, at most 40 bytes and 5 digits: a
 *             hotline's number ("12378") is a word, a phone's or a contract's is none
 *   bigram  = two neighbours of a script that is written without spaces (Chinese, kana, hangul)
 *
 * Letters are those of ASCII and what Latin, Greek and Cyrillic have beside it. Everything else
 * parts. One pass, no memory, no table; the trainer and the daemon cut by this one file. */
#pragma once

#include "common/base/base.h"

enum { RD_TOKEN_WORD_BYTES_MAX = 40, RD_TOKEN_DIGITS_MAX = 5 };

struct rd_tokens {
    const char *at, *end;
    const char *joined; /* the character before `at`, if it begins a bigram; NULL: none does */
};

/* `folded` is valid UTF-8, folded by rd_fold(); of anything else the tokens are some, in bounds. */
struct rd_tokens rd_tokens_of(struct rd_str folded);
/* The next one, borrowed from the text; false: the end. */
bool rd_tokens_next(struct rd_tokens *tokens, struct rd_str *ret_token);
/* Whether all of `text` is one token that rd_tokens_next() gives: what is none is never found. */
bool rd_token_is(struct rd_str text);
