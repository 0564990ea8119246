#include "tools/backtest/report.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/store/rows/case_row.h"

enum { REPORT_BYTES_MAX = 256 * 1024 * 1024, TEN_THOUSAND = 10000 };

void report_begin(struct report *report, const struct history *history)
{
    *report = (struct report){.from = RD_TIME_NONE, .to = RD_TIME_NONE};
    rd_arena_init(&report->arena, REPORT_BYTES_MAX);
    if (history->count > 0) {
        report->from = history->events[0].time;
        report->to = history->events[history->count - 1].time;
    }
}

void report_done(struct report *report)
{
    for (size_t i = 0; i < report->table_count; i++) {
        free(report->tables[i].rows);
    }
    rd_arena_done(&report->arena);
}

/* ---- tables ---- */

#define TABLE(report, name, title, columns)                                                        \
    table_of(report, name, title, columns, RD_COUNT(columns))

static struct report_table *table_of(struct report *report, const char *name, const char *title,
        const char *const *columns, size_t column_count)
{
    for (size_t i = 0; i < report->table_count; i++) {
        if (strcmp(report->tables[i].name, name) == 0) {
            return &report->tables[i];
        }
    }
    RD_ASSERT(report->table_count < REPORT_TABLES_MAX && column_count <= REPORT_COLUMNS_MAX);
    struct report_table *table = &report->tables[report->table_count++];
    *table = (struct report_table){
            .name = name, .title = title, .columns = columns, .column_count = column_count};
    return table;
}

/* The cells of a key on the side being added, all nothing at first. */
static int64_t *row_of(struct report *report, struct report_table *table, struct rd_str key)
{
    size_t side = report->side_count;
    for (size_t i = 0; i < table->row_count; i++) {
        if (rd_str_eq(table->rows[i].key, key)) {
            return table->rows[i].cells[side];
        }
    }
    if (table->row_count == table->row_room) {
        table->row_room = table->row_room == 0 ? 32 : table->row_room * 2;
        table->rows = realloc(table->rows, table->row_room * sizeof table->rows[0]);
        if (table->rows == NULL) {
            rd_oom();
        }
    }
    struct report_row *row = &table->rows[table->row_count++];
    row->key = rd_arena_dup(&report->arena, key);
    for (size_t s = 0; s < REPORT_SIDES_MAX; s++) {
        for (size_t c = 0; c < REPORT_COLUMNS_MAX; c++) {
            row->cells[s][c] = CELL_NONE;
        }
    }
    return row->cells[side];
}

static int compare(const void *a, const void *b)
{
    const struct report_row *one = a, *other = b;
    return rd_str_cmp(one->key, other->key);
}

static void sort(struct report_table *table)
{
    if (table->row_count > 1) {
        qsort(table->rows, table->row_count, sizeof table->rows[0], compare);
    }
}

static int64_t share(uint64_t part, uint64_t whole)
{
    return whole == 0 ? CELL_NONE : (int64_t)((part * TEN_THOUSAND + whole / 2) / whole);
}

/* How much more often than without the warning: in 1/10,000 too, 1.00 is no better than chance. */
static int64_t lift(uint64_t hits, uint64_t known, uint64_t all_hits, uint64_t all_known)
{
    uint64_t below = known * all_hits;
    return below == 0 ? CELL_NONE
                      : (int64_t)((hits * all_known * TEN_THOUSAND + below / 2) / below);
}

static void set(int64_t *cells, size_t count, const uint64_t *values)
{
    for (size_t i = 0; i < count; i++) {
        cells[i] = (int64_t)values[i];
    }
}

/* ---- what was run, and what became of it ---- */

static void add_run(struct report *report, const struct history *history, const struct run *run)
{
    static const char *const columns[] = {"count"};
    const struct {
        const char *key;
        uint64_t value;
    } lines[] = {{"rows", history->rows}, {"bad rows", history->bad},
            {"events after --until", history->left_off}, {"events", history->count},
            {"accepted", run->accepted}, {"rejected", run->rejected}, {"duplicate", run->duplicate},
            {"timers fired", run->fired}, {"alerts", run->alerts}};
    struct report_table *table = TABLE(report, "run", "Run", columns);
    for (size_t i = 0; i < RD_COUNT(lines); i++) {
        row_of(report, table, rd_str_of(lines[i].key))[0] = (int64_t)lines[i].value;
    }
    static const char *const reject_columns[] = {"events"};
    table = TABLE(report, "rejected", "Events refused, by error", reject_columns);
    for (size_t i = 0; i < run->reject_count; i++) {
        row_of(report, table, run->rejects[i].code)[0] = (int64_t)run->rejects[i].events;
    }
    sort(table);
}

static void add_cases(struct report *report, const struct run *run)
{
    static const char *const columns[] = {
            "opened", "open", "closed", "grown", "defused", "relapsed"};
    struct report_table *table = TABLE(report, "cases", "Cases, as they stand at the end", columns);
    for (int kind = CASE_CONTACT; kind <= CASE_DUTY; kind++) {
        const struct case_counts *counts = &run->cases[kind];
        const uint64_t values[] = {counts->opened, counts->open, counts->closed, counts->grown,
                counts->defused, counts->relapsed};
        set(row_of(report, table, rd_str_of(case_kind_name((enum case_kind)kind))),
                RD_COUNT(values), values);
    }
}

static void add_warnings(struct report *report, const struct run *run)
{
    static const char *const columns[] = {"contacts", "complaints"};
    struct report_table *table = TABLE(report, "warnings", "Warnings, by level", columns);
    for (int level = MEASURED_LEVELS - 1; level >= 0; level--) {
        int64_t *cells = row_of(report, table, rd_str_of(rd_level_name((enum rd_level)level)));
        cells[0] = (int64_t)run->levels[MEASURED_CONTACT][level];
        cells[1] = (int64_t)run->levels[MEASURED_COMPLAINT][level];
    }
}

/* ---- alerts ---- */

static void add_alerts(struct report *report, const struct run *run)
{
    static const char *const columns[] = {"alerts", "want_ack"};
    struct report_table *table = TABLE(report, "alerts", "Alerts, by type", columns);
    for (int type = 0; type < RD_ALERT_TYPE_COUNT; type++) {
        if (run->types[type] > 0) {
            int64_t *cells =
                    row_of(report, table, rd_str_of(rd_alert_type_name((enum rd_alert_type)type)));
            cells[0] = (int64_t)run->types[type];
            cells[1] = (int64_t)run->types_want_ack[type];
        }
    }
    sort(table);
}

static void add_units(struct report *report, const struct run *run)
{
    static const char *const columns[] = {
            "alerts", "warnings", "rungs", "reminders", "breaches", "want_ack"};
    const struct rd_plan *plan = run->config->plan;
    struct report_table *table = TABLE(report, "units", "Alerts, by unit", columns);
    for (size_t i = 0; i <= plan->unit_count; i++) {
        const struct unit_counts *unit = &run->units[i];
        const uint64_t values[] = {unit->alerts, unit->warnings, unit->rungs, unit->reminders,
                unit->breaches, unit->want_ack};
        if (unit->alerts > 0) {
            struct rd_str path = i < plan->unit_count ? plan->units[i].path : RD_STR("~ops");
            set(row_of(report, table, path), RD_COUNT(values), values);
        }
    }
    sort(table);
}

static void add_rungs(struct report *report, const struct run *run)
{
    static const char *const columns[] = {"fired", "renotified"};
    struct report_table *table = TABLE(report, "rungs", "Alerts of the ladder, by rung", columns);
    for (size_t i = 0; i <= RUN_RUNGS; i++) {
        if (run->rungs[i] + run->renotified[i] > 0) {
            int64_t *cells = row_of(report, table, rd_arena_printf(&report->arena, "%2zu", i));
            cells[0] = (int64_t)run->rungs[i];
            cells[1] = (int64_t)run->renotified[i];
        }
    }
    sort(table);
}

static void add_clocks(struct report *report, const struct run *run)
{
    static const char *const columns[] = {"in_time", "late", "breached", "running", "waiting",
            "%in_time", "reminders", "breach_alerts", "corrected", "moved"};
    struct report_table *table = TABLE(report, "clocks",
            "Clocks, as they stand at the end (late and breached were breached), and their alerts",
            columns);
    for (size_t i = 0; i < run->clock_count; i++) {
        const struct clock_counts *clock = &run->clocks[i];
        const uint64_t stands[] = {
                clock->in_time, clock->late, clock->breached, clock->running, clock->waiting};
        const uint64_t alerts[] = {
                clock->reminders, clock->breaches, clock->corrected, clock->moved};
        int64_t *cells = row_of(report, table, clock->name);
        set(cells, RD_COUNT(stands), stands);
        cells[RD_COUNT(stands)] =
                share(clock->in_time, clock->in_time + clock->late + clock->breached);
        set(cells + RD_COUNT(stands) + 1, RD_COUNT(alerts), alerts);
    }
    sort(table);
}

static void add_hours(struct report *report, const struct run *run)
{
    static const char *const columns[] = {"events", "alerts", "want_ack"};
    struct report_table *table =
            TABLE(report, "hours", "Workload, by the hour of the unit's day", columns);
    for (size_t i = 0; i < RUN_HOURS; i++) {
        const uint64_t values[] = {run->hour_events[i], run->hour_alerts[i], run->hour_want_ack[i]};
        set(row_of(report, table, rd_arena_printf(&report->arena, "%02zu", i)), RD_COUNT(values),
                values);
    }
}

/* ---- precision and recall ---- */

static const char *const judged_columns[] = {
        "assessed", "open", "true", "false", "%precision", "%recall", "%lift"};

struct judged {
    uint64_t assessed, open, hits;
};

static uint64_t known(const struct judged *judged)
{
    return judged->assessed - judged->open;
}

/* `of`: what the shares are of; `line`: what the counts are of. */
static void set_judged(int64_t *cells, const struct judged *line, const struct judged *of,
        const struct judged *all)
{
    const uint64_t values[] = {line->assessed, line->open, line->hits, known(line) - line->hits};
    set(cells, RD_COUNT(values), values);
    cells[4] = share(of->hits, known(of));
    cells[5] = share(of->hits, all->hits);
    cells[6] = lift(of->hits, known(of), all->hits, known(all));
}

/* Counts are of the level itself, shares of it and those above. */
static void add_judged_levels(struct report *report, struct report_table *table,
        const struct judged levels[static MEASURED_LEVELS])
{
    struct judged all = {0}, above = {0};
    for (int level = 0; level < MEASURED_LEVELS; level++) {
        all.assessed += levels[level].assessed;
        all.open += levels[level].open;
        all.hits += levels[level].hits;
    }
    if (all.assessed == 0) {
        return;
    }
    for (int level = MEASURED_LEVELS - 1; level >= 0; level--) {
        above.assessed += levels[level].assessed;
        above.open += levels[level].open;
        above.hits += levels[level].hits;
        set_judged(row_of(report, table, rd_str_of(rd_level_name((enum rd_level)level))),
                &levels[level], &above, &all);
    }
}

static struct judged sum_of(const struct judged levels[static MEASURED_LEVELS])
{
    struct judged all = {0};
    for (int level = 0; level < MEASURED_LEVELS; level++) {
        all.assessed += levels[level].assessed;
        all.open += levels[level].open;
        all.hits += levels[level].hits;
    }
    return all;
}

static int64_t *code_row(struct report *report, struct report_table *table, const struct run *run,
        struct rd_str code)
{
    const char *kind = plan_code_kind(run->config->plan, code);
    struct rd_str key = rd_arena_printf(&report->arena, "%s %.*s", kind, RD_FMT(code));
    return row_of(report, table, key);
}

static struct judged of_outcome(const struct outcome_counts *counts)
{
    return (struct judged){.assessed = counts->assessed,
            .open = counts->assessed - counts->yes - counts->no,
            .hits = counts->yes};
}

/* What the mapping says that became of the rows. */
static void add_outcomes(struct report *report, const struct run *run)
{
    struct judged levels[MEASURED_LEVELS];
    for (size_t i = 0; i < MEASURED_LEVELS; i++) {
        levels[i] = of_outcome(&run->outcomes[i]);
    }
    struct judged all = sum_of(levels);
    struct report_table *table = TABLE(report, "outcome_levels",
            "Outcome as the file tells it, by level (shares: that level and above)",
            judged_columns);
    add_judged_levels(report, table, levels);
    table = TABLE(
            report, "outcome_codes", "Outcome as the file tells it, by reason", judged_columns);
    for (size_t i = 0; i < run->code_count; i++) {
        struct judged code = of_outcome(&run->codes[i].outcome);
        set_judged(code_row(report, table, run, run->codes[i].code), &code, &code, &all);
    }
    sort(table);
}

static struct judged of_measure(const struct measure_counts *counts)
{
    return (struct judged){.assessed = counts->assessed,
            .open = counts->open + counts->tended, /* neither says anything of the warning */
            .hits = counts->came_true};
}

/* What became of first contacts, and what acting on them was worth. */
static void add_fates(struct report *report, const struct run *run)
{
    static const char *const columns[] = {"assessed", "open", "complained", "relapsed", "preempted",
            "tended", "quiet", "%acted_on", "%left_alone"};
    struct report_table *table = TABLE(report, "contact_fates",
            "What became of first contacts, by level (shares: that complained although somebody "
            "acted, although nobody did)",
            columns);
    for (int level = MEASURED_LEVELS - 1; level >= 0; level--) {
        const struct measure_counts *c = &run->measure.levels[MEASURED_CONTACT][level];
        const uint64_t values[] = {c->assessed, c->open, c->complained, c->relapsed, c->preempted,
                c->tended, c->quiet};
        if (c->assessed == 0) {
            continue;
        }
        int64_t *cells = row_of(report, table, rd_str_of(rd_level_name((enum rd_level)level)));
        set(cells, RD_COUNT(values), values);
        uint64_t alone = c->complained - c->acted;
        cells[7] = share(c->acted, c->acted + c->preempted + c->tended);
        cells[8] = share(alone, alone + c->quiet);
    }
}

/* What the daemon's own ledger says. */
static void add_ledger(struct report *report, const struct run *run, enum measured kind)
{
    static const char *const names[][4] = {
            {"contact_levels",
                    "Contacts that complained or were pre-empted, by level (shares: that level and "
                    "above)",
                    "contact_codes", "Contacts that complained or were pre-empted, by reason"},
            {"complaint_levels",
                    "Complaints disputed, escalated or breached, by level (shares: that level and "
                    "above)",
                    "complaint_codes", "Complaints disputed, escalated or breached, by reason"}};
    struct judged levels[MEASURED_LEVELS];
    for (size_t i = 0; i < MEASURED_LEVELS; i++) {
        levels[i] = of_measure(&run->measure.levels[kind][i]);
    }
    struct judged all = sum_of(levels);
    struct report_table *table = TABLE(report, names[kind][0], names[kind][1], judged_columns);
    add_judged_levels(report, table, levels);
    table = TABLE(report, names[kind][2], names[kind][3], judged_columns);
    for (size_t i = 0; i < run->measure.code_count; i++) {
        const struct measure_code *code = &run->measure.codes[i];
        struct judged judged = of_measure(&code->of[kind]);
        if (judged.assessed > 0) {
            set_judged(code_row(report, table, run, code->code), &judged, &judged, &all);
        }
    }
    sort(table);
}

void report_add(struct report *report, const char *name, const struct history *history,
        const struct run *run)
{
    RD_ASSERT(report->side_count < REPORT_SIDES_MAX);
    report->names[report->side_count] = name;
    add_run(report, history, run);
    add_cases(report, run);
    add_warnings(report, run);
    if (history->has_outcomes) {
        add_outcomes(report, run);
    }
    add_fates(report, run);
    add_ledger(report, run, MEASURED_CONTACT);
    add_ledger(report, run, MEASURED_COMPLAINT);
    add_alerts(report, run);
    add_units(report, run);
    add_rungs(report, run);
    add_clocks(report, run);
    add_hours(report, run);
    memcpy(report->week_events[report->side_count], run->week_events, sizeof run->week_events);
    memcpy(report->week_alerts[report->side_count], run->week_alerts, sizeof run->week_alerts);
    report->side_count++;
}
