#include "daemon/engine/cases.h"
#include "daemon/engine/known.h"
#include "daemon/engine/ladder.h"
#include "daemon/engine/lifecycle.h"
#include "daemon/engine/record.h"
#include "daemon/engine/silences.h"
#include "daemon/engine/state.h"
#include "daemon/engine/take.h"
#include "daemon/engine/take_shared.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/key.h"

/* Events about alerts, silences, contracts, units, sources: not about one case that they name. */

static bool is_own_call(const struct rd_alert *alert)
{
    return alert->type == RD_ALERT_LADDER_RUNG || alert->type == RD_ALERT_LADDER_RENOTIFY ||
           alert->type == RD_ALERT_FIRST_CONTACT;
}

bool take_alert_acknowledged(struct engine *engine, struct take *take)
{
    struct rd_str by = event_str(engine, RD_KEY_BY);
    struct work *work = take->asked;
    uint64_t seq = take->alert->seq;
    struct alert_row row;
    bool is_known = alert_row_get(engine->view, seq, &row);
    RD_ASSERT(is_known); /* target_find looked */
    if (work == NULL) {
        row.packed = rd_arena_dup(&engine->arena, row.packed);
        row.flags |= ALERT_ACKED;
        row.acked = engine->own.wall;
        row.acked_by = by;
        alert_row_put(engine->view, seq, &row);
        return true;
    }
    uint32_t unit = row.unit;
    take->case_number = take->alert->case_number;
    take->touched = work;
    (void)case_ack_alert(engine, work, seq, by);
    enum case_state to;
    enum lifecycle cell =
            lifecycle_of(&take->rule->lifecycle, work->row->kind, work->row->state, &to);
    bool is_open = cell == LIFECYCLE_SAME || cell == LIFECYCLE_MOVES;
    if (unit == work->row->unit && is_own_call(take->alert) && is_open &&
            !work->row->was_acknowledged) {
        work->row->state = to;
        take_acknowledge(engine, work);
    }
    case_history_event(engine, work, HISTORY_EVENT);
    return true;
}

bool take_silence_created(struct engine *engine, struct take *take)
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    struct rd_arena arena;
    struct rd_match *match = NULL;
    rd_node map;
    char what[200] = "not a map";
    rd_arena_init(&arena, 1024 * 1024);
    int r = rd_tree_read(tree, engine->event->data[RD_KEY_MATCHERS].bytes, &map, NULL);
    r = r == 0 ? rd_match_compile(map, &arena, &match, what) : r;
    rd_match_free(match);
    rd_arena_done(&arena);
    if (r != 0) {
        return rd_reject_set(take->reject, "bad_value", "data.matchers", "%s", what);
    }
    if (silences_are_full(engine)) {
        return rd_reject_set(take->reject, "bad_value", "data.matchers",
                "1,000 silences hold already: end one that is not needed (silence.ended)");
    }
    (void)silence_create(engine);
    silences_load(engine);
    return true;
}

bool take_silence_ended(struct engine *engine, struct take *take)
{
    (void)take;
    silence_end(engine, (uint64_t)engine->event->data[RD_KEY_SILENCE].integer);
    silences_load(engine);
    return true;
}

/* Table `screened`: contract → version u8 = 1, risk, round, unit's name number, time, seq. */
bool take_screened(struct engine *engine, struct take *take)
{
    struct rd_buf buf;
    rd_buf_init(&buf, 4096);
    rd_buf_put_u8(&buf, 1);
    rd_buf_put_str(&buf, event_str(engine, RD_KEY_RISK));
    rd_buf_put_str(&buf, event_str(engine, RD_KEY_ROUND));
    rd_buf_put_u32(&buf, take->unit);
    rd_buf_put_i64(&buf, engine->own.wall);
    rd_buf_put_u64(&buf, engine->seq);
    RD_ASSERT(buf.error == 0);
    store_put(engine->view, STORE_SCREENED, event_str(engine, RD_KEY_CONTRACT), rd_buf_str(&buf));
    rd_buf_done(&buf);
    return true;
}

/* Table `unit_days`: unit u32, day u32 → version u8 = 1, opened, closed, open, taken, seq. */
bool take_unit_reported(struct engine *engine, struct take *take)
{
    const struct rd_value *data = engine->event->data;
    struct row_key key = {0};
    row_key_u32(&key, take->unit);
    row_key_u32(&key, (uint32_t)data[RD_KEY_DATE].integer ^ 0x80000000U);
    struct rd_buf buf;
    rd_buf_init(&buf, 256);
    rd_buf_put_u8(&buf, 1);
    rd_buf_put_int(&buf, data[RD_KEY_OPENED].integer);
    rd_buf_put_int(&buf, data[RD_KEY_CLOSED].integer);
    rd_buf_put_int(&buf, data[RD_KEY_OPEN].integer);
    rd_buf_put_i64(&buf, engine->now.wall);
    rd_buf_put_u64(&buf, engine->seq);
    RD_ASSERT(buf.error == 0);
    store_put(engine->view, STORE_UNIT_DAYS, row_key_str(&key), rd_buf_str(&buf));
    rd_buf_done(&buf);
    return true;
}

/* Table `figures_given`: figure, NUL, period, NUL, unit u32, as, seq u64 → version u8 = 1, value,
 * time; later ones replace, all are kept. */
bool take_figure(struct engine *engine, struct take *take)
{
    uint8_t room[STORE_KEY_MAX];
    struct rd_buf key;
    struct row_key value = {0};
    static const enum rd_event_key texts[] = {RD_KEY_FIGURE, RD_KEY_PERIOD, RD_KEY_AS};
    rd_buf_init_in(&key, room, sizeof room, sizeof room);
    for (size_t i = 0; i < RD_COUNT(texts); i++) {
        rd_buf_put_text(&key, event_str(engine, texts[i]));
        rd_buf_put_u8(&key, 0);
    }
    rd_buf_put_u32(&key, take->unit);
    rd_buf_put_u64(&key, engine->seq);
    RD_ASSERT(key.error == 0);
    row_key_u8(&value, 1);
    row_key_time(&value, engine->event->data[RD_KEY_VALUE].integer);
    row_key_time(&value, engine->own.wall);
    store_put(engine->view, STORE_FIGURES_GIVEN, rd_buf_str(&key), row_key_str(&value));
    return true;
}

bool take_source_reset(struct engine *engine, struct take *take)
{
    (void)take;
    known_reset(engine, event_str(engine, RD_KEY_SOURCE));
    return true;
}

/* The edge believes the step of its clock from here on; nothing of the state depends on it. */
bool take_clock_accepted(struct engine *engine, struct take *take)
{
    (void)engine;
    (void)take;
    return true;
}
