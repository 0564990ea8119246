/* daemon/config/complete.h — the engine's part of a configuration that an older version wrote, made
 * what this one reads.
 *
 * The cases of a state live under the configurations in its tables, which are compiled and whole: a
 * key that the language has since then is not in them. Each gets such a key at its default, by the
 * schema's table; what is there stays as it is. */
#pragma once

#include "common/base/base.h"
#include "common/base/buf.h"

/* `tree`: MessagePack. The completed one goes into `buf`, which is emptied first. 0; -EBADMSG: this
 * version does not read it even so (ret_what: what it misses). */
RD_MUST_USE int config_complete(struct rd_str tree, struct rd_buf *buf, char ret_what[static 256]);
