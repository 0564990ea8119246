/* Preloaded into a daemon: its wall clock goes as far ahead of the machine's as the file
 * $REDRESS_STEPS says, and CLOCK_BOOTTIME as its second number: two of 8 bytes, microseconds in the
 * machine's own order, which the test rewrites while the daemon runs. A machine that slept has both
 * moved on by the same. CLOCK_MONOTONIC stays what it is. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { WALL, BOOT, CLOCKS };
static const volatile int64_t *ahead_us;

__attribute__((constructor)) static void open_file(void)
{
    const char *path = getenv("REDRESS_STEPS");
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        abort();
    }
    void *map = mmap(NULL, CLOCKS * sizeof *ahead_us, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        abort();
    }
    (void)close(fd);
    ahead_us = map;
}

static void add(struct timespec *at, int64_t us)
{
    int64_t ns = (int64_t)at->tv_sec * 1000000000 + at->tv_nsec + us * 1000;
    at->tv_sec = (time_t)(ns / 1000000000);
    at->tv_nsec = (long)(ns % 1000000000);
}

int clock_gettime(clockid_t id, struct timespec *at)
{
    long r = syscall(SYS_clock_gettime, id, at);
    if (r == 0 && (id == CLOCK_REALTIME || id == CLOCK_BOOTTIME) && ahead_us != NULL) {
        add(at, ahead_us[id == CLOCK_REALTIME ? WALL : BOOT]);
    }
    return (int)r;
}

/* The daemon arms it on its wall clock; the kernel knows another one. */
int timerfd_settime(int fd, int flags, const struct itimerspec *wanted, struct itimerspec *old)
{
    struct itimerspec spec = *wanted;
    if ((flags & TFD_TIMER_ABSTIME) != 0 &&
            (spec.it_value.tv_sec != 0 || spec.it_value.tv_nsec != 0)) {
        add(&spec.it_value, -ahead_us[WALL]);
    }
    return (int)syscall(SYS_timerfd_settime, fd, flags, &spec, old);
}
