/* sd_notify(3) by hand; and the limits of a log site. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/log.h"
#include "daemon/notify.h"

static void test_nobody_listens(void **state)
{
    (void)state;
    struct notify notify;
    assert_int_equal(notify_open(&(struct notify_environment){.socket = NULL}, &notify), 0);
    assert_int_equal(notify.fd, -1);
    notify_send(&notify, "READY=1");
    notify_close(&notify);
}

static void test_a_message_arrives_in_one_datagram(void **state)
{
    (void)state;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int len = snprintf(
            address.sun_path + 1, sizeof address.sun_path - 1, "redress-test-%d", getpid());
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);

    char path[128];
    (void)snprintf(path, sizeof path, "@redress-test-%d", getpid());
    struct notify notify;
    struct notify_environment environment = {
            .socket = path, .watchdog_us = "10000000", .watchdog_pid = "42", .pid = 42};
    assert_int_equal(notify_open(&environment, &notify), 0);
    assert_true(notify.watchdog_us == 5000000);
    notify_send(&notify, "READY=1\nSTATUS=%d cases", 7);
    char text[64] = "";
    assert_int_equal(recv(fd, text, sizeof text - 1, MSG_DONTWAIT), 22);
    assert_string_equal(text, "READY=1\nSTATUS=7 cases");
    notify_close(&notify);

    environment.watchdog_pid = "43"; /* another process is watched */
    assert_int_equal(notify_open(&environment, &notify), 0);
    assert_true(notify.watchdog_us == 0);
    notify_close(&notify);
    environment.watchdog_pid = NULL;
    environment.watchdog_us = "soon";
    assert_int_equal(notify_open(&environment, &notify), 0);
    assert_true(notify.watchdog_us == 0);
    notify_close(&notify);
    (void)close(fd);
}

static void test_bad_sockets(void **state)
{
    (void)state;
    char long_path[200];
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[0] = '/';
    long_path[sizeof long_path - 1] = '\0';
    const struct {
        const char *path;
        int r;
    } rows[] = {{"relative", -EINVAL}, {long_path, -EINVAL}, {"/nonexistent/socket", -ENOENT}};
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        struct notify notify = {.fd = 77};
        assert_int_equal(notify_open(&(struct notify_environment){.socket = rows[i].path}, &notify),
                rows[i].r);
        assert_int_equal(notify.fd, 77);
    }
}

static void test_a_site_is_limited_and_says_what_it_left_out(void **state)
{
    (void)state;
    struct log_site site = {0};
    uint32_t left_out;
    for (uint32_t i = 0; i < LOG_BURST; i++) {
        assert_true(log_site_may(&site, 1000 + i, &left_out));
        assert_int_equal(left_out, 0);
    }
    for (uint32_t i = 0; i < 5; i++) {
        assert_false(log_site_may(&site, 2000 + i, &left_out));
    }
    assert_true(log_site_may(&site, 1000 + LOG_SPAN_US, &left_out));
    assert_int_equal(left_out, 5);
    assert_true(log_site_may(&site, 1001 + LOG_SPAN_US, &left_out));
    assert_int_equal(left_out, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_nobody_listens),
            cmocka_unit_test(test_a_message_arrives_in_one_datagram),
            cmocka_unit_test(test_bad_sockets),
            cmocka_unit_test(test_a_site_is_limited_and_says_what_it_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
