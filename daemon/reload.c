#include "daemon/reload.h"

#include <stdio.h>
#include <string.h>

#include "common/pack.h"
#include "daemon/metrics.h"
#include "daemon/recover.h"
#include "daemon/setup.h"

static bool is_same_list(struct config_list a, struct config_list b)
{
    if (a.count != b.count) {
        return false;
    }
    for (size_t i = 0; i < a.count; i++) {
        if (strcmp(a.at[i], b.at[i]) != 0) {
            return false;
        }
    }
    return true;
}

/* Names what a start alone can change. */
static void say_what_waits(const struct config *old, const struct config *new)
{
    const struct {
        const char *key;
        bool is_same;
    } rows[] = {
            {"state", strcmp(old->state, new->state) == 0},
            {"listen.intake", is_same_list(old->intake, new->intake)},
            {"listen.pull", is_same_list(old->pull, new->pull)},
            {"listen.subscribe", is_same_list(old->subscribe, new->subscribe)},
            {"listen.feed", is_same_list(old->feed, new->feed)},
            {"listen.desk", is_same_list(old->desk, new->desk)},
            {"limits.map_size", old->map_size_bytes == new->map_size_bytes},
            {"security", old->has_security == new->has_security},
    };
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        if (!rows[i].is_same) {
            log_warning("config", "changed, but only a restart brings it into force", "key=%s",
                    rows[i].key);
        }
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

static bool refuse(struct edge *edge, const char *msg, const char *what)
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

/* The errors of a file go to the log: nobody reads a daemon's standard error. */
static bool refuse_errors(struct edge *edge, struct config_errors *errors)
{
    for (size_t i = 0; i < errors->count; i++) {
        log_err("config", "refused", "what=\"%s\"", errors->lines[i]);
    }
    char first[512];
    (void)snprintf(first, sizeof first, "%s", errors->count > 0 ? errors->lines[0] : "");
    config_errors_done(errors);
    return refuse(edge, "the new configuration is refused, the old one stays", first);
}

bool reload(struct edge *edge)
{
    RD_CLEANUP(config_freep)
    struct config *config = NULL;
    struct config_errors errors = {0};
    if (config_load(edge->options->config_path, &config, &errors) < 0) {
        return refuse_errors(edge, &errors);
    }
    config_errors_done(&errors);
    char what[512] = "";
    if (!engine_may_configure(edge->engine, config->plan, what)) {
        return refuse(edge, "the new configuration is refused, the old one stays", what);
    }
    int r = setup_mask_key(edge, config);
    if (r < 0) {
        return refuse(edge, "the key of alerts.mask cannot be read, the old configuration stays",
                strerror(-r));
    }
    r = recover_configure(edge, config);
    if (r < 0) {
        return refuse(edge, "this engine cannot read the new configuration", strerror(-r));
    }
    say_what_waits(edge->config, config);
    edge->clock.options.max_step_us = config->max_step_us;
    edge->dead.letters.kept_max = config->dead_letters;
    edge->config = config;
    live_configure(edge->live, config);
    config = NULL;
    edge->refused[0] = '\0';
    metric_add(METRIC_RELOADS, 1);
    log_notice("config", "reloaded", "file=\"%s\"", edge->options->config_path);
    return true;
}
