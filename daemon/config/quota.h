/* daemon/config/quota.h — how much a second a client may have of the daemon, so that one that has
 * gone wild takes nobody else's room.
 *
 * A client has a meter for each kind of thing, which holds one second's worth and fills by the
 * second's share; its keys share it. What is asked for goes through while the meter is not
 * overdrawn; one large thing may overdraw it, and the next then waits until that is made good. So a
 * limit below the size of one thing slows a client down and never locks it out. Nothing of it is
 * state: a start begins with full meters. One thread an object. */
#pragma once

#include "daemon/config/config.h"

struct quota;

struct quota *quota_new(void);
void quota_free(struct quota *quota); /* accepts NULL */
/* 0: `client` may have more of this now; else so many milliseconds until it may. `now_us` is on the
 * ticks' scale. A client without a limit, and NULL, always may. */
uint32_t quota_wait_ms(const struct quota *quota, const struct config_client *client,
        enum config_quota kind, int64_t now_us);
/* It has had `amount`. */
void quota_charge(struct quota *quota, const struct config_client *client, enum config_quota kind,
        uint64_t amount, int64_t now_us);
