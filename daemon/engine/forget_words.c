#include "daemon/engine/forget_words.h"

#include <string.h>

#include "common/base/sizes.h"
#include "common/wire/event_table.h"
#include "common/wire/pack.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/names.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/erasure_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/source_row.h"
#include "daemon/store/rows/unknown_row.h"

enum {
    PLAIN_MIN = 6,   /* bytes of a text that stands nowhere by accident */
    WORD_BYTES = 40, /* a longer reason is a sentence, and no word that other cases share */
    TOLD_MAX = 4
};

bool forget_mentions(struct rd_str bytes, struct rd_str text)
{
    struct rd_buf packed;
    uint8_t room[512];
    if (text.len == 0 || bytes.len < text.len) {
        return false;
    }
    rd_buf_init_in(&packed, room, sizeof room, sizeof room);
    rd_pack_str(&packed, text);
    bool is_found =
            packed.error == 0 && memmem(bytes.ptr, bytes.len, packed.ptr, packed.len) != NULL;
    rd_buf_done(&packed);
    return is_found ||
           (text.len >= PLAIN_MIN && memmem(bytes.ptr, bytes.len, text.ptr, text.len) != NULL);
}

struct rd_str forget_shown(struct engine *engine, uint64_t number, size_t len)
{
    struct rd_str shown =
            rd_arena_printf(&engine->arena, "forgotten-%llu", (unsigned long long)number);
    return rd_str_cut(shown, len);
}

/* What tells of him, wherever it stands. */
struct told {
    struct rd_str at[TOLD_MAX];
};

static bool tells(const struct told *told, struct rd_str text)
{
    bool is_found = false;
    for (size_t i = 0; i < TOLD_MAX; i++) {
        is_found = is_found || rd_str_eq(text, told->at[i]) ||
                   (told->at[i].len >= PLAIN_MIN && forget_mentions(text, told->at[i]));
    }
    return is_found;
}

/* ---- reasons of pauses ---- */

static bool is_among(const struct rd_texts *texts, struct rd_str text)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (rd_str_eq(texts->at[i], text)) {
            return true;
        }
    }
    return false;
}

static bool is_of_policy(const struct rd_plan_policy *policy, struct rd_str text)
{
    bool is_word = rd_str_eq(policy->name, text);
    for (size_t i = 0; i < policy->clock_count; i++) {
        is_word = is_word || is_among(&policy->clocks[i].pause_reasons, text);
    }
    for (size_t i = 0; i < policy->pause_limit_count; i++) {
        is_word = is_word || rd_str_eq(policy->pause_limits[i].reason, text);
    }
    return is_word;
}

/* Names of the configuration's own, of units that it had, and of sources stay. */
static bool is_configured(struct engine *engine, const struct rd_plan *plan, struct rd_str text)
{
    struct source_row source;
    bool is_word = rd_plan_unit_find(plan, text) != RD_NO_INDEX ||
                   (text.len <= STORE_KEY_MAX && source_row_get(engine->view, text, &source));
    for (size_t i = 0; i < plan->policy_count; i++) {
        is_word = is_word || is_of_policy(&plan->policies[i], text);
    }
    for (size_t i = 0; i < plan->calendar_count; i++) {
        is_word = is_word || rd_str_eq(plan->calendars[i].name, text);
    }
    for (size_t i = 0; i < plan->codes_count; i++) {
        for (size_t k = 0; k < plan->codes[i].count; k++) {
            is_word = is_word || rd_str_eq(plan->codes[i].at[k].code, text);
        }
    }
    return is_word;
}

static bool is_unit(struct engine *engine, uint32_t number)
{
    return unit_row_get(engine->view, number).last_alert != 0 ||
           unit_case_count(engine->view, number) != 0;
}

static void hide_reasons(struct engine *engine, struct work *work, const struct told *told)
{
    const struct case_row *row = work->row;
    for (uint32_t i = 0; i < row->pause_count; i++) {
        uint32_t number = row->pauses[i].reason;
        struct rd_str reason = name_shown(engine, number);
        bool is_his = tells(told, reason) || reason.len > WORD_BYTES;
        if (is_his && !is_unit(engine, number) && !is_configured(engine, engine->plan, reason) &&
                !is_configured(engine, work->plan, reason)) {
            names_hide(engine, number);
        }
    }
}

/* ---- attributes ---- */

static void drop_unknown(struct engine *engine, enum rd_event_key key, struct rd_str value)
{
    struct rd_str attribute = rd_str_of(rd_event_key_name(key)), none = {0};
    struct unknown_row row, all;
    if (unknown_row_get(engine->view, attribute, value, &row) &&
            unknown_row_get(engine->view, attribute, none, &all)) {
        all.count -= all.count > 0 ? 1 : 0;
        unknown_row_del(engine->view, attribute, value);
        unknown_row_put(engine->view, attribute, none, &all);
    }
}

/* What figures are told by keeps its name's number, so that no figure moves. */
static void hide_value(struct engine *engine, struct work *work, enum rd_event_key key)
{
    struct rd_str *value = &case_attributes(engine, work)->values[key].bytes;
    uint32_t number = name_known(engine, *value);
    drop_unknown(engine, key, *value);
    if (number != 0 && !is_unit(engine, number) && !is_configured(engine, engine->plan, *value)) {
        names_hide(engine, number);
        *value = name_shown(engine, number);
    } else {
        *value = forget_shown(engine, work->row->number, SIZE_MAX);
    }
}

void forget_words(struct engine *engine, struct work *work)
{
    static const enum rd_event_key REFERENCES[] = {
            RD_KEY_REF, RD_KEY_REGULATOR_REF, RD_KEY_CONTACT};
    static const enum rd_event_key VALUES[] = {RD_KEY_PRODUCT, RD_KEY_CHANNEL, RD_KEY_SELLER,
            RD_KEY_ISSUE, RD_KEY_CAUSE, RD_KEY_HANDLER, RD_KEY_BODY, RD_KEY_TITLE};
    struct attribute_row *attributes = case_attributes(engine, work);
    struct rd_value *values = attributes->values;
    const struct told told = {{attributes->subject, values[RD_KEY_CUSTOMER].bytes,
            values[RD_KEY_PHONE].bytes, values[RD_KEY_CONTRACT].bytes}};
    for (size_t i = 0; i < RD_COUNT(REFERENCES); i++) {
        struct rd_value *value = &values[REFERENCES[i]];
        if (value->type == RD_VALUE_STR) {
            value->bytes = forget_shown(engine, work->row->number, SIZE_MAX);
        }
    }
    for (size_t i = 0; i < RD_COUNT(VALUES); i++) {
        if (values[VALUES[i]].type == RD_VALUE_STR && tells(&told, values[VALUES[i]].bytes)) {
            hide_value(engine, work, VALUES[i]);
        }
    }
    values[RD_KEY_RESOLUTION] = (struct rd_value){0};
    hide_reasons(engine, work, &told);
    subject_hide(engine->view, attributes->subject, work->row->number);
    attributes->subject = forget_shown(engine, work->row->number, SIZE_MAX);
    work->are_attributes_dirty = true;
}

/* ---- digests ---- */

/* Bytes for bytes, within the packed list: `row` is of a tree over bytes that may be written. */
static bool star_out(struct engine *engine, uint64_t job, rd_node row)
{
    struct rd_str subject = rd_node_str(rd_node_find(row, "subject"));
    uint64_t number = rd_node_uint(rd_node_find(row, "case"));
    if (subject.len == 0 || number == 0 || !erasure_case_has(engine->view, job, number)) {
        return false;
    }
    memset((void *)(uintptr_t)subject.ptr, '*', subject.len);
    return true;
}

void forget_in_digest(struct engine *engine, uint64_t job, uint64_t alert)
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    struct alert_row row;
    rd_node root;
    bool is_changed = false;
    if (!alert_row_get(engine->view, alert, &row)) {
        return;
    }
    row.acked_by = rd_arena_dup(&engine->arena, row.acked_by);
    row.packed = rd_arena_dup(&engine->arena, row.packed);
    if (rd_tree_read(tree, row.packed, &root, NULL) != 0) {
        return;
    }
    rd_node worst = rd_node_find(rd_node_find(root, "digest"), "worst");
    for (uint32_t i = 0; i < rd_node_count(worst); i++) {
        is_changed = star_out(engine, job, rd_node_at(worst, i)) || is_changed;
    }
    if (is_changed) {
        alert_row_put(engine->view, alert, &row);
    }
}
