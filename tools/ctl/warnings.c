#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/ctl/question.h"
#include "tools/shared/table.h"

/* warnings: what the desk counted of a stretch of the ledger, summed over all stretches, and what
 * that says of each level and each reason. */

enum { LINES_MAX = 20000, PARAMS_BYTES_MAX = 64 * 1024, TEN_THOUSAND = 10000, HUNDRED = 100 };

static const char *const counts[] = {"assessed", "open", "came_true", "complained", "acted",
        "relapsed", "preempted", "tended", "quiet", "disputed", "escalated", "breached"};
enum {
    ASSESSED,
    OPEN,
    CAME_TRUE,
    COMPLAINED,
    ACTED,
    RELAPSED,
    PREEMPTED,
    TENDED,
    QUIET,
    DISPUTED,
    COUNTS = 12
};

struct line {
    char name[160];  /* "contact level high", "contact rule elderly" */
    char shown[160]; /* what people call a reason; empty: its code */
    bool is_complaint, is_level;
    uint64_t counts[COUNTS];
};

struct rows { /* written for machines or for people */
    struct rd_buf *buf;
    bool is_json, is_zh;
};

struct sums {
    struct line *lines;
    size_t count;
};

static struct line *line_of(struct sums *sums, const char *name)
{
    for (size_t i = 0; i < sums->count; i++) {
        if (strcmp(sums->lines[i].name, name) == 0) {
            return &sums->lines[i];
        }
    }
    if (sums->count == LINES_MAX) {
        return NULL;
    }
    struct line *line = &sums->lines[sums->count++];
    (void)snprintf(line->name, sizeof line->name, "%s", name);
    return line;
}

static void add_row(struct sums *sums, rd_node row)
{
    struct rd_str kind = rd_node_str(rd_node_find(row, "kind"));
    struct rd_str level = rd_node_str(rd_node_find(row, "level"));
    struct rd_str part = rd_node_str(rd_node_find(row, "part"));
    struct rd_str code = rd_node_str(rd_node_find(row, "code"));
    char name[160];
    bool is_level = level.len > 0;
    (void)snprintf(name, sizeof name, "%.*s %.*s %.*s", RD_FMT(kind),
            RD_FMT(is_level ? RD_STR("level") : part), RD_FMT(is_level ? level : code));
    struct line *line = line_of(sums, name);
    if (line == NULL) {
        return;
    }
    line->is_level = is_level;
    line->is_complaint = rd_str_is(kind, "complaint");
    struct rd_str shown = rd_node_str(rd_node_find(row, "name"));
    (void)snprintf(line->shown, sizeof line->shown, "%.*s", RD_FMT(shown));
    for (size_t i = 0; i < COUNTS; i++) {
        line->counts[i] += rd_node_uint(rd_node_find(row, counts[i]));
    }
}

/* ---- what it says ---- */

static void add(struct line *sum, const struct line *line)
{
    for (size_t i = 0; i < COUNTS; i++) {
        sum->counts[i] += line->counts[i];
    }
}

/* What is open or was only tended to says nothing of the warning. */
static uint64_t known(const struct line *line)
{
    return line->counts[ASSESSED] - line->counts[OPEN] - line->counts[TENDED];
}

/* In 1/10,000 for machines, in percent for people. */
static void put_share(struct rows *rows, const char *key, uint64_t part, uint64_t whole)
{
    uint64_t share = whole > 0 ? (part * TEN_THOUSAND + whole / 2) / whole : 0;
    char text[32];
    rd_pack_cstr(rows->buf, key);
    if (whole == 0) {
        rd_pack_nil(rows->buf);
    } else if (rows->is_json) {
        rd_pack_uint(rows->buf, share);
    } else {
        (void)snprintf(text, sizeof text, "%" PRIu64 ".%" PRIu64 " %%", share / HUNDRED,
                share % HUNDRED / 10);
        rd_pack_cstr(rows->buf, text);
    }
}

/* How often better than chance. */
static void put_lift(struct rows *rows, uint64_t part, uint64_t whole)
{
    uint64_t lift = whole > 0 ? (part * TEN_THOUSAND + whole / 2) / whole : 0;
    char text[32];
    if (whole == 0 || rows->is_json) {
        put_share(rows, "lift", part, whole);
        return;
    }
    (void)snprintf(text, sizeof text, "%" PRIu64 ".%02" PRIu64, lift / TEN_THOUSAND,
            lift % TEN_THOUSAND / HUNDRED);
    rd_pack_cstr(rows->buf, "lift");
    rd_pack_cstr(rows->buf, text);
}

/* Shares of `of`; lift beside `all`. */
static void put_shares(struct rows *rows, const struct line *of, const struct line *all)
{
    uint64_t hits = of->counts[CAME_TRUE];
    put_share(rows, "precision", hits, known(of));
    put_share(rows, "recall", hits, all->counts[CAME_TRUE]);
    put_lift(rows, hits * known(all), known(of) * all->counts[CAME_TRUE]);
}

/* What acting on a contact was worth: how many complained although somebody did, and although
 * nobody did. */
static void put_worth(struct rows *rows, const struct line *of)
{
    const uint64_t *c = of->counts;
    uint64_t alone = c[COMPLAINED] - c[ACTED];
    put_share(rows, "complained_acted_on", c[ACTED], c[ACTED] + c[PREEMPTED] + c[TENDED]);
    put_share(rows, "complained_left_alone", alone, alone + c[QUIET]);
}

static void put_counts(struct rows *rows, const struct line *line, size_t from, size_t until)
{
    for (size_t i = from; i < until; i++) {
        rd_pack_cstr(rows->buf, counts[i]);
        rd_pack_uint(rows->buf, line->counts[i]);
    }
}

/* "level high", "rule elderly"; in Chinese as people say it. */
static void put_name(struct rows *rows, const struct line *line)
{
    const char *name = strchr(line->name, ' ') + 1;
    struct rd_str part = {name, strcspn(name, " ")}, code = rd_str_of(name + part.len + 1);
    const struct word_place of_part = {.key = RD_STR("part")}, of_code = {.key = part};
    struct rd_buf text;
    if (!rows->is_zh) {
        rd_pack_cstr(rows->buf, name);
        return;
    }
    rd_buf_init(&text, PARAMS_BYTES_MAX);
    word_put(&text, &of_part, part);
    rd_buf_put_u8(&text, ' ');
    if (line->shown[0] != '\0') {
        put_text(&text, rd_str_of(line->shown));
    } else {
        word_put(&text, &of_code, code);
    }
    rd_pack_str(rows->buf, rd_buf_str(&text));
    rd_buf_done(&text);
}

static void put_line(
        struct rows *rows, const struct line *line, const struct line *of, const struct line *all)
{
    rd_pack_map(rows->buf, line->is_complaint ? 11 : 16);
    rd_pack_cstr(rows->buf, line->is_complaint ? "complaints" : "contacts");
    put_name(rows, line);
    put_counts(rows, line, ASSESSED, COMPLAINED);
    put_counts(rows, line, line->is_complaint ? DISPUTED : COMPLAINED,
            line->is_complaint ? COUNTS : DISPUTED);
    rd_pack_cstr(rows->buf, "false_alarms");
    rd_pack_uint(rows->buf, known(line) - line->counts[CAME_TRUE]);
    put_shares(rows, of, all);
    if (!line->is_complaint) {
        put_worth(rows, of);
    }
}

/* Levels from critical down, their shares with those above; then the reasons, those that cry wolf
 * first: the most false alarms. */
static int compare(const void *a, const void *b)
{
    const struct line *one = a, *other = b;
    uint64_t one_false = known(one) - one->counts[CAME_TRUE];
    uint64_t other_false = known(other) - other->counts[CAME_TRUE];
    return one_false != other_false ? (one_false < other_false ? 1 : -1)
                                    : strcmp(one->name, other->name);
}

static uint32_t put_kind(struct rows *rows, const struct sums *sums, bool is_complaint)
{
    struct line all = {0}, above = {0};
    uint32_t count = 0;
    for (size_t i = 0; i < sums->count; i++) {
        if (sums->lines[i].is_level && sums->lines[i].is_complaint == is_complaint) {
            add(&all, &sums->lines[i]);
        }
    }
    for (size_t i = sums->count; i > 0; i--) {
        const struct line *line = &sums->lines[i - 1];
        if (line->is_level && line->is_complaint == is_complaint) {
            add(&above, line);
            put_line(rows, line, &above, &all);
            count++;
        }
    }
    for (size_t i = 0; i < sums->count; i++) {
        const struct line *line = &sums->lines[i];
        if (!line->is_level && line->is_complaint == is_complaint) {
            put_line(rows, line, line, &all);
            count++;
        }
    }
    return count;
}

/* The desk names the levels from none up; they stay in that order, before the reasons. */
static void sort(struct sums *sums)
{
    size_t levels = 0;
    for (size_t i = 0; i < sums->count; i++) {
        if (sums->lines[i].is_level) {
            struct line level = sums->lines[i];
            memmove(&sums->lines[levels + 1], &sums->lines[levels], (i - levels) * sizeof level);
            sums->lines[levels++] = level;
        }
    }
    qsort(sums->lines + levels, sums->count - levels, sizeof sums->lines[0], compare);
}

/* Both kinds as one map: {contacts: [...], complaints: [...]}. */
static void put_kinds(const struct rows *form, const struct sums *sums)
{
    struct rows rows = *form;
    struct rd_buf *buf = rows.buf;
    rd_pack_map(buf, 2);
    for (int kind = 0; kind < 2; kind++) {
        rd_pack_cstr(buf, kind == 1 ? "complaints" : "contacts");
        size_t mark = rd_pack_array_begin(buf);
        uint32_t count = put_kind(&rows, sums, kind == 1);
        rd_pack_array_end(buf, mark, count);
    }
}

static void print(const struct ctl *ctl, struct sums *sums)
{
    struct rd_tree *tree RD_CLEANUP(rd_tree_freep)
    = rd_tree_new();
    struct rd_buf both;
    rd_node node = NULL;
    struct style style = style_in(stdout, ctl_option(ctl, "lang"));
    const struct rows form = {
            .buf = &both, .is_json = ctl->is_json, .is_zh = style.is_zh && !ctl->is_json};
    sort(sums);
    rd_buf_init(&both, CTL_MESSAGE_MAX);
    put_kinds(&form, sums);
    int r = rd_tree_read(tree, rd_buf_str(&both), &node, NULL);
    RD_ASSERT(r == 0 || r == -EILSEQ);
    if (ctl->is_json) {
        ctl_print(ctl, node);
    } else {
        print_table(stdout, style, rd_node_find(node, "contacts"),
                "contacts assessed ?open complained ?relapsed preempted ?tended ?quiet precision "
                "?recall ?lift ?complained_acted_on ?complained_left_alone");
        (void)putchar('\n');
        print_table(stdout, style, rd_node_find(node, "complaints"),
                "complaints assessed ?open came_true ?disputed ?escalated ?breached false_alarms "
                "precision ?recall ?lift");
    }
    rd_buf_done(&both);
}

/* ---- the pages ---- */

/* Adds one; *after is moved, 0 at the end. */
static enum exit_status ask_page(struct ctl *ctl, struct sums *sums, uint64_t *after)
{
    struct rd_buf params;
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    rd_buf_init(&params, PARAMS_BYTES_MAX);
    ctl_put_params(ctl, &params, "after", *after);
    enum exit_status status = ctl_ask(ctl, "warnings", &params, &answer);
    if (status == STATUS_OK) {
        rd_node rows = rd_node_find(answer.got.result, "rows");
        for (uint32_t i = 0; i < rd_node_count(rows); i++) {
            add_row(sums, rd_node_at(rows, i));
        }
        *after = rd_node_uint(rd_node_find(answer.got.result, "next"));
    }
    rd_buf_done(&params);
    return status;
}

enum exit_status ctl_warnings(struct ctl *ctl)
{
    struct sums sums = {.lines = calloc(LINES_MAX, sizeof(struct line))};
    if (sums.lines == NULL) {
        rd_oom();
    }
    enum exit_status status;
    uint64_t after = 0;
    do {
        status = ask_page(ctl, &sums, &after);
    } while (status == STATUS_OK && after != 0);
    if (status == STATUS_OK) {
        print(ctl, &sums);
    }
    free(sums.lines);
    return status;
}
