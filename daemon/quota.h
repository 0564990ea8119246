/* daemon/quota.h — how many events a second a key may send: what is more is answered busy, so that
 * one that has gone wild takes nobody else's room.
 *
 * A client has a bucket of one second's events, which fills by the second's share; its keys share
 * it. Nothing of it is state: a start and a reload begin with full buckets. */
#pragma once

#include "daemon/config/config.h"

struct quota;

struct quota *quota_new(void);
void quota_free(struct quota *quota); /* accepts NULL */
/* The clients of a configuration, which is kept until the next call. */
void quota_set(struct quota *quota, const struct config *config);
/* One more event of `client` at `now_us` on the ticks' scale. 0: it may be taken; else so many
 * milliseconds until it may. NULL, and one without a limit: always. */
uint32_t quota_take_ms(struct quota *quota, const struct config_client *client, int64_t now_us);
