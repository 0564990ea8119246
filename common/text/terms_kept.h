/* common/text/terms_kept.h — compiled sets of patterns, kept in files between the runs of a
 * program.
 *
 * Compiling the shipped lexicons takes seconds, reading what came of it milliseconds. The files lie
 * in $CACHE_DIRECTORY (systemd.exec(5)), else in redress/ of $XDG_CACHE_HOME or of ~/.cache,
 * which are made; where the folder around them is missing nothing is kept. Each can be deleted at
 * any time. One is believed only if it belongs to this user alone, its checksum is right, and it
 * was made by this version of vectorscan for such a processor. At most TERMS_KEPT_MAX stay, the
 * last used ones. Source: redressd(8), "ENVIRONMENT". */
#pragma once

#include "common/base/digest.h"

enum { TERMS_KEPT_MAX = 16 };

struct hs_database;

/* `digest`: of the terms that it was made from. `is_pieced`: to be fed in pieces. NULL: there is
 * none that can be believed. */
struct hs_database *terms_kept_get(const uint8_t digest[static RD_HASH_BYTES], bool is_pieced);
/* What cannot be written is made again the next time. */
void terms_kept_put(const uint8_t digest[static RD_HASH_BYTES], bool is_pieced,
        const struct hs_database *database);
