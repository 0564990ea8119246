#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/shim/shim.h"

enum { PATH_BYTES = 4096 };

static const char *const class_names[SHIM_CLASSES] = {
        "write", "sync", "size", "name", "open", "fill"};

static const struct what {
    const char *name;
    int error; /* 0: short; -1: hold */
} whats[] = {{"ENOSPC", ENOSPC}, {"EIO", EIO}, {"EROFS", EROFS}, {"EINTR", EINTR}, {"short", 0},
        {"hold", -1}};

/* The fault that is asked for. */
static struct {
    int class;       /* -1: none */
    uint64_t n;      /* 0: the next one once the file `arm` is there; it goes with that */
    const char *arm; /* NULL: not so */
    bool is_from_there_on;
    const struct what *what;
} fault = {.class = -1};

static atomic_uint_least64_t own_counts[SHIM_CLASSES];
static atomic_uint_least64_t *counts = own_counts;

static int raw_open(const char *path, int flags)
{
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0600);
}

static void begin_counts(void)
{
    const char *path = getenv("REDRESS_SHIM_COUNTS");
    int fd = path != NULL ? raw_open(path, O_RDWR | O_CREAT | O_CLOEXEC) : -1;
    if (fd < 0 || syscall(SYS_ftruncate, fd, (long)sizeof own_counts) != 0) {
        return;
    }
    void *at = mmap(NULL, sizeof own_counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at != MAP_FAILED) {
        counts = at;
    }
}

/* CLASS:N[+]:WHAT or CLASS:armed:WHAT; a text that is not one ends the process: a test of nothing
 * would pass. */
static void read_fault(const char *text)
{
    static const char armed[] = "armed";
    int class = -1;
    for (int i = 0; i < SHIM_CLASSES; i++) {
        size_t len = strlen(class_names[i]);
        if (strncmp(text, class_names[i], len) == 0 && text[len] == ':') {
            class = i;
            text += len + 1;
            break;
        }
    }
    if (strncmp(text, armed, sizeof armed - 1) == 0) {
        fault.arm = getenv("REDRESS_SHIM_ARM");
        text += sizeof armed - 1;
    }
    for (; *text >= '0' && *text <= '9'; text++) {
        fault.n = 10 * fault.n + (uint64_t)(*text - '0');
    }
    fault.is_from_there_on = *text == '+';
    text += fault.is_from_there_on;
    for (size_t i = 0; i < sizeof whats / sizeof whats[0]; i++) {
        if (*text == ':' && strcmp(text + 1, whats[i].name) == 0) {
            fault.what = &whats[i];
        }
    }
    if (class < 0 || fault.what == NULL || (fault.n == 0 && fault.arm == NULL)) {
        (void)fprintf(stderr, "REDRESS_SHIM_FAULT is not CLASS:N[+]:WHAT\n");
        abort();
    }
    fault.class = class;
}

void faults_begin(void)
{
    begin_counts();
    const char *text = getenv("REDRESS_SHIM_FAULT");
    if (text != NULL && text[0] != '\0') {
        read_fault(text);
    }
}

/* Tells the test by one FIFO that the call is held, and waits on the other. */
static void hold(void)
{
    char path[PATH_BYTES], byte = 'h';
    const char *dir = getenv("REDRESS_SHIM_HOLD");
    static const struct {
        const char *name;
        int flags;
    } ends[] = {{"held", O_WRONLY}, {"release", O_RDONLY}};
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir != NULL ? dir : ".", ends[i].name);
        int fd = raw_open(path, ends[i].flags | O_CLOEXEC);
        long n = fd < 0 ? -1 : syscall(i == 0 ? SYS_write : SYS_read, fd, &byte, sizeof byte);
        if (n < 0) {
            abort();
        }
        (void)syscall(SYS_close, fd);
    }
}

enum fault_kind fault_of(enum shim_class class)
{
    uint64_t n = atomic_fetch_add(&counts[class], 1) + 1;
    if (fault.class != (int)class) {
        return FAULT_NONE;
    }
    bool is_hit = fault.n > 0 && (n == fault.n || (fault.is_from_there_on && n > fault.n));
    if (!is_hit && (fault.arm == NULL || unlink(fault.arm) != 0)) {
        return FAULT_NONE;
    }
    if (fault.what->error < 0) {
        hold();
        return FAULT_NONE;
    }
    errno = fault.what->error;
    return fault.what->error == 0 ? FAULT_SHORT : FAULT_ERROR;
}

bool fault_is_full(uint64_t *ret_left_bytes)
{
    const char *path = getenv("REDRESS_SHIM_FULL");
    int fd = path != NULL ? raw_open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        return false;
    }
    char text[32] = "";
    uint64_t left = 0;
    long n = syscall(SYS_read, fd, text, sizeof text - 1);
    (void)syscall(SYS_close, fd);
    for (long i = 0; i < n && text[i] >= '0' && text[i] <= '9'; i++) {
        left = 10 * left + (uint64_t)(text[i] - '0');
    }
    *ret_left_bytes = left;
    return true;
}
