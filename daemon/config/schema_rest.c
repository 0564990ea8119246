/* daemon/config/schema_rest.c — rows of alerts, codes and figures. */
#include "common/base/sizes.h"
#include "daemon/config/config.h"
#include "daemon/config/schema.h"

#define DAY INT64_C(86400)

/* clang-format off */
const struct config_row config_rows_rest[] = {
    {"alerts", CONFIG_T_MAP, 0, "{}", 0, 0, NULL, "what units are told"},
    {"alerts.language", CONFIG_T_CHOICE, 0, "en", 0, 0, "en|zh-CN", "of the titles shipped"},
    {"alerts.mask", CONFIG_T_MAP, CONFIG_EDGE, "{}", 0, 0, NULL,
        "how personal data leaves the daemon"},
    {"alerts.mask.customer", CONFIG_T_CHOICE, CONFIG_EDGE, "last4", 0, 0, "full|last4|keyed",
        "the customer's id"},
    {"alerts.mask.key_file", CONFIG_T_FILE, CONFIG_EDGE, NULL, 0, 0, NULL,
        "the secret of keyed: a file of 32 bytes or more",
        CONFIG_INTO(mask_key_file)},
    {"alerts.rejected", CONFIG_T_MAP, CONFIG_EDGE, "{}", 0, 0, NULL,
        "when operators hear of rejected events"},
    {"alerts.rejected.wait", CONFIG_T_SPAN, CONFIG_EDGE, "1m", 0, DAY, NULL,
        "from the first of a source and error to its alert",
        CONFIG_INTO(rejected_wait_us)},
    {"alerts.rejected.every", CONFIG_T_SPAN, CONFIG_EDGE, "1h", 1, 30 * DAY, NULL,
        "between two alerts of the same",
        CONFIG_INTO(rejected_every_us)},
    {"alerts.storm", CONFIG_T_MAP, 0, NULL, 0, 0, NULL, "bundles many alerts; absent: never"},
    {"alerts.storm.count", CONFIG_T_INT, 0, "10", 1, 1000, NULL,
        "more than so many to a unit within the window"},
    {"alerts.storm.window", CONFIG_T_SPAN, 0, "15m", 1, 7 * DAY, NULL, NULL},
    {"alerts.titles", CONFIG_T_NAMES, 0, "{}", 0, 64, NULL,
        "alert type: template, instead of the one shipped"},
    {"alerts.titles.*", CONFIG_T_TEXT, 0, NULL, 1, 512, NULL, NULL},

    {"codes", CONFIG_T_NAMES, 0, "{}", 0, 5, NULL,
        "issue, cause, product, outcome or channel: names and numbers of its values"},
    {"codes.*", CONFIG_T_MAP, 0, NULL, 0, 0, NULL, NULL},
    {"codes.*.values", CONFIG_T_NAMES, 0, "{}", 0, 2000, NULL, "by code"},
    {"codes.*.values.*", CONFIG_T_MAP, 0, NULL, 0, 0, NULL, NULL},
    {"codes.*.values.*.name", CONFIG_T_TEXT, 0, NULL, 1, RD_LABEL_BYTES_MAX, NULL,
        "for people; default: the code"},
    {"codes.*.values.*.regulator", CONFIG_T_TEXT, 0, NULL, 1, 64, NULL,
        "the regulator's own code, to export"},
    {"codes.*.values.*.also", CONFIG_T_LIST, CONFIG_ONE, "[]", 0, 64, NULL,
        "how else senders spell it"},
    {"codes.*.values.*.also[]", CONFIG_T_TEXT, 0, NULL, 1, 256, NULL, NULL},
    {"codes.*.unknown", CONFIG_T_CHOICE, 0, "accept", 0, 0, "accept|reject",
        "a value that none of them spells: is taken and counted, or is bad_value"},

    {"figures", CONFIG_T_MAP, 0, "{}", 0, 0, NULL, "the report"},
    {"figures.small_n", CONFIG_T_INT, 0, "20", 0, 1000000, NULL,
        "units with fewer cases are listed, not ranked"},
    {"figures.regulator_channels", CONFIG_T_LIST, CONFIG_ONE, "[]", 0, 64, NULL,
        "complaints by these channels are a regulator's"},
    {"figures.regulator_channels[]", CONFIG_T_TEXT, 0, NULL, 1, 128, NULL, NULL},
    {"figures.appraisal", CONFIG_T_NAMES, 0, "{}", 0, 64, NULL,
        "figure: weight; the weights sum to 100"},
    {"figures.appraisal.*", CONFIG_T_INT, 0, NULL, 1, 100, NULL, NULL},
};
const size_t config_rows_rest_count = RD_COUNT(config_rows_rest);
