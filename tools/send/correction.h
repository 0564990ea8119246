/* tools/send/correction.h — a row that was sent before and says something else now, as
 * case.amended. */
#pragma once

#include "common/client/client.h"
#include "tools/send/former.h"

struct corrector;

enum correction {
    CORRECTION_NONE,    /* it says what it said when it was last taken */
    CORRECTION_NEEDED,  /* an event corrects what was said */
    CORRECTION_REFUSED, /* no amendment can say what it says now */
};

struct corrected { /* of CORRECTION_NEEDED; borrowed until the next corrector_judge() */
    struct rd_str id, event;
};

/* NULL: told. */
struct corrector *corrector_new(struct rd_client *client, const struct ends *ends, int64_t wait_us);
void corrector_free(struct corrector *corrector); /* NULL: nothing */
/* Of the event that a row makes, whose id was taken before: with the same content, `is_same`, or
 * another. A correction has only what changed, under the row's id with the next number behind it,
 * "ID~1". 0, or told and an exit status; *why of CORRECTION_REFUSED. */
int corrector_judge(struct corrector *corrector, struct rd_str event, bool is_same,
        enum correction *ret_correction, struct corrected *ret_corrected, struct rd_reject *why);
