/* daemon/desk/tally.h — the counters of a span, added up by group. This room only. */
#pragma once

#include "common/plan/counters.h"
#include "common/plan/figures.h"
#include "common/time/period.h"
#include "daemon/desk/method.h"
#include "daemon/desk/sums.h"
#include "daemon/store/rows/counter_row.h"

enum tally_by {
    BY_NOTHING,
    BY_UNIT,       /* the units just below the one asked for, each with all below it; and itself */
    BY_RESPONDENT, /* every unit for itself */
    BY_MONTH,
    BY_DIM, /* a dimension's values; what has none, too */
};

struct tally_group {
    uint64_t key;       /* a name number, a month; 0: of nothing */
    struct rd_str name; /* of it, for people and machines */
    bool is_gone;       /* a unit that stands in the present tree no more */
    struct sums sums;
    uint64_t overdue[4];  /* by working days: to 1, to 5, to 15, over */
    uint64_t persons[16]; /* different ones, by the set of roles asked for */
};

struct tally {
    struct rd_period period;
    bool has_data; /* anything was counted in it at all */
    bool is_over;  /* too much for one answer's memory: what stands here is not whole */
    struct tally_group total;
    struct tally_group *groups;
    size_t count, room;
    uint32_t *slots; /* index + 1 by the hash of its key; 4 × room */
};

struct tally_question {
    struct method_call *call;
    struct rd_str unit; /* path; of it and all below it */
    enum tally_by by;
    enum rd_dim dim;       /* with BY_DIM */
    bool is_of_other_span; /* to compare with: what is overdue is of the moment */
    rd_day today;          /* later days have not come */
    rd_day followed;       /* contacts of this day and later ones are followed up still */
};

/* Everything in the call's arena. */
void tally_read(
        const struct tally_question *question, struct rd_period period, struct tally *ret_tally);
/* (codes.c) What people call a group: the name of a unit, of a policy or of a coded value; empty:
 * as it is. */
struct rd_str group_name(const struct tally_question *question, struct rd_str group);
/* The group of a key; NULL: there is none. */
struct tally_group *tally_find(struct tally *tally, uint64_t key);
/* Of what was breached on a day, by the unit's working days since: which of `overdue`. */
size_t tally_overdue_band(const struct tally_question *question, uint32_t unit, rd_day day);
/* As which counter one of a day counts by now: what became of a contact is open until its follow-up
 * is over. */
uint32_t tally_counter_of(const struct tally_question *question, uint32_t counter, rd_day day);
/* Which of the groups that a question of this kind has a counted thing belongs to; false: it lies
 * outside. */
bool tally_group_of(const struct tally_question *question, uint32_t unit, rd_day day,
        const uint32_t *values, uint64_t *ret_key);
