/* daemon/config/build_supervision.c — what units owe, patterns of units unfolded to paths. */
#include "daemon/config/build.h"

static struct config_node *with_units(struct config_load *load, const struct config_node *units,
        const struct config_node *from, const char *key)
{
    struct config_node *out = config_node_copy(load->arena, from);
    const struct config_node *list = config_node_find(from, key);
    if (list != NULL && list->kind == CONFIG_LIST) {
        config_node_put(load->arena, out, key, config_unfold_units(load, units, list));
    }
    return out;
}

static struct config_node *each_with_units(struct config_load *load,
        const struct config_node *units, const struct config_node *list, const char *key)
{
    struct config_node *out = config_node_new(load->arena, CONFIG_LIST, list);
    for (uint32_t i = 0; i < list->count; i++) {
        config_node_add(load->arena, out, with_units(load, units, list->items[i], key));
    }
    return out;
}

struct config_node *config_build_supervision(
        struct config_load *load, const struct config_node *root, const struct config_node *units)
{
    const struct config_node *from = config_node_find(root, "supervision");
    if (from == NULL) {
        return NULL;
    }
    struct config_node *out = config_node_copy(load->arena, from);
    const struct config_node *report = config_node_find(from, "daily_report");
    if (report != NULL) {
        struct config_node *with = with_units(load, units, report, "owed_by");
        if (config_node_find(report, "owed_by") == NULL) {
            config_node_put(load->arena, with, "owed_by", config_leaf_units(load, units));
        }
        config_node_put(load->arena, out, "daily_report", with);
    }
    const struct config_node *digests = config_node_find(from, "digest");
    if (digests != NULL) {
        config_node_put(load->arena, out, "digest", each_with_units(load, units, digests, "to"));
    }
    const struct config_node *duties = config_node_find(from, "duties");
    if (duties != NULL) {
        config_node_put(load->arena, out, "duties", each_with_units(load, units, duties, "for"));
    }
    return out;
}

struct config_node *config_build_rosters(struct config_load *load, const struct config_node *root)
{
    const struct config_node *rosters = config_node_find(root, "rosters");
    struct config_node *list =
            config_node_new(load->arena, CONFIG_LIST, rosters != NULL ? rosters : root);
    for (uint32_t i = 0; rosters != NULL && i < rosters->count; i++) {
        const struct config_node *from = rosters->items[i];
        struct config_node *roster = config_node_copy(load->arena, from);
        struct config_node *code = config_node_str(load->arena, rosters->keys[i], from);
        if (!config_is_name(rosters->keys[i])) {
            config_fault_mark(load, rosters->key_marks[i], from->path,
                    "a roster's name has letters, digits, \"_\", \".\" and \"-\", at most 64");
        }
        config_node_put(load->arena, roster, "roster", code);
        if (config_node_find(from, "name") == NULL) {
            config_node_put(load->arena, roster, "name", code);
        }
        config_node_add(load->arena, list, roster);
    }
    return list;
}
