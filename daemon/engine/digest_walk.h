/* daemon/engine/digest_walk.h — the looks at units and cases of which a digest is made, in shares.
 */
#pragma once

#include "daemon/engine/digest_work.h"

/* Goes on with a share of them. True: all is looked at. `unit`: the digest's. */
bool digest_walk(struct engine *engine, uint32_t unit, struct digest_work *work);
