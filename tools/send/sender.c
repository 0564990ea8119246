#include "tools/send/sender.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "tools/send/asker.h"
#include "tools/send/correction.h"
#include "tools/send/look.h"
#include "tools/send/maker.h"
#include "tools/shared/json.h"
#include "tools/shared/progress.h"

enum {
    ROWS_A_WINDOW = 4, /* rows behind one that the daemon is busy for */
    EVENT_BYTES_MAX = 4 * 1024 * 1024,
    RECEIPT_BYTES_MAX = 4 * 1024 * 1024,
    CORRECTIONS_BYTES_MAX = 64 * 1024 * 1024, /* 8 a row, of the rows on their way */
    THOUSAND = 1000,
};
#define SAVE_EVERY_US (RD_SECOND_US)
#define TURN_US       (RD_SECOND_US / 5)
#define BUSY_TOLD_US  (5 * RD_SECOND_US) /* shorter, it is how a daemon keeps up */

struct sender {
    const struct send_options *options;
    struct send_tally *tally;
    struct input *input;
    struct rd_producer *producer;
    struct rows *rows;
    struct rejects rejects;
    FILE *receipts;
    struct asker *asker;
    struct state *state; /* NULL: none is kept */
    struct rd_tree *tree;
    struct maker maker;
    struct rd_buf event, id, packed; /* the first two: of a correction */
    struct rd_buf corrections;       /* rows to correct, u64 each */
    uint64_t sequence;               /* the last one given */
    uint64_t put;                    /* events, for the rate */
    int64_t started_us, saved_us;
    struct progress progress;
    bool is_at_end, is_busy_told;
    int status;    /* of the input: it could not be read to its end, said */
    bool has_lost; /* a file that cannot be written, said: no more is sent */
};

static void lose(struct sender *sender, const char *path, int error)
{
    if (!sender->has_lost && error != -EEXIST) { /* that is said where it is found */
        say_error("%s: %s", path, strerror(-error));
    }
    sender->has_lost = true;
}

static void reject(
        struct sender *sender, uint64_t line, const struct rd_reject *why, struct rd_str raw)
{
    int r = sender->has_lost ? 0 : rejects_put(&sender->rejects, line, why, raw);
    if (r < 0) {
        lose(sender, sender->options->rejects_path, r);
    }
}

/* The receipt as a line of JSON, by way of its own wire form. */
static void keep_receipt(struct sender *sender, uint64_t line, const struct rd_receipt *receipt)
{
    struct rd_tree *tree RD_CLEANUP(rd_tree_freep)
    = rd_tree_new();
    rd_node node = NULL;
    rd_buf_reset(&sender->packed);
    rd_receipt_pack(&sender->packed, receipt);
    if (rd_tree_read(tree, rd_buf_str(&sender->packed), &node, NULL) < 0) {
        return;
    }
    json_t *object = json_of_node(node);
    (void)json_object_set_new(object, "line", json_integer((json_int_t)line));
    errno = 0;
    json_print(sender->receipts, object, false);
    if (ferror(sender->receipts) != 0) {
        lose(sender, sender->options->receipts_path, errno != 0 ? -errno : -EIO);
    }
}

static bool is_differing(const struct rd_receipt *receipt)
{
    return receipt->error != NULL && strcmp(receipt->error->code, "conflict") == 0 &&
           strcmp(receipt->error->field, "id") == 0;
}

/* True: the row waits for another receipt. */
static bool take_rejection(
        struct sender *sender, const struct row_kept *row, const struct rd_receipt *receipt)
{
    if (is_differing(receipt) && !row->is_corrected) {
        if (sender->options->has_corrections) {
            rd_buf_put_u64(&sender->corrections, row->mark.row);
            return true;
        }
        sender->tally->differing++;
    }
    sender->tally->rejected++;
    if (receipt->error != NULL) {
        reject(sender, row->mark.line, receipt->error, row->raw);
    }
    return false;
}

static void settled(void *context, uint64_t tag, const struct rd_receipt *receipt)
{
    struct sender *sender = context;
    struct row_kept row = rows_get(sender->rows, tag);
    switch (receipt->status) {
    case RD_ACCEPTED:
        sender->tally->accepted++;
        sender->tally->corrected += row.is_corrected ? 1 : 0;
        break;
    case RD_DUPLICATE:
        sender->tally->duplicate++;
        break;
    case RD_REJECTED:
        if (take_rejection(sender, &row, receipt)) {
            return;
        }
        break;
    case RD_BUSY:
        RD_UNREACHABLE("the producer keeps what is busy");
    }
    if (receipt->warning != NULL && receipt->warning->level != RD_LEVEL_NONE) {
        sender->tally->warned++;
    }
    if (sender->receipts != NULL) {
        keep_receipt(sender, row.mark.line, receipt);
    }
    rows_settle(sender->rows, tag, receipt->status != RD_REJECTED);
}

/* ---- putting ---- */

static void put_row(struct sender *sender, const struct input_row *row, bool is_good)
{
    struct rd_reject why = {0};
    struct made made = {0};
    if (!is_good) {
        (void)rd_reject_set(&why, "bad_row", "", "%s", row->what);
    }
    bool is_made = is_good && maker_make(&sender->maker, row, sender->sequence + 1, &made, &why) &&
                   asker_judge(sender->asker, made.event, &why);
    sender->sequence += is_made;
    struct row_kept kept = {
            .mark = {.row = row->row, .line = row->line, .sequence = sender->sequence},
            .raw = row->raw,
            .event = sender->options->has_corrections ? made.event : (struct rd_str){0}};
    memcpy(kept.print, row->print, sizeof kept.print);
    rows_add(sender->rows, &kept);
    int r = is_made ? rd_producer_put(sender->producer, made.id, made.event, row->row) : 0;
    if (r < 0) {
        (void)rd_reject_set(&why, "too_large", "", "the event is over 4 MiB");
    }
    if (!is_made || r < 0) {
        sender->tally->bad++;
        reject(sender, row->line, &why, row->raw);
        rows_settle(sender->rows, row->row, false);
    }
    sender->put++;
}

/* Sends what was taken before and says something else now, as corrections. */
static void put_corrections(struct sender *sender)
{
    struct rd_get get = rd_get_of(rd_buf_str(&sender->corrections));
    while (get.ptr < get.end) {
        uint64_t number = rd_get_u64(&get);
        struct row_kept row = rows_get(sender->rows, number);
        rows_correct(sender->rows, number);
        bool is_made = correction_of(sender->tree, row.event, &sender->event, &sender->id) &&
                       rd_producer_put(sender->producer, rd_buf_str(&sender->id),
                               rd_buf_str(&sender->event), number) == 0;
        if (!is_made) {
            struct rd_reject why = {0};
            (void)rd_reject_set(&why, "conflict", "id",
                    "it says something else than when it was taken, and opens no case: send an "
                    "event of its own");
            sender->tally->rejected++;
            sender->tally->differing++;
            reject(sender, row.mark.line, &why, row.raw);
            rows_settle(sender->rows, number, false);
        }
    }
    rd_buf_reset(&sender->corrections);
}

/* How long until the rate allows the next one; 0: now. */
static int64_t pause_us(const struct sender *sender)
{
    uint64_t rate = sender->options->rate;
    if (rate == 0) {
        return 0;
    }
    int64_t due_us = sender->started_us + (int64_t)(sender->put / rate) * RD_SECOND_US +
                     (int64_t)(sender->put % rate * (uint64_t)RD_SECOND_US / rate);
    int64_t left_us = due_us - steady_us();
    return left_us > 0 ? left_us : 0;
}

/* Reads and puts until the window is full. */
static void fill(struct sender *sender)
{
    put_corrections(sender);
    while (!sender->is_at_end && *sender->options->signal == 0 && !sender->has_lost &&
            rd_producer_in_flight(sender->producer) < sender->options->window &&
            !rows_is_full(sender->rows) && pause_us(sender) == 0) {
        struct input_row row;
        int r = input_next(sender->input, &row);
        if (r == 0) {
            sender->is_at_end = true;
        } else if (r < 0 && r != -EBADMSG) { /* what was read of it is settled all the same */
            say_error("%s: behind line %" PRIu64 ": %s", sender->options->input_path, row.line,
                    row.what != NULL ? row.what : strerror(-r));
            sender->is_at_end = true;
            sender->status = STATUS_USAGE;
        } else if (sender->state != NULL && state_has(sender->state, row.print)) {
            sender->tally->rows++;
            sender->tally->known++;
        } else {
            sender->tally->rows++;
            put_row(sender, &row, r == 1);
        }
    }
}

/* ---- the state, the progress line ---- */

static void save(struct sender *sender)
{
    sender->saved_us = steady_us();
    sender->tally->mark = rows_mark(sender->rows);
    if (sender->state != NULL) {
        int r = state_save(sender->state);
        if (r < 0) {
            lose(sender, sender->options->state_path, r);
        }
    }
}

static void show(struct sender *sender)
{
    const struct send_tally *tally = sender->tally;
    if (!progress_is_due(&sender->progress)) {
        return;
    }
    int64_t ms = (sender->progress.shown_us - sender->started_us) / THOUSAND + 1;
    uint64_t done = tally->accepted + tally->duplicate + tally->rejected + tally->bad;
    uint64_t read = 0, size = 0;
    char share[16] = "";
    if (input_progress(sender->input, &read, &size)) {
        (void)snprintf(share, sizeof share, "%3" PRIu64 " %%  ", read * 100 / size);
    }
    progress_tell(&sender->progress,
            "%s%" PRIu64 " rows, %" PRIu64 " a second, %" PRIu64 " refused%s", share, done,
            done * THOUSAND / (uint64_t)ms, tally->rejected + tally->bad,
            rd_producer_busy_us(sender->producer) > 0 ? ", the daemon is busy" : "");
}

/* ---- the run ---- */

/* A daemon that takes nothing, as where its disk is full. 0, or said and an exit status. */
static int bear_busy(struct sender *sender)
{
    int64_t busy_us = rd_producer_busy_us(sender->producer);
    int64_t wait_us = sender->options->wait_us;
    if (busy_us > wait_us) {
        say_error("%s: the daemon is busy and has taken nothing for %" PRId64
                  " s; redressctl health tells why",
                sender->options->ends.intake, busy_us / RD_SECOND_US);
        return STATUS_UNREACHABLE;
    }
    if (busy_us > BUSY_TOLD_US && !sender->is_busy_told) {
        say_error("%s: the daemon is busy; waiting %" PRId64 " s for it to take more",
                sender->options->ends.intake, (wait_us - busy_us) / RD_SECOND_US);
    }
    sender->is_busy_told = busy_us > BUSY_TOLD_US;
    return STATUS_OK;
}

static int turn(struct sender *sender)
{
    int64_t wait_us = sender->is_at_end ? TURN_US : pause_us(sender);
    bool is_full = rd_producer_in_flight(sender->producer) >= sender->options->window;
    if (is_full || wait_us > TURN_US || (wait_us == 0 && sender->options->rate == 0)) {
        wait_us = TURN_US;
    }
    int r = rd_producer_turn(sender->producer, wait_us);
    if (r < 0 && r != -EINTR) {
        say_error("%s: %s", sender->options->ends.intake,
                r == -EPROTO ? "what answers there is no intake of redressd" : strerror(-r));
        return STATUS_UNREACHABLE;
    }
    if (rd_producer_in_flight(sender->producer) == 0 && wait_us > 0 && !sender->is_at_end &&
            sender->options->rate > 0) { /* the turn had nothing to wait for */
        wait_span(pause_us(sender));
    }
    if (rd_producer_silent_us(sender->producer) > sender->options->wait_us) {
        say_error("%s: nobody answers", sender->options->ends.intake);
        return STATUS_UNREACHABLE;
    }
    return bear_busy(sender);
}

/* Whoever ends it waits for the receipts of what is on its way, unless nobody is there to send any,
 * or they are not taken. */
static bool waits_in_vain(const struct sender *sender)
{
    char why[END_WHY_MAX];
    return *sender->options->signal != 0 &&
           (rd_producer_busy_us(sender->producer) > 0 ||
                   ends_probe(sender->options->ends.intake, why) < 0);
}

static int loop(struct sender *sender)
{
    for (;;) {
        fill(sender);
        int status = turn(sender);
        bool has_ended = (sender->is_at_end && sender->corrections.len == 0) ||
                         *sender->options->signal != 0 || sender->has_lost;
        if (status != STATUS_OK || (has_ended && rd_producer_in_flight(sender->producer) == 0)) {
            return status == STATUS_OK ? sender->status : status;
        }
        if (waits_in_vain(sender)) {
            return STATUS_UNREACHABLE;
        }
        show(sender);
        if (steady_us() - sender->saved_us >= SAVE_EVERY_US) {
            save(sender);
        }
    }
}

/* 0, or said and an exit status. */
static int open_all(struct sender *sender, struct rd_client *client)
{
    const struct send_options *options = sender->options;
    if (options->receipts_path != NULL) {
        bool is_stdout = strcmp(options->receipts_path, "-") == 0;
        sender->receipts = is_stdout ? stdout : fopen(options->receipts_path, "we");
        if (sender->receipts == NULL) {
            say_error("%s: %s", options->receipts_path, strerror(errno));
            return STATUS_USAGE;
        }
    }
    struct rd_producer_options producer = {.endpoint = options->ends.intake,
            .desk = options->ends.desk,
            .window = options->window,
            .batch = options->batch,
            .in_order = options->in_order,
            .context = sender,
            .settled = settled};
    int r = rd_producer_open(client, &producer, &sender->producer);
    if (r < 0) {
        say_error("%s: %s", options->ends.intake, strerror(-r));
        return STATUS_USAGE;
    }
    return STATUS_OK;
}

static int close_all(struct sender *sender, int status)
{
    if (sender->producer != NULL) {
        sender->tally->counts = rd_producer_counts(sender->producer);
        progress_end(&sender->progress);
        save(sender);
        rd_producer_close(sender->producer);
    }
    int r = rejects_close(&sender->rejects);
    if (r < 0) {
        lose(sender, sender->options->rejects_path, r);
    }
    if (sender->receipts != NULL && sender->receipts != stdout && fclose(sender->receipts) != 0) {
        lose(sender, sender->options->receipts_path, -errno);
    }
    status = status == STATUS_OK && sender->has_lost ? STATUS_USAGE : status;
    sender->tally->passed = input_passed(sender->input);
    sender->tally->rows += sender->tally->passed.empty + sender->tally->passed.totals;
    rows_free(sender->rows);
    state_close(sender->state);
    asker_free(sender->asker);
    rd_tree_free(sender->tree);
    maker_done(&sender->maker);
    rd_buf_done(&sender->event);
    rd_buf_done(&sender->id);
    rd_buf_done(&sender->packed);
    rd_buf_done(&sender->corrections);
    input_close(sender->input);
    sender->tally->is_whole = status == STATUS_OK && *sender->options->signal == 0;
    bool is_refused = sender->tally->rejected + sender->tally->bad > 0;
    return status == STATUS_OK && is_refused ? STATUS_REFUSED : status;
}

/* 0, or said and an exit status. */
static int prepare(struct sender *sender, struct rd_client *client)
{
    const struct send_options *options = sender->options;
    if (options->state_path != NULL) {
        sender->state = state_open(options->state_path);
        if (sender->state == NULL) {
            return STATUS_USAGE;
        }
        sender->sequence = state_sequence(sender->state);
    }
    sender->rows = rows_new(options->window * ROWS_A_WINDOW, sender->state);
    sender->asker = asker_new(client, &options->ends, options->wait_us, false);
    int status = look_at_door(options);
    if (status == STATUS_OK) {
        status = look_at_rows(options, sender->input, sender->asker, &sender->maker);
    }
    return status == STATUS_OK ? open_all(sender, client) : status;
}

int send_run(const struct send_options *options, struct send_tally *ret_tally)
{
    *ret_tally = (struct send_tally){0};
    struct rd_client *client RD_CLEANUP(rd_client_closep)
    = NULL;
    int r = rd_client_open(&client);
    if (r < 0) {
        say_error("ZeroMQ: %s", strerror(-r));
        return STATUS_USAGE;
    }
    struct input *input = input_open(options->input_path, options->format, options->mapping);
    if (input == NULL) {
        return STATUS_USAGE;
    }
    input_tell_sheet(input, options->input_path);
    input_keeps_raw(input);
    struct sender sender = {.options = options,
            .tally = ret_tally,
            .input = input,
            .tree = rd_tree_new(),
            .started_us = steady_us(),
            .progress = progress_begin("sending", options->has_progress)};
    sender.saved_us = sender.started_us;
    sender.rejects = rejects_of(options->rejects_path, input, options->format);
    maker_init(&sender.maker, options->mapping, options->is_quiet);
    rd_buf_init(&sender.event, EVENT_BYTES_MAX);
    rd_buf_init(&sender.id, EVENT_BYTES_MAX);
    rd_buf_init(&sender.packed, RECEIPT_BYTES_MAX);
    rd_buf_init(&sender.corrections, CORRECTIONS_BYTES_MAX);
    int status = prepare(&sender, client);
    if (status == STATUS_OK) {
        ret_tally->has_begun = true;
        status = loop(&sender);
    }
    return close_all(&sender, status);
}
