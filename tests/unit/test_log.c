/* Log lines: values are escaped, a slow reader holds nobody up. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/num.h"
#include "daemon/log.h"
#include "daemon/log_line.h"
#include "daemon/metrics.h"

#define assert_line(expected, ...)                                                                 \
    do {                                                                                           \
        struct log_line line = {.len = 0};                                                         \
        log_line_add(&line, __VA_ARGS__);                                                          \
        log_line_end(&line);                                                                       \
        assert_string_equal(line.text, expected);                                                  \
    } while (0)

static void test_values_are_escaped(void **state)
{
    (void)state;
    assert_line("what=\"a b\"", "what=\"%s\"", "a b");
    assert_line("what=\"a\\\" level=\\\"err\\\\\"", "what=\"%s\"", "a\" level=\"err\\");
    assert_line("what=\"1\\n2\\t3\\x0d\\x1b[31m\\x7f\"", "what=\"%s\"", "1\n2\t3\r\x1b[31m\x7f");
    assert_line("what=\"投诉\"", "what=\"%s\"", "投诉");
    assert_line("what=\"\\xff\\xe6\\x8a\\xc2\\x85\"", "what=\"%s\"", "\xff\xe6\x8a\xc2\x85");
    assert_line("a=x b=\"y z\" c=\"k=v\" d=", "a=%s b=%s c=%s d=%s", "x", "y z", "k=v", "");
    assert_line("what=\"abc\"", "what=\"%.*s\"", 3, "abcdef");
}

static void test_numbers(void **state)
{
    (void)state;
    assert_line("a=-1 b=2 c=3 d=-4 e=5 f=ff g=100%", "a=%d b=%u c=%zu d=%ld e=%llu f=%x g=%d%%", -1,
            2U, (size_t)3, -4L, 5ULL, 255U, 100);
}

static void test_no_fields_leave_no_trace(void **state)
{
    (void)state;
    struct log_line line = {.len = 0};
    log_line_add(&line, "msg=\"%s\"", "x");
    log_line_add(&line, "%s", "");
    log_line_add(&line, "n=%d", 1);
    log_line_end(&line);
    assert_string_equal(line.text, "msg=\"x\" n=1");
}

static bool has_closed_quotes(const char *at)
{
    bool is_open = false;
    for (; *at != '\0'; at++) {
        if (*at == '\\') {
            at++; /* what is escaped closes nothing */
        } else if (*at == '"') {
            is_open = !is_open;
        }
    }
    return !is_open;
}

/* At every length around the limit: it ends with the quote and the mark, and within the limit. */
static void test_a_long_value_is_cut_and_says_so(void **state)
{
    (void)state;
    static const char *const units[] = {"a", "\"", "\x01", "投"};
    for (size_t unit = 0; unit < RD_COUNT(units); unit++) {
        for (size_t count = 240; count < 1100; count++) {
            char value[4096] = "";
            size_t size = strlen(units[unit]);
            for (size_t i = 0; i < count; i++) {
                memcpy(value + i * size, units[unit], size + 1);
            }
            struct log_line line = {.len = 0};
            log_line_add(&line, "what=\"%s\" n=%d", value, 7);
            bool is_cut = line.is_cut;
            log_line_end(&line);
            assert_true(strlen(line.text) == line.len && line.len < LOG_LINE_MAX);
            const char *end = is_cut ? " cut=1" : "\" n=7";
            assert_string_equal(line.text + line.len - strlen(end), end);
            assert_true(has_closed_quotes(line.text));
        }
    }
}

static void test_where_syslog_is_told_by_its_socket(void **state)
{
    (void)state;
    char folder[] = "/tmp/redress-log-XXXXXX";
    assert_non_null(mkdtemp(folder));
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/log", folder);
    assert_false(log_socket_is_there(address.sun_path));
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_true(log_socket_is_there(address.sun_path));
    (void)close(fd);
    assert_false(log_socket_is_there(address.sun_path)); /* its file is there, nobody listens */
    (void)unlink(address.sun_path);
    (void)rmdir(folder);
}

/* Standard error is a pipe that nobody reads: whoever logs goes on, and what did not fit is told
 * once there is a reader. */
static void test_a_reader_that_stops_holds_nobody_up(void **state)
{
    (void)state;
    enum { LINES = 1000 };
    int ends[2];
    int saved = dup(STDERR_FILENO);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, 4096), 4096);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    (void)close(ends[1]);
    log_open(LOG_TARGET_STDERR, LOG_LEVEL_INFO);
    char filler[600];
    memset(filler, 'x', sizeof filler - 1);
    filler[sizeof filler - 1] = '\0';
    for (int i = 0; i < LINES; i++) {
        struct log_site site = {0};
        log_write(&site, LOG_LEVEL_INFO, "test", "line", "i=%d filler=%s", i, filler);
    }
    uint64_t left_out = metric_value(METRIC_LOG_LINES_LEFT_OUT);
    assert_true(left_out > LINES / 2 && left_out < LINES);

    static char text[1024 * 1024];
    size_t len = 0, lines = 0, seen = 0;
    while (lines + left_out < LINES) { /* what is missing the test's time limit would tell */
        ssize_t n = read(ends[0], text + len, sizeof text - 1 - len);
        assert_true(n > 0);
        len += (size_t)n;
        for (const char *at; (at = strstr(text + seen, "msg=\"line\"")) != NULL; lines++) {
            seen = (size_t)(at + 1 - text);
        }
    }
    log_close();
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    (void)close(saved);
    (void)close(ends[0]);
    uint64_t told = 0; /* perhaps in several parts */
    for (const char *at = text; (at = strstr(at, " left_out=")) != NULL;) {
        at += strlen(" left_out=");
        uint64_t part = 0;
        assert_int_equal(
                rd_u64_parse((struct rd_str){.ptr = at, .len = strcspn(at, "\n")}, &part), 0);
        told += part;
    }
    assert_int_equal(told, left_out);
}

/* And its end does not wait for ever either. */
static void test_the_end_gives_up_what_nobody_reads(void **state)
{
    (void)state;
    int ends[2];
    int saved = dup(STDERR_FILENO);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, 4096), 4096);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    (void)close(ends[1]);
    log_open(LOG_TARGET_STDERR, LOG_LEVEL_INFO);
    for (int i = 0; i < 200; i++) {
        struct log_site site = {0};
        log_write(&site, LOG_LEVEL_INFO, "test", "a line that nobody will ever read", "i=%d", i);
    }
    log_close();
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    (void)close(saved);
    (void)close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_values_are_escaped),
            cmocka_unit_test(test_numbers),
            cmocka_unit_test(test_no_fields_leave_no_trace),
            cmocka_unit_test(test_a_long_value_is_cut_and_says_so),
            cmocka_unit_test(test_where_syslog_is_told_by_its_socket),
            cmocka_unit_test(test_a_reader_that_stops_holds_nobody_up),
            cmocka_unit_test(test_the_end_gives_up_what_nobody_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
