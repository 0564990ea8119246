/* daemon/config/texts.c — texts of the tree as the C strings that the edge keeps. */
#include "daemon/config/build.h"

const char *config_text_dup(struct config_load *load, const struct config_node *node)
{
    return node != NULL ? rd_arena_dup(load->arena, node->text).ptr : NULL;
}

struct config_list config_texts(struct config_load *load, const struct config_node *list)
{
    size_t count = list != NULL ? list->count : 0;
    const char **at = RD_ARENA_ARRAY(load->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        at[i] = config_text_dup(load, list->items[i]);
    }
    return (struct config_list){.at = at, .count = count};
}
