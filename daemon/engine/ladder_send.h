/* daemon/engine/ladder_send.h — how the alerts of a rung go out: to whom, how severe, held or at
 * once.
 */
#pragma once

#include "daemon/engine/alerts.h"
#include "daemon/store/rows/case_row.h"

enum { RUNG_UNITS_MAX = RD_RUNGS_MAX * RD_TARGETS_MAX };

struct told { /* units a rung tells, each once */
    uint32_t unit[RUNG_UNITS_MAX];
    size_t count;
    struct rd_str empty; /* name of a target that is nobody; empty: all are there */
};

void targets_gather(struct engine *engine, struct work *work, const struct rd_targets *targets,
        struct told *told);
/* An assessment may only raise it: that of the first rung of a complaint, of a contact's warning.
 */
enum rd_severity rung_severity(const struct work *work, uint8_t rung);
/* The form of the rung's alerts, with what was skipped for it; gathers its units. */
struct alert_draft rung_form(struct engine *engine, struct work *work, uint8_t rung,
        uint16_t skipped, struct told *told);
/* Whether it waits for its unit's opening. A calendar that never opens again holds nothing. */
bool call_is_to_hold(struct engine *engine, struct work *work, const struct rung_call *call);
/* Fixes the time to answer, from now. */
void call_ask(struct engine *engine, struct work *work, struct rung_call *call);
void call_send(struct engine *engine, struct work *work, struct rung_call *call,
        const struct alert_draft *form);
/* For the first time: a contact's own unit gets it as the warning. */
void call_send_first(struct engine *engine, struct work *work, struct rung_call *call,
        const struct alert_draft *form);
/* A call of the rung that is decided now; its unit is for the caller to fill in. */
struct rung_call call_fresh(const struct engine *engine, uint8_t rung, enum rd_severity severity);
/* One alert of a rung to `like->unit`: held, or sent and kept while it asks for something. */
void call_begin(struct engine *engine, struct work *work, const struct rung_call *like,
        const struct alert_draft *form);
/* Where one of the units asked is closed: the same to the rung's `closed` targets, at once, each
 * once. */
void rung_stand_in(struct engine *engine, struct work *work, const struct rung_call *like,
        const struct alert_draft *form, const struct told *asked);
/* One of the units asked is closed, and those to be told at once are all among them, as this one
 * is: it is told at once, or nobody would be. */
bool rung_is_on_duty(struct engine *engine, struct work *work, uint8_t rung,
        const struct told *asked, uint32_t unit);
/* Keeps the call; the oldest of a rung that was sent again makes room for it. */
void call_keep(struct engine *engine, struct work *work, const struct rung_call *call);
/* Of the rung's alerts only those that still ask are kept, as old ones. */
void calls_forget(struct case_ladder *ladder, uint8_t rung);
bool ladder_has_call(const struct case_ladder *ladder, uint8_t rung, uint32_t unit);
