/* common/text/han/make_han.c — writes common/text/han_table.h from OpenCC's TSCharacters.txt, at
 * build time.
 *
 * Usage: make_han TSCharacters.txt > han_table.h. Ends with 1 and a message if a line is none. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS_MAX = 8192, LINE_MAX_BYTES = 256, BITMAP_FROM = 0x3400, BITMAP_TO = 0xa000 };

struct pair {
    uint32_t from, to;
};

/* Decodes the character at the front of valid UTF-8; 0 at the end of a field. */
static uint32_t decode(const char *text, int *ret_size)
{
    const uint8_t *at = (const uint8_t *)text;
    *ret_size = 0;
    if (at[0] < 0x80) {
        return 0;
    }
    int size = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    uint32_t c = at[0] & (0x7fU >> size);
    for (int i = 1; i < size; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
        c = c << 6 | (at[i] & 0x3fU);
    }
    *ret_size = size;
    return c;
}

static int by_from(const void *a, const void *b)
{
    const struct pair *x = a;
    const struct pair *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

static size_t read_pairs(FILE *file, struct pair *pairs)
{
    char line[LINE_MAX_BYTES];
    size_t count = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#' || line[0] == '\n') {
            continue;
        }
        int size, unused;
        uint32_t from = decode(line, &size);
        uint32_t to = from != 0 && line[size] == '\t' ? decode(line + size + 1, &unused) : 0;
        if (to == 0 || count == PAIRS_MAX) {
            (void)fprintf(stderr, "make_han: not \"character TAB character\": %s", line);
            exit(EXIT_FAILURE);
        }
        if (from != to) {
            pairs[count++] = (struct pair){from, to};
        }
    }
    return count;
}

static void print_bitmap(const struct pair *pairs, size_t count)
{
    uint64_t words[(BITMAP_TO - BITMAP_FROM) / 64] = {0};
    for (size_t i = 0; i < count; i++) {
        if (pairs[i].from >= BITMAP_FROM && pairs[i].from < BITMAP_TO) {
            uint32_t bit = pairs[i].from - BITMAP_FROM;
            words[bit / 64] |= UINT64_C(1) << (bit % 64);
        }
    }
    (void)printf("enum { HAN_BITMAP_FROM = 0x%x, HAN_BITMAP_TO = 0x%x };\n"
                 "static const uint64_t han_bitmap[] = {\n",
            (unsigned)BITMAP_FROM, (unsigned)BITMAP_TO);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        (void)printf("    UINT64_C(0x%016llx),\n", (unsigned long long)words[i]);
    }
    (void)puts("};");
}

int main(int argc, char *argv[])
{
    static struct pair pairs[PAIRS_MAX];
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (file == NULL) {
        (void)fprintf(stderr, "usage: make_han TSCharacters.txt > han_table.h\n");
        return EXIT_FAILURE;
    }
    size_t count = read_pairs(file, pairs);
    (void)fclose(file);
    qsort(pairs, count, sizeof *pairs, by_from);
    (void)puts("/* Made by make_han of OpenCC's TSCharacters.txt (Apache-2.0). */\n#pragma once\n");
    (void)puts("struct han_pair {\n    uint32_t from, to;\n};");
    (void)puts("static const struct han_pair han_pairs[] = {");
    for (size_t i = 0; i < count; i++) {
        (void)printf("    {0x%x, 0x%x},\n", (unsigned)pairs[i].from, (unsigned)pairs[i].to);
    }
    (void)puts("};");
    print_bitmap(pairs, count);
    return ferror(stdout) != 0 || fflush(stdout) != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
