/* daemon/upgrade_9.h — from engine 8, schema 5 to engine 9, schema 6. */
#pragma once

#include "daemon/store/store.h"
#include "daemon/upgrade_row.h"

int upgrade_9_row(struct upgrade_row *row);
int upgrade_9_finish(struct store *store);
/* What the cases count for, by the present rules: where those of an engine count otherwise. */
int upgrade_recount(struct store *store);
