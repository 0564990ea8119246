/* tools/shared/file.h — small files kept whole: a cursor, a mark; and files that are written out.
 */
#pragma once

#include <stdio.h>

#include "common/base/base.h"

/* Writes `text` and a newline beside `path`, syncs, renames, syncs the folder: after a power cut
 * the old file is there or the new one. 0, or -errno. */
RD_MUST_USE int file_replace(const char *path, struct rd_str text);
/* The whole of a file of at most size - 1 bytes, with a NUL behind. Its length, or -errno. */
RD_MUST_USE int file_read(const char *path, char *buffer, size_t size);
bool file_exists(const char *path);

/* To be written anew; "-" is standard output. NULL: it cannot, which is said. */
FILE *file_to_write(const char *path);
/* Ends it. False: not all of it was written, which is said. */
bool file_written(FILE *file, const char *path);
