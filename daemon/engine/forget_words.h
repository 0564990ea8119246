/* daemon/engine/forget_words.h — texts of a customer who is forgotten that stand as keys, names and
 * references: they are found still by who has them, and are read nowhere any more. */
#pragma once

#include "daemon/engine/state.h"

/* The bytes hold the text: as a text of MessagePack, or, where it is long enough to be no accident,
 * anywhere. */
bool forget_mentions(struct rd_str bytes, struct rd_str text);
/* "forgotten-" and the number, in the record's arena, cut to `len` bytes: what is written in place
 * of a text makes no row longer. */
struct rd_str forget_shown(struct engine *engine, uint64_t number, size_t len);
/* Before its personal attributes go: the case's subject, its references, free reasons of its
 * pauses, and what else of its attributes names the customer. */
void forget_words(struct engine *engine, struct work *work);
/* Subjects of the job's cases in the list of a digest. */
void forget_in_digest(struct engine *engine, uint64_t job, uint64_t alert);
