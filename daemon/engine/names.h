/* daemon/engine/names.h — texts that stand in rows as numbers: units, calendars, reasons, codes. */
#pragma once

#include "daemon/engine/state.h"

struct names;
struct names *names_new(void);
void names_free(struct names *names);     /* accepts NULL */
void names_forget(struct engine *engine); /* names were taken back, or the plan is another */
uint32_t name_number(struct engine *engine, struct rd_str text); /* given, if there is none */
uint32_t name_known(struct engine *engine, struct rd_str text);  /* 0: none */
/* name_hide() of name_row.h. */
void names_hide(struct engine *engine, uint32_t number);
/* The text, for the time of the record; empty for 0. */
struct rd_str name_shown(struct engine *engine, uint32_t number);
int32_t unit_index(struct engine *engine, uint32_t number); /* RD_NO_INDEX: not in the plan */
