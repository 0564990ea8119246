#include "daemon/engine/notices.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/attributes.h"
#include "daemon/engine/names.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/notice_row.h"
#include "daemon/store/rows/timer_row.h"

static struct timer_row timer_of(const struct work *work, const struct case_notice *notice)
{
    return (struct timer_row){.is_service = true,
            .kind = TIMER_NOTICE,
            .owner = work->row->number,
            .slot = (uint16_t)(notice - work->row->notices)};
}

/* Adds to the warning the notices that this customer must get at acceptance. */
void notices_tell(
        struct engine *engine, const struct attribute_view *view, struct rd_warning *warning)
{
    const struct rd_plan_assessment *plan = &engine->plan->assessment;
    struct rd_notice *told =
            RD_ARENA_ARRAY(&engine->arena, struct rd_notice, plan->notice_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < plan->notice_count; i++) {
        const struct rd_plan_notice *notice = &plan->notices[i];
        if (rd_match_holds(notice->match, attribute_lookup, view)) {
            told[count++] = (struct rd_notice){.code = notice->code,
                    .text = notice->text,
                    .written = notice->written,
                    .name = notice->name};
        }
    }
    warning->notices = told;
    warning->notice_count = count;
}

static bool is_owed(const struct case_row *row, uint32_t code)
{
    for (uint32_t i = 0; i < row->notice_count; i++) {
        if (row->notices[i].code == code) {
            return true;
        }
    }
    return false;
}

/* A notice is owed by the case until it is given; a reminder comes at the closing of the next
 * business day. */
void notices_owe(struct engine *engine, struct work *work, const struct rd_warning *warning)
{
    struct case_row *row = work->row;
    const struct rd_calendar *calendar = unit_calendar(engine, row->unit);
    for (size_t i = 0; i < warning->notice_count && row->notice_count < CASE_NOTICES_MAX; i++) {
        uint32_t code = name_number(engine, warning->notices[i].code);
        if (is_owed(row, code)) {
            continue;
        }
        struct case_notice *owed = &row->notices[row->notice_count++];
        *owed = (struct case_notice){.code = code, .armed = RD_TIME_NONE};
        rd_day day =
                rd_calendar_working_after(calendar, rd_calendar_day(calendar, engine->own.wall));
        rd_time closing = day == RD_DAY_NONE ? RD_TIME_NONE : rd_calendar_closing(calendar, day);
        timer_arm(engine, &owed->armed, closing, timer_of(work, owed));
        notice_row_put(engine->view, code, row->number);
        work->is_dirty = true;
    }
}

/* What people call the notice. */
static struct rd_str label(struct engine *engine, struct rd_str code)
{
    const struct rd_plan_assessment *plan = &engine->plan->assessment;
    for (size_t i = 0; i < plan->notice_count; i++) {
        if (rd_str_eq(plan->notices[i].code, code) && plan->notices[i].name.len > 0) {
            return plan->notices[i].name;
        }
    }
    return code;
}

/* Sends one alert for all owed notices that are armed for the instant (RD_TIME_NONE: for any), and
 * disarms them. */
static void tell_owed(struct engine *engine, struct work *work, rd_time armed, bool is_late)
{
    struct rd_str codes = {0}, names = {0};
    for (uint32_t i = 0; i < work->row->notice_count; i++) {
        struct case_notice *notice = &work->row->notices[i];
        bool is_meant = armed == RD_TIME_NONE || notice->armed == armed;
        if (!is_meant) {
            continue;
        }
        timer_arm(engine, &notice->armed, RD_TIME_NONE, timer_of(work, notice));
        if (!notice->is_given) {
            struct rd_str code = name_shown(engine, notice->code), name = label(engine, code);
            const char *between = codes.len > 0 ? ", " : "";
            codes = rd_arena_printf(
                    &engine->arena, "%.*s%s%.*s", RD_FMT(codes), between, RD_FMT(code));
            names = rd_arena_printf(
                    &engine->arena, "%.*s%s%.*s", RD_FMT(names), between, RD_FMT(name));
        }
    }
    if (codes.len > 0) {
        struct alert_draft draft =
                alert_draft_of(RD_ALERT_NOTICE_OWED, RD_WARNING, work->row->unit);
        draft.extra = (struct rd_reason){.code = codes, .name = names};
        draft.notice = names;
        draft.is_late = is_late;
        (void)alert_send(engine, work, &draft);
    }
}

/* The case closes: the last chance to remind of notices that are still owed. */
void notices_close(struct engine *engine, struct work *work)
{
    tell_owed(engine, work, RD_TIME_NONE, false);
}

bool notice_give(struct engine *engine, struct work *work, struct rd_str code)
{
    uint32_t number = name_known(engine, code);
    for (uint32_t i = 0; i < work->row->notice_count; i++) {
        struct case_notice *notice = &work->row->notices[i];
        if (notice->code == number && number != 0) {
            notice->is_given = true;
            timer_arm(engine, &notice->armed, RD_TIME_NONE, timer_of(work, notice));
            notice_row_del(engine->view, number, work->row->number);
            work->is_dirty = true;
            return true;
        }
    }
    return false;
}

void notice_fire(struct engine *engine, struct work *work, uint16_t slot)
{
    const struct case_notice *notice = &work->row->notices[slot];
    engine->cause = "notice";
    engine->cause_name = name_shown(engine, notice->code);
    tell_owed(engine, work, notice->armed, true);
}
