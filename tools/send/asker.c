#include "tools/send/asker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/digest.h"
#include "common/wire/event.h"
#include "common/wire/receipt.h"

enum {
    PARAMS_BYTES_MAX = 4 * 1024 * 1024,
    EVENT_BYTES_MAX = 4 * 1024 * 1024, /* the producer knows the daemon's limit */
    KINDS_MAX = 4096,                  /* asked about; further ones are sent unasked */
};

struct verdict {
    uint8_t kind[RD_DIGEST_BYTES];
    bool is_wrong;
    struct rd_reject why;
};

struct asker {
    const struct ends *ends;
    int64_t wait_us;
    struct rd_desk *desk; /* NULL: only decoded */
    struct rd_tree *tree;
    struct rd_buf params;
    struct verdict *verdicts;
    size_t count;
};

struct asker *asker_new(
        struct rd_client *client, const struct ends *ends, int64_t wait_us, bool needs_desk)
{
    struct asker *asker = calloc(1, sizeof *asker);
    if (asker == NULL) {
        rd_oom();
    }
    *asker = (struct asker){.ends = ends, .wait_us = wait_us, .tree = rd_tree_new()};
    rd_buf_init(&asker->params, PARAMS_BYTES_MAX);
    struct rd_desk_answer answer;
    int r = rd_desk_open(client, ends->desk, &asker->desk);
    int64_t patience_us = needs_desk ? wait_us : RD_SECOND_US;
    r = r == 0 ? rd_desk_call(asker->desk, "status", (struct rd_str){0}, patience_us, &answer) : r;
    if (r < 0) {
        rd_desk_closep(&asker->desk);
    }
    if (r < 0 && needs_desk) {
        say_error("%s: %s", ends->desk, r == -ETIMEDOUT ? "nobody answers" : strerror(-r));
        asker_free(asker);
        return NULL;
    }
    return asker;
}

void asker_free(struct asker *asker)
{
    if (asker != NULL) {
        rd_desk_close(asker->desk);
        rd_tree_free(asker->tree);
        rd_buf_done(&asker->params);
        free(asker->verdicts);
        free(asker);
    }
}

bool asker_has_desk(const struct asker *asker)
{
    return asker->desk != NULL;
}

static enum asker_known known_of(rd_node receipt)
{
    rd_node error = rd_node_find(receipt, "error");
    if (rd_str_is(rd_node_str(rd_node_find(receipt, "status")), rd_status_name(RD_DUPLICATE))) {
        return ASKER_SAME;
    }
    return rd_str_is(rd_node_str(rd_node_find(error, "code")), "conflict") &&
                           rd_str_is(rd_node_str(rd_node_find(error, "field")), "id")
                   ? ASKER_OTHERWISE
                   : ASKER_NEW;
}

/* What the desk says of it. 0, or said and an exit status. */
static int ask(struct asker *asker, struct rd_str event, struct rd_reject *why,
        enum asker_known *ret_known)
{
    struct rd_desk_answer answer;
    rd_buf_reset(&asker->params);
    rd_pack_map(&asker->params, 1);
    rd_pack_cstr(&asker->params, "event");
    rd_buf_put_text(&asker->params, event);
    int r = rd_desk_call(
            asker->desk, "event.check", rd_buf_str(&asker->params), asker->wait_us, &answer);
    if (r < 0) {
        say_error("%s: %s", asker->ends->desk, strerror(-r));
        return STATUS_UNREACHABLE;
    }
    if (answer.error_code.len > 0) {
        say_error(
                "event.check: %.*s: %.*s", RD_FMT(answer.error_code), RD_FMT(answer.error_message));
        return STATUS_REFUSED;
    }
    rd_node receipt = rd_node_find(answer.result, "receipt");
    rd_node error = rd_node_find(receipt, "error");
    *ret_known = known_of(receipt);
    if (rd_node_type(error) == RD_NODE_MAP) {
        struct rd_str code = rd_node_str(rd_node_find(error, "code"));
        struct rd_str field = rd_node_str(rd_node_find(error, "field"));
        struct rd_str message = rd_node_str(rd_node_find(error, "message"));
        (void)snprintf(why->field, sizeof why->field, "%.*s", RD_FMT(field));
        (void)snprintf(
                why->message, sizeof why->message, "%.*s: %.*s", RD_FMT(code), RD_FMT(message));
        why->code = "rejected";
    }
    return STATUS_OK;
}

int asker_check(struct asker *asker, struct rd_str event, struct rd_reject *why,
        enum asker_known *ret_known)
{
    struct rd_event decoded;
    enum asker_known known = ASKER_NEW;
    bool is_good = rd_event_decode(asker->tree, event, EVENT_BYTES_MAX, &decoded, why);
    int status = is_good && asker->desk != NULL ? ask(asker, event, why, &known) : STATUS_OK;
    if (ret_known != NULL) {
        *ret_known = known;
    }
    return status;
}

/* Of what a verdict holds: type, units, and the values of closed lists. */
static void kind_of(const struct rd_event *event, uint8_t ret_kind[static RD_DIGEST_BYTES])
{
    const struct rd_str parts[] = {rd_str_of(rd_event_type_name(event->type)), event->source,
            event->data[RD_KEY_UNIT].bytes, event->data[RD_KEY_RESPONDENT].bytes,
            event->data[RD_KEY_CLOCK].bytes};
    rd_digest(parts, RD_COUNT(parts), ret_kind);
}

/* Wrong with every event of its kind, whatever else is sent before it. */
static bool is_of_the_kind(const struct rd_reject *why)
{
    static const char *const starts[] = {"unknown_unit", "unknown_type", "forbidden"};
    for (size_t i = 0; i < RD_COUNT(starts) && why->code != NULL; i++) {
        if (strncmp(why->message, starts[i], strlen(starts[i])) == 0) {
            return true;
        }
    }
    return false;
}

static const struct verdict *verdict_of(
        struct asker *asker, const struct rd_event *event, struct rd_str bytes)
{
    uint8_t kind[RD_DIGEST_BYTES];
    kind_of(event, kind);
    for (size_t i = 0; i < asker->count; i++) {
        if (memcmp(asker->verdicts[i].kind, kind, sizeof kind) == 0) {
            return &asker->verdicts[i];
        }
    }
    if (asker->count == KINDS_MAX) {
        return NULL;
    }
    if ((asker->count & (asker->count - 1)) == 0) {
        size_t room = asker->count > 0 ? 2 * asker->count : 1;
        asker->verdicts = reallocarray(asker->verdicts, room, sizeof asker->verdicts[0]);
        if (asker->verdicts == NULL) {
            rd_oom();
        }
    }
    struct verdict *verdict = &asker->verdicts[asker->count++];
    *verdict = (struct verdict){.is_wrong = false};
    memcpy(verdict->kind, kind, sizeof kind);
    enum asker_known known;
    if (ask(asker, bytes, &verdict->why, &known) != STATUS_OK) {
        rd_desk_closep(&asker->desk); /* said; what follows is the intake's to answer */
    } else {
        verdict->is_wrong = is_of_the_kind(&verdict->why);
    }
    return verdict;
}

bool asker_judge(struct asker *asker, struct rd_str event, struct rd_reject *why)
{
    struct rd_event decoded;
    if (!rd_event_decode(asker->tree, event, EVENT_BYTES_MAX, &decoded, why)) {
        return false;
    }
    const struct verdict *verdict = asker->desk != NULL ? verdict_of(asker, &decoded, event) : NULL;
    if (verdict == NULL || !verdict->is_wrong) {
        return true;
    }
    *why = verdict->why;
    return false;
}
