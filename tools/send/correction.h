/* tools/send/correction.h — a row that was sent before and says something else now, as
 * case.amended. */
#pragma once

#include "common/base/buf.h"
#include "common/wire/pack.h"

/* From the event that the row makes: its attributes, under an id of their own that the same
 * correction has again. False: an event of its type opens no case. */
bool correction_of(
        struct rd_tree *tree, struct rd_str event, struct rd_buf *amended, struct rd_buf *id);
