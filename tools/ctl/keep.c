#include "tools/ctl/keep.h"

static const struct opt_rule RULES[] = {
        {.name = "state",
                .value = "DIR",
                .kind = OPT_DIR,
                .help = "the daemon's state folder (" REDRESS_STATE_DIR ")"},
        {.name = "rows", .kind = OPT_SWITCH, .help = "instead of the events a line for each case"},
        {.name = "keep",
                .value = "N",
                .kind = OPT_NUMBER,
                .min = 1,
                .max = 10000,
                .help = "of those in the folder only the newest N stay (all)"},
        {.name = "journal",
                .value = "DIR",
                .kind = OPT_DIR,
                .help = "go on with the records of this journal"},
        {.name = "archive",
                .value = "DIR",
                .kind = OPT_DIR,
                .help = "go on with the records of this archive"},
        {.name = "until-erasure",
                .kind = OPT_SWITCH,
                .help = "… up to the record before the first one that was erased"},
};

static const struct ctl_verb VERBS[] = {
        {"backup", "FILE|DIR", "state keep",
                "all of the state at its last checkpoint into a file, hot", 1, 1, keep_backup,
                NULL},
        {"check-backup", "FILE", "", "read a backup or snapshot and verify all of it", 1, 1,
                keep_check, NULL},
        {"export open", "", "state rows", "the events of all open cases as NDJSON, to be sent anew",
                0, 0, keep_export, NULL},
        {"restore", "FILE DIR", "journal archive until-erasure",
                "make the state folder DIR of a backup or snapshot", 2, 2, keep_restore, NULL},
};

const struct ctl_group ctl_group_keep = {.title = "Keeping the state",
        .verbs = VERBS,
        .verb_count = RD_COUNT(VERBS),
        .rules = RULES,
        .rule_count = RD_COUNT(RULES)};
