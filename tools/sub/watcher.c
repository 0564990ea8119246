#include "tools/sub/watcher.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/num.h"
#include "common/client/producer.h"
#include "tools/shared/file.h"
#include "tools/shared/json.h"
#include "tools/shared/live.h"
#include "tools/shared/text.h"

enum { EVENT_BYTES_MAX = 4096, CURSOR_TEXT_MAX = 64, PAUSE_MAX_S = 60 };
#define TURN_US        (RD_SECOND_US / 4)
#define SETTLE_US      (5 * RD_SECOND_US)
#define CHECK_AGAIN_US (2 * RD_SECOND_US)
#define ACK_US         (30 * RD_SECOND_US)

struct watcher {
    const struct sub_options *options;
    struct rd_subscriber *subscriber;
    struct rd_producer *producer; /* for --ack-by */
    uint64_t taken;               /* alerts shown or run */
    uint64_t last;                /* number of the last alert that came, shown or not */
    uint64_t kept, kept_term;     /* cursor and term in the file */
    bool has_colour, was_heard, is_unit_checked;
    int64_t check_us; /* not before then */
    int64_t end_us;   /* of --for; INT64_MAX: none */
    int status;       /* STATUS_OK until something ends the run */
};

static bool is_stopped(const struct watcher *watcher)
{
    return *watcher->options->signal != 0;
}

static bool is_late(const struct watcher *watcher)
{
    return steady_us() >= watcher->end_us;
}

/* ---- acknowledging ---- */

static void acked(void *context, uint64_t tag, const struct rd_receipt *receipt)
{
    (void)context;
    if (receipt->status == RD_REJECTED && receipt->error != NULL) {
        say_error("acknowledging #%" PRIu64 ": %s: %s", tag, receipt->error->code,
                receipt->error->message);
    }
}

/* The id is made of the alert: acknowledged twice is a duplicate. */
static int acknowledge(struct watcher *watcher, uint64_t seq)
{
    struct rd_buf event;
    char id[64], source[160];
    (void)snprintf(id, sizeof id, "ack-%" PRIu64, seq);
    (void)snprintf(source, sizeof source, "redress-sub/%.100s", watcher->options->ack_by);
    rd_buf_init(&event, EVENT_BYTES_MAX);
    rd_pack_map(&event, 4);
    rd_pack_cstr(&event, "id");
    rd_pack_cstr(&event, id);
    rd_pack_cstr(&event, "source");
    rd_pack_cstr(&event, source);
    rd_pack_cstr(&event, "type");
    rd_pack_cstr(&event, "alert.acknowledged");
    rd_pack_cstr(&event, "data");
    rd_pack_map(&event, 2);
    rd_pack_cstr(&event, "alert");
    rd_pack_uint(&event, seq);
    rd_pack_cstr(&event, "by");
    rd_pack_cstr(&event, watcher->options->ack_by);
    int r = rd_producer_put(watcher->producer, rd_str_of(id), rd_buf_str(&event), seq);
    rd_buf_done(&event);
    while (r >= 0 && rd_producer_in_flight(watcher->producer) > 0) {
        r = rd_producer_turn(watcher->producer, TURN_US);
        if (r == -EINTR && !is_stopped(watcher)) {
            r = 0;
        }
        if (rd_producer_silent_us(watcher->producer) > ACK_US) {
            r = -ETIMEDOUT;
        }
    }
    return r < 0 ? r : 0;
}

/* ---- an alert ---- */

/* Until it succeeds, or too often. 0; < 0: not taken. */
static int run_command(struct watcher *watcher, const struct rd_alert *alert, rd_node map)
{
    const struct sub_options *options = watcher->options;
    unsigned wait_s = 1;
    bool is_acked = false;
    for (uint64_t i = 1;; i++) {
        int status = command_run(options->command, alert, map, options->command_us);
        is_acked = options->has_ack_status && status == (int)options->ack_status;
        if (status == 0 || is_acked) {
            break;
        }
        if (status == -ETIMEDOUT) {
            say_error("#%" PRIu64 ": the command had not ended after %" PRId64
                      " s (--command-timeout) and was ended",
                    alert->seq, options->command_us / RD_SECOND_US);
        } else if (status < 0) {
            say_error("#%" PRIu64 ": %s", alert->seq, strerror(-status));
        } else {
            say_error("#%" PRIu64 ": the command ended with %d", alert->seq, status);
        }
        if (i >= options->tries || is_stopped(watcher) || is_late(watcher)) {
            watcher->status = STATUS_REFUSED;
            return -ECANCELED;
        }
        int64_t left_us = watcher->end_us - steady_us();
        wait_span(left_us < wait_s * RD_SECOND_US ? left_us : wait_s * RD_SECOND_US);
        wait_s = 2 * wait_s > PAUSE_MAX_S ? PAUSE_MAX_S : 2 * wait_s;
    }
    if (is_acked && alert->ack_by != RD_TIME_NONE) {
        int r = acknowledge(watcher, alert->seq);
        if (r < 0) {
            say_error("acknowledging #%" PRIu64 ": %s", alert->seq, strerror(-r));
            watcher->status = STATUS_UNREACHABLE;
            return -ECANCELED;
        }
    }
    return 0;
}

static bool is_wanted(const struct watcher *watcher, const struct rd_alert *alert)
{
    const struct sub_options *options = watcher->options;
    return alert->severity >= options->severity &&
           (options->type == NULL || strcmp(options->type, rd_alert_type_name(alert->type)) == 0);
}

static int take_alert(void *context, const struct rd_alert *alert, rd_node map)
{
    struct watcher *watcher = context;
    const struct sub_options *options = watcher->options;
    if (is_wanted(watcher, alert)) {
        if (options->command != NULL) {
            int r = run_command(watcher, alert, map);
            if (r < 0) {
                return r;
            }
        } else if (options->is_json) {
            json_print(stdout, json_of_node(map), false);
        } else {
            show_alert(alert, watcher->has_colour);
        }
        watcher->taken++;
    }
    watcher->last = alert->seq;
    bool is_enough = (options->count > 0 && watcher->taken >= options->count) ||
                     (options->until_seq > 0 && alert->seq >= options->until_seq);
    return is_enough || is_stopped(watcher) || is_late(watcher) ? 1 : 0;
}

static void take_silence(void *context, bool is_silent)
{
    struct watcher *watcher = context;
    const char *command = watcher->options->on_silence;
    if (is_silent) {
        say_error("no heartbeat for %d s: nobody watches the clocks",
                (int)(RD_SUBSCRIBER_SILENCE_US / RD_SECOND_US));
    } else {
        say_error("heartbeats again");
    }
    int r = command != NULL ? command_tell(command, is_silent, watcher->options->command_us) : 0;
    if (r != 0) {
        say_error("--on-silence: %s", r < 0 ? strerror(-r) : "the command failed");
    }
}

static void take_gone(void *context, uint64_t cursor, uint64_t oldest)
{
    (void)context;
    say_error(
            "alerts after #%" PRIu64 " and before #%" PRIu64 " are no longer kept", cursor, oldest);
}

static void take_renewed(void *context, uint64_t cursor, uint64_t term)
{
    (void)context;
    say_error("the daemon's term is %" PRIu64
              " now: its state was restored without what came last, "
              "or a standby took over. Alerts of the new term come now, whatever their numbers; "
              "some up to #%" PRIu64 " may not be known there",
            term, cursor);
}

/* ---- the cursor ---- */

/* Before it had a term in it, all had the first one. */
static int parse_cursor(const char *text, uint64_t *ret_cursor, uint64_t *ret_term)
{
    size_t len = strcspn(text, " \n");
    struct rd_str number = {.ptr = text, .len = len};
    const char *behind = text[len] == ' ' ? text + len + 1 : "1";
    struct rd_str term = {.ptr = behind, .len = strcspn(behind, "\n")};
    return rd_u64_parse(number, ret_cursor) == 0 && rd_u64_parse(term, ret_term) == 0 ? 0
                                                                                      : -EBADMSG;
}

/* False: said. *ret_term: 0 where no file says it. */
static bool read_cursor(const struct sub_options *options, uint64_t *ret_cursor, uint64_t *ret_term)
{
    char text[CURSOR_TEXT_MAX];
    const char *from = options->from;
    if (options->cursor_path != NULL) {
        int r = file_read(options->cursor_path, text, sizeof text);
        if (r >= 0) {
            r = parse_cursor(text, ret_cursor, ret_term);
            if (r == 0) {
                return true;
            }
        }
        if (r != -ENOENT) {
            say_error("%s: %s", options->cursor_path,
                    r == -EBADMSG ? "not a cursor file" : strerror(-r));
            return false;
        }
    }
    if (from == NULL || strcmp(from, "now") == 0) {
        *ret_cursor = RD_SUBSCRIBER_FROM_NOW;
        return true;
    }
    if (strcmp(from, "start") == 0) {
        *ret_cursor = 0;
        return true;
    }
    if (rd_u64_parse(rd_str_of(from), ret_cursor) < 0 || *ret_cursor > INT64_MAX) {
        char room[OPT_HINT_MAX];
        struct rd_nearest nearest = rd_nearest_of(rd_str_of(from));
        rd_nearest_try(&nearest, RD_STR("now"));
        rd_nearest_try(&nearest, RD_STR("start"));
        say_error("--from %.60s: give now, start, or the number of an alert%s", from,
                opt_hint(&nearest, room));
        return false;
    }
    return true;
}

static void keep_cursor(struct watcher *watcher)
{
    uint64_t cursor = rd_subscriber_cursor(watcher->subscriber);
    const char *path = watcher->options->cursor_path;
    char text[CURSOR_TEXT_MAX];
    uint64_t term = rd_subscriber_term(watcher->subscriber);
    bool is_kept = cursor == watcher->kept && term == watcher->kept_term;
    if (path == NULL || is_kept || cursor == RD_SUBSCRIBER_FROM_NOW ||
            rd_subscriber_is_behind(watcher->subscriber)) {
        return;
    }
    int len = snprintf(text, sizeof text, "%" PRIu64, cursor);
    if (term > 1) {
        (void)snprintf(text + len, sizeof text - (size_t)len, " %" PRIu64, term);
    }
    int r = file_replace(path, rd_str_of(text));
    if (r < 0) {
        say_error("%s: %s", path, strerror(-r));
        watcher->status = STATUS_USAGE;
        return;
    }
    watcher->kept = cursor;
    watcher->kept_term = term;
}

/* ---- the unit ---- */

/* Once somebody is there: does the unit exist? One that nobody knows would never say a word. A desk
 * that does not answer is asked again. */
static void check_unit(struct watcher *watcher)
{
    const struct sub_options *options = watcher->options;
    char room[LIVE_HINT_MAX];
    if (options->unit == NULL || options->unit[0] == '~') {
        watcher->is_unit_checked = true;
        return;
    }
    if (steady_us() < watcher->check_us) {
        return;
    }
    int r = live_unit_exists(options->ends.desk, options->unit, room);
    watcher->is_unit_checked = r >= 0;
    watcher->check_us = steady_us() + CHECK_AGAIN_US;
    if (r == 0) {
        say_error("there is no unit %s%s", options->unit, room);
        watcher->status = STATUS_REFUSED;
    }
}

/* ---- the run ---- */

static bool is_over(struct watcher *watcher)
{
    const struct sub_options *options = watcher->options;
    uint64_t cursor = rd_subscriber_cursor(watcher->subscriber);
    uint64_t heartbeat = 0;
    watcher->was_heard =
            watcher->was_heard || rd_subscriber_heartbeat(watcher->subscriber, &heartbeat);
    if (watcher->was_heard && !watcher->is_unit_checked) {
        check_unit(watcher);
    }
    return is_stopped(watcher) || watcher->status != STATUS_OK || is_late(watcher) ||
           (options->count > 0 && watcher->taken >= options->count) ||
           (options->until_seq > 0 && watcher->last >= options->until_seq) ||
           (options->until_seq > 0 && cursor >= options->until_seq &&
                   cursor != RD_SUBSCRIBER_FROM_NOW);
}

static int fail(struct watcher *watcher, int r)
{
    if (watcher->status != STATUS_OK) {
        return watcher->status; /* said */
    }
    if (r == -EREMOTEIO) {
        say_error("feed.replay: %s", rd_subscriber_error(watcher->subscriber));
        return STATUS_REFUSED;
    }
    if (r == -ESTALE) {
        say_error("%s; begin anew with another --cursor file, --from start or --from now",
                rd_subscriber_error(watcher->subscriber));
        return STATUS_REFUSED;
    }
    say_error("%s", r == -EPROTO ? "what answers there is no redressd" : strerror(-r));
    return STATUS_UNREACHABLE;
}

static int loop(struct watcher *watcher)
{
    int64_t for_us = watcher->options->for_us;
    watcher->end_us = for_us > 0 ? steady_us() + for_us : INT64_MAX;
    while (!is_over(watcher)) {
        int64_t left_us = watcher->end_us - steady_us();
        int r = rd_subscriber_turn(watcher->subscriber, left_us < TURN_US ? left_us : TURN_US);
        (void)fflush(stdout);
        if (r < 0 && r != -EINTR) {
            keep_cursor(watcher);
            return fail(watcher, r);
        }
        if (ferror(stdout) != 0) {
            return STATUS_USAGE; /* its reader is gone */
        }
        keep_cursor(watcher);
    }
    if (watcher->options->cursor_path != NULL && watcher->was_heard) {
        int r = rd_subscriber_settle(watcher->subscriber, SETTLE_US);
        if (r < 0) { /* what came live comes again the next time */
            say_error("the cursor could not be settled: %s", strerror(-r));
        }
        keep_cursor(watcher);
        (void)fflush(stdout);
    }
    if (watcher->status == STATUS_OK && for_us > 0 && !watcher->was_heard) {
        say_error("%s: no heartbeat came", watcher->options->ends.feed);
        return STATUS_UNREACHABLE;
    }
    return watcher->status;
}

/* ZeroMQ tries for ever without a word; whoever waits is told at once what for. */
static void tell_closed_door(const struct sub_options *options)
{
    char why[END_WHY_MAX];
    if (ends_probe(options->ends.feed, why) < 0) {
        say_error("%s; waiting for it", why);
    }
}

static int open_all(
        struct watcher *watcher, struct rd_client *client, uint64_t cursor, uint64_t term)
{
    const struct sub_options *options = watcher->options;
    struct rd_subscriber_options subscribe = {.feed = options->ends.feed,
            .desk = options->ends.desk,
            .unit = options->unit,
            .cursor = cursor,
            .term = term,
            .context = watcher,
            .alert = take_alert,
            .silence = take_silence,
            .gone = take_gone,
            .renewed = take_renewed};
    int r = rd_subscriber_open(client, &subscribe, &watcher->subscriber);
    if (r == 0 && options->ack_by != NULL) {
        struct rd_producer_options produce = {
                .endpoint = options->ends.intake, .window = 1, .settled = acked};
        r = rd_producer_open(client, &produce, &watcher->producer);
    }
    if (r < 0) {
        say_error("%s, %s: %s", options->ends.feed, options->ends.desk, strerror(-r));
        return STATUS_USAGE;
    }
    tell_closed_door(options);
    return STATUS_OK;
}

int sub_run(const struct sub_options *options)
{
    struct rd_client *client RD_CLEANUP(rd_client_closep)
    = NULL;
    uint64_t cursor = 0, term = 0;
    if (!read_cursor(options, &cursor, &term)) {
        return STATUS_USAGE;
    }
    int r = rd_client_open(&client);
    if (r < 0) {
        say_error("ZeroMQ: %s", strerror(-r));
        return STATUS_USAGE;
    }
    r = command_adopt();
    if (r < 0) {
        say_error("becoming the parent of what commands leave behind: %s", strerror(-r));
        return STATUS_USAGE;
    }
    struct watcher watcher = {.options = options,
            .end_us = INT64_MAX,
            .kept = RD_SUBSCRIBER_FROM_NOW,
            .has_colour = style_of(stdout).has_colour};
    int status = open_all(&watcher, client, cursor, term);
    if (status == STATUS_OK) {
        status = loop(&watcher);
    }
    rd_producer_close(watcher.producer);
    rd_subscriber_close(watcher.subscriber);
    return status;
}
