#include "daemon/recover.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/checkpoint.h"
#include "daemon/erase.h"
#include "daemon/leave.h"
#include "daemon/replay.h"
#include "daemon/restored.h"
#include "daemon/store/rows/meta_row.h"
#include "daemon/upgrade.h"

enum {
    CHECK_EVERY = 64 * 1024, /* records between checkpoints of a long replay */
    LOOK_EVERY = 1024,       /* records between looks at the time */
};

#define EXTEND_US    (30 * RD_SECOND_US)
#define HOLD_FEED_US RD_SECOND_US

/* A replay under way. */
struct replay {
    rd_time wall, steady; /* of the last record; RD_TIME_NONE: there is none */
    uint64_t count;
    int64_t told_us; /* when the service manager heard of us last */
};

static int refuse(const struct journal_record *record, const char *why)
{
    log_err("recover", "a record of the journal cannot be applied again",
            "record=%" PRIu64 " why=\"%s\" engine=%u this_engine=%d", record->number, why,
            record->engine, ENGINE_NUMBER);
    return EX_DATAERR;
}

/* What a record tells goes out again with its number: subscribers know it, or they missed it. */
static int apply_record(struct edge *edge, const struct journal_record *record)
{
    struct replay_step step;
    const char *why = replay_record(edge->engine, edge->tree, record, &step);
    if (why != NULL) {
        return refuse(record, why);
    }
    edge->checkpoint.fired += step.fired;
    if (step.is_applied) {
        leave_keep_alerts(edge, record->number);
    }
    return 0;
}

/* The store has all up to this record. */
static void note_position(struct edge *edge, uint64_t position)
{
    struct edge_checkpoint *checkpoint = &edge->checkpoint;
    checkpoint->kept = checkpoint->sealed = engine_counts(edge->engine);
    checkpoint->record = checkpoint->kept_record = position;
    checkpoint->fired = 0;
}

/* Once in a while tells the service manager that the start takes longer, and writes the overlay: a
 * long tail would not fit into memory, and a second crash should not have to begin from the front.
 */
static int replay_pause(
        struct edge *edge, struct replay *replay, const struct journal_record *record)
{
    uint64_t number = record->number;
    int64_t now_us = clock_ticks_us();
    if (now_us - replay->told_us > RD_SECOND_US) {
        replay->told_us = now_us;
        notify_send(&edge->notify,
                "EXTEND_TIMEOUT_USEC=%" PRId64 "\nSTATUS=recovering: record %" PRIu64
                " of %" PRIu64,
                EXTEND_US, number, journal_last(edge->journal));
    }
    if (replay->count % CHECK_EVERY != 0) {
        return 0;
    }
    engine_note_position(edge->engine, number);
    meta_chain_put(store_live(edge->store), number, record->chain);
    int r = store_flush(edge->store);
    if (r < 0) {
        log_err("recover", "the store cannot be written", "error=\"%s\"", strerror(-r));
        return EX_IOERR;
    }
    note_position(edge, number);
    return 0;
}

static int replay_all(struct edge *edge, struct journal_cursor *cursor, struct replay *replay)
{
    for (;;) {
        struct journal_record record;
        struct journal_damage damage = {.text = ""};
        int r = journal_cursor_next(cursor, &record, &damage);
        if (r == 0) {
            return 0;
        }
        if (r < 0) {
            log_err("recover", "the journal cannot be read", "error=\"%s\" what=\"%s\"",
                    strerror(-r), damage.text);
            return r == -EBADMSG ? EX_DATAERR : EX_IOERR;
        }
        int status = apply_record(edge, &record);
        if (status != 0) {
            return status;
        }
        /* The clock goes on from the latest record: time never goes back, over a start neither. */
        replay->wall = record.wall > replay->wall ? record.wall : replay->wall;
        replay->steady = record.steady > replay->steady ? record.steady : replay->steady;
        replay->count++;
        if (replay->count % LOOK_EVERY == 0) {
            status = replay_pause(edge, replay, &record);
            if (status != 0) {
                return status;
            }
        }
    }
}

static int replay_tail(struct edge *edge, uint64_t position, struct replay *replay)
{
    uint64_t last = journal_last(edge->journal);
    RD_ASSERT(position <= last); /* journal_open() saw to it */
    if (position == last) {
        return 0;
    }
    RD_CLEANUP(journal_cursor_closep)
    struct journal_cursor *cursor = NULL;
    int r = journal_cursor_open(edge->journal, position, &cursor);
    if (r < 0) {
        log_err("recover",
                "the journal no longer has the records after the store's: start with --recover, "
                "which makes the store anew of a snapshot, or restore a newer backup",
                "store_record=%" PRIu64 " journal_first=%" PRIu64 " error=\"%s\"", position,
                journal_first(edge->journal), strerror(-r));
        return EX_DATAERR;
    }
    int64_t begun_us = clock_ticks_us();
    int status = replay_all(edge, cursor, replay);
    if (status == 0) {
        log_notice("recover", "the journal's tail was applied",
                "records=%" PRIu64 " alerts=%" PRIu64 " ms=%" PRId64, replay->count,
                edge->alerts.weight, (clock_ticks_us() - begun_us) / 1000);
    }
    return status;
}

static void log_news(enum clock_news news, const struct clock *clock)
{
    if (news == CLOCK_SET_BACK) {
        log_warning("clock",
                "the clock is earlier than the last record: time stands still until it has caught "
                "up",
                "behind_seconds=%" PRId64, (clock->wall - clock->last.real) / RD_SECOND_US);
    } else if (news == CLOCK_HELD) {
        log_err("clock",
                "more than 30 days since the last record: not believed until clock.accepted",
                "ahead_seconds=%" PRId64, clock->held_us / RD_SECOND_US);
    }
}

static void start_clock(struct edge *edge, const struct replay *replay)
{
    struct clock_options options = {
            .mode = edge->options->clock_mode,
            .max_step_us = edge->config->max_step_us,
            .rate = edge->options->clock_rate,
    };
    log_news(clock_init(&edge->clock, &options, replay->wall, replay->steady, clock_read()),
            &edge->clock);
    edge->told = replay->wall;
    edge->grace_until = edge->clock.steady == RD_TIME_NONE
                                ? RD_TIME_NONE
                                : edge->clock.steady + edge->config->start_grace_us;
}

static bool is_in_force(const struct edge *edge, const struct config *config)
{
    const struct rd_plan *plan = engine_plan(edge->engine);
    return plan != NULL && memcmp(plan->hash, config->hash, sizeof config->hash) == 0;
}

/* What a reload refuses comes into force by no crash and no restart either. */
static int check_configuration(const struct edge *edge)
{
    char what[512] = "";
    if (is_in_force(edge, edge->config) ||
            engine_may_configure(edge->engine, edge->config->plan, what)) {
        return 0;
    }
    log_err("recover",
            "the configuration takes away a unit that has open cases: leave it there with "
            "moved_to, which gives its cases to another unit, or end them first. Nothing was "
            "changed",
            "file=\"%s\" what=\"%s\"", edge->options->config_path, what);
    return EX_CONFIG;
}

static void say_lost(void *user, const struct engine_upcoming *lost)
{
    (void)user; /* the log is everybody's */
    char until[RD_TIME_TEXT_MAX];
    rd_time_format(lost->at, until);
    log_warning("config",
            "the unit that stands in for a turn is not in this configuration: nobody stands in, "
            "the turn is whosever it was; to name another send roster.overridden",
            "roster=\"%.*s\" unit=\"%.*s\" until=%s", RD_FMT(lost->name), RD_FMT(lost->who), until);
}

int recover_configure(struct edge *edge, const struct config *config)
{
    if (is_in_force(edge, config)) {
        return 0;
    }
    engine_stand_ins_lost(edge->engine, config->plan, say_lost, NULL);
    struct engine_time at = edge_time(edge);
    int r = engine_configure(edge->engine, &at, config->tree);
    if (r < 0) {
        return r;
    }
    uint64_t record = edge_append(
            edge, &at, (struct journal_record){.kind = JOURNAL_CONFIG, .body = config->tree});
    leave_keep_alerts(edge, record);
    log_notice("config", "the configuration was taken over", "record=%" PRIu64, record);
    return 0;
}

/* A record for people: which program started, and when. */
static void append_start(struct edge *edge)
{
    struct engine_time at = edge_time(edge);
    rd_buf_reset(&edge->alert);
    rd_pack_map(&edge->alert, 2);
    rd_pack_cstr(&edge->alert, "version");
    rd_pack_cstr(&edge->alert, REDRESS_VERSION);
    rd_pack_cstr(&edge->alert, "pid");
    rd_pack_uint(&edge->alert, (uint64_t)getpid());
    (void)edge_append(edge, &at,
            (struct journal_record){.kind = JOURNAL_START, .body = rd_buf_str(&edge->alert)});
}

int recover_engine(struct edge *edge)
{
    uint32_t number = 0;
    int r = engine_open(store_live(edge->store), &edge->engine, &number);
    if (r < 0) {
        log_err("recover", "the store cannot be read", "error=\"%s\"", strerror(-r));
        return EX_DATAERR;
    }
    return 0;
}

/* Tables and journal that come from two states would be taken for one. */
static int check_chain(struct edge *edge, uint64_t position)
{
    uint8_t of_store[META_CHAIN_BYTES], of_journal[META_CHAIN_BYTES];
    struct journal_damage damage = {.text = ""};
    if (!meta_chain_get(store_live(edge->store), position, of_store)) {
        return 0;
    }
    int r = journal_chain(edge->journal, position, of_journal, &damage);
    if (r == -ENOENT) {
        return 0; /* the replay says what is missing */
    }
    if (r < 0 || memcmp(of_store, of_journal, sizeof of_store) != 0) {
        log_err("recover",
                "store and journal do not belong together: put back both of the same state, or "
                "start with --recover, which keeps the journal and makes the store anew",
                "record=%" PRIu64 " error=\"%s\" what=\"%s\"", position,
                r < 0 ? strerror(-r) : "another chain", damage.text);
        return EX_DATAERR;
    }
    return 0;
}

/* The tables and the journal's tail; *ret_replay has the time of the last record. */
static int bring_back(struct edge *edge, struct replay *ret_replay)
{
    uint64_t position = engine_position(edge->engine);
    struct engine_counts counts = engine_counts(edge->engine);
    *ret_replay = (struct replay){.wall = RD_TIME_NONE, .steady = RD_TIME_NONE};
    if (position > 0) {
        ret_replay->wall = counts.wall;
        ret_replay->steady = counts.steady;
    }
    /* Alerts of the tail may have gone out before the crash or not: they go out again, and
     * subscribers recognize them by their numbers. */
    edge->published = counts.alert_seq;
    note_position(edge, position);
    int status = check_chain(edge, position);
    return status == 0 ? replay_tail(edge, position, ret_replay) : status;
}

/* From here on there are new records. */
static int go_on(struct edge *edge, const struct replay *replay)
{
    start_clock(edge, replay);
    int status = upgrade_note(edge);
    if (status != 0) {
        return status;
    }
    append_start(edge);
    int r = recover_configure(edge, edge->config);
    if (r < 0) {
        log_err("recover", "this engine cannot read the configuration", "error=\"%s\"",
                strerror(-r));
        return EX_SOFTWARE;
    }
    return 0;
}

static int disk_status(int r)
{
    if (r < 0) {
        log_err("recover", "the disk fails", "error=\"%s\"", strerror(-r));
    }
    return r < 0 ? EX_IOERR : 0;
}

int recover(struct edge *edge)
{
    struct replay replay;
    int status = bring_back(edge, &replay);
    if (status == 0) {
        status = check_configuration(edge);
    }
    if (status != 0) {
        return status;
    }
    /* Subscribers that lost their connection need a moment to come back; what is published before
     * they do, they would have to ask the desk for. */
    if (!outbox_is_empty(&edge->alerts)) {
        edge->hold_feed_us = clock_ticks_us() + HOLD_FEED_US;
    }
    status = go_on(edge, &replay);
    if (status != 0) {
        return status;
    }
    restored_tell(edge);
    int r = erase_note(edge);
    r = r == 0 ? journal_flush(edge->journal) : r;
    if (r == 0) {
        restored_done(edge);
    }
    return disk_status(r == 0 ? store_view_error(store_live(edge->store)) : r);
}

/* All that the journal has is in the store; nothing is left for a start to apply. */
static int keep_all(struct edge *edge)
{
    uint8_t chain[META_CHAIN_BYTES];
    struct journal_damage damage = {.text = ""};
    int r = journal_flush(edge->journal);
    uint64_t last = journal_last(edge->journal);
    if (r == 0) {
        r = journal_chain(edge->journal, last, chain, &damage);
    }
    if (r == 0) {
        engine_note_position(edge->engine, last);
        meta_chain_put(store_live(edge->store), last, chain);
        r = store_flush(edge->store);
    }
    return disk_status(r);
}

int recover_only(struct edge *edge)
{
    struct replay replay;
    int status = bring_back(edge, &replay);
    bool is_begun = status == 0 && edge->options->is_new_state;
    if (is_begun) {
        status = go_on(edge, &replay);
    }
    if (is_begun && status == 0) {
        edge_tell(edge, &(struct engine_tell){.type = RD_ALERT_STATE_CHECK_FAILED,
                                .severity = RD_CRITICAL,
                                .code = RD_STR("state_new"),
                                .detail = RD_STR("--new-state has begun an empty state")});
    }
    if (status == 0) {
        status = keep_all(edge);
    }
    if (status == 0) {
        log_notice("main", "the state is ready for a start", "dir=\"%s\" record=%" PRIu64,
                edge->state, journal_last(edge->journal));
    }
    return status;
}
