/* daemon/engine/duties.h — what lists need of duties, kept beside their cases. */
#pragma once

#include "daemon/engine/state.h"

#define RECTIFICATION "rectification" /* the code of the duties that causes open */

/* A case of kind duty is saved: its rows in the tables of duty_row.h follow. */
void duty_save(
        struct engine *engine, const struct case_row *row, const struct attribute_row *attributes);
/* That of the duty which a screening opens, under its code in the configuration; in the arena. */
struct rd_str duty_screening_subject(struct rd_arena *arena, const struct rd_plan *plan,
        struct rd_str round, struct rd_str contract);
/* The case whose cause it mends; 0: it is no rectification. */
uint64_t duty_mends(const struct case_row *row, const struct attribute_row *attributes);
