/* tools/ctl/print.h — answers that have a shape of their own as text. */
#pragma once

#include <stdio.h>

#include "common/wire/pack.h"

/* explain.c: an answer of the desk's `explain`, times at the offset of the clock's calendar. */
void print_explained(FILE *out, rd_node result, const char *lang);
/* taken.c: rows of `journal.read` or `dead.list`, their events in words. */
void print_taken(FILE *out, rd_node result, const char *lang);
