#include "common/base/squeeze.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

enum {
    LEVEL = 1, /* rows and records: level 3 takes four times as long and makes them no smaller */
    PLAIN_BYTES = 128 * 1024,
    FILE_BYTES = 128 * 1024,
    /* Writes and syncs slice by slice: one long flush would delay other syncs of the same disk,
     * such as the journal's. */
    SLICE_BYTES = 4 * 1024 * 1024,
    WINDOW_LOG_MAX = 27,
};

struct squeeze {
    ZSTD_CCtx *context;
    int fd, error;
    uint64_t written, synced;
    size_t plain_len;
    uint8_t plain[PLAIN_BYTES], file[FILE_BYTES];
};

struct unsqueeze {
    ZSTD_DCtx *context;
    int fd, error;
    bool is_ended; /* the frame is */
    ZSTD_inBuffer in;
    size_t plain_at, plain_len;
    uint8_t plain[PLAIN_BYTES], file[FILE_BYTES];
};

struct squeeze *squeeze_new(int fd)
{
    struct squeeze *squeeze = calloc(1, sizeof *squeeze);
    if (squeeze == NULL || (squeeze->context = ZSTD_createCCtx()) == NULL) {
        rd_oom();
    }
    squeeze->fd = fd;
    size_t r = ZSTD_CCtx_setParameter(squeeze->context, ZSTD_c_compressionLevel, LEVEL);
    RD_ASSERT(!ZSTD_isError(r));
    r = ZSTD_CCtx_setParameter(squeeze->context, ZSTD_c_checksumFlag, 1);
    RD_ASSERT(!ZSTD_isError(r));
    return squeeze;
}

static int file_write(struct squeeze *squeeze, size_t size)
{
    const uint8_t *at = squeeze->file;
    while (size > 0) {
        ssize_t n = write(squeeze->fd, at, size);
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        if (n == 0) {
            return -EIO;
        }
        if (n > 0) {
            at += n;
            size -= (size_t)n;
            squeeze->written += (uint64_t)n;
        }
    }
    if (squeeze->written - squeeze->synced >= SLICE_BYTES) {
        squeeze->synced = squeeze->written;
        return fdatasync(squeeze->fd) == 0 ? 0 : -errno;
    }
    return 0;
}

static void compress(struct squeeze *squeeze, ZSTD_EndDirective what)
{
    ZSTD_inBuffer in = {.src = squeeze->plain, .size = squeeze->plain_len};
    bool is_done = false;
    while (squeeze->error == 0 && !is_done) {
        ZSTD_outBuffer out = {.dst = squeeze->file, .size = sizeof squeeze->file};
        size_t left = ZSTD_compressStream2(squeeze->context, &out, &in, what);
        RD_ASSERT(!ZSTD_isError(left)); /* it has its memory, and any bytes can be compressed */
        squeeze->error = file_write(squeeze, out.pos);
        is_done = what == ZSTD_e_end ? left == 0 : in.pos == in.size;
    }
    squeeze->plain_len = 0;
}

void squeeze_put(struct squeeze *squeeze, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    while (size > 0 && squeeze->error == 0) {
        size_t room = sizeof squeeze->plain - squeeze->plain_len;
        size_t part = size < room ? size : room;
        memcpy(squeeze->plain + squeeze->plain_len, at, part);
        squeeze->plain_len += part;
        at += part;
        size -= part;
        if (squeeze->plain_len == sizeof squeeze->plain) {
            compress(squeeze, ZSTD_e_continue);
        }
    }
}

uint64_t squeeze_written(const struct squeeze *squeeze)
{
    return squeeze->written;
}

int squeeze_end(struct squeeze *squeeze, bool is_whole)
{
    if (squeeze == NULL) {
        return 0;
    }
    if (is_whole) {
        compress(squeeze, ZSTD_e_end);
    }
    int r = squeeze->error;
    (void)ZSTD_freeCCtx(squeeze->context);
    free(squeeze);
    return r;
}

/* ---- back ---- */

struct unsqueeze *unsqueeze_new(int fd)
{
    struct unsqueeze *unsqueeze = calloc(1, sizeof *unsqueeze);
    if (unsqueeze == NULL || (unsqueeze->context = ZSTD_createDCtx()) == NULL) {
        rd_oom();
    }
    unsqueeze->fd = fd;
    unsqueeze->in.src = unsqueeze->file;
    size_t r = ZSTD_DCtx_setParameter(unsqueeze->context, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    RD_ASSERT(!ZSTD_isError(r));
    return unsqueeze;
}

/* More of the file. 1, 0 at its end, -errno. */
static int file_read(struct unsqueeze *unsqueeze)
{
    for (;;) {
        ssize_t n = read(unsqueeze->fd, unsqueeze->file, sizeof unsqueeze->file);
        if (n >= 0) {
            unsqueeze->in.size = (size_t)n;
            unsqueeze->in.pos = 0;
            return n > 0;
        }
        if (errno != EINTR) {
            return -errno;
        }
    }
}

/* More plain bytes, at least one. */
static int refill(struct unsqueeze *unsqueeze)
{
    unsqueeze->plain_at = unsqueeze->plain_len = 0;
    while (unsqueeze->plain_len == 0) {
        if (unsqueeze->is_ended) {
            return -EBADMSG;
        }
        if (unsqueeze->in.pos == unsqueeze->in.size) {
            int r = file_read(unsqueeze);
            if (r <= 0) {
                return r == 0 ? -EBADMSG : r;
            }
        }
        ZSTD_outBuffer out = {.dst = unsqueeze->plain, .size = sizeof unsqueeze->plain};
        size_t left = ZSTD_decompressStream(unsqueeze->context, &out, &unsqueeze->in);
        if (ZSTD_isError(left)) {
            return -EBADMSG;
        }
        unsqueeze->is_ended = left == 0;
        unsqueeze->plain_len = out.pos;
    }
    return 0;
}

int unsqueeze_get(struct unsqueeze *unsqueeze, void *bytes, size_t size)
{
    uint8_t *at = bytes;
    while (size > 0 && unsqueeze->error == 0) {
        if (unsqueeze->plain_at == unsqueeze->plain_len) {
            unsqueeze->error = refill(unsqueeze);
            continue;
        }
        size_t there = unsqueeze->plain_len - unsqueeze->plain_at;
        size_t part = size < there ? size : there;
        memcpy(at, unsqueeze->plain + unsqueeze->plain_at, part);
        unsqueeze->plain_at += part;
        at += part;
        size -= part;
    }
    return unsqueeze->error;
}

int unsqueeze_at_end(struct unsqueeze *unsqueeze)
{
    if (unsqueeze->error != 0 || unsqueeze->plain_at < unsqueeze->plain_len) {
        return unsqueeze->error != 0 ? unsqueeze->error : -EBADMSG;
    }
    int r = unsqueeze->is_ended ? -EBADMSG : refill(unsqueeze); /* the checksum may be to come */
    if (r == 0 || !unsqueeze->is_ended) {
        return r == 0 ? -EBADMSG : r;
    }
    if (unsqueeze->in.pos < unsqueeze->in.size) {
        return -EBADMSG;
    }
    r = file_read(unsqueeze);
    return r > 0 ? -EBADMSG : r;
}

void unsqueeze_free(struct unsqueeze *unsqueeze)
{
    if (unsqueeze != NULL) {
        (void)ZSTD_freeDCtx(unsqueeze->context);
        free(unsqueeze);
    }
}
