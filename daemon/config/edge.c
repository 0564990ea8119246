/* daemon/config/edge.c — what the edge uses, as a plain struct. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/num.h"
#include "daemon/config/build.h"

static const char *text_of(struct config_load *load, const struct config_node *node)
{
    return node != NULL ? rd_arena_dup(load->arena, node->text).ptr : NULL;
}

static struct config_list list_of(struct config_load *load, const struct config_node *list)
{
    size_t count = list != NULL ? list->count : 0;
    const char **at = RD_ARENA_ARRAY(load->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        at[i] = text_of(load, list->items[i]);
    }
    return (struct config_list){.at = at, .count = count};
}

static bool is_local(struct rd_str endpoint)
{
    return rd_str_starts(endpoint, RD_STR("ipc://")) ||
           rd_str_starts(endpoint, RD_STR("tcp://127.")) ||
           rd_str_starts(endpoint, RD_STR("tcp://localhost:")) ||
           rd_str_starts(endpoint, RD_STR("tcp://[::1]:"));
}

static void check_local(struct config_load *load, const struct config_node *list)
{
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        const struct config_node *endpoint = list->items[i];
        if (rd_str_starts(endpoint->text, RD_STR("tcp://")) && !is_local(endpoint->text)) {
            config_fault_at(load, endpoint,
                    "\"%.*s\": without security only ipc and loopback are allowed",
                    CONFIG_QUOTED(endpoint->text));
        }
    }
}

/* One address, one door: ZeroMQ would refuse the second bind only at the start. */
static void check_doubles(struct config_load *load, const struct config_node *listen)
{
    static const char *const DOORS[] = {"intake", "pull", "feed", "desk"};
    const struct config_node *seen[80];
    size_t count = 0;
    for (size_t d = 0; d < RD_COUNT(DOORS); d++) {
        const struct config_node *list = config_node_find(listen, DOORS[d]);
        for (uint32_t i = 0; list != NULL && i < list->count && count < RD_COUNT(seen); i++) {
            struct rd_str text = list->items[i]->text;
            bool is_wild = text.len > 2 && text.ptr[text.len - 1] == '*';
            for (size_t k = 0; k < count && !is_wild; k++) {
                if (rd_str_eq(seen[k]->text, text)) {
                    config_fault_at(load, list->items[i], "\"%.*s\": %.*s listens there already",
                            CONFIG_QUOTED(text), RD_FMT(seen[k]->path));
                }
            }
            seen[count++] = list->items[i];
        }
    }
}

static void build_listen(
        struct config_load *load, const struct config_node *root, struct config *config)
{
    const struct config_node *listen = config_node_find(root, "listen");
    config->intake = list_of(load, config_node_find(listen, "intake"));
    config->pull = list_of(load, config_node_find(listen, "pull"));
    config->subscribe = list_of(load, config_node_find(listen, "subscribe"));
    config->feed = list_of(load, config_node_find(listen, "feed"));
    config->desk = list_of(load, config_node_find(listen, "desk"));
    check_doubles(load, listen);
    if (!config->has_security) {
        check_local(load, config_node_find(listen, "intake"));
        check_local(load, config_node_find(listen, "pull"));
        check_local(load, config_node_find(listen, "subscribe"));
        check_local(load, config_node_find(listen, "feed"));
        check_local(load, config_node_find(listen, "desk"));
        config_note_at(load, root,
                "no security: whoever reaches a socket has every right, operator events included");
    }
}

/* A file that only the daemon may read. Missing, it is told here and refused at the start, so that
 * a configuration can be checked where the keys are not. */
static void look_at_secret(struct config_load *load, const struct config_node *file)
{
    if (file == NULL || load->folder == NULL) {
        return;
    }
    struct stat about;
    if (stat(text_of(load, file), &about) < 0) {
        config_note_at(load, file, "%.*s: %s; the daemon will not start without it",
                CONFIG_QUOTED(file->text), strerrordesc_np(errno));
    } else if ((about.st_mode & S_IRWXO) != 0) {
        config_fault_at(
                load, file, "%.*s: can be read by others; chmod o= it", CONFIG_QUOTED(file->text));
    }
}

static bool is_z85_key(struct rd_str key)
{
    static const char LETTERS[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  ".-:+=^!/*?&<>()[]{}@%$#";
    for (size_t i = 0; i < key.len; i++) {
        if (memchr(LETTERS, key.ptr[i], sizeof LETTERS - 1) == NULL) {
            return false;
        }
    }
    return key.len == 40;
}

static unsigned role_bit(struct rd_str role)
{
    return rd_str_is(role, "producer")   ? CONFIG_ROLE_PRODUCER
           : rd_str_is(role, "unit")     ? CONFIG_ROLE_UNIT
           : rd_str_is(role, "operator") ? CONFIG_ROLE_OPERATOR
           : rd_str_is(role, "viewer")   ? CONFIG_ROLE_VIEWER
                                         : 0U;
}

static void build_units(struct config_load *load, const struct config_node *list,
        const struct rd_plan *plan, struct config_client *client)
{
    size_t count = list != NULL ? list->count : 0;
    int32_t *units = RD_ARENA_ARRAY(load->arena, int32_t, count + 1);
    for (size_t i = 0; i < count && plan != NULL; i++) {
        units[i] = rd_plan_unit_find(plan, list->items[i]->text);
        if (units[i] == RD_NO_INDEX) {
            config_fault_at(load, list->items[i], "\"%.*s\": no such unit",
                    CONFIG_QUOTED(list->items[i]->text));
        }
    }
    client->units = units;
    client->unit_count = count;
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

static void build_client(struct config_load *load, const struct config_node *from,
        const struct rd_plan *plan, struct config_client *client)
{
    const struct config_node *roles = config_node_find(from, "roles");
    client->name = text_of(load, config_node_find(from, "name"));
    for (uint32_t i = 0; roles != NULL && i < roles->count; i++) {
        client->roles |= role_bit(roles->items[i]->text);
    }
    client->sources = list_of(load, config_node_find(from, "sources"));
    client->may = list_of(load, config_node_find(from, "may"));
    check_may(load, config_node_find(from, "may"));
    const struct config_node *sees = config_node_find(from, "sees");
    client->sees_customer = sees != NULL && sees->count > 0;
    build_units(load, config_node_find(from, "units"), plan, client);
    if ((client->roles & CONFIG_ROLE_UNIT) != 0 && client->unit_count == 0) {
        config_fault_at(load, from, "a client with the role unit needs units");
    }
}

static void build_clients(struct config_load *load, const struct config_node *map,
        const struct rd_plan *plan, struct config_security *security)
{
    size_t count = map != NULL ? map->count : 0;
    struct config_client *clients = RD_ARENA_ARRAY(load->arena, struct config_client, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        clients[i].public_key = rd_arena_dup(load->arena, map->keys[i]).ptr;
        if (!is_z85_key(map->keys[i])) {
            config_fault_mark(load, map->key_marks[i], (struct rd_str){0},
                    "\"%.*s\": not a public key: 40 characters of Z85",
                    CONFIG_QUOTED(map->keys[i]));
        }
        build_client(load, map->items[i], plan, &clients[i]);
        for (uint32_t k = 0; k < i; k++) {
            if (clients[i].name != NULL && clients[k].name != NULL &&
                    strcmp(clients[i].name, clients[k].name) == 0) {
                config_fault_at(load, config_node_find(map->items[i], "name"),
                        "\"%s\" stands twice", clients[i].name);
                break;
            }
        }
    }
    security->clients = clients;
    security->client_count = count;
    if (map != NULL && count == 0) {
        config_note_at(load, map, "no clients: nobody may knock");
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
    config->journal_archive = text_of(load, config_node_find(root, "journal_archive"));
    if (bytes != NULL && rd_size_parse(bytes->text, &config->journal_bytes) < 0) {
        config->journal_bytes = 0; /* the schema has told it */
    }
    if (snapshot != NULL) {
        const struct config_node *keep = config_node_find(snapshot, "keep");
        config->snapshot_every_us = config_span_us(config_node_text(snapshot, "every"));
        config->snapshot_keep = keep != NULL ? (size_t)keep->integer : 0;
        config->snapshot_dir = text_of(load, config_node_find(snapshot, "dir"));
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
    config->mask_key_file = text_of(load, key_file);
    look_at_secret(load, key_file);
}

void config_build_edge(
        struct config_load *load, const struct config_node *root, struct config *config)
{
    const struct config_node *security = config_node_find(root, "security");
    config->state = text_of(load, config_node_find(root, "state"));
    config->has_security = security != NULL;
    build_listen(load, root, config);
    if (security != NULL) {
        const struct config_node *secret = config_node_find(security, "secret_key");
        config->security.secret_key_file = text_of(load, secret);
        look_at_secret(load, secret);
        build_clients(load, config_node_find(security, "clients"), config->plan, &config->security);
    }
    build_limits(load, root, config);
    build_keeping(load, root, config);
    build_mask(load, root, config);
    build_rejected(root, config);
}
