/* daemon/store/rewrite.h — a store's rows in a new file, each page made of rows that are there. */
#pragma once

#include "common/base/base.h"

/* Of `dir`/data.mdb, which nobody writes, into the file `path`, which is not there yet; it is
 * synced, its name is not. Memory is bounded by REWRITE_BYTES, not by the store. 0 or -errno; then
 * the file may be there, and is of no worth. */
enum { REWRITE_BYTES = 8 * 1024 * 1024 };
RD_MUST_USE int store_rewrite(const char *dir, const char *path);
