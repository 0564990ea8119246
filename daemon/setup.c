#include "daemon/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/recover.h"

enum { PATH_BYTES_MAX = 4096 };

static int open_fds(struct edge *edge)
{
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0) {
        return -errno;
    }
    edge->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    edge->timer_fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    edge->want_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return edge->signal_fd < 0 || edge->timer_fd < 0 || edge->want_fd < 0 ? -errno : 0;
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
    };
    edge->tree = rd_tree_new();
    edge->live = live_new();
    rd_buf_init(&edge->tell, EDGE_TELL_BYTES_MAX);
    rd_buf_init(&edge->alert, EDGE_ALERT_BYTES_MAX);
    rd_buf_init(&edge->topic, EDGE_ALERT_BYTES_MAX);
    rd_buf_init(&edge->sender, JOURNAL_SENDER_MAX);
    rd_arena_init(&edge->arena, EDGE_ARENA_BYTES_MAX);
    outbox_init(&edge->replies);
    outbox_init(&edge->alerts);
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
        log_warning("main", "the service manager cannot be told", "error=\"%s\"", strerror(-r));
        edge->notify = (struct notify){.fd = -1};
    }
    return 0;
}

void setup_print_errors(const struct config_errors *errors)
{
    for (size_t i = 0; i < errors->count; i++) {
        (void)fprintf(stderr, "%s\n", errors->lines[i]);
    }
    if (errors->left_off > 0) {
        (void)fprintf(stderr, "and %zu more\n", errors->left_off);
    }
}

int setup_mask_key(struct edge *edge, const struct config *config)
{
    if (config->mask_key_file == NULL) {
        edge->mask_key_len = 0;
        return 0;
    }
    int fd = open(config->mask_key_file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    uint8_t key[EDGE_MASK_KEY_MAX];
    ssize_t size = read(fd, key, sizeof key);
    int r = size < 0 ? -errno : size == 0 ? -ENODATA : 0;
    (void)close(fd);
    if (r == 0) {
        memcpy(edge->mask_key, key, (size_t)size);
        edge->mask_key_len = (size_t)size;
    }
    explicit_bzero(key, sizeof key);
    return r;
}

/* Without keys only ipc and loopback may be listened on. */
static int check_endpoints(struct config_list list, bool has_security)
{
    for (size_t i = 0; i < list.count; i++) {
        struct endpoint endpoint;
        char what[256];
        if (endpoint_parse(rd_str_of(list.at[i]), &endpoint, what) < 0) {
            log_err("main", "a bad endpoint in listen", "what=\"%s\"", what);
            return EX_CONFIG;
        }
        if (!endpoint.is_local && !has_security) {
            log_err("main", "without security only ipc and loopback may be listened on",
                    "endpoint=%s", list.at[i]);
            return EX_CONFIG;
        }
    }
    return 0;
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
    for (size_t i = 0; i < config->notes.count; i++) {
        log_notice("config", config->notes.at[i], "%s", "");
    }
    const struct config_list lists[] = {config->intake, config->pull, config->feed, config->desk};
    for (size_t i = 0; i < RD_COUNT(lists); i++) {
        int status = check_endpoints(lists[i], config->has_security);
        if (status != 0) {
            return status;
        }
    }
    if (config->has_security) {
        /* A door that looks locked and is not is worse than none. */
        log_err("main", "security is configured, but this build has no CURVE: listen locally", "%s",
                "");
        return EX_CONFIG;
    }
    r = setup_mask_key(edge, config);
    if (r < 0) {
        log_err("main", "the key of alerts.mask cannot be read", "file=\"%s\" error=\"%s\"",
                config->mask_key_file, strerror(-r));
        return EX_CONFIG;
    }
    return 0;
}

/* Its name must outlive a power cut as what is in it does: else a start after one finds nothing. */
static int make_dir(const char *path)
{
    if (mkdir(path, S_IRWXU) < 0) {
        return errno == EEXIST ? 0 : -errno;
    }
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int parent = fd >= 0 ? openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int r = parent >= 0 && fsync(parent) == 0 ? 0 : -errno;
    if (parent >= 0) {
        (void)close(parent);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return r;
}

static int status_of(int r)
{
    return r == -EWOULDBLOCK ? EX_UNAVAILABLE
           : r == -EPROTO    ? EX_CONFIG
           : r == -EBADMSG   ? EX_DATAERR
                             : EX_IOERR;
}

static int open_journal(struct edge *edge, const char *state)
{
    char path[PATH_BYTES_MAX];
    (void)snprintf(path, sizeof path, "%s/journal", state);
    struct journal_damage damage = {.text = ""};
    struct journal_options options = {.dir = path, .at_least = engine_position(edge->engine)};
    int r = journal_open(&options, &edge->journal, &damage);
    if (r < 0) {
        log_err("journal", "the journal cannot be opened", "dir=\"%s\" error=\"%s\" what=\"%s\"",
                path, r == -EWOULDBLOCK ? "another process has it" : strerror(-r), damage.text);
        return status_of(r);
    }
    return 0;
}

static int open_deadbox(struct edge *edge, const char *state)
{
    char path[PATH_BYTES_MAX];
    (void)snprintf(path, sizeof path, "%s/dead", state);
    struct journal_damage damage = {.text = ""};
    struct deadbox_options options = {
            .dir = path,
            .view = store_live(edge->store),
            .kept_max = edge->config->dead_letters,
            .map_bytes = edge->config->map_size_bytes,
    };
    int r = deadbox_open(&edge->dead, &options, &damage);
    if (r < 0) {
        log_err("dead",
                "the dead letters since the last checkpoint cannot be read: restore them, or move "
                "the folder away and lose those alone",
                "dir=\"%s\" error=\"%s\" what=\"%s\"", path, strerror(-r), damage.text);
        return status_of(r);
    }
    return 0;
}

int setup_state(struct edge *edge)
{
    const char *state =
            edge->options->state_dir != NULL ? edge->options->state_dir : edge->config->state;
    char path[PATH_BYTES_MAX];
    if (snprintf(path, sizeof path, "%s/store", state) >= (int)sizeof path - 16) {
        log_err("main", "the path of the state folder is too long", "%s", "");
        return EX_CONFIG;
    }
    int r = make_dir(state);
    if (r < 0) {
        log_err("main", "the state folder cannot be made", "dir=\"%s\" error=\"%s\"", state,
                strerror(-r));
        return EX_CANTCREAT;
    }
    char what[256] = "";
    struct store_options options = {.dir = path, .map_bytes_max = edge->config->map_size_bytes};
    r = store_open(&options, &edge->store, what);
    if (r < 0) {
        log_err("store", "the store cannot be opened", "dir=\"%s\" error=\"%s\" what=\"%s\"", path,
                r == -EWOULDBLOCK ? "another process has it" : strerror(-r), what);
        return status_of(r);
    }
    /* The store before the journal: it knows up to where that must go, before anything is cut. */
    int status = recover_engine(edge);
    if (status == 0) {
        status = open_journal(edge, state);
    }
    return status == 0 ? open_deadbox(edge, state) : status;
}

/* The desk's door knows nothing of the desk: it is given these. */
static int answer(void *context, struct rd_str user, struct rd_str request, enum desk_chance chance,
        struct rd_buf *reply)
{
    static const enum desk_when WHEN[] = {
            [DESK_CAME] = DESK_NOW, [DESK_SHOWN] = DESK_SEEN, [DESK_LAST] = DESK_NO_MORE};
    const struct edge *edge = context;
    return desk_answer(edge->desk, user, request, WHEN[chance], reply);
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
}

static uint64_t count_subscribers(void *context, struct rd_str topic)
{
    return feed_subscribers(context, topic);
}

static struct endpoints endpoints_of(struct config_list list)
{
    return (struct endpoints){.at = list.at, .count = list.count};
}

static int open_desk(struct edge *edge, char what[static 256])
{
    int r = showing_new(edge->store, &edge->showing);
    if (r < 0) {
        return r;
    }
    struct desk_options desk_options = {
            .store = edge->store,
            .journal = edge->journal,
            .live = edge->live,
            .showing = edge->showing,
            .subscribers = count_subscribers,
            .subscribers_context = edge->feed,
    };
    r = desk_new(&desk_options, &edge->desk);
    if (r < 0) {
        return r;
    }
    struct desk_door_options options = {
            .bind = endpoints_of(edge->config->desk),
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

int setup_doors(struct edge *edge)
{
    char what[256] = "";
    int r = doors_open(&edge->doors);
    if (r == 0) {
        r = feed_open(edge->doors, endpoints_of(edge->config->feed), &edge->feed, what);
    }
    if (r == 0) {
        r = open_desk(edge, what);
    }
    if (r == 0) { /* last: who hears an answer may subscribe and ask at once */
        struct intake_options options = {
                .bind = endpoints_of(edge->config->intake),
                .pull = endpoints_of(edge->config->pull),
                .subscribe = endpoints_of(edge->config->subscribe),
                .event_bytes_max = edge->config->event_bytes,
        };
        r = intake_open(edge->doors, &options, &edge->intake, what);
    }
    if (r < 0) {
        log_err("doors", "a door cannot be opened", "error=\"%s\" what=\"%s\"", strerror(-r), what);
        return r == -EADDRINUSE ? EX_UNAVAILABLE : EX_OSERR;
    }
    return 0;
}

void setup_end(struct edge *edge)
{
    in_hands_done(&edge->in_hands);
    intake_close(edge->intake);
    desk_door_close(edge->desk_door);
    desk_free(edge->desk);
    showing_free(edge->showing);
    feed_close(edge->feed);
    doors_close(edge->doors);
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
    live_free(edge->live);
    explicit_bzero(edge->mask_key, sizeof edge->mask_key);
    notify_close(&edge->notify);
    const int fds[] = {edge->signal_fd, edge->timer_fd, edge->want_fd};
    for (size_t i = 0; i < RD_COUNT(fds); i++) {
        if (fds[i] >= 0) {
            (void)close(fds[i]);
        }
    }
}
