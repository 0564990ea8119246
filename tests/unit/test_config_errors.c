/* The configuration: what is refused, at which line and column, in which words. redress.yaml(5). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/config/config.h"

#define BASE   "redress: 1\nunits: {id: hq, units: [{id: a}, {id: b}]}\n" /* two lines */
#define POLICY BASE "policies:\n- name: p\n  match: {}\n"                 /* five lines */

#define KEY_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define KEY_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define KEY_C "cccccccccccccccccccccccccccccccccccccccc"

struct row {
    const char *text, *where, *what;
};

static const struct row ROWS[] = {
        /* the file as a whole */
        {"", "1:1: ", "the file is empty"},
        {"- a\n", "1:1: ", "a configuration is a map"},
        {"redress: 1\nunits: {id: hq\n", "3:1: ", "not YAML"},
        {"redress: 1\nunits: {id: \"h\n", "3:1: ", "not YAML"},
        {"redress: 1\nunits: {id: \xff}\n", "2:13: ", "not YAML: invalid leading UTF-8 octet"},
        {BASE "---\nx: 1\n", "4:1: ", "a second document"},
        {BASE "? [a]\n: b\n", "3:3: ", "a key must be a word"},
        {"redress: 1\n", "1:1: units: ", "is required"},
        {"units: {id: hq}\n", "1:1: redress: ", "is required"},
        {"redress: 2\nunits: {id: hq}\n", "1:10: redress: ", "2: it takes 1 to 1"},
        {BASE "lisen: {}\n", "3:1: lisen: ", "no such key; did you mean \"listen\"?"},
        {BASE "limits: {dedupe: 1d}\n", "3:10: limits.dedupe: ", "did you mean \"dedup\"?"},
        {BASE "clock: {max_step: 1h, max_step: 2h}\n",
                "3:23: clock.max_step: ", "this key stands twice; the first is at line 3"},
        {BASE "clock: []\n", "3:8: clock: ", "a list; here stands a map"},
        {BASE "clock:\n", "3:7: clock: ", "empty; here stands a map"},
        {BASE "policies: {}\n", "3:11: policies: ", "a map; here stands a list"},
        {BASE "state: [x]\n", "3:8: state: ", "a list; here stands a single value"},
        {BASE "state: \"x\\x01y\"\n", "3:8: state: ", "a control character (\\x01)"},

        /* sockets, limits, the clock */
        {BASE "listen: {intake: [foo]}\n", "3:19: listen.intake[0]: ",
                "\"foo\": not an endpoint; write ipc://PATH or tcp://HOST:PORT"},
        {BASE "listen: {feed: tcp://127.0.0.1:99999}\n", "3:16: listen.feed: ", "not an endpoint"},
        {BASE "listen: {desk: tcp://10.0.0.1:7712}\n",
                "3:16: listen.desk: ", "without security only ipc is allowed"},
        {BASE "listen: {subscribe: tcp://upstream:7712}\n",
                "3:21: listen.subscribe: ", "without security only ipc is allowed"},
        {BASE "listen: {desk: tcp://127.0.0.1:7712}\n",
                "3:16: listen.desk: ", "and loopback with listen.plain_loopback: true"},
        {BASE "listen: {desk: {at: ipc:///x, as: operator}}\n",
                "3:35: listen.desk.as: ", "without security every peer has every right"},
        {BASE "listen: {desk: {at: ipc:///x, as: boss}}\nsecurity: {}\n",
                "3:35: listen.desk.as: ", "\"boss\""},
        {BASE "listen: {desk: {at: ipc:///x, as: unit}}\nsecurity: {}\n",
                "3:16: listen.desk: ", "the role unit needs units"},
        {BASE "listen: {desk: tcp://*:1}\nsecurity: {}\n",
                "3:16: listen.desk: ", "tcp needs the daemon's key: give security.secret_key"},
        {BASE "listen: {subscribe: {at: ipc:///up}}\nsecurity: {}\n",
                "3:21: listen.subscribe: ", "says which sources it speaks for"},
        {BASE "listen: {desk: {at: ipc://@x, mode: \"0600\"}}\n",
                "3:37: listen.desk.mode: ", "this address has no file"},
        {BASE "security: {clients: {K: {name: a, roles: [viewer]}}}\n",
                "3:22: ", "\"K\": not a public key: 40 characters of Z85"},
        {BASE "security: {clients: {" KEY_A ": {name: a, roles: viewer}, " KEY_B
              ": {name: a, roles: operator}}}\n",
                "3:", "stands twice with other rights"},
        {BASE "security: {clients: {" KEY_A ": {name: a, roles: viewer}, " KEY_B
              ": {name: a, roles: viewer, expires: 2030-01-01}, " KEY_C
              ": {name: a, roles: viewer}}}\n",
                "3:", "stands thrice: a client has two keys"},
        {BASE "security: {clients: {" KEY_A
              ": {name: a, roles: viewer, may: [case.noted, cas.*]}}}\n",
                "3:", "no type of event; also case.* and quiet"},
        {BASE "listen: {feed: ipc://x, desk: ipc://x}\n",
                "3:31: listen.desk: ", "listen.feed listens there already"},
        {BASE "limits: {event_bytes: 64KB}\n",
                "3:23: limits.event_bytes: ", "\"64KB\": not a size; write for instance 64KiB"},
        {BASE "limits: {event_bytes: 8MiB}\n",
                "3:23: limits.event_bytes: ", "it takes 1KiB to 4MiB"},
        {BASE "limits: {batch_events: 1025}\n",
                "3:24: limits.batch_events: ", "1025: it takes 1 to 1024"},
        {BASE "limits: {batch_events: many}\n",
                "3:24: limits.batch_events: ", "\"many\": not a whole number"},
        {BASE "limits: {dedup: 5bd}\n", "3:17: limits.dedup: ", "not a span of time"},
        {BASE "clock: {start_grace: 2d}\n", "3:22: clock.start_grace: ", "it takes 0s to 1d"},
        {BASE "security: {secret_key: k, clients: {}}\n",
                "3:24: security.secret_key: ", "no files can be named here"},

        /* units and calendars */
        {"redress: 1\nunits: {id: HQ}\n", "2:13: units.id: ", "\"HQ\": a unit's id is 1 to 32"},
        {"redress: 1\nunits: {id: first}\n", "2:13: units.id: ", "a word of the language"},
        {"redress: 1\nunits: {id: hq, units: [{id: a}, {id: a}]}\n",
                "2:39: units.units[1].id: ", "\"a\" stands twice: two units have the path hq/a"},
        {"redress: 1\nunits: {id: hq, calendar: cn}\n",
                "2:27: units.calendar: ", "\"cn\": no such calendar"},
        {"redress: 1\nunits: {id: hq, authority: 1.234}\n",
                "2:28: units.authority: ", "not an amount"},
        {"redress: 1\nunits: {id: hq, units: [{id: a, moved_to: c}]}\n",
                "2:43: units.units[0].moved_to: ", "\"c\": no such unit"},
        {BASE "calendars: {x: {hours: [{days: mon-fri, open: 09:00-17:00}]}}\n",
                "3:16: calendars.x.timezone: ", "is required"},
        {BASE "calendars: {x: {timezone: UTC}}\n", "3:16: calendars.x.hours: ", "is required"},
        {BASE "calendars: {x: {timezone: Mars/Base, hours: [{days: sat, open: 09:00-17:00}]}}\n",
                "3:27: calendars.x.timezone: ", "Mars/Base"},
        {BASE "calendars: {x: {timezone: UTC, hours: [{days: mo-fr, open: 09:00-17:00}]}}\n",
                "3:47: calendars.x.hours[0].days: ", "\"mo-fr\": not weekdays"},
        {BASE "calendars: {x: {timezone: UTC, hours: [{days: mon, open: 17:00-09:00}]}}\n",
                "3:58: calendars.x.hours[0].open: ", "do not cross midnight"},
        {BASE "calendars: {x: {timezone: UTC, hours: [{days: mon, open: 9-17}]}}\n",
                "3:58: calendars.x.hours[0].open: ", "not opening hours"},
        {BASE "calendars: {x: {timezone: UTC, hours: [{from: 13-01, days: mon, open: "
              "09:00-17:00}]}}\n",
                "3:47: calendars.x.hours[0].from: ", "not a day of every year"},
        {BASE "calendars: {x: {over: y}}\n", "3:23: calendars.x.over: ", "\"y\": no such calendar"},
        {BASE "calendars: {x: {over: x}}\n", "3:23: calendars.x.over: ", "lies over itself"},
        {BASE "calendars: {x: {timezone: UTC, hours: [{days: mon, open: 09:00-17:00}], days: "
              "[{date: 2025-02-30, closed: x}]}}\n",
                "3:87: calendars.x.days[0].date: ", "not a date"},
        {BASE "calendars: {x: {timezone: UTC, hours: [{days: mon, open: 09:00-17:00}], days: "
              "[{date: 2025-02-03}]}}\n",
                "3:80: calendars.x.days[0]: ", "a day is one of closed"},
        {BASE "calendars: {x: {timezone: UTC, hours: [{days: mon, open: 09:00-17:00}], "
              "holidays: [h.ics]}}\n",
                "3:84: calendars.x.holidays[0]: ", "no files can be named here"},
        {BASE "sources: {crm: {silent_after: 30m, in: cm}}\n",
                "3:40: sources.crm.in: ", "\"cm\": no such calendar"},

        /* assessment */
        {BASE "assessment: {levels: {watch: 70}}\n", "3:22: assessment.levels: ", "must rise"},
        {BASE "assessment: {open_case_at: hihg}\n", "3:28: assessment.open_case_at: ",
                "not one of none, watch, high, critical; did you mean \"high\"?"},
        {BASE "assessment: {rules: [{code: a, match: {chanel: x}}]}\n",
                "3:48: assessment.rules[0].match.chanel: ", "no attribute of a case"},
        {BASE "assessment: {rules: [{code: a, match: {age: \">=x\"}}]}\n",
                "3:45: assessment.rules[0].match.age: ", "a number"},
        {BASE "assessment: {rules: [{code: a, match: {issue: \"~(\"}}]}\n",
                "3:47: assessment.rules[0].match.issue: ", "parenthesis"},
        {BASE "assessment: {rules: [{code: a, match: {}}, {code: a, match: {}}]}\n",
                "3:51: assessment.rules[1].code: ", "\"a\" stands twice"},
        {BASE "assessment: {rules: [{code: a, match: {tags: []}}]}\n",
                "3:46: assessment.rules[0].match.tags: ", "a test is a text"},
        {BASE "assessment: {lexicons: [{code: a}]}\n",
                "3:25: assessment.lexicons[0]: ", "needs terms or a file"},
        {BASE "assessment: {lexicons: [{code: a, terms: {x: 101}}]}\n",
                "3:46: assessment.lexicons[0].terms.x: ", "101: it takes -100 to 100"},
        {BASE "assessment: {lexicons: [{code: a, terms: {\"~(\": 1}}]}\n",
                "3:43: assessment.lexicons[0].terms.~(: ", "parenthesis"},
        {BASE "assessment: {lexicons: [{code: a, terms: {Lawyer: 1, lawyer: 2}}]}\n",
                "3:54: assessment.lexicons[0].terms.lawyer: ", "the same term"},
        {BASE "assessment: {windows: [{code: a, key: custmer, days: 7, count: 3}]}\n",
                "3:39: assessment.windows[0].key: ", "did you mean \"customer\"?"},
        {BASE "assessment: {windows: [{code: a, key: phone, count: 3}]}\n",
                "3:24: assessment.windows[0].days: ", "is required"},
        {BASE "assessment: {windows: [{code: a, key: phone, days: 7, count: 3, types: [x]}]}\n",
                "3:73: assessment.windows[0].types[0]: ", "not one of contact.received"},
        {BASE "assessment: {ignore: {phnoe: [x]}}\n",
                "3:22: assessment.ignore: ", "\"phnoe\": no attribute of a case"},

        /* policies, clocks, ladders */
        {BASE "policies: [{name: p, match: {kind: complaint}}]\n",
                "3:29: policies[0].match: ", "the last policy must match all"},
        {BASE "policies: [{name: p, match: {}}, {name: q, match: {}}]\n",
                "3:29: policies[0].match: ", "no later policy would ever be looked at"},
        {BASE "policies: [{name: p, match: {kind: duty}}, {name: p, match: {}}]\n",
                "3:51: policies[1].name: ", "\"p\" stands twice"},
        {BASE "policies: [{name: p, match: {score: 3}}, {name: q, match: {}}]\n",
                "3:37: policies[0].match.score: ", "a suspicion never decides"},
        {BASE "policies: [{name: p, match: {kind: complaints}}, {name: q, match: {}}]\n",
                "3:36: policies[0].match.kind: ",
                "\"complaints\": a kind is contact, complaint or duty"},
        {POLICY "  clocks: [{name: c, limit: 5bdd}]\n", "6:29: policies[0].clocks[0].limit: ",
                "\"5bdd\": not a limit; write for instance 90m, 4h, 5bd, 15d or 8w"},
        {POLICY "  clocks: [{name: c, limit: 0h}]\n",
                "6:29: policies[0].clocks[0].limit: ", "must be longer than zero"},
        {POLICY "  clocks: [{name: c}]\n",
                "6:12: policies[0].clocks[0]: ", "needs either a limit or a due attribute"},
        {POLICY "  clocks: [{name: c, limit: 1d, due: answer_by}]\n",
                "6:12: policies[0].clocks[0]: ", "needs either a limit or a due attribute"},
        {POLICY "  clocks: [{name: c, limit: 1d}, {name: c, limit: 2d}]\n",
                "6:41: policies[0].clocks[1].name: ", "\"c\" stands twice"},
        {POLICY "  clocks: [{name: c, limit: 5bd, time: working}]\n",
                "6:40: policies[0].clocks[0].time: ", "working counts s, m and h"},
        {POLICY "  clocks: [{name: c, limit: 5h, roll: restday}]\n",
                "6:39: policies[0].clocks[0].roll: ", "not in days"},
        {POLICY "  clocks: [{name: c, limit: 5h, end: closing}]\n",
                "6:38: policies[0].clocks[0].end: ", "not in days"},
        {POLICY "  clocks: [{name: c, limit: 5d, stop: decidd}]\n",
                "6:39: policies[0].clocks[0].stop: ", "did you mean \"decided\"?"},
        {POLICY "  clocks: [{name: c, limit: 5d, start: joined}]\n",
                "6:40: policies[0].clocks[0].start: ", "\"joined\" starts no clock"},
        {POLICY "  clocks: [{name: c, limit: 5d, start: decided, stop: decided}]\n",
                "6:55: policies[0].clocks[0].stop: ", "would stop it at once"},
        {POLICY "  clocks: [{name: c, limit: 5d, start: closed, stop: decided}]\n",
                "6:40: policies[0].clocks[0].start: ", "needs outlives_close: true"},
        {POLICY "  clocks: [{name: c, limit: 5d, extensions: [{limit: 3d}]}]\n",
                "6:54: policies[0].clocks[0].extensions[0].limit: ", "must be longer"},
        {POLICY "  clocks: [{name: c, limit: 30d, extensions: [{limit: 15bd}]}]\n",
                "6:55: policies[0].clocks[0].extensions[0].limit: ",
                "must be longer, whatever the weekday of the start"},
        {POLICY "  clocks: [{name: c, limit: 2d, extensions: [{limit: 71h}]}]\n",
                "6:54: policies[0].clocks[0].extensions[0].limit: ", "as the 2d before it"},
        {POLICY "  clocks: [{name: c, limit: 1bd, extensions: [{limit: 3d}]}]\n",
                "6:55: policies[0].clocks[0].extensions[0].limit: ", "as the 1bd before it"},
        {POLICY "  clocks: [{name: c, limit: 5d, reminders: [{at: 80}]}]\n",
                "6:50: policies[0].clocks[0].reminders[0].at: ", "not a share"},
        {POLICY "  clocks: [{name: c, limit: 5d, reminders: [{}]}]\n",
                "6:45: policies[0].clocks[0].reminders[0]: ", "needs either at (80%) or before"},
        {POLICY "  clocks: [{use: cn}]\n", "6:18: policies[0].clocks[0].use: ", "write PACK/CLOCK"},
        {POLICY "  clocks: [{use: cn/decide}]\n",
                "6:18: policies[0].clocks[0].use: ", "\"cn\": no such pack among packs"},
        {POLICY "  ladder: {rungs: []}\n",
                "6:19: policies[0].ladder.rungs: ", "0 elements; it takes 1 to 16"},
        {POLICY "  ladder: {rungs: [{notify: nobody}]}\n",
                "6:29: policies[0].ladder.rungs[0].notify: ", "\"nobody\": no such unit"},
        {POLICY "  ladder: {rungs: [{notify: [\"ancestor: 0\"]}]}\n",
                "6:30: policies[0].ladder.rungs[0].notify[0]: ", "1 to 16 steps above"},
        {POLICY "  ladder: {rungs: [{after: 2h, notify: unit}, {after: 1h, notify: unit}]}\n",
                "6:55: policies[0].ladder.rungs[1].after: ", "comes before rung 1"},
        {POLICY "  ladder: {rungs: [{notify: unit, severity: hgih}]}\n",
                "6:45: policies[0].ladder.rungs[0].severity: ", "did you mean \"high\"?"},
        {POLICY "  ladder: {rungs: [{notify: unit, renotify: {every: 5m}}]}\n",
                "6:45: policies[0].ladder.rungs[0].renotify: ", "needs ack_within"},
        {POLICY "  ladder: {rungs: [{notify: unit, ack_lease: 4h}]}\n",
                "6:46: policies[0].ladder.rungs[0].ack_lease: ", "needs ack_within"},
        {POLICY "  ladder: {rungs: [{notify: unit, renotify: {times: 2}}]}\n",
                "6:45: policies[0].ladder.rungs[0].renotify.every: ", "is required"},
        {BASE "packs: [{pack: x, versions: [{clocks: [{name: c, limit: 1d}]}]}]\n",
                "3:40: packs[0].versions[0].clocks[0]: ", "needs its source"},
        {BASE "packs: [{pack: x, versions: [{from: 2020-01-01, clocks: [{name: c, limit: 1d, "
              "source: s}]}, {clocks: [{name: c, limit: 1d, source: s}]}]}]\n",
                "3:93: packs[0].versions[1]: ", "version 1 holds too"},
        {BASE "packs: [x.yaml]\n", "3:9: packs[0]: ", "no files can be named here"},

        /* the rest */
        {BASE "alerts: {language: fr}\n", "3:20: alerts.language: ", "not one of en, zh-CN"},
        {BASE "alerts: {mask: {customer: keyed}}\n",
                "3:16: alerts.mask: ", "keyed needs a key_file"},
        {BASE "alerts: {titles: {clock.breech: x}}\n", "3:19: alerts.titles.clock.breech: ",
                "no type of alert; did you mean \"clock.breach\"?"},
        {BASE "alerts: {titles: {clock.breach: \"{sbject}\"}}\n",
                "3:33: alerts.titles.clock.breach: ", "did you mean \"subject\"?"},
        {BASE "supervision: {daily_report: {by: noon}}\n",
                "3:34: supervision.daily_report.by: ", "not a time of the day"},
        {BASE "supervision: {daily_report: {by: closing, owed_by: [x/*]}}\n",
                "3:53: supervision.daily_report.owed_by[0]: ", "\"x/*\": no such unit"},
        {"redress: 1\nunits: {id: hq, units: [{id: a, moved_to: b}, {id: b}]}\n"
         "supervision: {daily_report: {by: closing, owed_by: [hq/a]}}\n",
                "3:53: supervision.daily_report.owed_by[0]: ",
                "\"hq/a\": hq/a has moved_to b: name the unit that has the work"},
        {"redress: 1\nunits: {id: hq, units: [{id: a, moved_to: b}, {id: b}]}\n"
         "supervision: {duties: [{duty: d, for: \"*/a\", every: year, due: 0d}]}\n",
                "3:39: supervision.duties[0].for: ", "\"*/a\": hq/a has moved_to b"},
        {BASE "supervision: {duties: [{duty: d, for: hq, every: decade, due: 0d}]}\n",
                "3:50: supervision.duties[0].every: ",
                "not one of day, week, month, quarter, half, year"},
        {BASE "supervision: {duties: [{duty: d, for: hq, every: year, due: 3h}]}\n",
                "3:61: supervision.duties[0].due: ", "neither days from the period's last day"},
        {BASE "supervision: {duties: [{duty: d, for: hq, every: month, due: 12-31}]}\n",
                "3:62: supervision.duties[0].due: ", "for what is owed every year"},
        {BASE "supervision: {duties: [{duty: d, for: hq, every: week, due: -7d}]}\n",
                "3:61: supervision.duties[0].due: ", "would lie before the period begins"},
        {BASE "supervision: {rectification: {due: 3h}}\n",
                "3:36: supervision.rectification.due: ", "counts days"},
        {BASE "figures: {appraisal: {mediated: 60, closed: 30}}\n",
                "3:22: figures.appraisal: ", "sum to 90 and must sum to 100"},
        {BASE "figures: {appraisal: {mediatd: 100}}\n",
                "3:22: figures.appraisal: ", "mediatd is no figure: did you mean mediated?"},
        {BASE "figures: {appraisal: {mediated: 50, appraisal: 50}}\n",
                "3:37: figures.appraisal.appraisal: ", "appraised by it: it is made of the others"},
        {BASE "figures: {appraisal: {closed: 50, closed: 50, mediated: 50}}\n",
                "3:35: figures.appraisal.closed: ",
                "this key stands twice; the first is at line 3"},
        {BASE "figures: {appraisal: {paid: 100}}\n",
                "3:23: figures.appraisal.paid: ", "it is of several currencies"},
        {BASE "figures: {appraisal: {overdue_0_1: 100}}\n",
                "3:23: figures.appraisal.overdue_0_1: ", "it tells of the moment, of no span"},
        {BASE "figures: {appraisal: {contacts: 100}}\n",
                "3:23: figures.appraisal.contacts: ", "it is better neither for more nor for less"},
};

static bool has_line(const struct config_errors *errors, const char *where, const char *what)
{
    char prefix[256];
    (void)snprintf(prefix, sizeof prefix, "t.yaml:%s", where);
    for (size_t i = 0; i < errors->count; i++) {
        const char *line = errors->lines[i];
        if (strncmp(line, prefix, strlen(prefix)) == 0 && strstr(line, what) != NULL) {
            return true;
        }
    }
    return false;
}

static void test_each_mistake_is_told_where_it_is(void **state)
{
    (void)state;
    unsigned bad = 0;
    for (size_t i = 0; i < RD_COUNT(ROWS); i++) {
        struct config *config = (void *)&bad; /* must stay as it is */
        struct config_errors errors = {0};
        int r = config_parse(rd_str_of(ROWS[i].text), "t.yaml", NULL, &config, &errors);
        if (r != -EINVAL || (void *)config != (void *)&bad || errors.count != 1 ||
                !has_line(&errors, ROWS[i].where, ROWS[i].what)) {
            (void)fprintf(stderr, "row %zu wants %s%s and has %zu:\n", i, ROWS[i].where,
                    ROWS[i].what, errors.count);
            for (size_t k = 0; k < errors.count; k++) {
                (void)fprintf(stderr, "    %s\n", errors.lines[k]);
            }
            bad++;
        }
        config_errors_done(&errors);
    }
    assert_int_equal(bad, 0);
}

static void test_all_mistakes_come_in_one_run(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct config_errors errors = {0};
    int r = config_parse(
            RD_STR(POLICY "  clocks: [{name: c, limit: 5bdd}]\n"
                          "  ladder: {rungs: [{notify: nobody}]}\n"
                          "figures: {appraisal: {mediated: 60, closed: 30}}\nlisen: {}\n"
                          "listen: {desk: tcp://10.0.0.1:7712}\n"),
            "t.yaml", NULL, &config, &errors);
    assert_int_equal(r, -EINVAL);
    assert_int_equal(errors.count, 5);
    const char *const lines[] = {":6:29:", ":7:29:", ":8:22:", ":9:1:", ":10:16:"};
    for (size_t i = 0; i < RD_COUNT(lines); i++) { /* in the order of the file */
        assert_non_null(strstr(errors.lines[i], lines[i]));
    }
    config_errors_done(&errors);
}

static void test_a_flood_of_mistakes_is_counted(void **state)
{
    (void)state;
    char text[8192] = BASE;
    size_t len = strlen(text);
    for (int i = 0; i < 300; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, "k%d: 1\n", i);
    }
    struct config *config = NULL;
    struct config_errors errors = {0};
    assert_int_equal(config_parse(rd_str_of(text), "t.yaml", NULL, &config, &errors), -EINVAL);
    assert_int_equal(errors.count, CONFIG_ERRORS_MAX);
    assert_int_equal(errors.left_off, 300 - CONFIG_ERRORS_MAX);
    config_errors_done(&errors);
    assert_int_equal(errors.count, 0);
}

/* A node that holds itself, and a few that unfold to a million. */
static void test_aliases_are_bounded(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {
            BASE "x: &a [*a, *a]\n",
            BASE "a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                 "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                 "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n",
    };
    for (size_t i = 0; i < RD_COUNT(TEXTS); i++) {
        struct config *config = NULL;
        struct config_errors errors = {0};
        assert_int_equal(
                config_parse(rd_str_of(TEXTS[i]), "t.yaml", NULL, &config, &errors), -EINVAL);
        assert_true(errors.count >= 1);
        config_errors_done(&errors);
    }
}

/* libyaml needs the square of their number for each of these; the test's time limit would tell. */
static void test_what_libyaml_takes_long_over_is_counted_first(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after; /* of a number */
        const char *error;
    } UNITS[] = {
            {"[", NULL, "is nested deeper than 24"},
            {"{a: ", NULL, "is nested deeper than 24"},
            {"- ", NULL, "is nested deeper than 24"},
            {"- &a", " x\n", "more than 1000 anchors"},
            {"%TAG !", "! x\n", "more than 16 lines begin with %"},
    };
    enum { TIMES = 400000, BYTES = CONFIG_FILE_BYTES_MAX };
    char *text = malloc(BYTES);
    assert_non_null(text);
    for (size_t i = 0; i < RD_COUNT(UNITS); i++) {
        size_t len = 0;
        for (size_t k = 0; k < TIMES && len + 32 < BYTES; k++) {
            char unit[32];
            int size = UNITS[i].after == NULL ? snprintf(unit, sizeof unit, "%s", UNITS[i].before)
                                              : snprintf(unit, sizeof unit, "%s%zu%s",
                                                        UNITS[i].before, k, UNITS[i].after);
            memcpy(text + len, unit, (size_t)size);
            len += (size_t)size;
        }
        struct config *config = NULL;
        struct config_errors errors = {0};
        assert_int_equal(config_parse((struct rd_str){.ptr = text, .len = len}, "t.yaml", NULL,
                                 &config, &errors),
                -EINVAL);
        assert_int_equal(errors.count, 1);
        assert_non_null(strstr(errors.lines[0], UNITS[i].error));
        config_errors_done(&errors);
    }
    free(text);
}

static void test_a_missing_file_says_so(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct config_errors errors = {0};
    assert_int_equal(config_load("/nonexistent/redress.yaml", &config, &errors), -ENOENT);
    assert_int_equal(errors.count, 1);
    assert_string_equal(
            errors.lines[0], "/nonexistent/redress.yaml:1:1: No such file or directory");
    config_errors_done(&errors);
    assert_int_equal(config_load("/", &config, &errors), -EISDIR);
    config_errors_done(&errors);
    assert_null(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_each_mistake_is_told_where_it_is),
            cmocka_unit_test(test_all_mistakes_come_in_one_run),
            cmocka_unit_test(test_a_flood_of_mistakes_is_counted),
            cmocka_unit_test(test_aliases_are_bounded),
            cmocka_unit_test(test_what_libyaml_takes_long_over_is_counted_first),
            cmocka_unit_test(test_a_missing_file_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
