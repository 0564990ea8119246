/* daemon/engine/known.h — what was taken before: by sequence or by id; gaps in a source's sequence.
 */
#pragma once

#include "daemon/engine/state.h"

enum known { KNOWN_NEW, KNOWN_DUPLICATE, KNOWN_CONFLICT, KNOWN_STALE };
enum known known_look(
        struct engine *engine, const struct rd_event *event, uint64_t *ret_seq, uint64_t *ret_case);
void known_take(struct engine *engine, const struct rd_event *event, uint64_t case_number);
void known_reset(struct engine *engine, struct rd_str source);
bool known_timer_is_live(struct engine *engine, const struct timer_row *row);
void known_fire(struct engine *engine, const struct timer_row *row);
