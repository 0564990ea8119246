#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/bench/report.h"

enum { PAGE = 4096, PAGES = 1024, TIMES = 2000 };

static int write_all(int fd, const uint8_t *page)
{
    for (int i = 0; i < PAGES; i++) {
        if (pwrite(fd, page, PAGE, (off_t)i * PAGE) != PAGE) {
            return errno != 0 ? -errno : -EIO;
        }
    }
    return fsync(fd) < 0 ? -errno : 0;
}

static int measure(int fd, const struct bench_options *options, const atomic_bool *is_stop,
        struct rd_hist *hist)
{
    uint8_t page[PAGE];
    memset(page, 0x5a, sizeof page);
    int r = write_all(fd, page);
    uint64_t times = options->events != 0 ? options->events : TIMES;
    for (uint64_t i = 0; i < times && r == 0 && !atomic_load(is_stop); i++) {
        memcpy(page, &i, sizeof i);
        int64_t begin = steady_us();
        if (pwrite(fd, page, PAGE, (off_t)(i % PAGES) * PAGE) != PAGE || fdatasync(fd) < 0) {
            r = errno != 0 ? -errno : -EIO;
        } else {
            rd_hist_record(hist, (uint64_t)(steady_us() - begin));
        }
    }
    return r;
}

int bench_fsync(const struct bench_options *options, const atomic_bool *is_stop)
{
    struct rd_hist hist;
    rd_hist_reset(&hist);
    int fd = open(options->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    int r = fd < 0 ? -errno : measure(fd, options, is_stop, &hist);
    if (fd >= 0) {
        (void)close(fd);
    }
    if (r < 0) {
        say_error("%s: %s", options->dir, strerror(-r));
        return STATUS_REFUSED;
    }
    return report_hist(options, "fdatasync", &hist);
}
