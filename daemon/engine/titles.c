#include "daemon/engine/titles.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/names.h"
#include "daemon/engine/state.h"

enum { TITLE_BYTES_MAX = 1024 };

static void put_time(struct engine *engine, struct rd_buf *buf, const struct rd_alert *alert)
{
    if (alert->due == RD_TIME_NONE) {
        return;
    }
    /* As the unit reads its clock on the wall. */
    const struct rd_calendar *calendar = &engine->plan->calendars[engine->plan->units[0].calendar];
    for (size_t i = 0; i < engine->plan->unit_count; i++) {
        if (rd_str_eq(engine->plan->units[i].path, alert->unit)) {
            calendar = &engine->plan->calendars[engine->plan->units[i].calendar];
        }
    }
    char text[RD_TIME_TEXT_MAX];
    rd_time_format_at(alert->due, rd_calendar_offset_s(calendar, alert->due), text);
    struct rd_str shown = rd_str_of(text);
    if (shown.len >= 16) { /* "2025-09-22T10:00": to the minute is enough for a title */
        text[10] = ' ';
        shown.len = 16;
    }
    rd_buf_put_text(buf, shown);
}

static void put_reasons(struct rd_buf *buf, const struct rd_alert *alert)
{
    for (size_t i = 0; i < alert->reason_count && i < 3; i++) {
        if (i > 0) {
            rd_buf_put_u8(buf, ' ');
        }
        rd_buf_put_text(buf, alert->reasons[i].code);
    }
}

static void put_field(
        struct engine *engine, struct rd_buf *buf, const struct rd_alert *alert, struct rd_str name)
{
    if (rd_str_is(name, "subject")) {
        rd_buf_put_text(buf, alert->subject);
    } else if (rd_str_is(name, "case")) {
        rd_buf_printf(buf, "%llu", (unsigned long long)alert->case_number);
    } else if (rd_str_is(name, "kind")) {
        rd_buf_put_text(buf, alert->kind);
    } else if (rd_str_is(name, "unit")) {
        rd_buf_put_text(buf, alert->unit);
    } else if (rd_str_is(name, "severity")) {
        rd_buf_put_text(buf, rd_str_of(rd_severity_name(alert->severity)));
    } else if (rd_str_is(name, "clock")) {
        rd_buf_put_text(buf, alert->clock);
    } else if (rd_str_is(name, "due")) {
        put_time(engine, buf, alert);
    } else if (rd_str_is(name, "rung")) {
        rd_buf_printf(buf, "%u", (unsigned)alert->rung);
    } else if (rd_str_is(name, "reasons")) {
        put_reasons(buf, alert);
    } else if (rd_str_is(name, "count")) {
        rd_buf_printf(buf, "%llu", (unsigned long long)alert->count);
    } else if (rd_str_is(name, "late")) {
        rd_buf_printf(buf, "%lld", (long long)alert->late_by_s);
    } else if (rd_str_is(name, "key") && alert->reason_count > 0) {
        rd_buf_put_text(buf, alert->reasons[0].detail);
    }
}

/* A template's {fields} filled in; what is no field stays as it stands. */
struct rd_str alert_title(
        struct engine *engine, const struct rd_alert *alert, const struct alert_draft *draft)
{
    struct rd_str form = draft->title.len > 0 ? draft->title : engine->plan->titles[draft->type];
    struct rd_buf buf;
    uint8_t room[512];
    rd_buf_init_in(&buf, room, sizeof room, TITLE_BYTES_MAX * 4);
    for (size_t i = 0; i < form.len;) {
        size_t end = i + 1;
        if (form.ptr[i] == '{') {
            while (end < form.len && form.ptr[end] != '}') {
                end++;
            }
            if (end < form.len) {
                struct rd_str name = {form.ptr + i + 1, end - i - 1};
                if (rd_str_is(name, "unit") && draft->about != 0) {
                    rd_buf_put_text(&buf, name_shown(engine, draft->about));
                } else if (rd_str_is(name, "days")) {
                    rd_buf_printf(&buf, "%u", (unsigned)draft->days);
                } else {
                    put_field(engine, &buf, alert, name);
                }
                i = end + 1;
                continue;
            }
            end = i + 1;
        }
        rd_buf_put(&buf, form.ptr + i, end - i);
        i = end;
    }
    struct rd_str whole = rd_buf_str(&buf);
    if (whole.len > TITLE_BYTES_MAX) { /* at a whole character */
        whole.len = TITLE_BYTES_MAX;
        while (whole.len > 0 && ((uint8_t)whole.ptr[whole.len] & 0xc0U) == 0x80U) {
            whole.len--;
        }
    }
    struct rd_str title = rd_arena_dup(&engine->arena, whole);
    rd_buf_done(&buf);
    return title;
}
