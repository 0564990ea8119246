/* daemon/config/edge.c — what the edge uses, as a plain struct. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/num.h"
#include "daemon/config/build.h"

/* A file that only the daemon may read. Missing, it is told here and refused at the start, so that
 * a configuration can be checked where the keys are not. */
void config_look_at_secret(struct config_load *load, const struct config_node *file)
{
    if (file == NULL || load->folder == NULL) {
        return;
    }
    struct stat about;
    if (stat(config_text_dup(load, file), &about) < 0) {
        config_note_at(load, file, "%.*s: %s; the daemon will not start without it",
                CONFIG_QUOTED(file->text), strerrordesc_np(errno));
    } else if ((about.st_mode & S_IRWXO) != 0) {
        config_fault_at(
                load, file, "%.*s: can be read by others; chmod o= it", CONFIG_QUOTED(file->text));
    }
}

static void build_limits(
        struct config_load *load, const struct config_node *root, struct config *config)
{
    const struct config_node *limits = config_node_find(root, "limits");
    const struct config_node *clock = config_node_find(root, "clock");
    uint64_t bytes = 0;
    (void)load;
    int r = rd_size_parse(config_node_text(limits, "event_bytes"), &bytes);
    config->event_bytes = r == 0 ? (size_t)bytes : 0;
    r = rd_size_parse(config_node_text(limits, "map_size"), &bytes);
    config->map_size_bytes = r == 0 ? bytes : 0;
    const struct config_node *number = config_node_find(limits, "batch_events");
    config->batch_events = number != NULL ? (size_t)number->integer : 0;
    number = config_node_find(limits, "in_flight");
    config->in_flight = number != NULL ? (size_t)number->integer : 0;
    number = config_node_find(limits, "dead_letters");
    config->dead_letters = number != NULL ? (size_t)number->integer : 0;
    config->dedup_us = config_span_us(config_node_text(limits, "dedup"));
    config->journal_keep_us = config_span_us(config_node_text(limits, "journal_keep"));
    config->alerts_keep_us = config_span_us(config_node_text(limits, "alerts_keep"));
    config->event_limits = (struct rd_event_limits){
            .oldest_us = config_span_us(config_node_text(limits, "oldest")),
            .silence_us = config_span_us(config_node_text(limits, "silence")),
    };
    config->max_step_us = config_span_us(config_node_text(clock, "max_step"));
    config->start_grace_us = config_span_us(config_node_text(clock, "start_grace"));
}

static void build_keeping(
        struct config_load *load, const struct config_node *root, struct config *config)
{
    const struct config_node *snapshot = config_node_find(root, "snapshot");
    const struct config_node *bytes =
            config_node_find(config_node_find(root, "limits"), "journal_bytes");
    config->journal_archive = config_text_dup(load, config_node_find(root, "journal_archive"));
    if (bytes != NULL && rd_size_parse(bytes->text, &config->journal_bytes) < 0) {
        config->journal_bytes = 0; /* the schema has told it */
    }
    if (snapshot != NULL) {
        const struct config_node *keep = config_node_find(snapshot, "keep");
        config->snapshot_every_us = config_span_us(config_node_text(snapshot, "every"));
        config->snapshot_keep = keep != NULL ? (size_t)keep->integer : 0;
        config->snapshot_dir = config_text_dup(load, config_node_find(snapshot, "dir"));
    } else if (bytes != NULL) {
        config_fault_at(load, bytes,
                "without snapshot nothing of the journal may go: what is cut must be in one");
    }
}

static void build_rejected(const struct config_node *root, struct config *config)
{
    const struct config_node *rejected =
            config_node_find(config_node_find(root, "alerts"), "rejected");
    config->rejected_wait_us = config_span_us(config_node_text(rejected, "wait"));
    config->rejected_every_us = config_span_us(config_node_text(rejected, "every"));
}

static void build_mask(
        struct config_load *load, const struct config_node *root, struct config *config)
{
    const struct config_node *mask = config_node_find(config_node_find(root, "alerts"), "mask");
    const struct config_node *key_file = config_node_find(mask, "key_file");
    struct rd_str way = config_node_text(mask, "customer");
    config->mask = rd_str_is(way, "keyed")  ? RD_MASK_KEYED
                   : rd_str_is(way, "full") ? RD_MASK_FULL
                                            : RD_MASK_LAST4;
    if (config->mask == RD_MASK_KEYED && key_file == NULL) {
        config_fault_at(load, mask, "keyed needs a key_file");
    }
    config->mask_key_file = config_text_dup(load, key_file);
    config_look_at_secret(load, key_file);
}

void config_build_edge(
        struct config_load *load, const struct config_node *root, struct config *config)
{
    const struct config_node *security = config_node_find(root, "security");
    config->state = config_text_dup(load, config_node_find(root, "state"));
    config->has_security = security != NULL;
    if (security != NULL) {
        const struct config_node *secret = config_node_find(security, "secret_key");
        config->security.secret_key_file = config_text_dup(load, secret);
        config_look_at_secret(load, secret);
        config_build_clients(load, root, config);
    }
    config_build_listen(load, root, config);
    build_limits(load, root, config);
    build_keeping(load, root, config);
    build_mask(load, root, config);
    build_rejected(root, config);
}
