/* daemon/engine/digest_pack.h — a digest as the map that machines get. */
#pragma once

#include "daemon/engine/digest_work.h"

/* Nothing in it counts anything. */
bool digest_is_empty(const struct digest_work *work);
/* redress-events(7), "Digests"; in the record's arena. `unit`: the digest's. */
struct rd_str digest_packed(struct engine *engine, enum rd_digest_every every, uint32_t unit,
        const struct digest_work *work);
