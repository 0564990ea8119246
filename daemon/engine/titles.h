/* daemon/engine/titles.h — the title of an alert: its template, filled in. */
#pragma once

#include "daemon/engine/alerts.h"

struct rd_str alert_title(
        struct engine *engine, const struct rd_alert *alert, const struct alert_draft *draft);
