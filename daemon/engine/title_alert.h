/* daemon/engine/title_alert.h — pieces of a title: numbers and marks of the alert itself. */
#pragma once

#include "common/text/title.h"
#include "common/wire/alert.h"
#include "daemon/engine/state.h"
#include "daemon/engine/title_words.h"

/* The fields seq, skipped, repeated, provisional, supersedes, grouped (redress.yaml(5), "TITLES OF
 * ALERTS"). False: it is none of them. The piece stands in the engine's arena, and is empty where
 * the alert has no such thing. */
bool title_alert_piece(struct engine *engine, const struct rd_alert *alert,
        enum title_language language, enum rd_title_field field, struct rd_str *ret_piece);
