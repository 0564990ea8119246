#include "daemon/turn.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/addresses.h"
#include "daemon/audit_log.h"
#include "daemon/batch.h"
#include "daemon/checkpoint.h"
#include "daemon/erase.h"
#include "daemon/leave.h"
#include "daemon/metrics.h"
#include "daemon/reload.h"
#include "daemon/show.h"
#include "daemon/state.h"
#include "daemon/tick.h"
#include "daemon/verdict.h"

enum { FD_SIGNAL, FD_TIMER, FD_WANT, FD_JOURNAL, FD_DEAD, FD_STORE, FD_LOADER, FD_COUNT };
enum { SUBSCRIPTIONS_PER_TURN = 256 };

#define PUBLISH_EVERY_US (RD_SECOND_US / 10)
#define POLL_EVERY_US    500

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Microseconds until the turn has something to do by itself; INT64_MAX: nothing. */
static int64_t until_us(const struct edge *edge, int64_t now_us)
{
    int64_t wait_us = sooner(edge->heartbeat_us - now_us, checkpoint_until_us(edge));
    struct engine_time at = edge_time(edge);
    if (at.is_grace) {
        wait_us = sooner(wait_us, edge->grace_until - at.steady);
    } else if (edge->stuck_us != 0) {
        wait_us = sooner(wait_us, edge->stuck_us - now_us);
    } else if (!checkpoint_holds_timers(edge)) {
        wait_us = sooner(wait_us, clock_until_us(&edge->clock, edge->next_due));
    }
    if (edge->hold_feed_us != 0) {
        wait_us = sooner(wait_us, edge->hold_feed_us - now_us);
    }
    return wait_us > 0 ? wait_us : 0;
}

/* On the real-time clock, so that the kernel tells us when the clock is set. Set only where it
 * would come too late: to wake once too often costs less than a system call a turn. */
static void arm_timer(struct edge *edge)
{
    int64_t now_us = clock_ticks_us();
    int64_t wait_us = until_us(edge, now_us);
    int64_t at_us = now_us + (wait_us > 0 ? wait_us : 1);
    if (edge->armed_us > now_us && edge->armed_us <= at_us) {
        return;
    }
    rd_time real = clock_read().real + (at_us - now_us);
    struct itimerspec spec = {.it_value = {.tv_sec = real / RD_SECOND_US,
                                      .tv_nsec = (long)(real % RD_SECOND_US) * 1000}};
    int r = timerfd_settime(
            edge->timer_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &spec, NULL);
    RD_ASSERT(
            r == 0 || errno == ECANCELED); /* the clock was set meanwhile, but the timer is armed */
    edge->armed_us = at_us;
}

static void read_counter(int fd)
{
    uint64_t count;
    if (read(fd, &count, sizeof count) < 0) {
        RD_ASSERT(errno == EAGAIN || errno == EINTR || errno == ECANCELED);
    }
}

static void tell_step(struct edge *edge, bool is_held, int64_t seconds)
{
    char detail[96];
    (void)snprintf(detail, sizeof detail,
            is_held ? "%" PRId64 " s ahead, not believed until clock.accepted"
                    : "set back: time stands still for %" PRId64 " s",
            seconds);
    edge_tell(edge, &(struct engine_tell){.type = RD_ALERT_TIME_STEPPED,
                            .severity = is_held ? RD_HIGH : RD_WARNING,
                            .code = is_held ? RD_STR("held") : RD_STR("set_back"),
                            .detail = rd_str_of(detail)});
}

static void tell_clock(struct edge *edge)
{
    const struct clock *clock = &edge->clock;
    if (clock->is_held) {
        tell_step(edge, true, clock->held_us / RD_SECOND_US);
    } else if (clock->is_behind) {
        tell_step(edge, false, (clock->wall - clock->last.real) / RD_SECOND_US);
    }
}

/* The record has the first time after the step: a start takes what lies between the last record and
 * now for an absence, which would move the steady scale by what was but a correction. */
static void tell_accepted(struct edge *edge)
{
    if (edge->accepted_us == 0) {
        return;
    }
    char detail[96];
    (void)snprintf(detail, sizeof detail, "%" PRId64 " s ahead, accepted: time goes on from there",
            edge->accepted_us / RD_SECOND_US);
    edge->accepted_us = 0;
    edge_tell(edge, &(struct engine_tell){.type = RD_ALERT_TIME_STEPPED,
                            .severity = RD_INFO,
                            .code = RD_STR("accepted"),
                            .detail = rd_str_of(detail)});
}

static void read_clock(struct edge *edge)
{
    enum clock_news news = clock_step(&edge->clock, clock_read());
    if (news == CLOCK_STEADY) {
        return;
    }
    metric_add(METRIC_CLOCK_STEPS, 1);
    switch (news) {
    case CLOCK_SET_BACK:
        log_warning("clock", "the clock was set back: time stands still until it has caught up",
                "behind_ms=%" PRId64, (edge->clock.wall - edge->clock.last.real) / 1000);
        break;
    case CLOCK_HELD:
        log_err("clock",
                "the clock went forward more than clock.max_step: not believed until "
                "clock.accepted",
                "ahead_seconds=%" PRId64, edge->clock.held_us / RD_SECOND_US);
        break;
    case CLOCK_BACK:
        log_notice("clock", "the clock came back by itself", "%s", "");
        break;
    case CLOCK_CAUGHT_UP:
        log_notice("clock", "the clock is past the last record again", "%s", "");
        break;
    case CLOCK_STEADY:
        break;
    }
    if (news == CLOCK_SET_BACK || news == CLOCK_HELD) {
        tell_clock(edge);
    }
}

static void read_signals(struct edge *edge)
{
    struct signalfd_siginfo info;
    while (read(edge->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGHUP) {
            reload_begin(edge);
        } else {
            edge->is_stopping = true;
        }
    }
}

/* While events come without a pause nothing is waited for: then the kernel is asked only now and
 * then what else there is. What the journal has is known without it. */
static bool may_go_on(struct edge *edge)
{
    int64_t now_us = clock_ticks_us();
    bool is_busy =
            edge->has_more_in && batch_may_take(edge) && now_us - edge->polled_us < POLL_EVERY_US;
    if (!is_busy) {
        edge->polled_us = now_us;
    }
    return is_busy;
}

/* Waits, or only looks where work is left. */
static int wait_and_read(struct edge *edge, bool *ret_has_intake)
{
    if (may_go_on(edge)) {
        *ret_has_intake = true;
        read_clock(edge);
        return 0;
    }
    const int fds[FD_COUNT] = {
            [FD_SIGNAL] = edge->signal_fd,
            [FD_TIMER] = edge->timer_fd,
            [FD_WANT] = edge->want_fd,
            [FD_JOURNAL] = journal_fd(edge->journal),
            [FD_DEAD] = journal_fd(edge->dead.journal),
            [FD_STORE] = store_fd(edge->store),
            [FD_LOADER] = edge->loader.fd,
    };
    bool may_take = batch_may_take(edge);
    struct doors_wait wait = {
            .intake = may_take ? edge->intake : NULL,
            .only_answered = batch_only_answered(edge),
            .feed = edge->feed,
            .fds = fds,
            .fd_count = FD_COUNT,
            .is_blocking = !edge->has_more_due && !(edge->has_more_in && may_take),
    };
    int r = doors_wait(&wait);
    if (r < 0) {
        return r == -EINTR ? 0 : r;
    }
    *ret_has_intake = wait.has_intake || (edge->has_more_in && may_take);
    read_clock(edge);
    if (wait.is_readable[FD_TIMER]) {
        read_counter(edge->timer_fd);
        edge->armed_us = 0;
    }
    if (wait.is_readable[FD_WANT]) {
        read_counter(edge->want_fd);
        edge->show.is_wanted = true;
    }
    if (wait.is_readable[FD_JOURNAL]) {
        read_counter(fds[FD_JOURNAL]);
    }
    if (wait.is_readable[FD_DEAD]) {
        read_counter(fds[FD_DEAD]);
    }
    if (wait.is_readable[FD_SIGNAL]) {
        read_signals(edge);
    }
    if (wait.is_readable[FD_LOADER]) {
        reload_end(edge);
    }
    size_t subscribed =
            wait.has_feed ? feed_take_subscriptions(edge->feed, SUBSCRIPTIONS_PER_TURN) : 0;
    if (subscribed > 0) {
        metric_add(METRIC_SUBSCRIPTIONS, subscribed);
        edge->hold_feed_us = 0;
    }
    if (!wait.is_readable[FD_STORE]) {
        return 0;
    }
    return checkpoint_end(edge);
}

static void tell_fault(struct edge *edge)
{
    char what[256];
    if (!live_take_fault(edge->live, what)) {
        return;
    }
    log_err("desk", "the self-proof of the state found a fault: please report this", "what=\"%s\"",
            what);
    edge_tell(edge, &(struct engine_tell){.type = RD_ALERT_STATE_CHECK_FAILED,
                            .severity = RD_CRITICAL,
                            .code = RD_STR("self_proof"),
                            .detail = rd_str_of(what)});
}

/* Operators hear what is rejected, while there is room for it. Where time comes from events it is a
 * rehearsal: what the second hand tells would differ from run to run. */
static void tell_refusals(struct edge *edge, int64_t now_us)
{
    char detail[512];
    const struct refusals_pair *pair;
    if (edge->clock.options.mode == CLOCK_EVENTS || edge->refusal == REFUSE_ALL) {
        return;
    }
    while ((pair = refusals_next(
                    &edge->refusals, now_us, edge->config->rejected_every_us, detail)) != NULL) {
        edge_tell(edge, &(struct engine_tell){.type = RD_ALERT_DEAD_LETTER,
                                .severity = RD_WARNING,
                                .code = rd_str_of(pair->code),
                                .detail = rd_str_of(detail)});
    }
}

/* Who was not let in by its key. The doors keep few of them between two looks. */
static void tell_refused(struct edge *edge)
{
    struct doors_refusal refusal;
    while (doors_next_refusal(edge->doors, &refusal)) {
        metric_add(METRIC_KEYS_REFUSED, 1 + refusal.left_out);
        audit_key_refused(refusal.peer, refusal.key, refusal.why, refusal.left_out);
    }
    uint64_t crowded = doors_crowded(edge->doors) - metric_value(METRIC_PEERS_CROWDED);
    if (crowded > 0) {
        metric_add(METRIC_PEERS_CROWDED, crowded);
        log_warning("doors", "one address connects too often: connections of it are refused",
                "refused=%" PRIu64, crowded);
    }
    /* The feed begins anew with each start in the process, the metric does not. */
    struct rd_str last;
    uint64_t topics = feed_refused(edge->feed, &last) - edge->topics_refused;
    if (topics > 0) {
        edge->topics_refused += topics;
        metric_add(METRIC_SUBSCRIPTIONS_REFUSED, topics);
        log_warning("doors", "subscriptions were refused: the role does not cover them",
                "refused=%" PRIu64 " client=\"%.*s\"", topics, RD_FMT(last));
    }
}

/* Who was cut off, and that some were not let in. */
static void tell_peers(struct edge *edge, int64_t now_us)
{
    struct doors_cut cut;
    doors_set_time(edge->doors, edge->clock.wall);
    while (doors_next_cut(edge->doors, now_us, &cut)) {
        metric_add(METRIC_PEERS_CUT, 1 + cut.left_out);
        log_warning("doors", "a peer was cut off",
                "door=%s peer=\"%s\" client=\"%s\" why=\"%s\" number=%" PRIu64 " more=%" PRIu64,
                cut.door, cut.peer, cut.user, cut.why, cut.number, cut.left_out);
    }
    tell_refused(edge);
    uint64_t refused = doors_refused(edge->doors) - metric_value(METRIC_PEERS_REFUSED);
    if (refused > 0) {
        metric_add(METRIC_PEERS_REFUSED, refused);
        log_err("doors", "few descriptors are left: connections are refused (LimitNOFILE)",
                "refused=%" PRIu64, refused);
    }
}

/* Whoever reloads waits for a line that says what came of it: no other comes before. */
static void tell_status(struct edge *edge)
{
    if (edge->loader.is_running) {
        return;
    }
    struct engine_counts counts = engine_counts(edge->engine);
    const char *refused = edge->refused; /* until a reload is taken */
    const char *deaf = addresses_deaf(edge->addresses);
    notify_send(&edge->notify,
            "STATUS=%s%s%s%s%sevent %" PRIu64 ", alert %" PRIu64 ", %" PRIu64
            " open cases, timers %" PRId64 " ms late",
            refused, refused[0] != '\0' ? "; " : "", deaf != NULL ? "nobody reaches it at " : "",
            deaf != NULL ? deaf : "", deaf != NULL ? "; " : "", counts.event_seq, counts.alert_seq,
            counts.open_cases, leave_lag_ms(edge));
}

/* What comes by the second: heartbeat, watchdog, the line of status. */
static void keep_beat(struct edge *edge, int64_t now_us)
{
    if (now_us >= edge->heartbeat_us) {
        edge->heartbeat_us = now_us + RD_SECOND_US;
        leave_heartbeat(edge);
        tell_peers(edge, now_us);
        metric_add(METRIC_MESSAGES_IGNORED, intake_dropped(edge->intake) - edge->dropped);
        edge->dropped = intake_dropped(edge->intake);
        addresses_look(edge);
        edge->is_stopping |= state_is_lost(edge);
        tell_fault(edge);
        tell_refusals(edge, now_us);
        tell_status(edge);
        keeper_beat(edge);
        if (erase_is_due(edge)) {
            edge->is_stopping = edge->is_again = true;
        }
    }
    int64_t every_us = edge->notify.watchdog_us;
    bool is_disk_stuck = edge->on_way_count > 0 && now_us - edge->on_way[0].since_us > every_us;
    if (every_us > 0 && now_us >= edge->watchdog_us && !is_disk_stuck) {
        edge->watchdog_us = now_us + every_us;
        notify_send(&edge->notify, "WATCHDOG=1");
    }
}

static int one_turn(struct edge *edge)
{
    bool has_intake = false;
    int r = wait_and_read(edge, &has_intake);
    if (r == 0) {
        r = checkpoint_note_durable(edge);
    }
    if (r == 0) {
        r = store_view_error(store_live(edge->store));
    }
    if (r < 0) {
        return r;
    }
    int64_t begun_us = clock_ticks_us();
    uint64_t questions = atomic_load(&edge->questions);
    if (has_intake || questions != edge->questions_seen) {
        edge->questions_seen = questions;
        edge->busy_us = begun_us;
    }
    checkpoint_submit(edge); /* what was applied while the last batch was on its way */
    leave_send(edge);
    checkpoint_begin(edge); /* here too: after a downtime each turn ends with timers on their way */
    edge->has_more_due = false;
    if (!checkpoint_holds_timers(edge)) {
        tick_fire(edge);
    }
    if (has_intake && !edge->is_stopping) {
        r = batch_take(edge, clock_ticks_us() - begun_us);
        tell_accepted(edge);
    }
    if (r == 0) {
        r = checkpoint_note_durable(edge); /* what the disk did meanwhile: it wants more */
    }
    if (r == 0) {
        r = store_view_error(store_live(edge->store));
    }
    if (r < 0) {
        return r;
    }
    checkpoint_judge(edge);
    if (edge->has_more_in || edge->has_more_due || !checkpoint_write_here(edge)) {
        checkpoint_submit(edge);
    }
    r = checkpoint_note_durable(edge);
    if (r < 0) {
        return r;
    }
    leave_send(edge); /* what waits for nothing that is not durable: duplicates, rejections */
    checkpoint_begin(edge);
    if (begun_us - edge->published_us >= PUBLISH_EVERY_US) {
        show_publish(edge);
    }
    show_serve(edge);
    keep_beat(edge, begun_us);
    arm_timer(edge);
    metric_add(METRIC_TURNS, 1);
    metric_note(METRIC_TURN_US, clock_ticks_us() - begun_us);
    return 0;
}

int turn_run(struct edge *edge)
{
    int r = 0;
    edge->heartbeat_us = clock_ticks_us();
    tell_clock(edge); /* what the start found */
    r = state_tell_found(edge);
    checkpoint_judge(edge);
    arm_timer(edge);
    while (r == 0 && !edge->is_stopping) {
        r = one_turn(edge);
    }
    bool is_lost = r == 0 && state_is_lost(edge);
    batch_rest(edge, r == 0 && !is_lost && edge->refusal == REFUSE_NOTHING);
    if (is_lost) {
        state_tell_lost(edge);
        return EX_IOERR;
    }
    if (r == 0) {
        notify_send(&edge->notify, "%sSTATUS=writing the last checkpoint",
                edge->is_again ? "" : "STOPPING=1\n");
        edge->hold_feed_us = 0; /* whoever is not there now asks the desk */
        r = checkpoint_all(edge);
    }
    if (r == 0 && edge->is_again) {
        r = erase_want(edge);
    }
    if (r == -ENOSPC && journal_durable(edge->journal) == journal_last(edge->journal)) {
        log_warning("turn", "no room for the last checkpoint: the next start applies the journal",
                "record=%" PRIu64, journal_last(edge->journal));
        return 0;
    }
    if (r == -EBADMSG) {
        log_err("turn", "the store is damaged: nothing more is acknowledged", "record=%" PRIu64,
                journal_last(edge->journal));
        state_tell_damage(edge, true);
        return EX_IOERR;
    }
    if (r < 0) {
        log_err("turn", "the disk fails: nothing more is acknowledged",
                "error=\"%s\" record=%" PRIu64, strerror(-r), journal_last(edge->journal));
        return EX_IOERR;
    }
    log_notice("turn", "stopped in order", "record=%" PRIu64, journal_last(edge->journal));
    return 0;
}
