/* daemon/engine/forget_rows.h — rows without what is personal: one row a call. */
#pragma once

#include "daemon/engine/state.h"

/* Before its attributes go: by which words others may have named its customer. */
void forget_note_words(struct engine *engine, uint64_t job, uint64_t number);
void forget_attributes(struct engine *engine, const uint8_t digest[static 16], uint64_t number);
/* An entry of a case's history, and the assessment of its event. Returns the entry before; 0: none.
 */
uint64_t forget_entry(struct engine *engine, uint64_t job, uint64_t case_number, uint64_t number);
/* Of a case that is over: what its customer said, and what was found in that. */
struct work;
void forget_text(struct engine *engine, struct work *work);
/* As forget_entry(), but subjects stay. */
uint64_t forget_entry_text(struct engine *engine, uint64_t number);
/* Of a case that is gone: the entry itself, and where it names a subject of that case, that.
 * *ret_seq: the event that it tells of; untouched: none. */
uint64_t forget_entry_wholly(
        struct engine *engine, uint64_t number, uint64_t case_number, uint64_t *ret_seq);
void forget_alert(struct engine *engine, uint64_t seq);
void forget_assessment(struct engine *engine, uint64_t seq);
