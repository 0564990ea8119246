/* tests/sim/simcut.h — a folder's segments as they were, and what of a later state a power cut
 * leaves.
 *
 * Files are taken in the order of their names, bytes in theirs: what is written in another order
 * than that is the power cut test's, this one is about where a journal's tail may end. Exits with a
 * message where the folder cannot be read or written. */
#pragma once

#include <stdint.h>

struct cut;

struct cut *cut_begin(const char *dir);
/* Of the bytes that differ from then, `permille` in 1,000 stay, the others are as they were; files
 * that were made behind the cut are gone. */
void cut_apply(struct cut *cut, uint64_t permille);
void cut_free(struct cut *cut); /* NULL is fine */
