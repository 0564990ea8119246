/* daemon/config/clients.c — who may knock, and what of it each may do. */
#include <string.h>

#include "common/base/num.h"
#include "common/time/civil.h"
#include "daemon/config/build.h"

enum { KEY_LETTERS = 40 };

bool config_is_public_key(struct rd_str key)
{
    static const char LETTERS[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  ".-:+=^!/*?&<>()[]{}@%$#";
    for (size_t i = 0; i < key.len; i++) {
        if (memchr(LETTERS, key.ptr[i], sizeof LETTERS - 1) == NULL) {
            return false;
        }
    }
    return key.len == KEY_LETTERS;
}

/* The bit of a word among the words of a closed list, which the schema has checked. */
static unsigned bit_of(struct rd_str word, const char *const words[], size_t count)
{
    for (unsigned i = 0; i < count; i++) {
        if (rd_str_is(word, words[i])) {
            return 1U << i;
        }
    }
    return 0;
}

static unsigned roles_of(struct rd_str word)
{
    static const char *const ROLES[] = {"producer", "unit", "operator", "viewer"};
    _Static_assert(CONFIG_ROLE_PRODUCER == 1 && CONFIG_ROLE_VIEWER == 8, "in this order");
    return bit_of(word, ROLES, RD_COUNT(ROLES));
}

static unsigned sees_of(struct rd_str word)
{
    static const char *const SEES[] = {"customer", "phone", "contract", "text"};
    _Static_assert(CONFIG_SEES_CUSTOMER == 1 && CONFIG_SEES_TEXT == 8, "in this order");
    return bit_of(word, SEES, RD_COUNT(SEES));
}

/* Their paths; an id alone is enough for the file. */
static struct config_list units_of(
        struct config_load *load, const struct config_node *list, const struct rd_plan *plan)
{
    size_t count = list != NULL ? list->count : 0;
    const char **paths = RD_ARENA_ARRAY(load->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        int32_t unit = plan != NULL ? rd_plan_unit_find(plan, list->items[i]->text) : RD_NO_INDEX;
        paths[i] = unit != RD_NO_INDEX ? rd_arena_dup(load->arena, plan->units[unit].path).ptr : "";
        if (unit == RD_NO_INDEX && plan != NULL) {
            config_fault_at(load, list->items[i], "\"%.*s\": no such unit",
                    CONFIG_QUOTED(list->items[i]->text));
        }
    }
    return (struct config_list){.at = paths, .count = count};
}

static void check_may(struct config_load *load, const struct config_node *list)
{
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        struct rd_str text = list->items[i]->text;
        enum rd_event_type type;
        bool is_group =
                text.len > 2 && rd_str_is((struct rd_str){text.ptr + text.len - 2, 2}, ".*");
        struct rd_nearest nearest = rd_nearest_of(text);
        bool is_known = rd_str_is(text, "quiet") || rd_str_is(text, "*") ||
                        rd_event_type_parse(text, &type) == 0;
        for (int k = 0; k < RD_EVENT_TYPE_COUNT && !is_known; k++) {
            struct rd_str name = rd_str_of(rd_event_type_name((enum rd_event_type)k));
            is_known = is_group && rd_str_starts(name, (struct rd_str){text.ptr, text.len - 1});
            rd_nearest_try(&nearest, name);
        }
        if (!is_known) {
            config_fault_at(load, list->items[i],
                    "\"%.*s\": no type of event; also case.* and quiet%s", CONFIG_QUOTED(text),
                    config_nearest_hint(load, &nearest));
        }
    }
}

void config_build_rights(struct config_load *load, const struct config_node *from,
        const struct rd_plan *plan, struct config_client *client)
{
    const struct config_node *sees = config_node_find(from, "sees");
    client->sources = config_texts(load, config_node_find(from, "sources"));
    client->units = units_of(load, config_node_find(from, "units"), plan);
    client->may = config_texts(load, config_node_find(from, "may"));
    client->expires = RD_TIME_NONE;
    check_may(load, config_node_find(from, "may"));
    for (uint32_t i = 0; sees != NULL && i < sees->count; i++) {
        client->sees |= sees_of(sees->items[i]->text);
    }
    if ((client->roles & CONFIG_ROLE_UNIT) != 0 && client->units.count == 0) {
        config_fault_at(load, from, "the role unit needs units");
    }
}

static void build_quotas(const struct config_node *from, struct config_client *client)
{
    const struct config_node *events = config_node_find(from, "events_per_second");
    const struct config_node *rows = config_node_find(from, "rows_per_second");
    uint64_t bytes;
    int r = rd_size_parse(config_node_text(from, "bytes_per_second"), &bytes);
    client->per_second[CONFIG_QUOTA_EVENTS] = events != NULL ? (uint32_t)events->integer : 0;
    client->per_second[CONFIG_QUOTA_ROWS] = rows != NULL ? (uint32_t)rows->integer : 0;
    client->per_second[CONFIG_QUOTA_BYTES] = r == 0 ? (uint32_t)bytes : 0;
}

static void build_client(struct config_load *load, const struct config_node *from,
        const struct rd_plan *plan, struct config_client *client)
{
    const struct config_node *roles = config_node_find(from, "roles");
    client->name = config_text_dup(load, config_node_find(from, "name"));
    client->person = config_text_dup(load, config_node_find(from, "person"));
    for (uint32_t i = 0; roles != NULL && i < roles->count; i++) {
        client->roles |= roles_of(roles->items[i]->text);
    }
    config_build_rights(load, from, plan, client);
    build_quotas(from, client);
    rd_day day;
    if (rd_day_parse(config_node_text(from, "expires"), &day) == 0) {
        client->expires = (rd_time)day * RD_DAY_US;
    }
}

/* All but when the key ends. */
static bool is_same_client(const struct config_node *a, const struct config_node *b)
{
    struct rd_buf texts[2];
    const struct config_node *clients[] = {a, b};
    for (size_t i = 0; i < RD_COUNT(texts); i++) {
        rd_buf_init(&texts[i], CONFIG_TREE_BYTES_MAX);
        for (uint32_t k = 0; k < clients[i]->count; k++) {
            if (!rd_str_is(clients[i]->keys[k], "expires")) {
                rd_buf_put_text(&texts[i], clients[i]->keys[k]);
                config_node_pack(&texts[i], clients[i]->items[k]);
            }
        }
    }
    bool is_same = rd_str_eq(rd_buf_str(&texts[0]), rd_buf_str(&texts[1]));
    rd_buf_done(&texts[0]);
    rd_buf_done(&texts[1]);
    return is_same;
}

/* A client has two keys while it goes over from the one to the other. */
static void check_name(struct config_load *load, const struct config_node *map,
        const struct config_client *clients, uint32_t at)
{
    uint32_t others = 0;
    for (uint32_t k = 0; k < at; k++) {
        if (clients[at].name == NULL || clients[k].name == NULL ||
                strcmp(clients[at].name, clients[k].name) != 0) {
            continue;
        }
        const struct config_node *name = config_node_find(map->items[at], "name");
        if (++others > 1) {
            config_fault_at(
                    load, name, "\"%s\" stands thrice: a client has two keys", clients[at].name);
        } else if (!is_same_client(map->items[at], map->items[k])) {
            config_fault_at(load, name,
                    "\"%s\" stands twice with other rights: two keys of a client differ in "
                    "expires alone",
                    clients[at].name);
        }
    }
}

/* Whoever holds such a key may also be the person who asked. */
static void note_nobody(struct config_load *load, const struct config_node *root,
        const struct config_node *map, const struct config_client *clients)
{
    const struct config_node *security = config_node_find(root, "security");
    bool takes_two = config_node_find(security, "four_eyes") != NULL;
    for (uint32_t i = 0; takes_two && map != NULL && i < map->count; i++) {
        bool is_nobody = clients[i].person == NULL || clients[i].person[0] == '\0';
        if ((clients[i].roles & CONFIG_ROLE_OPERATOR) != 0 && is_nobody) {
            config_note_at(load, config_node_find(map->items[i], "name"),
                    "this key has no person: it approves nothing that a person's key asked for "
                    "(security.four_eyes)");
        }
    }
}

void config_build_clients(
        struct config_load *load, const struct config_node *root, struct config *config)
{
    const struct config_node *map = config_node_find(config_node_find(root, "security"), "clients");
    size_t count = map != NULL ? map->count : 0;
    struct config_client *clients = RD_ARENA_ARRAY(load->arena, struct config_client, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        clients[i].public_key = rd_arena_dup(load->arena, map->keys[i]).ptr;
        if (!config_is_public_key(map->keys[i])) {
            config_fault_mark(load, map->key_marks[i], (struct rd_str){0},
                    "\"%.*s\": not a public key: 40 characters of Z85",
                    CONFIG_QUOTED(map->keys[i]));
        }
        build_client(load, map->items[i], config->plan, &clients[i]);
        check_name(load, map, clients, i);
    }
    note_nobody(load, root, map, clients);
    config->security.clients = clients;
    config->security.client_count = count;
    if (map != NULL && count == 0) {
        config_note_at(load, map, "no clients: every connection by tcp is refused");
    }
}
