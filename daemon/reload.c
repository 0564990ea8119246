#include "daemon/reload.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/wire/pack.h"
#include "daemon/keys.h"
#include "daemon/metrics.h"
#include "daemon/recover.h"
#include "daemon/verdict.h"

/* Names what a start alone can change. */
static void say_what_waits(const struct edge *edge, struct config *config)
{
    const char *keys[CONFIG_FORCE_MAX];
    size_t count = config_apply_force(&edge->force, config, keys);
    for (size_t i = 0; i < count; i++) {
        log_warning(
                "config", "changed, but only a restart brings it into force", "key=%s", keys[i]);
    }
}

/* One line of UTF-8, whatever the file says and wherever it was cut: a service manager drops a
 * status that is not. */
static void make_line(char *text)
{
    size_t len = strlen(text);
    for (int cut = 0; cut < 3 && !rd_pack_is_utf8(rd_str_of(text)); cut++) {
        text[len > 0 ? --len : 0] = '\0';
    }
    bool is_utf8 = rd_pack_is_utf8(rd_str_of(text));
    for (char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        *at = byte < ' ' ? ' ' : byte >= 0x80 && !is_utf8 ? '?' : *at;
    }
}

static bool refuse_reload(struct edge *edge, const char *msg, const char *what)
{
    log_err("config", msg, "what=\"%s\"", what);
    (void)snprintf(edge->refused, sizeof edge->refused, "%s: %s", msg, what);
    make_line(edge->refused);
    metric_add(METRIC_RELOADS_REFUSED, 1);
    edge_tell(edge, &(struct engine_tell){.type = RD_ALERT_CONFIG_REFUSED,
                            .severity = RD_WARNING,
                            .code = RD_STR("reload"),
                            .detail = rd_str_of(what)});
    return false;
}

/* The errors of a file go to the log, as a daemon's standard error is not read. */
static bool refuse_errors(struct edge *edge, struct config_errors *errors)
{
    for (size_t i = 0; i < errors->count; i++) {
        log_err("config", "refused", "what=\"%s\"", errors->lines[i]);
    }
    char first[512];
    (void)snprintf(first, sizeof first, "%s", errors->count > 0 ? errors->lines[0] : "");
    config_errors_done(errors);
    return refuse_reload(edge, "the new configuration is refused, the old one stays", first);
}

static bool apply(
        struct edge *edge, int loaded, struct config **config_at, struct config_errors *errors)
{
    struct config *config = *config_at;
    if (loaded < 0) {
        return refuse_errors(edge, errors);
    }
    config_errors_done(errors);
    char what[512] = "";
    if (!engine_may_configure(edge->engine, config->plan, what)) {
        return refuse_reload(edge, "the new configuration is refused, the old one stays", what);
    }
    int r = keys_read_mask(edge, config);
    if (r < 0) {
        (void)snprintf(what, sizeof what, "%.400s: %s", config->mask_key_file, keys_fault(r));
        return refuse_reload(
                edge, "the key of alerts.mask cannot be read, the old configuration stays", what);
    }
    r = recover_configure(edge, config);
    if (r < 0) {
        return refuse_reload(edge, "this engine cannot read the new configuration", strerror(-r));
    }
    say_what_waits(edge, config);
    edge->clock.options.max_step_us = config->max_step_us;
    edge->dead.letters.kept_max = config->dead_letters;
    edge->config = config;
    live_configure(edge->live, config);
    keys_apply(edge);
    feed_review(edge->feed);
    *config_at = NULL; /* live has it */
    edge->refused[0] = '\0';
    metric_add(METRIC_RELOADS, 1);
    log_notice("config", "reloaded", "file=\"%s\"", edge->options->config_path);
    return true;
}

static void conclude(struct edge *edge, bool is_taken)
{
    live_refuse(edge->live, edge->refused);
    notify_send(&edge->notify, "READY=1\nSTATUS=%s", is_taken ? "reloaded" : edge->refused);
    verdict_write(
            edge->options->runtime_dir, edge->reload_begun_us, is_taken ? NULL : edge->refused);
}

void reload_begin(struct edge *edge)
{
    edge->reload_begun_us = clock_ticks_us();
    notify_send(
            &edge->notify, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, (int64_t)edge->reload_begun_us);
    if (edge->loader.is_running) {
        edge->is_reload_again = true; /* what is being read may be older than what is meant */
        return;
    }
    int r = loader_start(&edge->loader, edge->options->config_path);
    if (r < 0) {
        conclude(edge,
                refuse_reload(edge, "the new configuration cannot be read now", strerror(-r)));
    }
}

void reload_end(struct edge *edge)
{
    RD_CLEANUP(config_freep)
    struct config *config = NULL;
    struct config_errors errors;
    int loaded;
    if (!loader_take(&edge->loader, &loaded, &config, &errors)) {
        return;
    }
    if (edge->is_reload_again) {
        edge->is_reload_again = false;
        config_errors_done(&errors);
        reload_begin(edge);
        return;
    }
    conclude(edge, apply(edge, loaded, &config, &errors));
}
