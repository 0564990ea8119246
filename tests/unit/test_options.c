/* redressd(8), "Options". */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/options.h"

enum { WORDS_MAX = 8 };

static int parse(const char *const words[WORDS_MAX], struct options *ret_options, char what[256])
{
    char copies[WORDS_MAX + 1][64] = {"redressd"};
    char *argv[WORDS_MAX + 2] = {copies[0]};
    int argc = 1;
    for (size_t i = 0; i < WORDS_MAX && words[i] != NULL; i++) {
        (void)snprintf(copies[argc], sizeof copies[argc], "%s", words[i]);
        argv[argc] = copies[argc];
        argc++;
    }
    return options_parse(argc, argv, ret_options, what);
}

static void test_defaults(void **state)
{
    (void)state;
    char what[256];
    struct options options;
    assert_int_equal(parse((const char *const[WORDS_MAX]){NULL}, &options, what), 0);
    assert_int_equal(options.action, OPTIONS_RUN);
    assert_string_equal(options.config_path, REDRESS_ETC_DIR "/redress.yaml");
    assert_null(options.state_dir);
    assert_int_equal(options.clock_mode, CLOCK_REAL);
    assert_int_equal(options.log_target, LOG_TARGET_AUTO);
    assert_int_equal(options.log_level, LOG_LEVEL_INFO);
}

static void test_good_command_lines(void **state)
{
    (void)state;
    static const struct {
        const char *words[WORDS_MAX];
        enum options_action action;
        enum clock_mode mode;
        uint32_t rate;
    } rows[] = {
            {{"--check-config"}, OPTIONS_CHECK_CONFIG, CLOCK_REAL, 0},
            {{"--check"}, OPTIONS_CHECK_CONFIG, CLOCK_REAL, 0},
            {{"--print-config"}, OPTIONS_PRINT_CONFIG, CLOCK_REAL, 0},
            {{"--reload", "4711"}, OPTIONS_RELOAD, CLOCK_REAL, 0},
            {{"--recover", "--state", "s"}, OPTIONS_RUN, CLOCK_REAL, 0},
            {{"--new-state"}, OPTIONS_RUN, CLOCK_REAL, 0},
            {{"--version"}, OPTIONS_VERSION, CLOCK_REAL, 0},
            {{"--help"}, OPTIONS_HELP, CLOCK_REAL, 0},
            {{"--clock", "real"}, OPTIONS_RUN, CLOCK_REAL, 0},
            {{"--clock", "events"}, OPTIONS_RUN, CLOCK_EVENTS, 0},
            {{"--clock=events:3600", "--log=stderr", "--log-level", "debug"}, OPTIONS_RUN,
                    CLOCK_EVENTS, 3600},
    };
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        char what[256];
        struct options options;
        assert_int_equal(parse(rows[i].words, &options, what), 0);
        assert_int_equal(options.action, rows[i].action);
        assert_int_equal(options.clock_mode, rows[i].mode);
        assert_int_equal(options.clock_rate, rows[i].rate);
    }
}

static void test_bad_command_lines(void **state)
{
    (void)state;
    static const struct {
        const char *words[WORDS_MAX];
        const char *what;
    } rows[] = {
            {{"--no-such"}, "no such option"},
            {{"--config"}, "value is missing"},
            {{"extra"}, "takes options only"},
            {{"--clock", "fast"}, "give real, events"},
            {{"--clock", "events:0"}, "give real, events"},
            {{"--clock", "events:1.5"}, "give real, events"},
            {{"--clock", "events:1000001"}, "give real, events"},
            {{"--recover", "--new-state"}, "give one of them"},
            {{"--log", "file"}, "give auto, stderr or syslog"},
            {{"--log-level", "loud"}, "give err, warning"},
    };
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        char what[256] = "";
        struct options options = {.clock_rate = 77};
        assert_int_equal(parse(rows[i].words, &options, what), -EINVAL);
        assert_int_equal(options.clock_rate, 77);
        if (strstr(what, rows[i].what) == NULL) {
            fail_msg("%s: %s", rows[i].words[0], what);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_defaults),
            cmocka_unit_test(test_good_command_lines),
            cmocka_unit_test(test_bad_command_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
