/* Laws of the configuration over the example, mutated: it loads or says where it is wrong; what is
 * printed loads again to the same. redress.yaml(5). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config/config.h"
#include "tests/prop.h"

enum { TEXT_MAX = 64 * 1024, PRINT_MAX = 16 * 1024 * 1024 };

/* Words that mean something somewhere, so that mutants are often nearly right. */
static const char *const WORDS[] = {"{}", "[]", "0", "-1", "99999999999999999999", "true", "null",
        "~", "\"\"", "5bd", "0m", "8w", "unit", "parent", "xj", "xj/*", "**", "ancestor: 3",
        "complaint", "decided", "closed", "*a", "&a x", "!!str x", "80%", "2025-02-29",
        "09:00-12:00", "use: x/y", "- {", "}", ",", ": ", "\n", "\t", "# ", "<<: ", "\xff",
        "\"\\0\""};

/* Takes out the lines that name the large lexicons: each takes vectorscan a second to compile, a
 * thousand mutants would take an hour, and test_lexicons.c loads them. */
static size_t without_large_lists(char *text, size_t len)
{
    static const char *const LISTS[] = {"-acts.txt", "-complaint.txt"};
    size_t kept = 0;
    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t size = end != NULL ? (size_t)(end - text) + 1 - at : len - at;
        bool is_large = false;
        for (size_t i = 0; i < RD_COUNT(LISTS); i++) {
            is_large |= memmem(text + at, size, LISTS[i], strlen(LISTS[i])) != NULL;
        }
        if (!is_large) {
            memmove(text + kept, text + at, size);
            kept += size;
        }
        at += size;
    }
    return kept;
}

static size_t read_example(char *text)
{
    FILE *file = fopen(CONFIG_FOLDER "/redress.example.yaml", "rb");
    size_t len = file != NULL ? fread(text, 1, TEXT_MAX / 2, file) : 0;
    if (file != NULL) {
        (void)fclose(file);
    }
    return without_large_lists(text, len);
}

static size_t splice(char *text, size_t len, size_t at, size_t cut, struct rd_str put)
{
    if (cut > len - at) {
        cut = len - at;
    }
    if (len - cut + put.len > TEXT_MAX) {
        return len;
    }
    memmove(text + at + put.len, text + at + cut, len - at - cut);
    if (put.len > 0) {
        memcpy(text + at, put.ptr, put.len);
    }
    return len - cut + put.len;
}

/* From the end of one token to the end of the next. */
static size_t token(const char *text, size_t len, size_t at)
{
    size_t end = at;
    while (end < len && strchr(" ,:[]{}\n", text[end]) == NULL) {
        end++;
    }
    return end > at ? end - at : 1;
}

static size_t mutate(struct prop_gen *gen, char *text, size_t len)
{
    size_t at = (size_t)prop_below(gen, len);
    switch (prop_below(gen, 5)) {
    case 0: /* a byte */
        text[at] = (char)prop_below(gen, 256);
        return len;
    case 1: /* a token goes */
        return splice(text, len, at, token(text, len, at), (struct rd_str){0});
    case 2: { /* a word stands for a token */
        while (at > 0 && strchr(" ,[{\n", text[at - 1]) == NULL) {
            at--;
        }
        const char *word = WORDS[prop_below(gen, RD_COUNT(WORDS))];
        return splice(text, len, at, token(text, len, at), rd_str_of(word));
    }
    case 3: { /* a piece of the text comes again elsewhere */
        char piece[64];
        size_t size = (size_t)prop_below(gen, sizeof piece);
        size_t from = (size_t)prop_below(gen, len - sizeof piece);
        memcpy(piece, text + from, size);
        return splice(text, len, at, 0, (struct rd_str){piece, size});
    }
    default: { /* a line goes */
        const char *end = memchr(text + at, '\n', len - at);
        return splice(text, len, at, end != NULL ? (size_t)(end - text) - at : len - at,
                (struct rd_str){0});
    }
    }
}

/* "FILE:LINE:COLUMN: " begins each. */
static bool has_place(const char *line)
{
    const char *at = strchr(line, ':');
    if (line[0] == '(' || at == NULL) {
        return false;
    }
    for (int part = 0; part < 2; part++) {
        size_t digits = strspn(at + 1, "0123456789");
        if (digits == 0 || at[1] == '0' || at[digits + 1] != ':') {
            return false;
        }
        at += digits + 1;
    }
    return at[1] == ' ' && strchr(line, '\n') == NULL;
}

static int check_print(const struct config *config)
{
    int line = 0;
    struct config *again = NULL;
    struct config_errors errors = {0};
    struct rd_buf first, second;
    rd_buf_init(&first, PRINT_MAX);
    rd_buf_init(&second, PRINT_MAX);
    if (config_print(config, &first) < 0) {
        line = __LINE__;
    } else if (config_parse(rd_buf_str(&first), "again", "/", &again, &errors) < 0) {
        (void)fprintf(stderr, "%s\n", errors.lines[0]);
        line = __LINE__;
    } else if (memcmp(again->hash, config->hash, sizeof config->hash) != 0) {
        line = __LINE__;
    } else if (config_print(again, &second) < 0 ||
               !rd_str_eq(rd_buf_str(&first), rd_buf_str(&second))) {
        line = __LINE__;
    }
    config_free(again);
    config_errors_done(&errors);
    rd_buf_done(&first);
    rd_buf_done(&second);
    return line;
}

static int law_loads_or_says_where(struct prop_gen *gen)
{
    static char text[TEXT_MAX];
    size_t len = read_example(text);
    if (len < 1000) {
        return __LINE__;
    }
    for (int64_t i = prop_between(gen, 0, 3); i > 0; i--) {
        len = mutate(gen, text, len);
    }
    struct config *config = NULL;
    struct config_errors errors = {0};
    int line = 0;
    int r = config_parse((struct rd_str){text, len}, "t.yaml", CONFIG_FOLDER, &config, &errors);
    if (r == 0) {
        line = errors.count != 0 ? __LINE__ : check_print(config);
    } else if (r != -EINVAL || errors.count == 0 || config != NULL) {
        line = __LINE__;
    }
    for (size_t i = 0; i < errors.count && line == 0; i++) {
        if (!has_place(errors.lines[i])) {
            (void)fprintf(stderr, "no place: %s\n", errors.lines[i]);
            line = __LINE__;
        }
    }
    config_free(config);
    config_errors_done(&errors);
    return line;
}

int main(void)
{
    return prop_check("config loads or says where", law_loads_or_says_where);
}
