#include "common/base/words.h"

#include <string.h>

static bool has(struct rd_str text, struct rd_str part)
{
    return memmem(text.ptr, text.len, part.ptr, part.len) != NULL;
}

static void add(struct rd_words *words, struct rd_str word)
{
    size_t kept = 0;
    for (size_t i = 0; i < words->count; i++) {
        if (has(words->at[i], word)) {
            return;
        }
    }
    for (size_t i = 0; i < words->count; i++) {
        if (!has(word, words->at[i])) {
            words->at[kept++] = words->at[i];
        }
    }
    if (kept < RD_WORDS_MAX) {
        words->at[kept++] = word;
    }
    words->count = kept;
}

void rd_words_add(struct rd_words *words, struct rd_str list)
{
    while (list.len > 0) {
        const char *comma = memmem(list.ptr, list.len, ", ", 2);
        size_t len = comma != NULL ? (size_t)(comma - list.ptr) : list.len;
        if (len > 0) {
            add(words, (struct rd_str){list.ptr, len});
        }
        size_t past = comma != NULL ? len + 2 : len;
        list = (struct rd_str){list.ptr + past, list.len - past};
    }
}
