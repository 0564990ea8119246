/* daemon/engine/figures.h — what a case counts for in the figures.
 *
 * A case is asked anew after each record that changed it: from its row, its attributes and the
 * facts kept of its events follow the things it counts for, each on its day. What it counted for
 * before is taken back, so a correction moves to the period that it belongs to, and nothing is
 * counted twice, whatever happens to the case. The days are local ones of the respondent's
 * calendar. Source: redress.yaml(5), "figures"; common/plan/figures.h. */
#pragma once

#include "daemon/engine/state.h"
#include "daemon/store/rows/counted_row.h"

/* What is kept of a case for its figures; made where there is nothing yet. For facts.c, which adds
 * to it. */
struct counted_row *figures_of(struct engine *engine, struct work *work);
/* All cases of the record that changed; to be called before they are saved. */
void figures_save(struct engine *engine);
/* The customer complained within follow_up of a contact whose case may long be over: that case
 * counts for it from now on. To be called before the cases of the record are saved. */
void figures_complained(struct engine *engine, uint64_t number);
