/* Who may do what: the table of redress-protocol(7), "Rights". */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/config/rights.h"

#define KEY(letter) letter letter letter letter letter letter letter letter letter letter
#define LINE(letter, rights)                                                                       \
    "    \"" KEY(letter) KEY(letter) KEY(letter) KEY(letter) "\": {" rights "}\n"

static const char TEXT[] =
        "redress: 1\n"
        "units: {id: xj, units: [{id: south, units: [{id: d3}]}, {id: south2}]}\n"
        "listen: {desk: [{at: \"ipc:///r/desk\", as: viewer, units: south}]}\n"
        "security:\n"
        "  secret_key: /nowhere/key\n"
        "  clients:\n"                          /* */
        LINE("a", "name: crm, roles: producer") /* */
        LINE("b", "name: feed, roles: producer, sources: [\"web-*\"], may: [\"case.*\", quiet]")
                LINE("c", "name: south, roles: unit, units: south, sees: phone") /* */
        LINE("d", "name: boss, roles: operator, person: li")                     /* */
        LINE("e", "name: board, roles: viewer")                                  /* */
        LINE("f", "name: auditor, roles: viewer, units: south");

static struct config *config;

static int load(void **state)
{
    (void)state;
    struct config_errors errors = {0};
    int r = config_parse(rd_str_of(TEXT), "t.yaml", "/nowhere", &config, &errors);
    for (size_t i = 0; i < errors.count; i++) {
        (void)fprintf(stderr, "%s\n", errors.lines[i]);
    }
    config_errors_done(&errors);
    return r;
}

static int unload(void **state)
{
    (void)state;
    config_freep(&config);
    return 0;
}

static struct rights of(const char *user)
{
    return rights_of(config, config, rd_str_of(user));
}

static const struct {
    const char *user;
    bool is_everywhere, covers_d3, covers_south2, hears_d3, hears_all;
    unsigned hidden;
    const char *name, *unit;
} SEES[] = {
        /* user, everywhere, xj/south/d3, xj/south2, hears xj/south/d3/, hears all */
        {"crm", false, false, false, false, false, CONFIG_SEES_ALL, "crm", ""},
        {"south", false, true, false, true, false, CONFIG_SEES_ALL & ~(unsigned)RD_HIDE_PHONE,
                "south", "xj/south"},
        {"boss", true, true, true, true, true, CONFIG_SEES_ALL, "boss", ""},
        {"board", true, true, true, true, true, CONFIG_SEES_ALL, "board", ""},
        {"auditor", false, true, false, true, false, CONFIG_SEES_ALL, "auditor", ""},
        {"ipc:///r/desk", false, true, false, true, false, CONFIG_SEES_ALL, "ipc:viewer", ""},
        {"nobody", false, false, false, false, false, CONFIG_SEES_ALL, "", ""},
        {"", false, false, false, false, false, CONFIG_SEES_ALL, "", ""},
};

static void each_sees_its_own_units(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(SEES); i++) {
        struct rights rights = of(SEES[i].user);
        bool is_right = rights_is_everywhere(&rights) == SEES[i].is_everywhere &&
                        rights_covers(&rights, RD_STR("xj/south/d3")) == SEES[i].covers_d3 &&
                        rights_covers(&rights, RD_STR("xj/south2")) == SEES[i].covers_south2 &&
                        rights_may_hear(&rights, RD_STR("xj/south/d3/")) == SEES[i].hears_d3 &&
                        rights_may_hear(&rights, RD_STR("")) == SEES[i].hears_all &&
                        rights_hidden(&rights) == SEES[i].hidden &&
                        rd_str_is(rights_name(&rights), SEES[i].name) &&
                        rd_str_is(rights_unit(&rights), SEES[i].unit);
        if (!is_right) {
            fail_msg("%s: everywhere %d, d3 %d, south2 %d, hears %d %d, hidden %x, \"%.*s\" of "
                     "\"%.*s\"",
                    SEES[i].user, rights_is_everywhere(&rights),
                    rights_covers(&rights, RD_STR("xj/south/d3")),
                    rights_covers(&rights, RD_STR("xj/south2")),
                    rights_may_hear(&rights, RD_STR("xj/south/d3/")),
                    rights_may_hear(&rights, RD_STR("")), rights_hidden(&rights),
                    RD_FMT(rights_name(&rights)), RD_FMT(rights_unit(&rights)));
        }
    }
}

/* A prefix that only begins like a unit's path is not its topic; the heartbeat is everybody's. */
static void a_topic_ends_at_a_slash(void **state)
{
    (void)state;
    struct rights south = of("south"), unknown = of("nobody"), crm = of("crm");
    assert_false(rights_may_hear(&south, RD_STR("xj/south")));
    assert_true(rights_may_hear(&south, RD_STR("xj/south/")));
    assert_false(rights_may_hear(&south, RD_STR("xj/south2/")));
    assert_false(rights_may_hear(&south, RD_STR("xj/")));
    assert_true(rights_may_hear(&south, RD_STR("~heartbeat")));
    assert_true(rights_may_hear(&crm, RD_STR("~heartbeat")));
    assert_false(rights_may_hear(&unknown, RD_STR("~heartbeat")));
}

static const struct {
    const char *user, *source;
    enum rd_event_type type;
    const char *unit, *by;
    bool is_quiet;
    const char *field; /* that is refused; NULL: it may; "": the key */
} SENDS[] = {
        {"crm", "crm", RD_EVENT_COMPLAINT_REGISTERED, "d3", NULL, false, NULL},
        {"crm", "web-1", RD_EVENT_COMPLAINT_REGISTERED, "d3", NULL, false, "source"},
        {"crm", "crm", RD_EVENT_ASSIGNED, NULL, NULL, false, "type"},
        {"crm", "crm", RD_EVENT_COMPLAINT_REGISTERED, "d3", NULL, true, "quiet"},
        {"feed", "web-1", RD_EVENT_COMPLAINT_REGISTERED, "d3", NULL, true, NULL},
        {"feed", "crm", RD_EVENT_COMPLAINT_REGISTERED, "d3", NULL, false, "source"},
        {"feed", "web-2", RD_EVENT_ASSIGNED, NULL, "li", false, NULL}, /* case.* */
        {"feed", "web-2", RD_EVENT_SILENCE_ENDED, NULL, NULL, false, "type"},
        {"south", "south", RD_EVENT_ACKNOWLEDGED, NULL, "wang", false, NULL},
        {"south", "south", RD_EVENT_SOURCE_RESET, NULL, NULL, false, "type"},
        {"south", "south", RD_EVENT_UNIT_REPORTED, "d3", NULL, false, NULL},
        {"south", "south", RD_EVENT_UNIT_REPORTED, "south2", NULL, false, "data.unit"},
        {"south", "south", RD_EVENT_UNIT_REPORTED, "none", NULL, false, "data.unit"},
        {"boss", "boss", RD_EVENT_UNIT_REPORTED, "south2", NULL, false, "type"},
        {"boss", "boss", RD_EVENT_EXTENDED, NULL, "li", false, NULL},
        {"boss", "boss", RD_EVENT_EXTENDED, NULL, "wang", false, "data.by"},
        {"board", "board", RD_EVENT_NOTED, NULL, "li", false, "type"},
        {"nobody", "nobody", RD_EVENT_NOTED, NULL, "li", false, ""},
};

static void each_sends_what_its_role_sends(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(SENDS); i++) {
        struct rights rights = of(SENDS[i].user);
        struct rd_event event = {.source = rd_str_of(SENDS[i].source),
                .type = SENDS[i].type,
                .is_quiet = SENDS[i].is_quiet};
        if (SENDS[i].unit != NULL) {
            event.data[RD_KEY_UNIT] =
                    (struct rd_value){.type = RD_VALUE_STR, .bytes = rd_str_of(SENDS[i].unit)};
        }
        if (SENDS[i].by != NULL) {
            event.data[RD_KEY_BY] =
                    (struct rd_value){.type = RD_VALUE_STR, .bytes = rd_str_of(SENDS[i].by)};
        }
        struct rd_reject reject = {0};
        bool may = rights_may_send(&rights, &event, &reject);
        const char *field = reject.field[0] != '\0' ? reject.field : "";
        if (may != (SENDS[i].field == NULL) ||
                (!may && (strcmp(field, SENDS[i].field) != 0 ||
                                 strcmp(reject.code, "forbidden") != 0))) {
            fail_msg("row %zu, %s sends %s: %s, field \"%s\": %s", i, SENDS[i].user,
                    rd_event_type_name(SENDS[i].type), may ? "it may" : "refused", field,
                    may ? "" : reject.message);
        }
    }
}

/* An event that only the unit's role allows is bound to cases of its units. */
static void a_unit_is_bound_to_its_cases(void **state)
{
    (void)state;
    struct rights south = of("south"), boss = of("boss"), feed = of("feed");
    assert_true(rights_is_bound(&south, RD_EVENT_ACKNOWLEDGED));
    assert_false(rights_is_bound(&boss, RD_EVENT_EXTENDED));
    assert_false(rights_is_bound(&feed, RD_EVENT_ACKNOWLEDGED)); /* its may names it */
    assert_true(rd_str_is(rights_person(&boss), "li"));
    assert_int_equal(rights_person(&south).len, 0);
}

static void without_security_all_may_do_all(void **state)
{
    (void)state;
    struct config open = {.has_security = false};
    struct rights rights = rights_of(&open, &open, RD_STR(""));
    struct rd_event event = {.type = RD_EVENT_CLOCK_ACCEPTED, .is_quiet = true};
    struct rd_reject reject = {0};
    assert_true(rights_may_send(&rights, &event, &reject));
    assert_true(rights_is_everywhere(&rights) && rights_may_hear(&rights, RD_STR("")));
    assert_int_equal(rights_hidden(&rights), 0);
    assert_false(rights_sees(&rights, CONFIG_SEES_CUSTOMER)); /* the mask decides */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(each_sees_its_own_units),
            cmocka_unit_test(a_topic_ends_at_a_slash),
            cmocka_unit_test(each_sends_what_its_role_sends),
            cmocka_unit_test(a_unit_is_bound_to_its_cases),
            cmocka_unit_test(without_security_all_may_do_all),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
