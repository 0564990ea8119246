#include "daemon/setup.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/wire/rpc.h"
#include "daemon/addresses.h"
#include "daemon/asked.h"
#include "daemon/erase.h"
#include "daemon/keys.h"
#include "daemon/metrics.h"
#include "daemon/past.h"
#include "daemon/state.h"

/* For a reader of standard error; descriptors with which hardly a peer is let in. */
enum { READER_WAIT_MS = 1000, FEW_DESCRIPTORS = 128 };

static int open_fds(struct edge *edge)
{
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* ulimit -f: the write fails, and that is told */
    if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0) {
        return -errno;
    }
    edge->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    edge->timer_fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    edge->want_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int r = loader_open(&edge->loader);
    if (r < 0) {
        return r;
    }
    return edge->signal_fd < 0 || edge->timer_fd < 0 || edge->want_fd < 0 ? -errno : 0;
}

/* Sockets of peers take most of them; the soft limit is a default, the hard one is what is meant.
 */
static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) < 0) {
            log_warning("main", "the limit of descriptors stays as it is", "error=\"%s\"",
                    strerror(errno));
        }
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < FEW_DESCRIPTORS) {
        log_warning("main", "so few descriptors are allowed that hardly a peer is let in",
                "limit=%" PRIu64 " needed=%d", (uint64_t)limit.rlim_cur, FEW_DESCRIPTORS);
    }
}

int setup_begin(struct edge *edge, const struct options *options)
{
    *edge = (struct edge){
            .options = options,
            .told = RD_TIME_NONE,
            .next_due = RD_TIME_NONE,
            .started_us = clock_ticks_us(),
            .signal_fd = -1,
            .timer_fd = -1,
            .want_fd = -1,
            .notify = {.fd = -1},
            .loader = {.fd = -1},
    };
    edge->tree = rd_tree_new();
    edge->live = live_new();
    edge->quota = quota_new();
    rd_buf_init(&edge->tell, EDGE_TELL_BYTES_MAX);
    rd_buf_init(&edge->alert, EDGE_ALERT_BYTES_MAX);
    rd_buf_init(&edge->topic, EDGE_ALERT_BYTES_MAX);
    rd_buf_init(&edge->sender, JOURNAL_SENDER_MAX);
    rd_arena_init(&edge->arena, EDGE_ARENA_BYTES_MAX);
    outbox_init(&edge->replies);
    outbox_init(&edge->alerts);
    raise_descriptors();
    int r = open_fds(edge);
    if (r < 0) {
        log_err("main", "no signals or timers", "error=\"%s\"", strerror(-r));
        return EX_OSERR;
    }
    struct notify_environment environment = {
            .socket = getenv("NOTIFY_SOCKET"),
            .watchdog_us = getenv("WATCHDOG_USEC"),
            .watchdog_pid = getenv("WATCHDOG_PID"),
            .pid = getpid(),
    };
    r = notify_open(&environment, &edge->notify);
    if (r < 0) {
        log_warning("main", "the service manager cannot be notified", "error=\"%s\"", strerror(-r));
        edge->notify = (struct notify){.fd = -1};
    }
    return 0;
}

/* A pipe that is not read must not block the end of the process: one that takes bytes takes a
 * line. */
static bool has_reader(void)
{
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
    return poll(&out, 1, READER_WAIT_MS) > 0;
}

void setup_print_errors(const struct config_errors *errors)
{
    for (size_t i = 0; i < errors->count; i++) {
        if (!has_reader()) {
            return;
        }
        (void)fprintf(stderr, "%s\n", errors->lines[i]);
    }
    if (errors->left_off > 0 && has_reader()) {
        (void)fprintf(stderr, "and %zu more\n", errors->left_off);
    }
}

int setup_config(struct edge *edge)
{
    struct config *config = NULL;
    struct config_errors errors = {0};
    int r = config_load(edge->options->config_path, &config, &errors);
    if (r < 0) {
        setup_print_errors(&errors);
        log_err("main", "the configuration is refused", "file=\"%s\" errors=%zu",
                edge->options->config_path, errors.count + errors.left_off);
        config_errors_done(&errors);
        return EX_CONFIG;
    }
    config_errors_done(&errors);
    live_configure(edge->live, config);
    edge->config = config;
    config_note_force(config, &edge->force);
    for (size_t i = 0; i < config->notes.count; i++) {
        log_notice("config", config->notes.at[i], "%s", "");
    }
    live_take(edge->live, &edge->first);
    r = keys_read_mask(edge, config);
    if (r < 0) {
        log_err("main", "the key of alerts.mask cannot be read", "file=\"%s\" error=\"%s\"",
                config->mask_key_file, keys_fault(r));
        return EX_CONFIG;
    }
    return 0;
}

static void refuse_question(struct rd_buf *reply, const struct asked_question *question)
{
    rd_rpc_error(reply, question->msgid, "internal",
            "this question, or its method several times, has ended the daemon before and is not "
            "looked at again: report it, and ask in another way");
}

/* Whoever watches an erasure, or the daemon, would hold off what is watched. */
static bool is_watching(struct rd_str method)
{
    return rd_str_is(method, "erasure.status") || rd_str_is(method, "status") ||
           rd_str_is(method, "metrics");
}

/* The desk's door knows nothing of the desk: it is given these. */
static int answer(void *context, struct rd_str user, struct rd_str request, enum desk_chance chance,
        struct rd_buf *reply)
{
    static const enum desk_when WHEN[] = {
            [DESK_CAME] = DESK_NOW, [DESK_SHOWN] = DESK_SEEN, [DESK_LAST] = DESK_NO_MORE};
    struct edge *edge = context;
    struct asked_question question;
    asked_read(edge->asked, request, &question);
    if (!guard_begin_of(edge->guard, GUARD_DESK, GUARD_QUESTION, question.text, question.method)) {
        refuse_question(reply, &question);
        return 0;
    }
    if (!is_watching(question.method)) {
        (void)atomic_fetch_add(&edge->questions, 1);
    }
    int r = desk_answer(edge->desk, user, request, WHEN[chance], reply);
    guard_end(edge->guard, GUARD_DESK);
    metric_add(r < 0 ? METRIC_DESK_WAITED : METRIC_DESK_REQUESTS, 1);
    return r;
}

static uint64_t ask(void *context)
{
    const struct edge *edge = context;
    uint64_t number = showing_ask(edge->showing);
    uint64_t one = 1;
    if (write(edge->want_fd, &one, sizeof one) < 0) {
        RD_ASSERT(errno == EAGAIN || errno == EINTR); /* full: the turn is on its way */
    }
    return number;
}

static uint64_t shown(void *context)
{
    const struct edge *edge = context;
    return showing_look(edge->showing);
}

static void done(void *context)
{
    const struct edge *edge = context;
    showing_return(edge->showing);
}

static void look(void *context)
{
    const struct edge *edge = context;
    desk_prove(edge->desk);
    past_look(edge->past);
}

static uint64_t count_subscribers(void *context, struct rd_str topic)
{
    return feed_subscribers(context, topic);
}

_Static_assert((int)DESK_QUARANTINE_WHICH_MAX >= (int)STATE_ENTRY_MAX, "a digest fits");

static const char *quarantined(void *context, size_t index,
        char ret_which[static DESK_QUARANTINE_WHICH_MAX], bool *ret_is_method)
{
    struct guard_entry entry;
    if (!guard_listed(context, index, &entry)) {
        return NULL;
    }
    *ret_is_method = entry.kind == GUARD_METHOD;
    return state_entry(&entry, ret_which);
}

static int open_desk(struct edge *edge, char what[static 256])
{
    int r = showing_new(edge->store, &edge->showing);
    if (r < 0) {
        return r;
    }
    edge->past = past_new(edge->state, edge->journal);
    struct desk_options desk_options = {
            .store = edge->store,
            .journal = edge->journal,
            .live = edge->live,
            .listen = edge->first.config,
            .showing = edge->showing,
            .ticks = clock_ticks_us,
            .subscribers = count_subscribers,
            .subscribers_context = edge->feed,
            .quarantined = quarantined,
            .quarantined_context = edge->guard,
            .past = past_ask,
            .past_context = edge->past,
    };
    edge->asked = asked_new();
    r = desk_new(&desk_options, &edge->desk);
    if (r < 0) {
        return r;
    }
    struct desk_door_options options = {
            .bind = addresses_of(edge, DOOR_DESK),
            .reply_bytes_max = DESK_REPLY_BYTES_MAX,
            .context = edge,
            .answer = answer,
            .ask = ask,
            .shown = shown,
            .done = done,
            .now = clock_ticks_us,
            .look = look,
    };
    return desk_door_open(edge->doors, &options, &edge->desk_door, what);
}

static bool may_hear(void *context, struct rd_str user, struct rd_str topic)
{
    const struct edge *edge = context;
    struct rights rights = rights_of(edge->config, edge->first.config, user);
    return rights_may_hear(&rights, topic);
}

/* Upstreams that publish. */
static int open_intake(struct edge *edge, char what[static 256])
{
    const struct config *config = edge->config;
    const char *at[ADDRESSES_LIST_MAX], *users[ADDRESSES_LIST_MAX], *keys[ADDRESSES_LIST_MAX];
    RD_ASSERT(config->subscribe.count <= ADDRESSES_LIST_MAX);
    for (size_t i = 0; i < config->subscribe.count; i++) {
        const struct config_endpoint *endpoint = &config->subscribe.at[i];
        at[i] = endpoint->at;
        users[i] = config->has_security ? endpoint->at : "";
        keys[i] = endpoint->is_keyed ? endpoint->server_key : NULL;
    }
    struct intake_options options = {
            .bind = addresses_of(edge, DOOR_INTAKE),
            .pull = addresses_of(edge, DOOR_PULL),
            .subscribe = {.at = at,
                    .users = users,
                    .server_keys = keys,
                    .count = config->subscribe.count},
            .event_bytes_max = config->event_bytes,
    };
    return intake_open(edge->doors, &options, &edge->intake, what);
}

static const char *door_fault(int r)
{
    bool is_away = r == -ENODEV || r == -EADDRNOTAVAIL; /* what ZeroMQ makes of it */
    return is_away ? "this machine has no such address (yet)" : strerrordesc_np(-r);
}

int setup_doors(struct edge *edge)
{
    char what[256] = "";
    int status = addresses_listen(edge);
    if (status == 0) {
        status = keys_open_doors(edge);
    }
    if (status != 0) {
        return status;
    }
    struct feed_options options = {
            .bind = addresses_of(edge, DOOR_FEED), .may_hear = may_hear, .context = edge};
    int r = feed_open(edge->doors, &options, &edge->feed, what);
    if (r == 0) {
        r = open_desk(edge, what);
    }
    if (r == 0) { /* last: who hears an answer may subscribe and ask at once */
        r = open_intake(edge, what);
    }
    if (r < 0) {
        log_err("doors", "a door cannot be opened", "error=\"%s\" what=\"%s\"", door_fault(r),
                what);
        return r == -EADDRINUSE ? EX_UNAVAILABLE : EX_OSERR;
    }
    return 0;
}

void setup_end(struct edge *edge)
{
    loader_close(&edge->loader);
    keeper_close(edge);
    erase_forget_search(edge);
    in_hands_done(&edge->in_hands);
    intake_close(edge->intake);
    desk_door_close(edge->desk_door);
    desk_free(edge->desk);
    past_free(edge->past);
    asked_free(edge->asked);
    showing_free(edge->showing);
    feed_close(edge->feed);
    doors_close(edge->doors);
    addresses_free(edge->addresses);
    engine_close(edge->engine);
    deadbox_close(&edge->dead);
    if (edge->store != NULL) {
        store_close(edge->store);
    }
    if (edge->journal != NULL) {
        journal_close(edge->journal);
    }
    outbox_done(&edge->replies);
    outbox_done(&edge->alerts);
    rd_arena_done(&edge->arena);
    rd_buf_done(&edge->tell);
    rd_buf_done(&edge->alert);
    rd_buf_done(&edge->topic);
    rd_buf_done(&edge->sender);
    rd_tree_free(edge->tree);
    if (edge->first.config != NULL) {
        live_release(edge->live, &edge->first);
    }
    live_free(edge->live);
    guard_close(edge->guard);
    quota_free(edge->quota);
    explicit_bzero(edge->mask_key, sizeof edge->mask_key);
    notify_close(&edge->notify);
    const int fds[] = {edge->signal_fd, edge->timer_fd, edge->want_fd};
    for (size_t i = 0; i < RD_COUNT(fds); i++) {
        if (fds[i] >= 0) {
            (void)close(fds[i]);
        }
    }
}
