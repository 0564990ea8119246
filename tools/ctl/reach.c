#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/ctl/event.h"
#include "tools/shared/json.h"
#include "tools/shared/live.h"
#include "tools/shared/table.h"

#define LOOK_AGAIN_US (RD_SECOND_US / 50) /* at a door where nobody is yet */

void ctl_print(const struct ctl *ctl, rd_node node)
{
    if (ctl->is_json) {
        json_print(stdout, json_of_node(node), false);
    } else {
        print_map(stdout, style_in(stdout, ctl_option(ctl, "lang")), node);
    }
}

void ctl_fail(const struct ctl *ctl, struct rd_str code, const char *message)
{
    if (ctl->is_json) {
        json_print(stdout,
                json_pack("{s:{s:o, s:o}}", "error", "code", json_text(code), "message",
                        json_text(rd_str_of(message))),
                false);
    }
    say_error("%s", message);
}

/* ---- is somebody there? ---- */

/* 0, or -errno with the reason, at once or after --wait. */
static int knock(const struct ctl *ctl, const char *endpoint, char *why)
{
    int64_t until = steady_us() + ctl->wait_us;
    for (;;) {
        int r = ends_probe(endpoint, why);
        bool is_hopeless = r == -EACCES || r == -EPERM || r == -ENAMETOOLONG;
        if (r == 0 || is_hopeless || steady_us() >= until) {
            return r;
        }
        wait_span(LOOK_AGAIN_US);
    }
}

/* The text for what a call of the client library could not do. */
static enum exit_status explain(const struct ctl *ctl, const char *door, const char *endpoint,
        int error, char why[static END_WHY_MAX])
{
    if (error == -EINVAL) {
        (void)snprintf(why, END_WHY_MAX,
                "%.512s is no endpoint: give ipc:///path or tcp://host:port", endpoint);
        return STATUS_USAGE;
    }
    if (error == -ETIMEDOUT) {
        bool is_keyed = strncmp(endpoint, "tcp://", strlen("tcp://")) == 0;
        (void)snprintf(why, END_WHY_MAX, "nobody answers at the %s, %.512s, within %" PRId64 " s%s",
                door, endpoint, ctl->timeout_us / RD_SECOND_US,
                is_keyed ? "; a key that it does not know gets no answer (--key)" : "");
    } else if (error == -EPROTO) {
        (void)snprintf(
                why, END_WHY_MAX, "what answers at %.512s does not speak the protocol", endpoint);
    } else {
        (void)snprintf(why, END_WHY_MAX, "%.512s: %s", endpoint, strerror(-error));
    }
    return STATUS_UNREACHABLE;
}

/* ---- the desk ---- */

void ctl_answer_done(struct ctl_answer *answer)
{
    rd_desk_close(answer->desk);
    rd_client_close(answer->client);
    *answer = (struct ctl_answer){0};
}

enum exit_status ctl_try(struct ctl *ctl, const char *method, const struct rd_buf *params,
        struct ctl_answer *ret_answer, char ret_why[static END_WHY_MAX])
{
    struct ctl_answer *answer = ret_answer;
    const char *endpoint = ctl->ends.desk;
    if (knock(ctl, endpoint, ret_why) < 0) {
        return STATUS_UNREACHABLE;
    }
    int r = answer->client != NULL ? 0 : rd_client_open(&answer->client);
    if (r == 0 && answer->desk == NULL) {
        r = rd_desk_open(answer->client, endpoint, &answer->desk);
    }
    if (r == 0) {
        r = rd_desk_call(answer->desk, method, params != NULL ? rd_buf_str(params) : RD_STR(""),
                ctl->timeout_us, &answer->got);
    }
    if (r < 0) {
        return explain(ctl, "desk", endpoint, r, ret_why);
    }
    if (answer->got.error_code.len > 0) {
        (void)snprintf(ret_why, END_WHY_MAX, "%.*s: %.*s", RD_FMT(answer->got.error_code),
                RD_FMT(answer->got.error_message));
        return STATUS_REFUSED;
    }
    return STATUS_OK;
}

/* Its word is a case: others name a unit, a figure or a day, which no subject is near to. */
static bool asks_for_case(const struct ctl *ctl, const char *method)
{
    return ctl->word_count > 0 &&
           (strcmp(method, "case.get") == 0 || strcmp(method, "explain") == 0);
}

enum exit_status ctl_ask(struct ctl *ctl, const char *method, const struct rd_buf *params,
        struct ctl_answer *ret_answer)
{
    char why[END_WHY_MAX];
    enum exit_status status = ctl_try(ctl, method, params, ret_answer, why);
    if (status == STATUS_OK) {
        return status;
    }
    struct rd_str code = ret_answer->got.error_code;
    char room[LIVE_HINT_MAX] = "";
    if (rd_str_is(code, "not_found") && asks_for_case(ctl, method)) {
        (void)live_subject_hint(ctl->ends.desk, ctl->words[0], room);
        (void)snprintf(why + strlen(why), END_WHY_MAX - strlen(why), "%.256s", room);
    }
    ctl_fail(ctl, status == STATUS_REFUSED ? code : RD_STR("unreachable"), why);
    return status;
}

/* ---- intake ---- */

struct sending {
    const struct ctl *ctl;
    const struct event_draft *draft;
    bool is_settled;
    enum exit_status status;
    char *why; /* room for END_WHY_MAX: nothing is printed, what is wrong is a text; or NULL */
};

/* A name that the daemon does not know: the nearest that it does. The receipt names the field, as
 * an event may hold several names of a kind. */
static void say_hint(const struct sending *sending, const struct rd_receipt *receipt)
{
    char room[LIVE_HINT_MAX] = "";
    uint64_t number;
    const char *desk = sending->ctl->ends.desk;
    const char *code = receipt->error != NULL ? receipt->error->code : "";
    const char *written =
            receipt->error != NULL ? event_written(sending->draft, receipt->error->field) : NULL;
    if (written == NULL || ctl_is_number(written, &number)) {
        return;
    }
    if (strcmp(code, "unknown_unit") == 0) {
        (void)live_unit_hint(desk, written, room);
    } else if (strcmp(code, "unknown_case") == 0) {
        (void)live_subject_hint(desk, written, room);
    }
    if (room[0] != '\0') {
        say_error("there is no %s%s", written, room);
    }
}

static void settled(void *context, uint64_t tag, const struct rd_receipt *receipt)
{
    struct sending *sending = context;
    (void)tag;
    sending->is_settled = true;
    sending->status = receipt->status == RD_REJECTED ? STATUS_REFUSED : STATUS_OK;
    if (sending->why != NULL) {
        (void)snprintf(sending->why, END_WHY_MAX, "%s",
                receipt->status == RD_REJECTED ? receipt->error->message : "");
        return;
    }
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    struct rd_buf packed;
    rd_buf_init(&packed, CTL_MESSAGE_MAX);
    rd_receipt_pack(&packed, receipt);
    rd_node node = NULL;
    int r = rd_tree_read(tree, rd_buf_str(&packed), &node, NULL);
    RD_ASSERT(r == 0 || r == -EILSEQ);
    ctl_print(sending->ctl, node);
    if (receipt->status == RD_REJECTED && sending->draft != NULL) {
        say_hint(sending, receipt);
    }
    if (receipt->waits) {
        say_error("it has no effect yet: a second person must say yes, with redressctl approve "
                  "%" PRIu64,
                receipt->seq);
    }
    if (rd_str_is(receipt->noted, RD_NOTED_NO_QUESTION)) {
        say_error(
                "it answers no question: the unit owes none on this case, and may answer for none "
                "that does; redressctl chases lists who was asked");
    }
    rd_buf_done(&packed);
}

static int send_until(struct rd_producer *producer, struct sending *sending)
{
    int64_t until = steady_us() + sending->ctl->timeout_us;
    while (!sending->is_settled) {
        int64_t left = until - steady_us();
        if (left <= 0) {
            return -ETIMEDOUT;
        }
        int r = rd_producer_turn(producer, left);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

/* What to tell of an event without a receipt. */
static enum exit_status explain_sending(const struct ctl *ctl, const struct rd_producer *producer,
        struct rd_str id, int error, char *why)
{
    enum exit_status status = explain(ctl, "intake", ctl->ends.intake, error, why);
    struct rd_producer_counts counts = {0};
    if (producer != NULL) {
        counts = rd_producer_counts(producer);
    }
    if (error == -ETIMEDOUT && counts.busy > 0) {
        (void)snprintf(why, END_WHY_MAX,
                "the daemon is busy and did not take it; the same again with --id %.*s",
                RD_FMT(id));
    } else if (error == -ETIMEDOUT && counts.sent > 0) {
        size_t used = strlen(why);
        (void)snprintf(why + used, END_WHY_MAX - used,
                "; it may have been taken: the same again with --id %.*s", RD_FMT(id));
    }
    return status;
}

/* `why` is filled where nobody answered; the receipt goes where the sending says. */
static enum exit_status deliver(
        struct sending *sending, struct rd_str id, struct rd_str event, char *why)
{
    const struct ctl *ctl = sending->ctl;
    struct rd_producer_options options = {
            .endpoint = ctl->ends.intake, .context = sending, .settled = settled};
    RD_CLEANUP(rd_client_closep)
    struct rd_client *client = NULL;
    RD_CLEANUP(rd_producer_closep)
    struct rd_producer *producer = NULL;
    if (knock(ctl, ctl->ends.intake, why) < 0) {
        return STATUS_UNREACHABLE;
    }
    int r = rd_client_open(&client);
    if (r == 0) {
        r = rd_producer_open(client, &options, &producer);
    }
    if (r == 0) {
        r = rd_producer_put(producer, id, event, 1);
    }
    if (r == 0) {
        r = send_until(producer, sending);
    }
    return r < 0 ? explain_sending(ctl, producer, id, r, why) : sending->status;
}

enum exit_status ctl_send(
        struct ctl *ctl, struct rd_str id, struct rd_str event, const struct event_draft *draft)
{
    char why[END_WHY_MAX] = "";
    struct sending sending = {.ctl = ctl, .draft = draft};
    enum exit_status status = deliver(&sending, id, event, why);
    if (!sending.is_settled) {
        ctl_fail(ctl, RD_STR("unreachable"), why);
    }
    return status;
}

enum exit_status ctl_send_try(
        struct ctl *ctl, struct rd_str id, struct rd_str event, char ret_why[static END_WHY_MAX])
{
    struct sending sending = {.ctl = ctl, .why = ret_why};
    return deliver(&sending, id, event, ret_why);
}
