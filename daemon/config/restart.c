/* daemon/config/restart.c — what of a new configuration a running daemon leaves as it was. */
#include <xxhash.h>

#include "daemon/config/load.h"
#include "daemon/config/schema.h"

/* 0 where there is none. */
static uint64_t digest_of(const struct config_node *node)
{
    if (node == NULL) {
        return 0;
    }
    struct rd_buf text;
    rd_buf_init(&text, CONFIG_TREE_BYTES_MAX);
    config_node_pack(&text, node);
    uint64_t digest = XXH3_64bits(text.ptr, text.len);
    rd_buf_done(&text);
    return digest;
}

void config_note_force(const struct config *config, struct config_force *ret_force)
{
    *ret_force = (struct config_force){.event_bytes = config->event_bytes,
            .map_size_bytes = config->map_size_bytes,
            .has_security = config->has_security};
    const struct config_row *row;
    size_t count = 0;
    for (size_t i = 0; (row = config_row_at(i)) != NULL; i++) {
        if ((row->flags & CONFIG_RESTART) != 0) {
            RD_ASSERT(count < CONFIG_FORCE_MAX);
            ret_force->keys[count] = row->path;
            ret_force->digests[count++] = digest_of(config_node_at(config_root(config), row->path));
        }
    }
    ret_force->count = count;
}

size_t config_apply_force(const struct config_force *force, struct config *config,
        const char *ret_keys[static CONFIG_FORCE_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < force->count; i++) {
        const struct config_node *node = config_node_at(config_root(config), force->keys[i]);
        if (digest_of(node) != force->digests[i]) {
            ret_keys[count++] = force->keys[i];
        }
    }
    if (config->has_security != force->has_security) {
        RD_ASSERT(count < CONFIG_FORCE_MAX);
        ret_keys[count++] = "security";
    }
    config->has_security = force->has_security;
    config->event_bytes = force->event_bytes;
    config->map_size_bytes = force->map_size_bytes;
    return count;
}
