#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/client/desk.h"
#include "common/event.h"
#include "tools/send/sender.h"

enum { PARAMS_BYTES_MAX = 4 * 1024 * 1024, SECONDS_TO_TRY = 1 };

struct checker {
    const struct send_options *options;
    struct rd_desk *desk; /* NULL: only decoded */
    struct rd_tree *tree;
    struct rd_buf event, id, params;
    uint64_t sequence;
};

/* Is there a desk that answers? STATUS_OK and checker->desk, NULL if none was named. */
static int find_desk(struct checker *checker, struct rd_client *client)
{
    const struct ends *ends = &checker->options->ends;
    struct rd_desk_answer answer;
    int r = rd_desk_open(client, ends->desk, &checker->desk);
    if (r == 0) {
        int64_t wait_us =
                ends->is_given ? checker->options->wait_us : SECONDS_TO_TRY * RD_SECOND_US;
        r = rd_desk_call(checker->desk, "status", (struct rd_str){0}, wait_us, &answer);
    }
    if (r < 0) {
        rd_desk_closep(&checker->desk);
        if (ends->is_given) {
            say_error("%s: %s", ends->desk, r == -ETIMEDOUT ? "nobody answers" : strerror(-r));
            return STATUS_UNREACHABLE;
        }
        say_error("no daemon answers at %s: the events are decoded, not asked about", ends->desk);
    }
    return STATUS_OK;
}

/* False: *why. */
static bool decode(struct checker *checker, struct rd_str bytes, struct rd_reject *why)
{
    struct rd_event event;
    return rd_event_decode(checker->tree, bytes, RD_EVENT_BYTES_DEFAULT, &event, why);
}

/* What the desk says of it. 0, or said and an exit status. */
static int ask(struct checker *checker, struct rd_str event, struct rd_reject *why)
{
    struct rd_desk_answer answer;
    rd_buf_reset(&checker->params);
    rd_pack_map(&checker->params, 1);
    rd_pack_cstr(&checker->params, "event");
    rd_buf_put_text(&checker->params, event);
    int r = rd_desk_call(checker->desk, "event.check", rd_buf_str(&checker->params),
            checker->options->wait_us, &answer);
    if (r < 0) {
        say_error("%s: %s", checker->options->ends.desk, strerror(-r));
        return STATUS_UNREACHABLE;
    }
    if (answer.error_code.len > 0) {
        say_error(
                "event.check: %.*s: %.*s", RD_FMT(answer.error_code), RD_FMT(answer.error_message));
        return STATUS_REFUSED;
    }
    rd_node error = rd_node_find(rd_node_find(answer.result, "receipt"), "error");
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

/* One row; why->code tells whether it is good. 0, or said and an exit status. */
static int check_row(struct checker *checker, const struct input_row *row, struct rd_reject *why)
{
    const struct mapping *mapping = checker->options->mapping;
    struct rd_str event = row->event;
    if (mapping != NULL) {
        struct mapping_row made = {.values = row->values,
                .line = row->line,
                .row = row->row,
                .sequence = ++checker->sequence,
                .is_quiet = checker->options->is_quiet};
        if (!mapping_apply(mapping, &made, &checker->event, &checker->id, why)) {
            return STATUS_OK;
        }
        event = rd_buf_str(&checker->event);
    }
    if (!decode(checker, event, why) || checker->desk == NULL) {
        return STATUS_OK;
    }
    return ask(checker, event, why);
}

static int check_all(struct checker *checker, struct input *input, struct rejects *rejects,
        struct send_tally *tally)
{
    for (;;) {
        struct input_row row;
        struct rd_reject why = {0};
        int status = STATUS_OK;
        int r = input_next(input, &row);
        if (r == 0 || *checker->options->signal != 0) {
            return STATUS_OK;
        }
        if (r == -EBADMSG) {
            (void)rd_reject_set(&why, "bad_row", "", "%s", row.what);
        } else if (r < 0) {
            say_error("%s: %s", checker->options->input_path, strerror(-r));
            return STATUS_USAGE;
        } else {
            status = check_row(checker, &row, &why);
        }
        if (status != STATUS_OK) {
            return status;
        }
        tally->rows++;
        if (why.code == NULL) {
            tally->accepted++;
            continue;
        }
        tally->bad++;
        r = rejects_put(rejects, row.line, &why, row.raw);
        if (r < 0) {
            say_error("%s: %s", rejects->path, strerror(-r));
            return STATUS_USAGE;
        }
    }
}

int send_check(const struct send_options *options, struct send_tally *ret_tally)
{
    *ret_tally = (struct send_tally){0};
    struct rd_client *client RD_CLEANUP(rd_client_closep)
    = NULL;
    int r = rd_client_open(&client);
    if (r < 0) {
        say_error("ZeroMQ: %s", strerror(-r));
        return STATUS_USAGE;
    }
    struct checker checker = {.options = options, .tree = rd_tree_new()};
    rd_buf_init(&checker.event, PARAMS_BYTES_MAX);
    rd_buf_init(&checker.id, PARAMS_BYTES_MAX);
    rd_buf_init(&checker.params, PARAMS_BYTES_MAX);
    struct input *input = input_open(options->input_path, options->format, options->mapping);
    int status = input != NULL ? find_desk(&checker, client) : STATUS_USAGE;
    if (status == STATUS_OK) {
        input_keeps_raw(input);
        struct rejects rejects = {.path = options->rejects_path,
                .format = options->format,
                .delimiter = options->mapping != NULL ? options->mapping->delimiter : ',',
                .header = input_header(input)};
        status = check_all(&checker, input, &rejects, ret_tally);
        r = rejects_close(&rejects);
        if (r < 0 && status == STATUS_OK) {
            say_error("%s: %s", options->rejects_path, strerror(-r));
            status = STATUS_USAGE;
        }
    }
    rd_desk_close(checker.desk);
    input_close(input);
    rd_tree_free(checker.tree);
    rd_buf_done(&checker.event);
    rd_buf_done(&checker.id);
    rd_buf_done(&checker.params);
    return status == STATUS_OK && ret_tally->bad > 0 ? STATUS_FINDING : status;
}
