/* redress.yaml(5), "listen": endpoints. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/doors/endpoint.h"

static void test_good_endpoints(void **state)
{
    (void)state;
    static const struct {
        const char *text, *path;
        bool is_local;
    } rows[] = {
            {"ipc:///run/redress/intake", "/run/redress/intake", true},
            {"ipc://@redress", NULL, true},
            {"tcp://127.0.0.1:7710", NULL, true},
            {"tcp://[::1]:7710", NULL, true},
            {"tcp://localhost:*", NULL, true},
            {"tcp://*:65535", NULL, false},
            {"tcp://[fe80::1]:1", NULL, false},
            {"tcp://redress.example:7710", NULL, false},
    };
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        struct endpoint endpoint;
        char what[256];
        assert_int_equal(endpoint_parse(rd_str_of(rows[i].text), &endpoint, what), 0);
        assert_string_equal(endpoint.text, rows[i].text);
        assert_int_equal(endpoint.is_local, rows[i].is_local);
        assert_int_equal(endpoint.path != NULL, rows[i].path != NULL);
        if (rows[i].path != NULL) {
            assert_string_equal(endpoint.path, rows[i].path);
        }
    }
}

static void test_bad_endpoints(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
            {"", "give ipc:// or tcp://"},
            {"udp://x:1", "give ipc:// or tcp://"},
            {"inproc://x", "give ipc:// or tcp://"},
            {"ipc://", "give an absolute path"},
            {"ipc://relative", "give an absolute path"},
            {"ipc:///", "the path or name is missing"},
            {"ipc://@", "the path or name is missing"},
            {"tcp://", "give tcp://HOST:PORT"},
            {"tcp://host", "give tcp://HOST:PORT"},
            {"tcp://:7710", "give tcp://HOST:PORT"},
            {"tcp://host:", "the port is a number"},
            {"tcp://host:0", "the port is a number"},
            {"tcp://host:65536", "the port is a number"},
            {"tcp://host:77x", "the port is a number"},
            {"tcp://::1:7710", "in brackets"},
            {"tcp://[::1:7710", "not closed"},
    };
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        struct endpoint endpoint = {.text = "untouched"};
        char what[256] = "";
        assert_int_equal(endpoint_parse(rd_str_of(rows[i][0]), &endpoint, what), -EINVAL);
        assert_string_equal(endpoint.text, "untouched");
        if (strstr(what, rows[i][1]) == NULL) {
            fail_msg("%s: %s", rows[i][0], what);
        }
    }
}

static void test_a_socket_path_has_at_most_107_bytes(void **state)
{
    (void)state;
    char text[200];
    char what[256];
    struct endpoint endpoint;
    memset(text, 'x', sizeof text);
    memcpy(text, "ipc:///", 7);
    assert_int_equal(endpoint_parse((struct rd_str){text, 6 + 107}, &endpoint, what), 0);
    assert_int_equal(endpoint_parse((struct rd_str){text, 6 + 108}, &endpoint, what), -EINVAL);
    text[20] = '\0';
    assert_int_equal(endpoint_parse((struct rd_str){text, 50}, &endpoint, what), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_good_endpoints),
            cmocka_unit_test(test_bad_endpoints),
            cmocka_unit_test(test_a_socket_path_has_at_most_107_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
