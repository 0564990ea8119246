#include "common/plan/masks.h"

#include <string.h>

#include "common/wire/event_table.h"

#define MASK RD_STR("****")

/* ---- words of the configuration ---- */

static bool has_text(const struct rd_texts *texts, struct rd_str text)
{
    bool has = false;
    for (size_t i = 0; i < texts->count && !has; i++) {
        has = rd_str_eq(texts->at[i], text);
    }
    return has;
}

static bool names_pause(const struct rd_plan *plan, struct rd_str text)
{
    for (size_t i = 0; i < plan->policy_count; i++) {
        const struct rd_plan_policy *policy = &plan->policies[i];
        for (size_t k = 0; k < policy->pause_limit_count; k++) {
            if (rd_str_eq(policy->pause_limits[k].reason, text)) {
                return true;
            }
        }
        for (size_t k = 0; k < policy->clock_count; k++) {
            if (has_text(&policy->clocks[k].pause_reasons, text)) {
                return true;
            }
        }
    }
    return false;
}

bool rd_plan_names(const struct rd_plan *plan, enum rd_event_key key, struct rd_str text)
{
    if (plan == NULL) {
        return false;
    }
    if (key == RD_KEY_REASON) {
        return names_pause(plan, text);
    }
    bool is_known = false;
    for (size_t i = 0; key == RD_KEY_TITLE && i < plan->supervision.duty_count && !is_known; i++) {
        is_known = rd_str_eq(plan->supervision.duties[i].title, text);
    }
    return is_known;
}

static const struct rd_plan_lexicon *lexicon_of(const struct rd_plan *plan, struct rd_str code)
{
    for (size_t i = 0; plan != NULL && i < plan->assessment.lexicon_count; i++) {
        if (rd_str_eq(plan->assessment.lexicons[i].code, code)) {
            return &plan->assessment.lexicons[i];
        }
    }
    return NULL;
}

bool rd_plan_is_lexicon(const struct rd_plan *plan, struct rd_str code)
{
    return lexicon_of(plan, code) != NULL;
}

/* Bytes of the term that the list begins with; 0: it begins with no term of the lexicon. A term may
 * have a comma in itself. */
static size_t known_term(const struct rd_plan_lexicon *lexicon, struct rd_str list)
{
    size_t longest = 0;
    for (size_t i = 0; i < lexicon->term_count; i++) {
        struct rd_str term = lexicon->terms[i].text;
        struct rd_str rest = {list.ptr + term.len, list.len - term.len};
        if (term.len > longest && rd_str_starts(list, term) &&
                (rest.len == 0 || rd_str_starts(rest, RD_STR(", ")))) {
            longest = term.len;
        }
    }
    return longest;
}

struct rd_str rd_plan_known_terms(const struct rd_plan *plan, struct rd_str code,
        struct rd_str detail, struct rd_arena *arena)
{
    const struct rd_plan_lexicon *lexicon = lexicon_of(plan, code);
    if (lexicon == NULL || detail.len == 0) {
        return detail;
    }
    char *out = rd_arena_alloc(arena, 2 * detail.len + MASK.len);
    size_t len = 0;
    while (detail.len > 0) {
        size_t known = known_term(lexicon, detail);
        const char *comma = known > 0 ? NULL : memmem(detail.ptr, detail.len, ", ", 2);
        size_t size = known > 0 ? known : comma != NULL ? (size_t)(comma - detail.ptr) : detail.len;
        struct rd_str piece = known > 0 ? (struct rd_str){detail.ptr, known} : MASK;
        if (len > 0) {
            memcpy(out + len, ", ", 2);
            len += 2;
        }
        memcpy(out + len, piece.ptr, piece.len);
        len += piece.len;
        size += size < detail.len ? 2 : 0;
        detail = (struct rd_str){detail.ptr + size, detail.len - size};
    }
    return (struct rd_str){out, len};
}

/* ---- reasons ---- */

/* A rule tells what it saw by the attribute's name: "customer 4711", "attributes.vip true". */
static struct rd_str without_attribute(struct rd_str detail, unsigned what, struct rd_arena *arena)
{
    size_t word = 0;
    while (word < detail.len && detail.ptr[word] != ' ' && detail.ptr[word] != '.') {
        word++;
    }
    enum rd_event_key key;
    if (word == detail.len || rd_event_key_parse((struct rd_str){detail.ptr, word}, &key) != 0 ||
            !rd_key_in(rd_keys_attributes(), key) || (rd_key_sees(key) & what) == 0) {
        return detail;
    }
    return rd_arena_printf(arena, "%.*s ****", (int)word, detail.ptr);
}

static struct rd_str mask_detail(const struct rd_plan *plan, const struct rd_reason *reason,
        const struct rd_hidden *hidden, struct rd_arena *arena)
{
    struct rd_str detail = without_attribute(reason->detail, hidden->what, arena);
    if ((hidden->what & RD_HIDE_TEXT) != 0) {
        detail = rd_plan_known_terms(plan, reason->code, detail, arena);
    }
    return rd_mask_text(detail, hidden, arena);
}

const struct rd_reason *rd_mask_reasons(const struct rd_plan *plan, const struct rd_reason *reasons,
        size_t count, const struct rd_hidden *hidden, struct rd_arena *arena)
{
    struct rd_reason *masked = RD_ARENA_ARRAY(arena, struct rd_reason, count + 1);
    for (size_t i = 0; i < count; i++) {
        masked[i] = reasons[i];
        masked[i].detail = mask_detail(plan, &reasons[i], hidden, arena);
    }
    return masked;
}

/* ---- alerts ---- */

/* The last reason of an alert is its own, those before it are the warning's. */
static void mask_said(struct rd_alert *alert, struct rd_arena *arena)
{
    struct rd_reason *reasons = RD_ARENA_ARRAY(arena, struct rd_reason, alert->reason_count);
    memcpy(reasons, alert->reasons, alert->reason_count * sizeof *reasons);
    reasons[alert->reason_count - 1].detail = MASK;
    alert->reasons = reasons;
}

void rd_mask_alert(const struct rd_plan *plan, struct rd_alert *alert,
        const struct rd_hidden *hidden, struct rd_arena *arena)
{
    if ((hidden->what & RD_HIDE_TEXT) != 0) {
        alert->title = alert->bare_title.len > 0 ? alert->bare_title : alert->title;
        if (alert->is_said && alert->reason_count > 0) {
            mask_said(alert, arena);
        }
    }
    alert->bare_title = (struct rd_str){0};
    alert->is_said = false;
    if (hidden->what != 0) {
        alert->title = rd_mask_text(alert->title, hidden, arena);
        alert->subject = rd_mask_code(alert->subject, hidden, arena);
        alert->reasons = rd_mask_reasons(plan, alert->reasons, alert->reason_count, hidden, arena);
    }
}
