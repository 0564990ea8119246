#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/ctl/event.h"
#include "tools/shared/live.h"

/* Names that the daemon takes as they come, as it cannot know them all: a unit of tomorrow's tree
 * in a silence, a notice that nobody owed. A person who writes one has made a slip. Where the desk
 * does not answer soon nothing is refused. */

static bool refuse(const struct ctl *ctl, const char *what, const char *name, const char *hint)
{
    char why[END_WHY_MAX];
    (void)snprintf(why, sizeof why, "%s \"%.64s\"%.400s", what, name, hint);
    ctl_fail(ctl, RD_STR("refused"), why);
    return false;
}

/* Of a source that nothing came from there is nothing to forget. */
static bool check_source(const struct ctl *ctl, const struct event_draft *draft)
{
    char room[LIVE_HINT_MAX];
    const char *name = event_value(draft, "source");
    return name == NULL || live_source_exists(ctl->ends.desk, name, room) != 0 ||
           refuse(ctl, "no event came from a source", name, room);
}

/* What the desk takes as a filter of cases it knows, and says what is near to what it does not. */
static bool check_filter(struct ctl *ctl, struct rd_str name, const char *value)
{
    char why[END_WHY_MAX];
    struct rd_buf params;
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    rd_buf_init(&params, EVENT_BYTES_MAX);
    rd_pack_map(&params, 2);
    rd_pack_str(&params, name);
    rd_pack_cstr(&params, value);
    rd_pack_cstr(&params, "limit");
    rd_pack_uint(&params, 1);
    bool is_refused = ctl_try(ctl, "case.list", &params, &answer, why) == STATUS_REFUSED &&
                      rd_str_is(answer.got.error_code, "bad_params");
    rd_buf_done(&params);
    if (is_refused) {
        ctl_fail(ctl, RD_STR("refused"), why);
    }
    return !is_refused;
}

/* unit=PATH of a silence, as it stands or behind "!", and the like; patterns are not looked at. */
static bool check_matchers(struct ctl *ctl, const struct event_draft *draft)
{
    static const char *const names[] = {"unit", "clock", "kind"};
    for (size_t i = 0; i < draft->pair_count; i++) {
        const struct event_key *pair = &draft->pairs[i];
        const char *value = pair->value + (pair->value[0] == '!' ? 1 : 0);
        struct rd_str name = {.ptr = pair->key, .len = pair->key_len};
        for (size_t k = 0; k < RD_COUNT(names); k++) {
            if (value[0] != '~' && rd_str_is(name, names[k]) && !check_filter(ctl, name, value)) {
                return false;
            }
        }
    }
    return true;
}

/* One of those that the case owes or was given, if it has any. */
static bool has_notice(rd_node notices, const char *code, struct rd_nearest *nearest)
{
    bool is_found = rd_node_count(notices) == 0;
    for (uint32_t i = 0; i < rd_node_count(notices); i++) {
        struct rd_str one = rd_node_str(rd_node_find(rd_node_at(notices, i), "code"));
        is_found = is_found || rd_str_is(one, code);
        rd_nearest_try(nearest, one);
    }
    return is_found;
}

static bool check_notice(struct ctl *ctl, const struct event_draft *draft)
{
    char why[END_WHY_MAX], room[OPT_HINT_MAX];
    const char *code = event_value(draft, "notice"), *number = event_value(draft, "case");
    uint64_t value = 0;
    struct rd_buf params;
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    if (code == NULL || (draft->subject == NULL && number == NULL)) {
        return true;
    }
    rd_buf_init(&params, EVENT_BYTES_MAX);
    rd_pack_map(&params, 1);
    rd_pack_cstr(&params, draft->subject != NULL ? "subject" : "case");
    if (draft->subject != NULL) {
        rd_pack_cstr(&params, draft->subject);
    } else {
        (void)ctl_is_number(number, &value); /* what is none is refused as no case */
        rd_pack_uint(&params, value);
    }
    bool is_there = ctl_try(ctl, "case.get", &params, &answer, why) == STATUS_OK;
    rd_buf_done(&params);
    struct rd_nearest nearest = rd_nearest_of(rd_str_of(code));
    return !is_there || has_notice(rd_node_find(answer.got.result, "notices"), code, &nearest) ||
           refuse(ctl, "the case owes no notice", code, opt_hint(&nearest, room));
}

bool event_names_are_known(struct ctl *ctl, const struct event_draft *draft)
{
    if (strcmp(draft->type, "source.reset") == 0) {
        return check_source(ctl, draft);
    }
    if (strcmp(draft->type, "silence.created") == 0) {
        return check_matchers(ctl, draft);
    }
    return strcmp(draft->type, "case.notice_given") != 0 || check_notice(ctl, draft);
}
