/* daemon/rights.h — who may send what. Without `security` every peer may everything. */
#pragma once

#include "daemon/config/config.h"
#include "daemon/engine/engine.h"

/* `user`: the name that the transport proved; empty without security. True: *ret_sender is who it
 * is, its texts borrowed from the configuration. False: *reject says why (`forbidden`). */
bool rights_may_send(const struct config *config, struct rd_str user, const struct rd_event *event,
        struct engine_sender *ret_sender, struct rd_reject *reject);
