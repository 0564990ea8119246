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

#include "common/base.h"

struct rd_client;

RD_MUST_USE int rd_client_open(struct rd_client **ret_client);
/* What was opened with it must be closed before. NULL: nothing. */
void rd_client_close(struct rd_client *client);
void rd_client_closep(struct rd_client **client); /* for RD_CLEANUP */
