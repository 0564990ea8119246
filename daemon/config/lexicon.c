/* daemon/config/lexicon.c — files of the assessment, put in the place of their names.
 *
 * A lexicon file: a line "TERM TAB POINTS", or "~PATTERN TAB POINTS"; "#" begins a comment line;
 * empty lines do not count. A term of the file that the configuration names too is a mistake. */
#include <stdlib.h>
#include <string.h>

#include "common/base/num.h"
#include "common/text/fold.h"
#include "common/wire/pack.h"
#include "daemon/config/build.h"

static struct rd_str next_line(struct rd_str *rest)
{
    const char *end = memchr(rest->ptr, '\n', rest->len);
    struct rd_str line = {rest->ptr, end != NULL ? (size_t)(end - rest->ptr) : rest->len};
    size_t used = line.len + (end != NULL);
    rest->ptr += used;
    rest->len -= used;
    if (line.len > 0 && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    return line;
}

static bool is_utf8(struct rd_str text)
{
    struct rd_buf buf;
    rd_buf_init(&buf, text.len + 16);
    rd_pack_str(&buf, text);
    int r = rd_pack_scan(rd_buf_str(&buf), NULL);
    rd_buf_done(&buf);
    return r == 0;
}

static void read_line(struct config_load *load, struct config_node *terms, struct rd_str line,
        struct config_mark mark)
{
    const char *tab = memrchr(line.ptr, '\t', line.len);
    int64_t points = 0;
    struct rd_str term = {line.ptr, tab != NULL ? (size_t)(tab - line.ptr) : line.len};
    struct rd_str digits = {
            tab != NULL ? tab + 1 : NULL, tab != NULL ? line.len - term.len - 1 : 0};
    if (!is_utf8(line)) {
        config_fault_mark(load, mark, (struct rd_str){0}, "not UTF-8");
        return;
    }
    if (tab == NULL || term.len == 0 || rd_i64_parse(digits, &points) < 0 || points < -100 ||
            points > 100) {
        config_fault_mark(load, mark, (struct rd_str){0},
                "\"%.*s\": write the term, a tab and its points (-100 to 100)",
                CONFIG_QUOTED(line));
        return;
    }
    if (!config_is_key(term)) { /* as in the configuration, where it is printed */
        config_fault_mark(load, mark, (struct rd_str){0},
                "a term has at most %d bytes, and no control characters", CONFIG_KEY_BYTES_MAX);
        return;
    }
    struct config_node like = {.mark = mark};
    config_node_append(load->arena, terms, rd_arena_dup(load->arena, term),
            config_node_int(load->arena, points, &like));
}

static void read_lexicon_file(
        struct config_load *load, struct config_node *terms, const struct config_node *name)
{
    struct rd_str rest;
    if (!config_file_read(load, name, name->text, &rest)) {
        return;
    }
    struct config_mark mark = {.file = config_file_new(load, name->text), .column = 1};
    while (rest.len > 0) {
        struct rd_str line = next_line(&rest);
        mark.line++;
        if (line.len > 0 && line.ptr[0] != '#') {
            read_line(load, terms, line, mark);
        }
    }
}

struct folded {
    struct rd_str text;
    uint32_t index;
};

static int by_text(const void *a, const void *b)
{
    const struct folded *x = a;
    const struct folded *y = b;
    int order = rd_str_cmp(x->text, y->text);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

/* "Lawyer" and "lawyer" are one term: it would count twice. */
static void check_doubles(struct config_load *load, const struct config_node *terms)
{
    struct folded *all = RD_ARENA_ARRAY(load->arena, struct folded, terms->count + 1);
    for (uint32_t i = 0; i < terms->count; i++) {
        bool is_pattern = terms->keys[i].ptr[0] == '~';
        all[i].text = is_pattern ? terms->keys[i] : rd_fold_text(terms->keys[i], load->arena);
        all[i].index = i;
    }
    qsort(all, terms->count, sizeof *all, by_text);
    for (uint32_t i = 1; i < terms->count; i++) {
        if (rd_str_eq(all[i].text, all[i - 1].text)) {
            const struct config_node *term = terms->items[all[i].index];
            config_fault_mark(load, terms->key_marks[all[i].index], term->path,
                    "\"%.*s\": the same term as that of line %u",
                    CONFIG_QUOTED(terms->keys[all[i].index]),
                    terms->key_marks[all[i - 1].index].line);
        }
    }
}

static void inline_lexicon(struct config_load *load, struct config_node *lexicon)
{
    struct config_node *terms = config_node_find(lexicon, "terms");
    const struct config_node *file = config_node_find(lexicon, "file");
    if (terms == NULL && file == NULL) {
        config_fault_at(load, lexicon, "needs terms or a file");
        return;
    }
    if (terms == NULL) {
        terms = config_node_new(load->arena, CONFIG_MAP, file);
        config_node_rename(lexicon, "file", "terms", terms);
    } else {
        config_node_drop(lexicon, "file");
    }
    if (file != NULL) {
        read_lexicon_file(load, terms, file);
    }
    for (uint32_t i = 0; i < terms->count; i++) {
        if (terms->keys[i].len == 0) {
            return; /* told already */
        }
    }
    check_doubles(load, terms);
}

static void inline_scorecard(struct config_load *load, struct config_node *scorecard)
{
    const struct config_node *file = config_node_find(scorecard, "file");
    const struct config_node *card = config_node_find(scorecard, "card");
    if ((file == NULL) == (card == NULL)) {
        config_fault_at(load, scorecard, "needs either a file or a card");
        return;
    }
    struct rd_str text;
    if (file != NULL && config_file_read(load, file, file->text, &text)) {
        card = config_yaml_read(load, text, config_file_new(load, file->text), (struct rd_str){0});
        if (card != NULL) {
            config_node_rename(scorecard, "file", "card", config_node_copy(load->arena, card));
        }
    }
    if (card != NULL && card->kind != CONFIG_MAP) {
        config_fault_at(load, card, "a scorecard is a map, as redress-train writes it");
        config_node_drop(scorecard, "card"); /* told once */
    }
}

void config_inline(struct config_load *load, struct config_node *root)
{
    struct config_node *assessment = config_node_find(root, "assessment");
    struct config_node *lexicons = config_node_find(assessment, "lexicons");
    for (uint32_t i = 0; lexicons != NULL && i < lexicons->count; i++) {
        if (lexicons->items[i]->kind == CONFIG_MAP) {
            inline_lexicon(load, lexicons->items[i]);
        }
    }
    struct config_node *scorecard = config_node_find(assessment, "scorecard");
    if (scorecard != NULL) {
        inline_scorecard(load, scorecard);
    }
}
