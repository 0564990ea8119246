/* redress.yaml(5) names every key of the schema, with its default, and no other; its worked example
 * loads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/config/absent.h"
#include "daemon/config/config.h"
#include "daemon/config/schema.h"

enum { PAGE_MAX = 256 * 1024, HEAD_MAX = 256 };

static char page[PAGE_MAX];

static int read_page(void **state)
{
    (void)state;
    FILE *file = fopen(CONFIG_FOLDER "/redress.yaml.5", "rb");
    if (file == NULL) {
        return -1;
    }
    size_t len = fread(page, 1, sizeof page - 1, file);
    (void)fclose(file);
    page[len] = '\0';
    return len > 1000 && len < sizeof page - 1 ? 0 : -1;
}

/* The text between two places of the page. */
struct span {
    const char *from, *to;
};

static const char *first_of(const char *from, const char *to, const char *a, const char *b)
{
    const char *at_a = strstr(from, a);
    const char *at_b = strstr(from, b);
    const char *first = at_a == NULL || (at_b != NULL && at_b < at_a) ? at_b : at_a;
    return first != NULL && first < to ? first : to;
}

/* The section of a map: ".Ss PATH". */
static bool find_section(const char *path, struct span *ret)
{
    char head[HEAD_MAX];
    const char *end = path[0] != '\0' ? path + strlen(path) - 1 : path;
    (void)snprintf(head, sizeof head, "\n.Ss %s%s\n", path[0] != '\0' ? path : "Top level",
            *end == ']' ? "\\&" : "");
    const char *at = strstr(page, head);
    if (at == NULL) {
        return false;
    }
    ret->from = at + strlen(head) - 1;
    ret->to = first_of(ret->from, page + strlen(page), "\n.Ss ", "\n.Sh ");
    return true;
}

/* What a section says of a key: from ".It Cm KEY" to the next item. */
static bool find_item(struct span section, const char *key, struct span *ret)
{
    char head[HEAD_MAX];
    size_t len = (size_t)snprintf(head, sizeof head, "\n.It Cm %s", key);
    for (const char *at = section.from; (at = strstr(at, head)) != NULL && at < section.to; at++) {
        if (at[len] == ' ' || at[len] == '\n') {
            ret->from = at + len;
            ret->to = first_of(ret->from, section.to, "\n.It ", "\n.El");
            return true;
        }
    }
    return false;
}

static bool says(struct span span, const char *text)
{
    const char *at = strstr(span.from, text);
    return at != NULL && at < span.to;
}

/* What a default looks like in the page; false: it is told in words. */
static bool default_text(const struct config_row *row, char ret[static HEAD_MAX])
{
    if (row->otherwise == NULL || strlen(row->otherwise) > 60) {
        return false;
    }
    const char *from = row->otherwise;
    size_t len = strlen(from);
    if (len > 4 && from[0] == '[' && from[1] == '"') { /* a list of one is told as that one */
        from += 2;
        len -= 4;
    }
    bool has_space = memchr(from, ' ', len) != NULL;
    (void)snprintf(ret, HEAD_MAX, "\nDefault:\n.Ql %s%.*s%s .\n", has_space ? "\"" : "", (int)len,
            from, has_space ? "\"" : "");
    return true;
}

static unsigned check_row(const struct config_row *row)
{
    const char *dot = strrchr(row->path, '.');
    const char *key = dot != NULL ? dot + 1 : row->path;
    if (strpbrk(key, "[*") != NULL) {
        return 0; /* an element: told at its list or map */
    }
    char parent[HEAD_MAX] = "";
    (void)snprintf(
            parent, sizeof parent, "%.*s", (int)(dot != NULL ? dot - row->path : 0), row->path);
    bool is_absent = config_absent_find(CONFIG_ABSENT_KEY, row->path) != NULL;
    struct span section, item;
    if (!find_section(parent, &section) || !find_item(section, key, &item)) {
        (void)fprintf(stderr, "%s: not in the page\n", row->path);
        return 1;
    }
    char text[HEAD_MAX];
    if ((row->flags & CONFIG_REQUIRED) != 0 && !says(item, "\nRequired.\n")) {
        (void)fprintf(stderr, "%s: the page does not say that it is required\n", row->path);
        return 1;
    }
    if (says(item, "\nWaits for a restart.") != ((row->flags & CONFIG_RESTART) != 0) ||
            says(item, "\nNot there yet.") != is_absent) {
        (void)fprintf(stderr, "%s: the page marks other keys as waiting or absent\n", row->path);
        return 1;
    }
    if (default_text(row, text) && !says(item, text)) {
        (void)fprintf(stderr, "%s: the page does not say %s", row->path, text);
        return 1;
    }
    return 0;
}

static void test_every_key_stands_in_the_page(void **state)
{
    (void)state;
    unsigned bad = 0;
    for (size_t i = 0; i < config_row_count(); i++) {
        bad += check_row(config_row_at(i));
    }
    assert_int_equal(bad, 0);
}

/* Sections that are maps of the language: all items in them are keys. */
static void test_every_key_of_the_page_exists(void **state)
{
    (void)state;
    unsigned bad = 0, keys = 0;
    for (size_t i = 0; i < config_row_count(); i++) {
        const char *path = config_row_at(i)->path;
        struct span section;
        if (!find_section(path, &section)) {
            continue;
        }
        for (const char *at = section.from;
                (at = strstr(at, "\n.It Cm ")) != NULL && at < section.to; keys++) {
            at += strlen("\n.It Cm ");
            struct rd_str key = {at, strcspn(at, " \n")};
            if (config_row_child(path, key) == NULL) {
                (void)fprintf(stderr, "%s.%.*s: no such key\n", path, RD_FMT(key));
                bad++;
            }
        }
    }
    assert_int_equal(bad, 0);
    assert_true(keys > 100);
}

static void test_the_worked_example_loads(void **state)
{
    (void)state;
    const char *from = strstr(page, "\n.Sh EXAMPLES\n");
    assert_non_null(from);
    from = strstr(from, ".Bd -literal -offset indent\n");
    assert_non_null(from);
    from += strlen(".Bd -literal -offset indent\n");
    const char *end = strstr(from, "\n.Ed\n");
    assert_non_null(end);
    struct rd_buf buf;
    rd_buf_init(&buf, PAGE_MAX);
    static const char INSTALLED[] = "/usr/share/redress";
    for (const char *at = from; at < end;) { /* the files are in the source here */
        bool is_path = strncmp(at, INSTALLED, sizeof INSTALLED - 1) == 0;
        rd_buf_put_text(&buf, is_path ? RD_STR(CONFIG_FOLDER) : (struct rd_str){at, 1});
        at += is_path ? sizeof INSTALLED - 1 : 1;
    }
    struct config *config = NULL;
    struct config_errors errors = {0};
    int r = config_parse(rd_buf_str(&buf), "page", "/", &config, &errors);
    for (size_t i = 0; i < errors.count; i++) {
        (void)fprintf(stderr, "%s\n", errors.lines[i]);
    }
    assert_int_equal(r, 0);
    assert_int_equal(config->plan->policy_count, 2);
    config_free(config);
    config_errors_done(&errors);
    rd_buf_done(&buf);
}

/* A row's part: what belongs to the edge does not change the engine's tree. */
static void test_edge_options_do_not_change_the_tree(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_edge;
    } ROWS[] = {
            {"state: /tmp/x\n", true},
            {"listen: {intake: ipc:///tmp/x, pull: ipc:///tmp/y}\n", true},
            {"limits: {event_bytes: 1KiB, batch_events: 7, in_flight: 9, map_size: 1GiB}\n", true},
            {"limits: {dead_letters: 1, journal_keep: 30d}\n", true},
            {"clock: {max_step: 2h, start_grace: 0s}\n", true},
            {"alerts: {mask: {customer: full}}\n", true},
            {"limits: {dedup: 36d}\n", false},
            {"limits: {alerts_keep: 401d}\n", false},
            {"retention: {cases: 3650d}\n", false},
            {"alerts: {language: zh-CN}\n", false},
            {"supervision: {transfers: 1}\n", false},
            {"figures: {small_n: 21}\n", false},
            {"sources: {crm: {silent_after: 1h}}\n", false},
            {"assessment: {levels: {watch: 31}}\n", false},
    };
    static const char BASE[] = "redress: 1\nunits: {id: hq}\n";
    struct config_errors errors = {0};
    struct config *base = NULL;
    assert_int_equal(config_parse(RD_STR(BASE), "t", NULL, &base, &errors), 0);
    for (size_t i = 0; i < RD_COUNT(ROWS); i++) {
        char text[512];
        (void)snprintf(text, sizeof text, "%s%s", BASE, ROWS[i].text);
        struct config *config = NULL;
        assert_int_equal(config_parse(rd_str_of(text), "t", NULL, &config, &errors), 0);
        bool is_same = memcmp(config->hash, base->hash, sizeof base->hash) == 0;
        assert_int_equal(is_same, ROWS[i].is_edge);
        config_free(config);
    }
    config_free(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_every_key_stands_in_the_page),
            cmocka_unit_test(test_every_key_of_the_page_exists),
            cmocka_unit_test(test_the_worked_example_loads),
            cmocka_unit_test(test_edge_options_do_not_change_the_tree),
    };
    return cmocka_run_group_tests(tests, read_page, NULL);
}
