/* tools/train/leak.h — features that know too much.
 *
 * What is known at a first contact says little about its end. An attribute that alone orders the
 * outcomes well was most likely filled in afterwards. */
#pragma once

#include "tools/train/dataset.h"

struct leak {
    struct rd_str name; /* of the attribute, or the token */
    double auc;         /* alone; above 0.5 */
};

/* Attributes: each value's share of yes among the training rows orders the test rows. Tokens: in
 * the training rows, with it or without. Those whose area alone is above `limit`, the worst first,
 * at most `room`; returns how many. Names live in the data set. */
size_t leaks_find(const struct dataset *dataset, double limit, struct leak *leaks, size_t room);
