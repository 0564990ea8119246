/* daemon/leave.h — what leaves the daemon: replies and alerts, each when its record is durable.
 *
 * An alert is encoded once, when it is decided, with the customer masked as configured. */
#pragma once

#include "daemon/edge.h"

/* Keeps the alerts of the engine's last call until `record` is durable. */
void leave_keep_alerts(struct edge *edge, uint64_t record);
/* Sends what is durable. */
void leave_send(struct edge *edge);
/* The same of alerts alone: no reply. */
void leave_alerts(struct edge *edge);
/* `~heartbeat`, each second. */
void leave_heartbeat(struct edge *edge);
/* Milliseconds that the timers are late. */
int64_t leave_lag_ms(const struct edge *edge);
