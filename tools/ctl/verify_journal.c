#include <errno.h>
#include <stdio.h>
#include <string.h>

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
        print_report(ctl, &report, r < 0 ? &damage : NULL);
        return r < 0 ? STATUS_FINDING : STATUS_OK;
    }
    say_error("%s: %s%s%s", ctl->words[0], strerror(-r), damage.text[0] != '\0' ? ": " : "",
            damage.text);
    return STATUS_USAGE;
}

static const struct opt_rule RULES[] = {
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
        {"check-journal", "DIR", "", "read a journal, verify every checksum and link", 1, 1,
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
