#include "tools/send/sender.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "common/base/digest.h"
#include "tools/send/look.h"
#include "tools/send/sender_inner.h"

enum {
    ROWS_A_WINDOW = 4, /* rows behind one that the daemon is busy for */
    RECEIPT_BYTES_MAX = 4 * 1024 * 1024,
    CORRECTIONS_BYTES_MAX = 64 * 1024 * 1024, /* 9 a row, of the rows on their way */
    THOUSAND = 1000,
};
#define SAVE_EVERY_US (RD_SECOND_US)
#define TURN_US       (RD_SECOND_US / 5)
#define BUSY_TOLD_US  (5 * RD_SECOND_US) /* shorter, it is how a daemon keeps up */

/* ---- putting ---- */

/* Whether the file of the state says which number each event was given. */
static bool keeps_numbers(const struct sender *sender)
{
    const struct mapping *mapping = sender->options->mapping;
    return sender->state != NULL && mapping != NULL && mapping->has_sequence;
}

/* The event under the number that its id was given before, if it was: the daemon knows an event
 * with a number by that alone, and under another one would take it a second time. False: *why. */
static bool make_numbered(struct sender *sender, const struct input_row *row, struct row_kept *kept,
        struct made *made, struct rd_reject *why)
{
    kept->mark.sequence = sender->sequence + 1;
    if (!maker_make(&sender->maker, row, kept->mark.sequence, made, why)) {
        return false;
    }
    rd_fingerprint(made->id, 0, kept->id.bytes);
    uint64_t given = keeps_numbers(sender) ? state_given(sender->state, &kept->id) : 0;
    if (given == 0) {
        return true;
    }
    kept->mark.sequence = given;
    return maker_make(&sender->maker, row, given, made, why);
}

/* False: *why. Also what is known already is held against the other rows of its id. */
static bool make_row(struct sender *sender, const struct input_row *row, struct row_kept *kept,
        struct made *made, struct rd_reject *why)
{
    if (!make_numbered(sender, row, kept, made, why)) {
        return false;
    }
    uint64_t line;
    if (sender->corrector != NULL &&
            !seen_id(&sender->seen, &kept->id, &kept->print, row->line, &line)) {
        return seen_refuse(why, line);
    }
    return true;
}

static void put_row(struct sender *sender, const struct input_row *row, struct row_kept *kept,
        const struct made *made, struct rd_reject *why)
{
    bool is_made = why->code == NULL && asker_judge(sender->asker, made->event, why);
    if (is_made && kept->mark.sequence > sender->sequence) {
        sender->sequence = kept->mark.sequence;
        if (keeps_numbers(sender)) {
            state_give(sender->state, &kept->id, sender->sequence);
            sender->has_given = true;
        }
    }
    kept->mark =
            (struct row_mark){.row = row->row, .line = row->line, .sequence = sender->sequence};
    kept->event = sender->corrector != NULL ? made->event : (struct rd_str){0};
    rows_add(sender->rows, kept);
    int r = is_made ? rd_producer_put(sender->producer, made->id, made->event, row->row) : 0;
    if (r < 0) {
        (void)rd_reject_set(why, "too_large", "", "the event is over 4 MiB");
    }
    if (!is_made || r < 0) {
        sender->tally->bad++;
        sender_reject(sender, row->line, why, row->raw);
        rows_settle(sender->rows, row->row, false);
    }
    sender->put++;
}

static void take_row(struct sender *sender, const struct input_row *row, bool is_good)
{
    struct rd_reject why = {0};
    struct made made = {0};
    struct row_kept kept = {.raw = row->raw, .print = row->print};
    if (sender->state != NULL) {
        seen_row(&sender->seen, &kept.print);
    }
    bool is_known = sender->state != NULL && state_has(sender->state, &kept.print);
    sender->tally->rows++;
    if (!is_good) {
        (void)rd_reject_set(&why, "bad_row", "", "%s", row->what);
    } else if (!is_known || sender->corrector != NULL) {
        (void)make_row(sender, row, &kept, &made, &why);
    }
    if (!is_known || why.code != NULL) {
        put_row(sender, row, &kept, &made, &why);
        return;
    }
    sender->tally->known++;
    if (sender->corrector != NULL) { /* a file of the version before has no ids */
        state_add(sender->state, &kept.print, &kept.id, 0);
    }
}

/* 0, or told and an exit status. */
static int put_correction(struct sender *sender, uint64_t number, bool is_same)
{
    struct row_kept row = rows_get(sender->rows, number);
    struct rd_reject why = {0};
    struct corrected corrected;
    enum correction correction;
    int status =
            corrector_judge(sender->corrector, row.event, is_same, &correction, &corrected, &why);
    if (status != STATUS_OK) {
        return status;
    }
    if (correction == CORRECTION_NEEDED) {
        rows_correct(sender->rows, number);
        int r = rd_producer_put(sender->producer, corrected.id, corrected.event, number);
        if (r < 0) {
            (void)rd_reject_set(&why, "too_large", "", "its correction is over 4 MiB");
            sender_refuse(sender, &row, &why, true);
        }
    } else if (correction == CORRECTION_NONE) {
        sender->tally->duplicate++;
        rows_settle(sender->rows, number, true);
    } else {
        sender_refuse(sender, &row, &why, true);
    }
    return STATUS_OK;
}

/* Sends what was taken before and says something else now, as corrections. */
static void put_corrections(struct sender *sender)
{
    struct rd_get get = rd_get_of(rd_buf_str(&sender->corrections));
    while (get.ptr < get.end && sender->status == STATUS_OK) {
        uint64_t number = rd_get_u64(&get);
        bool is_same = rd_get_u8(&get) != 0;
        sender->status = put_correction(sender, number, is_same);
        sender->is_at_end |= sender->status != STATUS_OK;
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
            look_say_end(sender->options, &row, r);
            sender->is_at_end = true;
            sender->status = STATUS_USAGE;
        } else {
            take_row(sender, &row, r == 1);
        }
    }
}

/* ---- the state, the progress line ---- */

static void save(struct sender *sender)
{
    sender->saved_us = steady_us();
    sender->has_given = false;
    sender->tally->mark = rows_mark(sender->rows);
    if (sender->state != NULL) {
        int r = state_save(sender->state);
        if (r < 0) {
            sender_lose(sender, sender->options->state_path, r);
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
        if (sender->has_given) { /* before what bears the numbers leaves */
            save(sender);
        }
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
            .settled = sender_settle};
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
        sender_lose(sender, sender->options->rejects_path, r);
    }
    if (sender->receipts != NULL && sender->receipts != stdout && fclose(sender->receipts) != 0) {
        sender_lose(sender, sender->options->receipts_path, -errno);
    }
    status = status == STATUS_OK && sender->has_lost ? STATUS_USAGE : status;
    if (!look_is_ahead(sender->options, sender->input)) {
        input_tell_cells(sender->input, sender->options->input_path);
    }
    sender->tally->passed = input_passed(sender->input);
    sender->tally->rows += input_passed_sum(&sender->tally->passed);
    rows_free(sender->rows);
    seen_done(&sender->seen);
    state_close(sender->state);
    asker_free(sender->asker);
    corrector_free(sender->corrector);
    maker_done(&sender->maker);
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
    if (options->has_corrections) {
        sender->corrector = corrector_new(client, &options->ends, options->wait_us);
        if (sender->corrector == NULL) {
            return STATUS_USAGE;
        }
    }
    int status = look_at_door(options);
    if (status == STATUS_OK && look_is_ahead(options, sender->input)) {
        status = look_at_rows(options, sender->asker, &sender->maker);
    }
    return status == STATUS_OK ? open_all(sender, client) : status;
}

int send_run(const struct send_options *options, struct send_tally *ret_tally)
{
    *ret_tally = (struct send_tally){0};
    struct rd_client *client RD_CLEANUP(rd_client_closep)
    = NULL;
    struct input *input = look_open(options, &client);
    if (input == NULL) {
        return STATUS_USAGE;
    }
    input_keeps_raw(input);
    struct sender sender = {.options = options,
            .tally = ret_tally,
            .input = input,
            .started_us = steady_us(),
            .progress = progress_begin("sending", options->has_progress)};
    sender.saved_us = sender.started_us;
    sender.rejects = rejects_of(options->rejects_path, input, options->format);
    maker_init(&sender.maker, options->mapping, options->is_quiet);
    rd_buf_init(&sender.packed, RECEIPT_BYTES_MAX);
    rd_buf_init(&sender.corrections, CORRECTIONS_BYTES_MAX);
    int status = prepare(&sender, client);
    if (status == STATUS_OK) {
        ret_tally->has_begun = true;
        status = loop(&sender);
    }
    return close_all(&sender, status);
}
