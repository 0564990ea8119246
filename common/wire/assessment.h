/* common/wire/assessment.h — what a warning and an alert have in common: reasons, actions, notices.
 *
 * For receipt.c and alert.c. The packers write the array alone, not its key. */
#pragma once

#include "common/wire/fields.h"
#include "common/wire/receipt.h"

void rd_reasons_pack(struct rd_buf *buf, const struct rd_reason *reasons, size_t count);
void rd_actions_pack(struct rd_buf *buf, const struct rd_str *actions, size_t count);
void rd_notices_pack(struct rd_buf *buf, const struct rd_notice *notices, size_t count);

/* Absent: NULL and 0. Wrong: the fields' sticky error, and *ret_count is not to be used. */
const struct rd_reason *rd_reasons_unpack(
        struct rd_fields *fields, struct rd_arena *arena, size_t *ret_count);
const struct rd_notice *rd_notices_unpack(
        struct rd_fields *fields, struct rd_arena *arena, size_t *ret_count);
