/* daemon/engine/cases.h — the cases of the record at work: opened once, saved at its end, and their
 * history. */
#pragma once

#include "daemon/engine/state.h"
#include "daemon/store/rows/history_row.h"

struct work *case_open(struct engine *engine, uint64_t number); /* NULL: no such case */
struct work *case_create(struct engine *engine, enum case_kind kind);
struct attribute_row *case_attributes(struct engine *engine, struct work *work);
/* The case's subject as titles and notes of another one name it: there nobody masks by its values,
 * so what it holds of its own customer, phone and contract is masked. In the record's arena. */
struct rd_str case_subject_told(struct engine *engine, struct work *work);
void cases_save(struct engine *engine); /* all dirty ones, and forgets them */
void case_history(struct engine *engine, struct work *work, const struct history_row *row);
void case_history_event(struct engine *engine, struct work *work, enum history_what what);
/* A schedule opened it, at engine->own. */
void case_history_scheduled(struct engine *engine, struct work *work);
/* Another configuration has moved it from the unit `before`, which is gone. */
void case_history_moved(struct engine *engine, struct work *work, uint32_t before, rd_time time);
bool case_is_over(const struct work *work); /* closed or grown */
/* Somebody has acknowledged an alert of the rung (from 0) in the ladder's present run. */
bool case_rung_is_answered(const struct work *work, uint8_t rung);
const struct rd_plan_policy *case_policy(const struct work *work);
