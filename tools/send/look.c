#include "tools/send/look.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum {
    LOOKED_AHEAD_BYTES = 16 * 1024 * 1024, /* a file that is larger is not gone through before */
    SAID_MAX = 20,
};

struct input *look_open(const struct send_options *options, struct rd_client **ret_client)
{
    int r = rd_client_open(ret_client);
    if (r < 0) {
        say_error("ZeroMQ: %s", strerror(-r));
        return NULL;
    }
    struct input *input = input_open(options->input_path, options->format, options->mapping);
    if (input != NULL) {
        input_tell_sheet(input, options->input_path);
    }
    return input;
}

void look_say_end(const struct send_options *options, const struct input_row *row, int error)
{
    say_error("%s: behind line %" PRIu64 ": %s", options->input_path, row->line,
            row->what != NULL ? row->what : strerror(-error));
}

/* ZeroMQ tries for ever without a word; whoever waits is told at once what for. */
int look_at_door(const struct send_options *options)
{
    char why[END_WHY_MAX];
    int r = ends_probe(options->ends.intake, why);
    if (r == -EACCES || r == -EPERM || r == -ENAMETOOLONG || r == -ENOTSOCK) {
        say_error("%s", why);
        return STATUS_UNREACHABLE;
    }
    if (r < 0) {
        say_error("%s; waiting %" PRId64 " s for it", why, options->wait_us / RD_SECOND_US);
    }
    return STATUS_OK;
}

bool look_is_ahead(const struct send_options *options, const struct input *input)
{
    uint64_t read = 0, size = 0;
    (void)input_progress(input, &read, &size);
    return strcmp(options->input_path, "-") != 0 && options->mapping != NULL &&
           size <= LOOKED_AHEAD_BYTES;
}

int look_at_rows(const struct send_options *options, struct asker *asker, struct maker *maker)
{
    uint64_t wrong = 0;
    struct input *again = input_open(options->input_path, options->format, options->mapping);
    if (again == NULL) {
        return STATUS_USAGE;
    }
    struct input_row row;
    int r;
    while ((r = input_next(again, &row)) == 1 || r == -EBADMSG) {
        struct rd_reject why = {0};
        struct made made;
        bool is_good = r == 1 && maker_make(maker, &row, row.row, &made, &why) &&
                       asker_judge(asker, made.event, &why);
        if (!is_good && wrong++ < SAID_MAX && options->rejects_path != NULL) {
            say_error("line %" PRIu64 ": %s%s%s", row.line, why.field,
                    why.field[0] != '\0' ? ": " : "", r == 1 ? why.message : row.what);
        }
    }
    input_tell_cells(again, options->input_path);
    input_close(again);
    if (wrong > 0) {
        say_error("%" PRIu64 " rows will not be sent as they are; the others are", wrong);
    }
    return STATUS_OK;
}
