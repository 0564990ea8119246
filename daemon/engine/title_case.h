/* daemon/engine/title_case.h — pieces of a title that tell where a case stands. Empty where there
 * is nothing to tell; texts stand in the engine's arena for the time of the record. */
#pragma once

#include "common/text/title.h"
#include "daemon/engine/state.h"
#include "daemon/engine/title_words.h"

/* Whose clock on the wall the piece is told by, and in which language. */
struct title_view {
    struct engine *engine;
    struct work *work; /* NULL: about no case; all of these are empty then */
    const struct rd_calendar *calendar;
    enum title_language language;
};

/* The fields letter, next, into, origin, going_on (redress.yaml(5), "TITLES OF ALERTS"). False: it
 * is none of them. */
bool title_piece(
        const struct title_view *view, enum rd_title_field field, struct rd_str *ret_piece);
/* How a case ended that nobody decided and no resolution tells of. */
struct rd_str title_ending(const struct title_view *view);
/* What a duty is about: its contract, or its period; of a rectification the complaint. */
struct rd_str title_duty_of(const struct title_view *view);
/* What people call the duty; one that nobody gave a title has its code, and so has one whose title
 * somebody wrote, *ret_is_said, where that `is_bare` of it. */
struct rd_str title_duty_name(const struct title_view *view, bool is_bare, bool *ret_is_said);
