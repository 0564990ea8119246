/* daemon/journal/archive_file.h — the head and the name of a file of the archive; its layout stands
 * in archive.h. */
#pragma once

#include "daemon/journal/archive.h"
#include "daemon/journal/scan.h"

enum { ARCHIVE_HEAD = 132, ARCHIVE_HASHED = 100, ARCHIVE_NAME_MAX = 32, ARCHIVE_VERSION = 1 };

void archive_name(uint64_t first, char ret_name[static ARCHIVE_NAME_MAX]);
uint64_t archive_name_number(const char *name); /* 0: none of ours */
void archive_head_put(const struct archive_item *item, uint8_t ret_bytes[static ARCHIVE_HEAD]);
/* From the file's beginning; its offset is behind the head then. 0, -EBADMSG, -EPROTO, -errno. */
RD_MUST_USE int archive_head_read(
        int fd, uint8_t ret_bytes[static ARCHIVE_HEAD], struct archive_item *ret_item);
