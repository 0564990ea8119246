/* tools/send/look.h — what is looked at before the first event leaves: the door, and a file that is
 * not large. What is wrong is said, as a clerk can mend it by running it again. */
#pragma once

#include "tools/send/asker.h"
#include "tools/send/maker.h"
#include "tools/send/sender.h"

/* The file, with the sheet that is read said, and the context of what is asked and sent. NULL:
 * said, and the exit status is STATUS_USAGE. */
struct input *look_open(const struct send_options *options, struct rd_client **ret_client);
/* Says why the file cannot be read on, behind `row`. */
void look_say_end(const struct send_options *options, const struct input_row *row, int error);
/* 0, or said and an exit status: waiting would not help. */
RD_MUST_USE int look_at_door(const struct send_options *options);
/* Whether the file, `input`, is gone through before it is sent: it is one, and not large. */
bool look_is_ahead(const struct send_options *options, const struct input *input);
/* Goes through it. 0, or said and an exit status. */
RD_MUST_USE int look_at_rows(
        const struct send_options *options, struct asker *asker, struct maker *maker);
