#include "daemon/engine/title_case.h"

#include "common/plan/masks.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/duties.h"
#include "daemon/engine/titles.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"

enum { PIECE_BYTES = 256, PIECE_BYTES_MAX = 4096, ORIGINS_MAX = 3 };

/* A text being made; what it says is copied to the arena at its end. */
struct piece {
    uint8_t room[PIECE_BYTES];
    struct rd_buf buf;
};

static void piece_begin(struct piece *piece)
{
    rd_buf_init_in(&piece->buf, piece->room, sizeof piece->room, PIECE_BYTES_MAX);
}

static struct rd_str piece_end(struct piece *piece, const struct title_view *view)
{
    struct rd_str text = rd_arena_dup(&view->engine->arena, rd_buf_str(&piece->buf));
    rd_buf_done(&piece->buf);
    return text;
}

static bool is_zh(const struct title_view *view)
{
    return view->language == TITLE_ZH;
}

static struct rd_str text_of(struct engine *engine, struct work *work, enum rd_event_key key)
{
    const struct rd_value *value = &case_attributes(engine, work)->values[key];
    return value->type == RD_VALUE_STR ? value->bytes : (struct rd_str){0};
}

static struct rd_str text_of_case(const struct title_view *view, enum rd_event_key key)
{
    return view->work != NULL ? text_of(view->engine, view->work, key) : (struct rd_str){0};
}

static void put_moment(struct piece *piece, const struct title_view *view, rd_time at)
{
    title_put_moment(&piece->buf, view->language, view->calendar, at, view->engine->now.wall);
}

static struct rd_str title_letter(const struct title_view *view)
{
    if (view->work == NULL || view->work->row->kind != CASE_COMPLAINT ||
            text_of(view->engine, view->work, RD_KEY_BODY).len == 0) {
        return (struct rd_str){0};
    }
    const struct rd_value *values = case_attributes(view->engine, view->work)->values;
    rd_time by = value_due(view->engine, &values[RD_KEY_ANSWER_BY], view->work->row->unit);
    struct rd_str ref = text_of(view->engine, view->work, RD_KEY_REF);
    struct piece piece;
    piece_begin(&piece);
    rd_buf_put_text(&piece.buf, values[RD_KEY_BODY].bytes);
    if (ref.len > 0) {
        rd_buf_put_u8(&piece.buf, ' ');
        rd_buf_put_text(&piece.buf, ref);
    }
    if (by != RD_TIME_NONE) {
        rd_buf_put_text(
                &piece.buf, is_zh(view) ? RD_STR("，须于") : RD_STR(", to be answered by "));
        put_moment(&piece, view, by);
        rd_buf_put_text(&piece.buf, is_zh(view) ? RD_STR("前答复") : (struct rd_str){0});
    }
    return piece_end(&piece, view);
}

static struct rd_str title_next(const struct title_view *view)
{
    const struct rd_plan_clock *next = NULL;
    rd_time due = RD_TIME_NONE;
    const struct case_row *row = view->work != NULL ? view->work->row : NULL;
    for (size_t i = 0; row != NULL && i < row->clock_count; i++) {
        const struct case_clock *clock = &row->clocks[i];
        bool runs = clock->state == CLOCK_RUNNING && clock->armed != RD_TIME_NONE;
        rd_time at = runs ? timer_wall(view->engine, clock->due, clock->is_steady) : RD_TIME_NONE;
        if (at != RD_TIME_NONE && (next == NULL || at < due)) {
            next = &case_policy(view->work)->clocks[clock->definition];
            due = at;
        }
    }
    if (next == NULL) {
        return (struct rd_str){0};
    }
    struct piece piece;
    piece_begin(&piece);
    rd_buf_put_text(&piece.buf, next->shown.len > 0 ? next->shown : next->name);
    rd_buf_put_text(&piece.buf, is_zh(view) ? RD_STR("须于") : RD_STR(" is due by "));
    put_moment(&piece, view, due);
    rd_buf_put_text(&piece.buf, is_zh(view) ? RD_STR("前完成") : (struct rd_str){0});
    return piece_end(&piece, view);
}

static struct rd_str title_into(const struct title_view *view)
{
    struct engine *engine = view->engine;
    struct work *into = view->work != NULL && view->work->row->gone_into != 0
                                ? case_open(engine, view->work->row->gone_into)
                                : NULL;
    if (into == NULL) {
        return (struct rd_str){0};
    }
    struct rd_str subject = case_subject_told(engine, into);
    struct rd_str unit = unit_label(engine, into->row->unit);
    return is_zh(view)
                   ? rd_arena_printf(
                             &engine->arena, "%.*s（承办：%.*s）", RD_FMT(subject), RD_FMT(unit))
                   : rd_arena_printf(&engine->arena, "%.*s of %.*s", RD_FMT(subject), RD_FMT(unit));
}

static struct rd_str title_origin(const struct title_view *view)
{
    struct engine *engine = view->engine;
    size_t count = 0;
    struct piece piece;
    piece_begin(&piece);
    for (size_t i = 0; view->work != NULL && i < engine->work_count && count < ORIGINS_MAX; i++) {
        struct work *other = engine->works[i];
        if (other->row->state != CASE_GROWN || other->row->level == RD_LEVEL_NONE ||
                other->row->gone_into != view->work->row->number) {
            continue;
        }
        if (count++ > 0) {
            rd_buf_put_text(&piece.buf, title_comma(view->language));
        }
        rd_buf_put_text(&piece.buf, case_subject_told(engine, other));
        struct rd_str level = title_level(view->language, other->row->level);
        rd_buf_put_text(&piece.buf, is_zh(view) ? RD_STR("：") : RD_STR(": "));
        rd_buf_put_text(&piece.buf, level);
    }
    return piece_end(&piece, view);
}

struct rd_str title_duty_name(const struct title_view *view, bool is_bare, bool *ret_is_said)
{
    const struct rd_plan *plan = view->engine->plan;
    struct rd_str name = text_of_case(view, RD_KEY_TITLE), code = text_of_case(view, RD_KEY_DUTY);
    *ret_is_said = name.len > 0 && !rd_plan_names(plan, RD_KEY_TITLE, name);
    if (name.len > 0 && !(is_bare && *ret_is_said)) {
        return name;
    }
    if (rd_str_is(code, RECTIFICATION)) {
        return title_rectification(view->language);
    }
    bool is_screening = code.len > 0 && rd_str_eq(code, plan->screening.duty);
    return is_screening ? title_screening(view->language) : code;
}

static enum rd_event_type event_type(const struct engine *engine)
{
    bool is_event = engine->event != NULL && (engine->cause == NULL || engine->event_is_cause);
    return is_event ? engine->event->type : RD_EVENT_TYPE_COUNT;
}

struct rd_str title_ending(const struct title_view *view)
{
    if (view->work == NULL) {
        return (struct rd_str){0};
    }
    switch ((int)event_type(view->engine)) {
    case RD_EVENT_WITHDRAWN:
        return is_zh(view) ? RD_STR("客户撤回") : RD_STR("withdrawn by the customer");
    case RD_EVENT_DEFUSED:
        return is_zh(view) ? RD_STR("前置化解") : RD_STR("settled before it grew");
    case RD_EVENT_MERGED:
        return is_zh(view) ? RD_STR("并入其他案件") : RD_STR("merged into another case");
    default:
        return (struct rd_str){0};
    }
}

static struct rd_str title_going_on(const struct title_view *view)
{
    switch ((int)event_type(view->engine)) {
    case RD_EVENT_REVIEW_REQUESTED:
        return is_zh(view) ? RD_STR("客户申请复核") : RD_STR("the customer asks for a review");
    case RD_EVENT_DUTY_VERIFIED:
        return is_zh(view) ? RD_STR("复查未见效") : RD_STR("it did not hold when it was checked");
    default:
        return (struct rd_str){0};
    }
}

struct rd_str title_duty_of(const struct title_view *view)
{
    struct engine *engine = view->engine;
    if (view->work == NULL || view->work->row->kind != CASE_DUTY) {
        return (struct rd_str){0};
    }
    uint64_t mended = duty_mends(view->work->row, case_attributes(engine, view->work));
    struct work *complaint = mended != 0 ? case_open(engine, mended) : NULL;
    if (complaint != NULL) {
        struct rd_str subject = case_subject_told(engine, complaint);
        return is_zh(view) ? rd_arena_printf(&engine->arena, "投诉 %.*s", RD_FMT(subject))
                           : rd_arena_printf(&engine->arena, "of complaint %.*s", RD_FMT(subject));
    }
    struct rd_str of = text_of(engine, view->work, RD_KEY_CONTRACT);
    return of.len > 0 ? of : text_of(engine, view->work, RD_KEY_PERIOD);
}

bool title_piece(const struct title_view *view, enum rd_title_field field, struct rd_str *ret_piece)
{
    *ret_piece = (struct rd_str){0};
    switch ((int)field) {
    case RD_TITLE_LETTER:
        *ret_piece = title_letter(view);
        return true;
    case RD_TITLE_NEXT:
        *ret_piece = title_next(view);
        return true;
    case RD_TITLE_INTO:
        *ret_piece = title_into(view);
        return true;
    case RD_TITLE_ORIGIN:
        *ret_piece = title_origin(view);
        return true;
    case RD_TITLE_GOING_ON:
        *ret_piece = title_going_on(view);
        return true;
    default:
        return false;
    }
}
