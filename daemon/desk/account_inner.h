/* daemon/desk/account_inner.h — what an account is made of: the run of a clock as the history of
 * its case tells it (account_run.c), and when that is due by its rule (account_due.c). Only
 * account.c and these include it. */
#pragma once

#include "daemon/desk/account.h"
#include "daemon/store/rows/history_row.h"

struct maker { /* of an account */
    struct method_call *call;
    struct account *account;
    struct rd_hidden hidden; /* of the case, to whoever asks */
    rd_time asked;           /* RD_TIME_MAX: now, whatever the row says */
    bool is_zh;              /* what moved the clock is told in Chinese */
    struct account_step *steps;
    uint64_t *entries; /* of the case's history, oldest first */
    size_t entry_count;
    rd_time start; /* wall; on the steady scale's wall where the clock runs there */
    enum { RUN_GOES_ON, RUN_STOPPED, RUN_ENDED } run;
    bool is_graced;  /* a reopening has given it a day once */
    rd_time stopped; /* own time of what stopped or ended the run; RD_TIME_NONE while it goes on */
};

/* A line of the account, among the others by its time; beyond some thousands they are left out. */
void account_step(struct maker *maker, rd_time time, struct rd_str what);
/* The format, or word, in the account's language. */
#define IN(maker, en, zh) ((maker)->is_zh ? zh : en)
#define STEP(maker, time, ...)                                                                     \
    account_step((maker), (time), rd_arena_printf((maker)->call->arena, __VA_ARGS__))

/* Where it began first, of a clock that has started. */
rd_time account_first_start(struct maker *maker);
/* Walks the history from maker->start on: fills start, run, stopped, the account's extensions and
 * its steps. */
void account_walk(struct maker *maker);

/* Takes the first `count` of the case's pauses as they stood at `until` for the clock, into the
 * account's `why`; one that is open then has no end, or is left out. True: one was open. */
bool account_take_pauses(struct maker *maker, rd_time until, uint32_t count, bool with_open);
/* When the run is due with the pauses taken, and the days, into the account; RD_TIME_MAX: it does
 * not run out. */
rd_time account_take_due(struct maker *maker);
/* The end of the day of grace that a reopening gave, by the pauses of `why`; RD_TIME_NONE: none
 * did. */
rd_time account_grace_end(const struct account *account, const struct rd_why *why);
/* What whoever asks may see of a pause's reason; that of a mediation in the account's language. */
struct rd_str account_reason(struct maker *maker, struct rd_str reason);
bool account_takes_reason(const struct rd_plan_clock *definition, struct rd_str reason);
