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

static void put(const struct config_row *row, struct config *config, const void *value, size_t size)
{
    RD_ASSERT(row->into.size == size); /* the member is of the row's type */
    memcpy((char *)config + row->into.offset, value, size);
}

/* A value that the schema binds to a member of struct config, by the type that its row has. After
 * faults a value may be missing or wrong: the member stays zero, and the configuration is not used.
 */
static void build_bound(struct config_load *load, const struct config_row *row,
        const struct config_node *node, struct config *config)
{
    if (node == NULL) {
        return;
    }
    if (row->type == CONFIG_T_SPAN) {
        int64_t span_us = config_span_us(node->text);
        put(row, config, &span_us, sizeof span_us);
    } else if (row->type == CONFIG_T_SIZE) {
        uint64_t bytes = 0;
        int r = rd_size_parse(node->text, &bytes);
        bytes = r == 0 ? bytes : 0;
        put(row, config, &bytes, sizeof bytes);
    } else if (row->type == CONFIG_T_INT) {
        size_t number = (size_t)node->integer;
        put(row, config, &number, sizeof number);
    } else {
        RD_ASSERT(row->type == CONFIG_T_FILE);
        const char *path = config_text_dup(load, node);
        put(row, config, &path, sizeof path);
    }
}

static void check_keeping(struct config_load *load, const struct config_node *root)
{
    const struct config_node *bytes = config_node_at(root, "limits.journal_bytes");
    if (config_node_find(root, "snapshot") == NULL && bytes != NULL) {
        config_fault_at(load, bytes,
                "without snapshot nothing of the journal may go: what is cut must be in one");
    }
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
    config_look_at_secret(load, key_file);
}

void config_build_edge(
        struct config_load *load, const struct config_node *root, struct config *config)
{
    const struct config_row *row;
    for (size_t i = 0; (row = config_row_at(i)) != NULL; i++) {
        if (row->into.size > 0) {
            build_bound(load, row, config_node_at(root, row->path), config);
        }
    }
    const struct config_node *security = config_node_find(root, "security");
    config->has_security = security != NULL;
    if (security != NULL) {
        config_look_at_secret(load, config_node_find(security, "secret_key"));
        config_build_clients(load, root, config);
    }
    config_build_listen(load, root, config);
    check_keeping(load, root);
    build_mask(load, root, config);
}
