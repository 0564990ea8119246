/* common/client/client.h — the ZeroMQ context that a program's producers, subscribers and desks
 * share.
 *
 * libredress speaks the wire protocol (redress-protocol(7)) for a program in C:
 *   client.h      the context
 *   producer.h    events in, receipts out: a window in flight, repeated by id until answered
 *   subscriber.h  alerts of a unit and all below it, without a gap
 *   desk.h        questions
 * Nothing here starts a thread of its own (ZeroMQ's are its own), installs a signal handler or
 * writes to a standard stream. Waiting ends with -EINTR when a signal came. A producer, a
 * subscriber or a desk belongs to one thread; the client may be shared.
 *
 * Errors are -errno; -EPROTO means that the other side does not speak the protocol. */
#pragma once

#include "common/base/base.h"

struct rd_client;

/* With the keys of the file that REDRESS_KEY names in the environment, if it is set: errors as
 * rd_client_use_key(). */
RD_MUST_USE int rd_client_open(struct rd_client **ret_client);
/* Whom a tcp endpoint is told that this is, from the next connection on; ipc needs no key. The file
 * has two lines, the secret key and the daemon's public one, 40 characters of Z85 each, and is
 * closed to others. 0; -EPERM: it is open to others; -EBADMSG: it is no such file; -errno. */
RD_MUST_USE int rd_client_use_key(struct rd_client *client, const char *path);
const char *rd_client_key_fault(int r); /* that error for a person */

enum { RD_KEY_LETTERS = 40 };
/* A new pair, Z85. 0 or -errno. */
RD_MUST_USE int rd_client_new_key(
        char ret_public[static RD_KEY_LETTERS + 1], char ret_secret[static RD_KEY_LETTERS + 1]);
/* The public key of a secret one. 0 or -EINVAL: it is none. */
RD_MUST_USE int rd_client_public_key(
        const char *secret, char ret_public[static RD_KEY_LETTERS + 1]);
/* What was opened with it must be closed before. NULL: nothing. */
void rd_client_close(struct rd_client *client);
void rd_client_closep(struct rd_client **client); /* for RD_CLEANUP */
