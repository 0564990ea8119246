#include <string.h>

#include "daemon/engine/take.h"
#include "daemon/store/rows/index_row.h"

static struct work *work_add(struct engine *engine, struct case_row *row)
{
    RD_ASSERT(engine->work_count < WORKS_MAX);
    struct work *work = RD_ARENA_ARRAY(&engine->arena, struct work, 1);
    work->row = row;
    work->plan = row->config != 0 ? plan_of(engine, row->config) : engine->plan;
    engine->works[engine->work_count++] = work;
    return work;
}

struct work *case_open(struct engine *engine, uint64_t number)
{
    for (size_t i = 0; i < engine->work_count; i++) {
        if (engine->works[i]->row->number == number) {
            return engine->works[i];
        }
    }
    struct case_row *row;
    if (number == 0 || !case_row_get(engine->view, number, &engine->arena, &row)) {
        return NULL;
    }
    return work_add(engine, row);
}

struct work *case_create(struct engine *engine, enum case_kind kind)
{
    struct case_row *row = case_row_new(&engine->arena);
    row->number = ++engine->counters.case_number;
    row->kind = kind;
    row->closed = RD_TIME_NONE;
    for (size_t i = 0; i < RD_MOMENT_COUNT; i++) {
        row->moments[i] = INSTANT_NONE;
    }
    row->ladder.armed_wall = row->ladder.armed_steady = RD_TIME_NONE;
    struct work *work = work_add(engine, row);
    work->attributes = RD_ARENA_ARRAY(&engine->arena, struct attribute_row, 1);
    work->is_dirty = work->are_attributes_dirty = true;
    engine->counters.open_cases++;
    return work;
}

struct attribute_row *case_attributes(struct engine *engine, struct work *work)
{
    if (work->attributes == NULL) {
        work->attributes = RD_ARENA_ARRAY(&engine->arena, struct attribute_row, 1);
        bool is_found = attribute_row_get(
                engine->view, work->row->number, &engine->arena, work->attributes);
        RD_ASSERT(is_found || store_view_error(engine->view) != 0);
    }
    return work->attributes;
}

void cases_save(struct engine *engine)
{
    for (size_t i = 0; i < engine->work_count; i++) {
        struct work *work = engine->works[i];
        if (work->is_dirty) {
            case_row_put(engine->view, work->row);
        }
        if (work->are_attributes_dirty) {
            attribute_row_put(engine->view, work->row->number, work->attributes);
        }
    }
    engine->work_count = 0;
}

void case_history(struct engine *engine, struct work *work, const struct history_row *row)
{
    struct history_row numbered = *row;
    numbered.before = work->row->history;
    work->row->history = ++engine->counters.history;
    history_row_put(engine->view, work->row->history, &numbered);
    work->is_dirty = true;
}

/* What a person would want to read again of an event: who, and the words. */
void case_history_event(struct engine *engine, struct work *work, enum history_what what)
{
    const struct rd_event *event = engine->event;
    static const enum rd_event_key notes[] = {RD_KEY_TEXT, RD_KEY_REASON, RD_KEY_QUESTION,
            RD_KEY_OPINION, RD_KEY_RESOLUTION, RD_KEY_OUTCOME, RD_KEY_MEASURE, RD_KEY_CAUSE,
            RD_KEY_PERSON, RD_KEY_NOTICE, RD_KEY_UNIT};
    struct rd_str note = {0};
    for (size_t i = 0; i < RD_COUNT(notes) && note.len == 0; i++) {
        if (event->data[notes[i]].type == RD_VALUE_STR) {
            note = event->data[notes[i]].bytes;
        }
    }
    bool opens = event->type == RD_EVENT_CONTACT_RECEIVED ||
                 event->type == RD_EVENT_COMPLAINT_REGISTERED;
    case_history(engine, work,
            &(struct history_row){.what = what,
                    .code = (uint32_t)event->type,
                    .time = engine->own.wall,
                    .taken = engine->now.wall,
                    .seq = engine->seq,
                    .by = event_str(engine, RD_KEY_BY),
                    .note = opens ? event->subject : note});
}

void case_history_moved(struct engine *engine, struct work *work, uint32_t before, rd_time time)
{
    case_history(engine, work,
            &(struct history_row){.what = HISTORY_MOVED,
                    .time = time,
                    .taken = engine->now.wall,
                    .by = name_shown(engine, before)});
}

bool case_is_over(const struct work *work)
{
    return work->row->state == CASE_CLOSED || work->row->state == CASE_GROWN;
}

const struct rd_plan_policy *case_policy(const struct work *work)
{
    RD_ASSERT(work->row->policy < work->plan->policy_count);
    return &work->plan->policies[work->row->policy];
}

/* ---- attributes by name ---- */

bool attributes_are_regulators(struct engine *engine, const struct rd_value *values)
{
    if (values[RD_KEY_REGULATOR_REF].type == RD_VALUE_STR) {
        return true;
    }
    if (values[RD_KEY_CHANNEL].type != RD_VALUE_STR) {
        return false;
    }
    const struct rd_texts *channels = &engine->plan->regulator_channels;
    for (size_t i = 0; i < channels->count; i++) {
        if (rd_str_eq(channels->at[i], values[RD_KEY_CHANNEL].bytes)) {
            return true;
        }
    }
    return false;
}

struct attribute_view case_view(struct engine *engine, struct work *work)
{
    const struct attribute_row *attributes = case_attributes(engine, work);
    return (struct attribute_view){.engine = engine,
            .values = attributes->values,
            .kind = rd_str_of(case_kind_name(work->row->kind)),
            .row = work->row,
            .is_regulator = work->row->is_regulator ||
                            attributes_are_regulators(engine, attributes->values),
            .received = work->row->received};
}

static struct rd_value of_uint(int64_t value)
{
    return (struct rd_value){.type = RD_VALUE_UINT, .integer = value};
}

static struct rd_value of_str(struct rd_str text)
{
    return (struct rd_value){.type = text.len > 0 ? RD_VALUE_STR : RD_NIL, .bytes = text};
}

/* contract.screened: the risk the contract was found to have. */
static struct rd_value look_screened(const struct attribute_view *view)
{
    const struct rd_value *contract = &view->values[RD_KEY_CONTRACT];
    struct rd_str value;
    if (contract->type != RD_VALUE_STR ||
            !store_get(view->engine->view, STORE_SCREENED, contract->bytes, &value)) {
        return (struct rd_value){0};
    }
    struct rd_get get = rd_get_of(value);
    (void)rd_get_u8(&get); /* version */
    return of_str(rd_get_str(&get));
}

/* The map of `bytes`, read once for as long as the same bytes are asked for; NULL: it is none.
 * Texts in it stand in the copy. */
static rd_node custom_map(struct engine *engine, struct rd_str bytes)
{
    struct custom *custom = &engine->custom;
    if (custom->is_read && rd_str_eq(rd_buf_str(&custom->bytes), bytes)) {
        return custom->map;
    }
    rd_buf_reset(&custom->bytes);
    rd_buf_put_text(&custom->bytes, bytes);
    RD_ASSERT(custom->bytes.error == 0);
    custom->is_read = true;
    if (rd_tree_read(custom->tree, rd_buf_str(&custom->bytes), &custom->map, NULL) != 0) {
        custom->map = NULL;
    }
    return custom->map;
}

static struct rd_value look_custom(const struct attribute_view *view, struct rd_str name)
{
    struct rd_value value = {0};
    struct rd_str bytes = view->values[RD_KEY_ATTRIBUTES].bytes;
    if (view->values[RD_KEY_ATTRIBUTES].type != RD_VALUE_MAP) {
        return value;
    }
    rd_node map = custom_map(view->engine, bytes);
    if (map == NULL) {
        return value;
    }
    const char *copy = (const char *)view->engine->custom.bytes.ptr;
    for (uint32_t i = 0; i < rd_node_count(map); i++) {
        struct rd_str key;
        rd_node node = rd_node_pair(map, i, &key);
        if (!rd_str_eq(key, name)) {
            continue;
        }
        switch (rd_node_type(node)) {
        case RD_NODE_STR: {
            struct rd_str text = rd_node_str(node);
            text.ptr = bytes.ptr + (text.ptr - copy); /* there it stays */
            return of_str(text);
        }
        case RD_NODE_UINT:
        case RD_NODE_INT:
            return (struct rd_value){.type = RD_VALUE_INT, .integer = rd_node_int(node)};
        case RD_NODE_BOOL:
            return (struct rd_value){.type = RD_VALUE_BOOL, .integer = rd_node_bool(node)};
        case RD_NODE_NONE:
        case RD_NODE_NIL:
        case RD_NODE_FLOAT:
        case RD_NODE_BIN:
        case RD_NODE_ARRAY:
        case RD_NODE_MAP:
        case RD_NODE_TIME:
        case RD_NODE_EXT:
            return value;
        }
    }
    return value;
}

static struct rd_value look_age(const struct attribute_view *view)
{
    const struct rd_value *values = view->values;
    if (values[RD_KEY_AGE].type != RD_NIL || values[RD_KEY_BIRTH_YEAR].type == RD_NIL) {
        return values[RD_KEY_AGE];
    }
    rd_day day = (rd_day)(view->received / RD_DAY_US);
    if (view->row != NULL) {
        day = rd_calendar_day(unit_calendar(view->engine, view->row->unit), view->received);
    }
    int64_t age = rd_date_of(day).year - values[RD_KEY_BIRTH_YEAR].integer;
    return of_uint(age < 0 ? 0 : age);
}

struct rd_value attribute_lookup(const void *context, struct rd_str name)
{
    const struct attribute_view *view = context;
    if (rd_str_is(name, "kind")) {
        return of_str(view->kind);
    }
    if (rd_str_is(name, "regulator")) {
        return (struct rd_value){.type = RD_VALUE_BOOL, .integer = view->is_regulator};
    }
    if (rd_str_is(name, "contacts")) {
        return of_uint(view->row != NULL ? view->row->contacts : 0);
    }
    if (rd_str_is(name, "transfers")) {
        return of_uint(view->row != NULL ? view->row->transfers : 0);
    }
    if (rd_str_is(name, "reopened")) {
        return of_uint(view->row != NULL ? view->row->reopened : 0);
    }
    if (rd_str_is(name, "age")) {
        return look_age(view);
    }
    if (rd_str_is(name, "contract.screened")) {
        return look_screened(view);
    }
    if (view->row != NULL && rd_str_is(name, "unit")) {
        return of_str(name_shown(view->engine, view->row->unit));
    }
    if (view->row != NULL && rd_str_is(name, "respondent")) {
        return of_str(name_shown(view->engine, view->row->respondent));
    }
    if (rd_str_starts(name, RD_STR("attributes."))) {
        return look_custom(view, (struct rd_str){name.ptr + 11, name.len - 11});
    }
    enum rd_event_key key;
    if (rd_event_key_parse(name, &key) != 0) {
        return (struct rd_value){0};
    }
    return view->values[key];
}
