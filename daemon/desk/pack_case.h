/* daemon/desk/pack_case.h — a case as people read it, for lists and for itself. This room only. */
#pragma once

#include "daemon/desk/case_clocks.h"

/* A case: the fields of a list's row but those of its clock, or all of it. */
void pack_case(struct method_call *call, struct fields *fields, const struct case_row *row,
        const struct attribute_row *attributes);
void pack_case_whole(struct method_call *call, struct fields *fields, const struct case_row *row,
        const struct attribute_row *attributes);
/* The highest rung that fired; 0: none. */
uint32_t case_rung(const struct case_row *row);
/* As policies, matchers and figures see it: by a letter, a reference or a channel. */
bool case_is_regulators(const struct method_call *call, const struct case_row *row,
        const struct attribute_row *attributes);
/* For that reason; an empty one: for whatever reason. */
bool case_is_paused_for(
        const struct method_call *call, const struct case_row *row, struct rd_str reason);
/* The reasons of its open pauses; nothing where there are none. */
void pack_paused_for(struct method_call *call, struct fields *fields, const struct case_row *row,
        const struct rd_hidden *hidden);
/* NULL-like where none is: nothing is written. */
void pack_meant(struct fields *fields, const struct meant *meant);
/* The newest thing that somebody did, among the last 256 entries of its history. */
void pack_last(struct method_call *call, struct fields *fields, const struct case_row *row,
        const struct rd_hidden *hidden);
