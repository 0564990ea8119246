#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/shim/shim.h"

enum { HEAD = 29 };

static int log_fd = -1;
static atomic_uint_least64_t syncs;

void record_begin(void)
{
    const char *path = getenv("REDRESS_SHIM_LOG");
    if (path != NULL) {
        log_fd = (int)syscall(
                SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        record_put(&(struct shim_record){.op = 'L', .a = (uint64_t)getpid()});
    }
}

bool record_is_on(void)
{
    return log_fd >= 0;
}

static uint8_t *put(uint8_t *at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
    return at + size;
}

/* One call: O_APPEND keeps the records of threads apart and in order. */
void record_put(const struct shim_record *record)
{
    if (log_fd < 0) {
        return;
    }
    uint8_t head[HEAD];
    uint8_t *at = put(head, (uint8_t)record->op, 1);
    at = put(at, record->a, 8);
    at = put(at, record->b, 8);
    at = put(at, record->c, 8);
    (void)put(at, record->len, 4);
    struct iovec parts[2] = {{.iov_base = head, .iov_len = HEAD},
            {.iov_base = (void *)(uintptr_t)record->bytes, .iov_len = record->len}};
    long n = syscall(SYS_writev, log_fd, parts, record->len > 0 ? 2 : 1);
    if (n != (long)(HEAD + record->len)) {
        abort(); /* a log with holes proves nothing */
    }
}

void record_write(uint64_t ino, uint64_t offset, const void *bytes, size_t size)
{
    if (log_fd < 0 || size == 0) {
        return;
    }
    const uint8_t *at = bytes;
    bool is_zero = at[0] == 0 && memcmp(at, at + 1, size - 1) == 0;
    if (is_zero) {
        record_put(&(struct shim_record){.op = 'Z', .a = ino, .b = offset, .c = size});
    } else {
        record_put(&(struct shim_record){
                .op = 'W', .a = ino, .b = offset, .bytes = bytes, .len = size});
    }
}

uint64_t record_sync_number(void)
{
    return atomic_fetch_add(&syncs, 1);
}
