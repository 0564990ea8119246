/* tests/unit/engine_fixture.h — an engine on a scratch store under a small configuration, events by
 * their wire form, and alerts told as text. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/config/config.h"
#include "daemon/engine/state.h"
#include "tests/scratch.h"

/* 3 March 2025, a Monday, 00:00 in Shanghai. */
#define MIDNIGHT ((rd_time)1740931200 * RD_SECOND_US)
#define HOUR     ((rd_time)3600 * RD_SECOND_US)
#define MINUTE   ((rd_time)60 * RD_SECOND_US)

struct rig {
    struct scratch scratch;
    struct store *store;
    struct engine *engine;
    struct rd_tree *tree;
    uint64_t sent;
    struct rd_buf told; /* "type unit HH:MM" of the alerts since it was emptied, a comma between */
};

static const char RIG_CONFIG[] =
        "redress: 1\n"
        "state: /nowhere\n"
        "listen: {intake: [\"ipc:///nowhere/i\"], feed: [\"ipc:///nowhere/f\"], "
        "desk: [\"ipc:///nowhere/d\"]}\n"
        "calendars:\n"
        "  cn: {timezone: Asia/Shanghai, hours: [{days: mon-fri, open: [\"09:00-12:00\", "
        "\"13:00-18:00\"]}]}\n"
        "units: {id: xj, calendar: cn, units: [{id: south, units: [{id: d3}]}, {id: north}]}\n"
        "policies:\n"
        "  - name: contacts\n"
        "    match: {kind: contact}\n"
        "  - name: south\n"
        "    match: {respondent: xj/south}\n"
        "    clocks: [{name: answer, start: received, stop: decided, limit: 1h}]\n"
        "  - name: all\n"
        "    match: {}\n"
        "    clocks:\n"
        "      - name: answer\n"
        "        start: received\n"
        "        stop: decided\n"
        "        limit: 4h\n"
        "        reminders: [{at: 50%}]\n"
        "        on_breach: {notify: [parent], severity: high}\n"
        "        extensions: [{limit: 8h}]\n"
        "    ladder:\n"
        "      until: customer_contacted\n"
        "      rungs:\n"
        "        - {after: 0m, notify: [unit], severity: warning, ack_within: 15m}\n"
        "        - {after: 2h, notify: [parent], severity: high}\n";

static inline struct engine_time rig_at(rd_time wall)
{
    return (struct engine_time){.wall = wall, .steady = wall - MIDNIGHT};
}

static inline int rig_open_text(void **state, const char *text)
{
    struct rig *rig = calloc(1, sizeof *rig);
    char what[256] = "";
    RD_ASSERT(rig != NULL);
    rig->scratch = scratch_make();
    struct store_options options = {.dir = rig->scratch.path, .map_bytes_max = 64 << 20};
    assert_int_equal(store_open(&options, &rig->store, what), 0);
    uint32_t number = 0;
    assert_int_equal(engine_open(store_live(rig->store), &rig->engine, &number), 0);
    rig->tree = rd_tree_new();
    rd_buf_init(&rig->told, 1 << 20);
    struct config *config = NULL;
    struct config_errors errors = {0};
    int r = config_parse(rd_str_of(text), "rig", NULL, &config, &errors);
    if (r != 0) {
        fail_msg("%s", errors.count > 0 ? errors.lines[0] : "config_parse()");
    }
    struct engine_time at = rig_at(MIDNIGHT);
    assert_int_equal(engine_configure(rig->engine, &at, config->tree), 0);
    config_errors_done(&errors);
    config_free(config);
    *state = rig;
    return 0;
}

static inline int rig_open(void **state)
{
    return rig_open_text(state, RIG_CONFIG);
}

static inline int rig_close(void **state)
{
    struct rig *rig = *state;
    rd_buf_done(&rig->told);
    rd_tree_free(rig->tree);
    engine_close(rig->engine);
    store_close(rig->store);
    scratch_remove(&rig->scratch);
    free(rig);
    return 0;
}

static inline void rig_hear(struct rig *rig)
{
    size_t count;
    const struct rd_alert *alerts = engine_alerts(rig->engine, &count);
    for (size_t i = 0; i < count; i++) {
        int minutes = (int)((alerts[i].time - MIDNIGHT) / MINUTE);
        rd_buf_printf(&rig->told, "%s%s %.*s %02d:%02d", rig->told.len > 0 ? ", " : "",
                rd_alert_type_name(alerts[i].type), RD_FMT(alerts[i].unit), minutes / 60,
                minutes % 60);
    }
}

/* What was told since the last look; forgets it. */
static inline void rig_expect(struct rig *rig, const char *want)
{
    rd_buf_put_u8(&rig->told, 0);
    assert_string_equal((const char *)rig->told.ptr, want);
    rd_buf_reset(&rig->told);
}

/* Ticks at every instant that something is due, up to and with `until`. */
static inline void rig_until(struct rig *rig, rd_time until)
{
    for (int ticks = 0;; ticks++) {
        struct engine_time now = rig_at(until);
        rd_time due = engine_next_due(rig->engine, &now);
        if (due == RD_TIME_NONE || due > until) {
            return;
        }
        struct engine_time at =
                rig_at(due > rig->engine->counters.wall ? due : rig->engine->counters.wall);
        assert_true(ticks < 1000 && engine_tick(rig->engine, &at) > 0);
        rig_hear(rig);
    }
}

/* Keys and texts of `data` in turn, ended by NULL. Returns the error's code; NULL: accepted. */
static inline const char *rig_send(
        struct rig *rig, rd_time at, const char *type, const char *subject, ...)
{
    struct rd_event event = {.subject = rd_str_of(subject), .time = at};
    struct rd_receipt receipt;
    struct engine_sender sender = {.name = RD_STR("crm")};
    char id[32];
    (void)snprintf(id, sizeof id, "e%llu", (unsigned long long)++rig->sent);
    event.id = rd_str_of(id);
    event.source = RD_STR("test");
    event.raw = event.id;
    assert_int_equal(rd_event_type_parse(rd_str_of(type), &event.type), 0);
    va_list args;
    va_start(args, subject);
    for (const char *name; (name = va_arg(args, const char *)) != NULL;) {
        enum rd_event_key key;
        assert_int_equal(rd_event_key_parse(rd_str_of(name), &key), 0);
        event.present |= RD_KEY_BIT(key);
        event.data[key] = (struct rd_value){
                .type = RD_VALUE_STR, .bytes = rd_str_of(va_arg(args, const char *))};
    }
    va_end(args);
    rig_until(rig, at);
    struct engine_time now = rig_at(at);
    engine_event(rig->engine, &now, &sender, &event, &receipt);
    if (receipt.status != RD_ACCEPTED) {
        return receipt.error->code;
    }
    rig_hear(rig);
    return NULL;
}

static inline void rig_complaint(struct rig *rig, rd_time at, const char *subject)
{
    assert_null(rig_send(rig, at, "complaint.registered", subject, "customer", "c", "channel",
            "phone", "unit", "xj/south/d3", NULL));
}
