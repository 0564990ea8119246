/* daemon/engine/take.h — an event on its way into a case: target.c finds what it is about, take_*.c
 * do what its type says, step.c leads. */
#pragma once

#include "daemon/engine/internal.h"

/* An event at work: what it is about, found before anything is changed (target.c). */
struct take {
    struct work *work;            /* the case it names; NULL: none, or one to be opened */
    uint32_t unit;                /* data.unit; 0: absent */
    uint32_t respondent;          /* data.respondent; 0: absent */
    struct work *grows;           /* the contact a complaint grows from; NULL */
    struct work *bears;           /* the open contact whose subject a complaint has; NULL */
    struct work *into;            /* of case.merged */
    const struct rd_alert *alert; /* of alert.acknowledged */
    struct work *asked;           /* the case that alert is about; NULL */
    enum lifecycle lifecycle;
    enum case_state to; /* where the table moves the case */
    struct rd_reject *reject;
    uint64_t case_number; /* for the receipt: named or opened */
    struct work *touched; /* whose due timers fire afterwards */
    bool is_assessed;
    struct assessment assessment;
    uint32_t assessed_unit;
};
/* False: *take->reject says why. */
bool target_find(struct engine *engine, struct take *take);
/* After the case's due timers have fired: does the lifecycle allow it? */
bool target_check(struct engine *engine, struct take *take);

/* What each type does; false: refused, *take->reject filled, all is undone. */
typedef bool take_fn(struct engine *engine, struct take *take);
take_fn take_contact, take_complaint, take_forwarded, take_duty_opened;
take_fn take_assigned, take_acknowledged, take_customer_contacted, take_joined, take_noted,
        take_facts_added, take_escalated, take_chased, take_answered, take_panel_opened,
        take_panel_concluded;
take_fn take_mediation_called, take_mediation_accepted, take_mediation_declined,
        take_mediation_settled, take_mediation_failed, take_mediation_executed;
take_fn take_paused, take_resumed, take_extended, take_amended, take_reapplied;
take_fn take_decided, take_closed, take_defused, take_merged, take_reopened, take_review_requested,
        take_review_decided;
take_fn take_verified, take_cause_found, take_rectified, take_sanctioned, take_notice_given,
        take_duty_progressed;
take_fn take_alert_acknowledged, take_silence_created, take_silence_ended, take_screened,
        take_unit_reported, take_source_reset, take_clock_accepted, take_forgotten, take_figure;

/* Shared by them. */
/* The newest contact cases of the event's customer, newest first. */
const struct contacts *contacts_of(struct engine *engine);
/* The contacts that end when the event opens a complaint, in the order of their numbers. */
struct contacts contacts_growing(struct engine *engine, const struct take *take);
/* A case with the event's attributes, indexed, without policy yet. */
struct work *take_open(struct engine *engine, struct take *take, enum case_kind kind, uint32_t unit,
        struct rd_str subject);
/* Policy, clocks, ladder of a fresh case; `received` is set. */
void take_begin(struct engine *engine, struct work *work);
void take_moment(
        struct engine *engine, struct work *work, enum rd_moment moment, struct instant at);
void take_acknowledge(struct engine *engine, struct work *work);
/* To another unit, which is told so. */
void case_move(struct engine *engine, struct work *work, uint32_t unit, struct instant at);
void take_end(struct engine *engine, struct work *work, enum case_state state, struct instant at);
/* `rematches`: the present configuration's policies apply from here on. */
void take_reopen(struct engine *engine, struct work *work, bool rematches);
void take_outcome(struct engine *engine, struct work *work);
/* Copies the event's keys of `keys` (bits by event key, two words) into the case's attributes;
 * returns the keys that changed. */
struct key_set {
    uint64_t bits[2];
};
struct key_set take_attributes(struct engine *engine, struct work *work, struct key_set keys);
struct key_set key_set_of(const enum rd_event_key *keys, size_t count);
bool key_set_has(struct key_set set, enum rd_event_key key);
struct key_set opening_keys(void);
struct rd_str event_str(const struct engine *engine, enum rd_event_key key);
bool event_flag(const struct engine *engine, enum rd_event_key key);
/* An instant or a date (its end in the unit's calendar); RD_TIME_NONE: absent. */
rd_time event_due(struct engine *engine, enum rd_event_key key, uint32_t unit);
struct rd_str duty_subject(
        struct engine *engine, struct rd_str duty, uint32_t unit, struct rd_str period);
