/* daemon/doors/zap.h — decides who may come in by key: the handler of ZeroMQ's authentication
 * protocol.
 *
 * libzmq asks it on a thread of its own for every CURVE handshake. A key that is not in the table,
 * or has expired, gets no session; a known one gets a User-Id that stands on every message of it:
 *
 *   KEY " " SESSION " " NAME      Z85; a number that no other session has, growing; the client's
 *
 * Any thread but for open and close. Inside this room only. Source: rfc.zeromq.org/spec/27. */
#pragma once

#include "daemon/doors/doors.h"

enum { ZAP_KEY_LETTERS = 40 };
#define ZAP_DOMAIN "redress"

struct zap;

/* Starts the thread, with no key known. 0 or -errno. */
RD_MUST_USE int zap_open(void *context, struct zap **ret_zap);
/* The context is ended already, or has been told to. NULL: nothing. */
void zap_close(struct zap *zap);
/* Replaces all keys. */
void zap_set_keys(struct zap *zap, const struct doors_key *keys, size_t count);
void zap_set_time(struct zap *zap, rd_time wall);
/* Whether the key is in the table, and has not expired. */
bool zap_is_good(struct zap *zap, struct rd_str key);
bool zap_next_refusal(struct zap *zap, struct doors_refusal *ret_refusal);

/* A User-Id in its parts, borrowed. False: it is none of ours. */
struct zap_who {
    struct rd_str key, name;
    uint64_t session;
};
bool zap_who_of(const char *user_id, struct zap_who *ret_who);
