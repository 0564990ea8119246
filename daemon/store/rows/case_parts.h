/* daemon/store/rows/case_parts.h — parts of a case row's bytes: times and the ladder (case_row.h).
 *
 * Only case_row.c uses them. What does not decode sets get->error. */
#pragma once

#include "daemon/store/rows/case_row.h"

void case_put_time(struct rd_buf *buf, rd_time time);
rd_time case_get_time(struct rd_get *get);
void case_put_instant(struct rd_buf *buf, struct instant at);
struct instant case_get_instant(struct rd_get *get);
void case_put_ladder(struct rd_buf *buf, const struct case_ladder *ladder);
/* `is_of_8`: as engine 8 wrote it. */
void case_get_ladder(
        struct rd_get *get, struct rd_arena *arena, bool is_of_8, struct case_ladder *ladder);
