/* A syslog that hangs: syslog(3) waits for its reader with the lock of its library held, and an end
 * of the daemon must not want that lock. The library's functions are stood in for here. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/log.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int reader[2]; /* nobody ever writes into it */
static int closed;

/* Somebody listens at the socket of syslog, wherever this test runs. */
int connect(int fd, const struct sockaddr *address, socklen_t size)
{
    const struct sockaddr_un *name = (const struct sockaddr_un *)address;
    if (name->sun_family == AF_UNIX && strcmp(name->sun_path, _PATH_LOG) == 0) {
        return 0;
    }
    return (int)syscall(SYS_connect, fd, address, size);
}

void openlog(const char *name, int options, int facility)
{
    (void)name;
    (void)options;
    (void)facility;
}

static void hang(void)
{
    char byte;
    (void)pthread_mutex_lock(&lock);
    while (read(reader[0], &byte, 1) != 0) {
    }
    (void)pthread_mutex_unlock(&lock);
}

void syslog(int level, const char *format, ...)
{
    (void)level;
    (void)format;
    hang();
}

/* What the headers make of syslog() in a build with checks. */
void checked_syslog(int level, int flag, const char *format, ...) __asm__("__syslog_chk");
void checked_syslog(int level, int flag, const char *format, ...)
{
    (void)level;
    (void)flag;
    (void)format;
    hang();
}

void closelog(void)
{
    (void)pthread_mutex_lock(&lock);
    closed++;
    (void)pthread_mutex_unlock(&lock);
}

static void test_a_syslog_that_hangs_holds_up_no_end(void **state)
{
    (void)state;
    assert_int_equal(pipe(reader), 0);
    (void)alarm(60); /* a process that hangs here is the fault that this looks for */
    log_open(LOG_TARGET_SYSLOG, LOG_LEVEL_INFO);
    log_err("test", "a line that nobody takes", "%s", "");
    log_close();
    assert_int_equal(closed, 0); /* the thread still has the lock */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_a_syslog_that_hangs_holds_up_no_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
