/* tools/train/card_file.h — scorecards as files: redress-scorecard(5). */
#pragma once

#include "common/text/scorecard.h"
#include "tools/train/measure.h"

struct card_about {                /* for people; not part of the checksum */
    const char *data;              /* the file's name, or the state directory's */
    const char *made;              /* 2026-11-25 */
    uint64_t rows, yes;            /* learned from */
    rd_time from, through;         /* of those */
    const struct figures *figures; /* on the rows after them; NULL: none */
    rd_time tried_from, tried_through;
};

/* Whole and synced, or what was there stays. 0, or -errno. */
RD_MUST_USE int card_write(
        const char *path, const struct rd_card *card, const struct card_about *about);
/* Loads it as the daemon does and prints the mistakes that it would name. NULL: there were some.
 * `ret_config` holds it. */
struct config;
const struct rd_scorecard *card_read(const char *path, struct config **ret_config);
