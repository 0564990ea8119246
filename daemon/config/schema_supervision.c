/* daemon/config/schema_supervision.c — rows of what units owe every day, and on a schedule. */
#include "daemon/config/schema.h"

#define DAY INT64_C(86400)

/* clang-format off */
const struct config_row config_rows_supervision[] = {
    {"supervision", CONFIG_T_MAP, 0, "{}", 0, 0, NULL, "what units owe every day"},
    {"supervision.daily_report", CONFIG_T_MAP, 0, NULL, 0, 0, NULL,
        "unit.reported is owed; absent: not"},
    {"supervision.daily_report.by", CONFIG_T_DAY_TIME, CONFIG_REQUIRED, NULL, 0, 0, NULL,
        "on each working day"},
    {"supervision.daily_report.then", CONFIG_T_TARGET, 0, "parent", 0, 0, NULL,
        "who hears of one that is still missing"},
    {"supervision.daily_report.then_after", CONFIG_T_SPAN, 0, "30m", 0, DAY, NULL,
        "how much later"},
    {"supervision.daily_report.owed_by", CONFIG_T_LIST, CONFIG_ONE, NULL, 0, 1000, NULL,
        "units; absent: every unit with none below it"},
    {"supervision.daily_report.owed_by[]", CONFIG_T_UNITS, 0, NULL, 0, 0, NULL, NULL},
    {"supervision.unread", CONFIG_T_MAP, 0, NULL, 0, 0, NULL,
        "unit.unread; absent: not looked at"},
    {"supervision.unread.after", CONFIG_T_LIMIT, CONFIG_REQUIRED, NULL, 1, 0, NULL,
        "the oldest alert that waits for an acknowledgement is so old"},
    {"supervision.unread.time", CONFIG_T_CHOICE, 0, "elapsed", 0, 0, "elapsed|working",
        "what s, m and h count"},
    {"supervision.unread.then", CONFIG_T_TARGET, 0, "parent", 0, 0, NULL, "who hears of it"},
    {"supervision.digest", CONFIG_T_MAP, 0, NULL, 0, 0, NULL, "digest.daily; absent: none"},
    {"supervision.digest.at", CONFIG_T_DAY_TIME, CONFIG_REQUIRED, NULL, 0, 0, NULL,
        "on each working day"},
    {"supervision.transfers", CONFIG_T_INT, 0, "0", 0, 1000, NULL,
        "more changes of unit than this: case.bounced; 0: never"},
    {"supervision.duties", CONFIG_T_LIST, 0, "[]", 0, 256, NULL, "owed on a schedule"},
    {"supervision.duties[]", CONFIG_T_MAP, 0, NULL, 0, 0, NULL, NULL},
    {"supervision.duties[].duty", CONFIG_T_NAME, CONFIG_REQUIRED, NULL, 0, 0, NULL, "its code"},
    {"supervision.duties[].for", CONFIG_T_LIST, CONFIG_ONE | CONFIG_REQUIRED, NULL, 1, 1000, NULL,
        "units"},
    {"supervision.duties[].for[]", CONFIG_T_UNITS, 0, NULL, 0, 0, NULL, NULL},
    {"supervision.duties[].every", CONFIG_T_CHOICE, CONFIG_REQUIRED, NULL, 0, 0,
        "month|quarter|half|year", "one for each"},
    {"supervision.duties[].due", CONFIG_T_DUTY_DUE, CONFIG_REQUIRED, NULL, 0, 0, NULL,
        "so long after the period, or a day of the year"},
    {"supervision.duties[].title", CONFIG_T_TEXT, 0, NULL, 1, 256, NULL, "for people"},
};
const size_t config_rows_supervision_count = RD_COUNT(config_rows_supervision);
