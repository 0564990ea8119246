/* daemon/engine/digest_masked.h — a digest as told to whoever may not see all of customers. */
#pragma once

#include "common/base/arena.h"
#include "common/text/mask.h"
#include "daemon/store/store.h"

/* The packed digest of an alert: in the subjects of its cases what `what` (RD_HIDE_…) hides is
 * masked by the values of each case, and all of the subject where the case is gone. In `arena`, or
 * the digest itself. Source: redress-protocol(7), "Masks". */
struct rd_str digest_masked(
        struct store_view *view, struct rd_str digest, unsigned what, struct rd_arena *arena);
