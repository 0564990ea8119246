#include <errno.h>
#include <string.h>

#include "common/base/digest.h"
#include "tools/send/asker.h"
#include "tools/send/correction.h"
#include "tools/send/look.h"
#include "tools/send/maker.h"
#include "tools/send/seen.h"
#include "tools/send/sender.h"

struct checker {
    const struct send_options *options;
    struct asker *asker;
    struct corrector *corrector; /* NULL: without --corrections, or where no desk answers */
    struct seen seen;
    struct maker maker;
};

/* What was taken before, and may be corrected. */
static int check_correction(
        struct checker *checker, const struct made *made, bool is_same, struct rd_reject *why)
{
    enum correction correction;
    struct corrected corrected;
    *why = (struct rd_reject){0};
    return corrector_judge(checker->corrector, made->event, is_same, &correction, &corrected, why);
}

/* One row; why->code tells whether it is good. 0, or said and an exit status. */
static int check_row(struct checker *checker, const struct input_row *row, struct rd_reject *why)
{
    struct made made;
    if (!maker_make(&checker->maker, row, 0, &made, why)) { /* it is known by its id, if at all */
        return STATUS_OK;
    }
    if (checker->corrector == NULL) {
        return asker_check(checker->asker, made.event, why, NULL);
    }
    struct print id;
    uint64_t line;
    rd_fingerprint(made.id, 0, id.bytes);
    if (!seen_id(&checker->seen, &id, &row->print, row->line, &line)) {
        (void)seen_refuse(why, line);
        return STATUS_OK;
    }
    enum asker_known known;
    int status = asker_check(checker->asker, made.event, why, &known);
    return status == STATUS_OK && known != ASKER_NEW
                   ? check_correction(checker, &made, known == ASKER_SAME, why)
                   : status;
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
            tally->is_whole = r == 0;
            return STATUS_OK;
        }
        if (r == -EBADMSG) {
            (void)rd_reject_set(&why, "bad_row", "", "%s", row.what);
        } else if (r < 0) {
            look_say_end(checker->options, &row, r);
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
            if (r != -EEXIST) { /* that is said where it is found */
                say_error("%s: %s", rejects->path, strerror(-r));
            }
            return STATUS_USAGE;
        }
    }
}

int send_check(const struct send_options *options, struct send_tally *ret_tally)
{
    *ret_tally = (struct send_tally){0};
    struct rd_client *client RD_CLEANUP(rd_client_closep)
    = NULL;
    struct input *input = look_open(options, &client);
    if (input == NULL) {
        return STATUS_USAGE;
    }
    struct checker checker = {.options = options,
            .asker = asker_new(client, &options->ends, options->wait_us, options->ends.is_given)};
    maker_init(&checker.maker, options->mapping, options->is_quiet);
    int status = checker.asker != NULL ? STATUS_OK : STATUS_UNREACHABLE;
    if (status == STATUS_OK && options->has_corrections && asker_has_desk(checker.asker)) {
        checker.corrector = corrector_new(client, &options->ends, options->wait_us);
        status = checker.corrector != NULL ? STATUS_OK : STATUS_USAGE;
    }
    if (status == STATUS_OK) {
        if (!asker_has_desk(checker.asker)) {
            say_error("no daemon answers at %s: the events are decoded, not asked about",
                    options->ends.desk);
        }
        if (options->rejects_path != NULL || checker.corrector != NULL) {
            input_keeps_raw(input); /* which takes its time */
        }
        struct rejects rejects = rejects_of(options->rejects_path, input, options->format);
        ret_tally->has_begun = true;
        status = check_all(&checker, input, &rejects, ret_tally);
        input_tell_cells(input, options->input_path);
        ret_tally->passed = input_passed(input);
        ret_tally->rows += input_passed_sum(&ret_tally->passed);
        int r = rejects_close(&rejects);
        if (r < 0 && status == STATUS_OK) {
            say_error("%s: %s", options->rejects_path, strerror(-r));
            status = STATUS_USAGE;
        }
    }
    asker_free(checker.asker);
    corrector_free(checker.corrector);
    seen_done(&checker.seen);
    input_close(input);
    maker_done(&checker.maker);
    return status == STATUS_OK && ret_tally->bad > 0 ? STATUS_FINDING : status;
}
