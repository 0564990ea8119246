/* common/base/squeeze.h — a stream of bytes into a file, compressed, and back.
 *
 * One zstd frame with its own checksum. Errors stick: put as often as you like, look once at the
 * end. What is read is never longer than what was asked for, so a file that lies about its size
 * costs no memory. The only user of libzstd. */
#pragma once

#include "common/base/base.h"

struct squeeze;
struct unsqueeze;

/* `fd` stays the caller's; the frame begins at its present offset. */
struct squeeze *squeeze_new(int fd);
void squeeze_put(struct squeeze *squeeze, const void *bytes, size_t size);
/* Bytes in the file so far. */
uint64_t squeeze_written(const struct squeeze *squeeze);
/* Ends the frame, if `is_whole`, and frees all. 0 or the first -errno. Accepts NULL. */
RD_MUST_USE int squeeze_end(struct squeeze *squeeze, bool is_whole);

struct unsqueeze *unsqueeze_new(int fd);
/* All of `size` bytes. 0; -EBADMSG (the frame is damaged, or ends before); -errno; sticky. */
RD_MUST_USE int unsqueeze_get(struct unsqueeze *unsqueeze, void *bytes, size_t size);
/* 0: the frame ends here, whole, and the file too. -EBADMSG: it does not; -errno. */
RD_MUST_USE int unsqueeze_at_end(struct unsqueeze *unsqueeze);
void unsqueeze_free(struct unsqueeze *unsqueeze); /* accepts NULL */
