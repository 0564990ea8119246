#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/num.h"
#include "daemon/engine/engine.h"
#include "daemon/journal/check.h"
#include "tools/ctl/verify.h"

/* The chain as text, so that it can be compared with what somebody noted. */
static void put_chain(struct rd_buf *buf, const uint8_t chain[static 32])
{
    char text[65];
    for (size_t i = 0; i < 32; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", chain[i]);
    }
    rd_pack_cstr(buf, text);
}

static void put_report(struct rd_buf *buf, const struct journal_report *report, const char *damage)
{
    const struct {
        const char *key;
        uint64_t value;
    } numbers[] = {{"segments", report->segments}, {"records", report->records},
            {"erased", report->erased}, {"bytes", report->bytes}, {"first", report->first},
            {"last", report->last}};
    rd_pack_map(buf, (uint32_t)RD_COUNT(numbers) + 3);
    for (size_t i = 0; i < RD_COUNT(numbers); i++) {
        rd_pack_cstr(buf, numbers[i].key);
        rd_pack_uint(buf, numbers[i].value);
    }
    rd_pack_cstr(buf, "chain");
    put_chain(buf, report->chain);
    rd_pack_cstr(buf, "torn");
    rd_pack_bool(buf, report->is_torn);
    rd_pack_cstr(buf, "damage");
    if (damage != NULL) {
        rd_pack_cstr(buf, damage);
    } else {
        rd_pack_nil(buf);
    }
}

static void print_report(const struct ctl *ctl, const struct journal_report *report,
        const struct journal_damage *damage)
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    struct rd_buf buf;
    rd_buf_init(&buf, CTL_MESSAGE_MAX);
    put_report(&buf, report, damage != NULL ? damage->text : NULL);
    rd_node node = NULL;
    int r = rd_tree_read(tree, rd_buf_str(&buf), &node, NULL);
    if (r < 0 && r != -EILSEQ) {
        RD_UNREACHABLE("what was packed reads");
    }
    ctl_print(ctl, node);
    rd_buf_done(&buf);
}

/* ---- bodies that are erased ---- */

enum { SEALED_BYTES_MAX = 1024 * 1024 * 1024 };

struct sealed {
    struct journal *journal;
    struct rd_arena arena;       /* of `erased` */
    struct engine_erased erased; /* the newest record's: it names those of earlier ones too */
    uint64_t *bodies;            /* that are erased, ascending */
    size_t count, room;
};

static void note_erased(struct sealed *sealed, uint64_t number)
{
    if (sealed->count == sealed->room) {
        sealed->room = sealed->room > 0 ? 2 * sealed->room : 1024;
        sealed->bodies = reallocarray(sealed->bodies, sealed->room, sizeof *sealed->bodies);
        if (sealed->bodies == NULL) {
            rd_oom();
        }
    }
    sealed->bodies[sealed->count++] = number;
}

static int read_sealed(struct sealed *sealed, struct journal_damage *damage)
{
    RD_CLEANUP(journal_cursor_closep)
    struct journal_cursor *cursor = NULL;
    struct journal_record record;
    int r = journal_cursor_open(sealed->journal, journal_first(sealed->journal) - 1, &cursor);
    while (r == 0 && (r = journal_cursor_next(cursor, &record, damage)) == 1) {
        r = 0;
        if (record.is_erased) {
            note_erased(sealed, record.number);
        } else if (record.kind == JOURNAL_ERASED) {
            rd_arena_reset(&sealed->arena);
            r = engine_erased_unpack(record.body, &sealed->arena, &sealed->erased);
        }
    }
    return r;
}

/* The first body that is gone without a record that says so; 0: there is none. */
static uint64_t find_unsealed(const struct sealed *sealed)
{
    size_t at = 0;
    for (size_t i = 0; i < sealed->count; i++) {
        while (at < sealed->erased.body_count && sealed->erased.bodies[at] < sealed->bodies[i]) {
            at++;
        }
        if (at == sealed->erased.body_count || sealed->erased.bodies[at] != sealed->bodies[i]) {
            return sealed->bodies[i];
        }
    }
    return 0;
}

/* Whoever may write the files could blank a body, and the chain would be whole. */
static enum exit_status check_erased(const char *dir)
{
    struct sealed sealed = {.journal = NULL};
    struct journal_damage damage = {.text = ""};
    struct journal_options options = {.dir = dir, .read_only = true};
    rd_arena_init(&sealed.arena, SEALED_BYTES_MAX);
    int r = journal_open(&options, &sealed.journal, &damage);
    r = r == 0 ? read_sealed(&sealed, &damage) : r;
    uint64_t number = r == 0 ? find_unsealed(&sealed) : 0;
    if (r < 0) {
        say_error("%s: %s", dir, damage.text[0] != '\0' ? damage.text : strerror(-r));
    } else if (number != 0) {
        say_error("%s: record %" PRIu64 ": its body is erased, and no record says so: an erasure "
                  "is under way, or somebody has blanked it",
                dir, number);
    }
    if (sealed.journal != NULL) {
        journal_close(sealed.journal);
    }
    free(sealed.bodies);
    rd_arena_done(&sealed.arena);
    return r < 0 || number != 0 ? STATUS_FINDING : STATUS_OK;
}

/* ---- what somebody noted of the chain ---- */

enum { LINE_BYTES = 4096, HEX_BYTES = 64 };

struct anchors {
    struct journal *journal;
    const char *file;
    unsigned long line;
    uint64_t agreed, gone; /* lines */
};

/* The value of `key` in a line of the log. Empty: it has none. */
static struct rd_str value_of(const char *line, const char *key)
{
    const char *at = strstr(line, key);
    if (at == NULL) {
        return (struct rd_str){0};
    }
    at += strlen(key);
    return (struct rd_str){at, strcspn(at, " \t\r\n")};
}

/* "record=N chain=HEX" anywhere in it, or "N HEX". */
static bool read_anchor(const char *line, uint64_t *ret_record, struct rd_str *ret_chain)
{
    struct rd_str record = value_of(line, "record="), chain = value_of(line, " chain=");
    if (record.len == 0 && chain.len == 0) {
        record = (struct rd_str){line, strcspn(line, " \t")};
        const char *rest = line + record.len + strspn(line + record.len, " \t");
        chain = (struct rd_str){rest, strcspn(rest, " \t\r\n")};
    }
    bool is_hex = chain.len == HEX_BYTES;
    for (size_t i = 0; i < chain.len && is_hex; i++) {
        is_hex = isxdigit((unsigned char)chain.ptr[i]) != 0;
    }
    *ret_chain = chain;
    return is_hex && rd_u64_parse(record, ret_record) == 0;
}

static enum exit_status compare_anchor(struct anchors *anchors, const char *line)
{
    uint64_t record;
    struct rd_str noted;
    uint8_t chain[HEX_BYTES / 2];
    struct journal_damage damage = {.text = ""};
    if (!read_anchor(line, &record, &noted)) {
        say_error("%s:%lu: want a line with record=N and chain=HEX, or N and HEX", anchors->file,
                anchors->line);
        return STATUS_USAGE;
    }
    int r = journal_chain(anchors->journal, record, chain, &damage);
    if (r == -ENOENT && record <= journal_last(anchors->journal)) {
        anchors->gone++;
        return STATUS_OK;
    }
    if (r < 0) {
        say_error("%s:%lu: record %" PRIu64 ": %s", anchors->file, anchors->line, record,
                r == -ENOENT ? "the journal ends before it: what was there has been taken away"
                             : damage.text);
        return STATUS_FINDING;
    }
    char text[HEX_BYTES + 1];
    for (size_t i = 0; i < sizeof chain; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", chain[i]);
    }
    if (strncasecmp(noted.ptr, text, HEX_BYTES) != 0) {
        say_error("%s:%lu: record %" PRIu64
                  ": the chain was %.*s when it was noted, and is %s: the "
                  "journal up to there was written anew",
                anchors->file, anchors->line, record, RD_FMT(noted), text);
        return STATUS_FINDING;
    }
    anchors->agreed++;
    return STATUS_OK;
}

/* Nothing that was compared is nothing proven. */
static enum exit_status count_anchors(const struct ctl *ctl, const struct anchors *anchors)
{
    if (anchors->agreed + anchors->gone == 0) {
        say_error("%s: there is no anchor in it: want lines with record=N and chain=HEX, as the "
                  "daemon's log has them (code=chain)",
                anchors->file);
        return STATUS_USAGE;
    }
    if (anchors->agreed == 0) {
        say_error("%s: none of %" PRIu64 " anchors could be compared, the journal begins behind "
                  "them: nothing is proven; take a newer anchor, or the archive's segments back",
                anchors->file, anchors->gone);
        return STATUS_FINDING;
    }
    if (!ctl->is_json) {
        (void)printf("anchors: %" PRIu64 " agree, %" PRIu64 " are of records no longer kept\n",
                anchors->agreed, anchors->gone);
    }
    return STATUS_OK;
}

/* Lines of a file that are none are refused; empty ones, and those that begin with #, are passed.
 */
static enum exit_status compare_anchors(const struct ctl *ctl, const char *dir, const char *path)
{
    struct anchors anchors = {.file = path};
    struct journal_damage damage = {.text = ""};
    struct journal_options options = {.dir = dir, .read_only = true};
    char line[LINE_BYTES];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        say_error("%s: %s", path, strerror(errno));
        return STATUS_USAGE;
    }
    int r = journal_open(&options, &anchors.journal, &damage);
    enum exit_status status = r < 0 ? STATUS_FINDING : STATUS_OK;
    if (r < 0) {
        say_error("%s: %s", dir, damage.text);
    }
    while (status == STATUS_OK && fgets(line, sizeof line, file) != NULL) {
        anchors.line++;
        if (line[0] != '#' && line[strspn(line, " \t\r\n")] != '\0') {
            status = compare_anchor(&anchors, line);
        }
    }
    (void)fclose(file);
    if (anchors.journal != NULL) {
        journal_close(anchors.journal);
    }
    return status == STATUS_OK ? count_anchors(ctl, &anchors) : status;
}

enum exit_status verify_journal(struct ctl *ctl)
{
    struct journal_report report = {0};
    struct journal_damage damage = {.text = ""};
    int r = journal_check(ctl->words[0], NULL, NULL, &report, &damage);
    if (r == 0 && report.segments == 0) {
        say_error(
                "%s: there is no journal in this folder; of a daemon it is the folder \"journal\" "
                "in its state folder",
                ctl->words[0]);
        return STATUS_USAGE;
    }
    if (r == 0 || r == -EBADMSG) {
        const char *anchors = ctl_option(ctl, "anchor");
        print_report(ctl, &report, r < 0 ? &damage : NULL);
        enum exit_status status = r < 0 ? STATUS_FINDING : STATUS_OK;
        if (status == STATUS_OK && report.erased > 0) {
            status = check_erased(ctl->words[0]);
        }
        return status == STATUS_OK && anchors != NULL ? compare_anchors(ctl, ctl->words[0], anchors)
                                                      : status;
    }
    say_error("%s: %s%s%s", ctl->words[0], strerror(-r), damage.text[0] != '\0' ? ": " : "",
            damage.text);
    return STATUS_USAGE;
}

static const struct opt_rule RULES[] = {
        {.name = "anchor",
                .value = "FILE",
                .kind = OPT_FILE,
                .help = "compare with lines of the log that tell the chain's head"},
        {.name = "from",
                .value = "FILE",
                .kind = OPT_FILE,
                .help = "begin with this snapshot or backup"},
        {.name = "snapshots",
                .value = "DIR",
                .kind = OPT_DIR,
                .help = "where to look for one (DIR/snapshots)"},
};

static const struct ctl_verb VERBS[] = {
        {"check-journal", "DIR", "anchor", "read a journal, verify every checksum and link", 1, 1,
                verify_journal, NULL},
        {"verify", "DIR", "from snapshots",
                "replay the journal of a state folder, compare it with the store", 1, 1,
                verify_state, NULL},
        {"keygen", "FILE [KEY]", "", "write a new secret key into FILE, print the public one", 1, 2,
                ctl_keygen, NULL},
};

const struct ctl_group ctl_group_disk = {.title = "On this machine alone",
        .verbs = VERBS,
        .verb_count = RD_COUNT(VERBS),
        .rules = RULES,
        .rule_count = RD_COUNT(RULES)};
