/* daemon/engine/forget_rows.h — rows without what is personal: one row a call. */
#pragma once

#include "daemon/engine/state.h"

void forget_attributes(struct engine *engine, const uint8_t digest[static 16], uint64_t number);
/* An entry of a case's history, and the assessment of its event. Returns the entry before; 0: none.
 */
uint64_t forget_entry(struct engine *engine, uint64_t case_number, uint64_t number);
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
/* The packed alert tells of a silence that forget_silences() has emptied. */
bool forget_is_of_silence(struct engine *engine, struct rd_str packed);
void forget_assessment(struct engine *engine, uint64_t seq);
/* Silences that name the customer end; what waits for a second person and names him lapses. */
void forget_silences(struct engine *engine, struct rd_str customer);
void forget_approvals(struct engine *engine, struct rd_str customer);
