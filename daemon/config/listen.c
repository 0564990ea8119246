/* daemon/config/listen.c — the doors: where they listen, and who comes by which address. */
#include <string.h>

#include "daemon/config/build.h"

enum { DOORS_LISTS = 5, LIST_MAX = 16 };

static const struct {
    const char *name;
    unsigned role; /* of whoever comes by an address that does not say it, under security */
} DOORS[DOORS_LISTS] = {
        {"intake", CONFIG_ROLE_PRODUCER},
        {"pull", CONFIG_ROLE_PRODUCER},
        {"subscribe", CONFIG_ROLE_PRODUCER},
        {"feed", CONFIG_ROLE_VIEWER},
        {"desk", CONFIG_ROLE_VIEWER},
};

static bool is_tcp(struct rd_str at)
{
    return rd_str_starts(at, RD_STR("tcp://"));
}

static bool is_loopback(struct rd_str at)
{
    return rd_str_starts(at, RD_STR("tcp://127.")) ||
           rd_str_starts(at, RD_STR("tcp://localhost:")) ||
           rd_str_starts(at, RD_STR("tcp://[::1]:"));
}

static const char *role_name(unsigned role)
{
    return role == CONFIG_ROLE_PRODUCER   ? "ipc:producer"
           : role == CONFIG_ROLE_UNIT     ? "ipc:unit"
           : role == CONFIG_ROLE_OPERATOR ? "ipc:operator"
                                          : "ipc:viewer";
}

static unsigned role_of(struct rd_str word, unsigned otherwise)
{
    return rd_str_is(word, "producer")   ? CONFIG_ROLE_PRODUCER
           : rd_str_is(word, "unit")     ? CONFIG_ROLE_UNIT
           : rd_str_is(word, "operator") ? CONFIG_ROLE_OPERATOR
           : rd_str_is(word, "viewer")   ? CONFIG_ROLE_VIEWER
                                         : otherwise;
}

/* What is said of rights without security, or of a file without one, is said in vain. */
static void check_vain(struct config_load *load, const struct config_node *from, struct rd_str at,
        bool is_keyed, bool has_security)
{
    static const char *const RIGHTS[] = {"as", "sources", "units", "may", "sees", "key"};
    static const char *const FILES[] = {"mode", "group"};
    for (size_t i = 0; i < RD_COUNT(RIGHTS); i++) {
        const struct config_node *given = config_node_find(from, RIGHTS[i]);
        if (given != NULL && !has_security) {
            config_fault_at(load, given,
                    "without security every peer has every right: give security, or leave it out");
        } else if (given != NULL && is_keyed && i + 1 < RD_COUNT(RIGHTS)) {
            config_fault_at(load, given,
                    "who comes by tcp is known by the key: give its rights in security.clients");
        }
    }
    for (size_t i = 0; i < RD_COUNT(FILES); i++) {
        const struct config_node *given = config_node_find(from, FILES[i]);
        if (given != NULL && (is_tcp(at) || rd_str_starts(at, RD_STR("ipc://@")))) {
            config_fault_at(load, given, "this address has no file");
        }
    }
}

static void check_keys(struct config_load *load, const struct config_node *at,
        const struct config *config, bool is_plain_allowed, bool is_keyed)
{
    if (!config->has_security && is_tcp(at->text) && !is_plain_allowed) {
        config_fault_at(load, at, "\"%.*s\": without security only ipc is allowed%s",
                CONFIG_QUOTED(at->text),
                is_loopback(at->text) ? ", and loopback with listen.plain_loopback: true" : "");
    }
    if (is_keyed && config->security.secret_key_file == NULL) {
        config_fault_at(load, at, "\"%.*s\": tcp needs the daemon's key: give security.secret_key",
                CONFIG_QUOTED(at->text));
    }
}

/* A publisher that is subscribed to: it never acts as anything but the sources it speaks for. */
static void build_publisher(struct config_load *load, const struct config_node *from,
        struct config_endpoint *endpoint, bool has_security)
{
    const struct config_node *key = config_node_find(from, "key");
    endpoint->server_key = config_text_dup(load, key);
    if (key != NULL && !config_is_public_key(key->text)) {
        config_fault_at(load, key, "\"%.*s\": not a public key: 40 characters of Z85",
                CONFIG_QUOTED(key->text));
    }
    if (has_security && endpoint->is_keyed && key == NULL) {
        config_fault_at(load, from, "a publisher by tcp needs its public key: key");
    }
    if (has_security && endpoint->as.sources.count == 0) {
        config_fault_at(load, from, "a publisher says which sources it speaks for: sources");
    }
}

static void build_endpoint(struct config_load *load, const struct config_node *from, size_t door,
        bool is_plain_allowed, struct config *config, struct config_endpoint *endpoint)
{
    static const char *const ANY[] = {"*"};
    const struct config_node *at = config_node_find(from, "at");
    if (at == NULL || config_fault_covers(load, load->fault_count, at->mark.file, at->path)) {
        return;
    }
    bool is_plain = is_plain_allowed && is_loopback(at->text);
    endpoint->at = config_text_dup(load, at);
    endpoint->is_keyed = config->has_security && is_tcp(at->text) && !is_plain;
    check_keys(load, at, config, is_plain, endpoint->is_keyed);
    bool is_publisher = rd_str_is(rd_str_of(DOORS[door].name), "subscribe");
    check_vain(load, from, at->text, endpoint->is_keyed && !is_publisher, config->has_security);
    endpoint->as.roles = role_of(config_node_text(from, "as"), DOORS[door].role);
    endpoint->as.name = role_name(endpoint->as.roles);
    config_build_rights(load, from, config->plan, &endpoint->as);
    if (is_publisher) {
        build_publisher(load, from, endpoint, config->has_security);
    } else if (endpoint->as.sources.count == 0) {
        endpoint->as.sources = (struct config_list){.at = ANY, .count = RD_COUNT(ANY)};
    }
    struct rd_str mode = config_node_text(from, "mode");
    endpoint->mode = rd_str_is(mode, "0600") ? 0600 : rd_str_is(mode, "0666") ? 0666 : 0660;
    endpoint->group = config_text_dup(load, config_node_find(from, "group"));
}

/* One address, one door: ZeroMQ would refuse the second bind only at the start. */
static void check_doubles(struct config_load *load, const struct config_node *listen)
{
    const struct config_node *seen[DOORS_LISTS * LIST_MAX];
    size_t count = 0;
    for (size_t d = 0; d < RD_COUNT(DOORS); d++) {
        const struct config_node *list = config_node_find(listen, DOORS[d].name);
        bool is_bound = strcmp(DOORS[d].name, "subscribe") != 0;
        for (uint32_t i = 0; is_bound && list != NULL && i < list->count; i++) {
            const struct config_node *at = config_node_find(list->items[i], "at");
            if (at == NULL || count == RD_COUNT(seen)) {
                continue;
            }
            bool is_wild = at->text.len > 2 && at->text.ptr[at->text.len - 1] == '*';
            for (size_t k = 0; k < count && !is_wild; k++) {
                if (rd_str_eq(seen[k]->text, at->text)) {
                    config_fault_at(load, at, "\"%.*s\": %.*s listens there already",
                            CONFIG_QUOTED(at->text), RD_FMT(seen[k]->path));
                }
            }
            seen[count++] = at;
        }
    }
}

void config_build_listen(
        struct config_load *load, const struct config_node *root, struct config *config)
{
    const struct config_node *listen = config_node_find(root, "listen");
    const struct config_node *plain = config_node_find(listen, "plain_loopback");
    bool is_plain_allowed = plain != NULL && plain->integer != 0;
    struct config_endpoints *const lists[DOORS_LISTS] = {
            &config->intake, &config->pull, &config->subscribe, &config->feed, &config->desk};
    for (size_t d = 0; d < RD_COUNT(lists); d++) {
        const struct config_node *list = config_node_find(listen, DOORS[d].name);
        size_t count = list != NULL ? list->count : 0;
        struct config_endpoint *at = RD_ARENA_ARRAY(load->arena, struct config_endpoint, count + 1);
        for (size_t i = 0; i < count; i++) {
            build_endpoint(load, list->items[i], d, is_plain_allowed, config, &at[i]);
        }
        *lists[d] = (struct config_endpoints){.at = at, .count = count};
    }
    check_doubles(load, listen);
    if (config->intake.count + config->pull.count + config->subscribe.count == 0) {
        config_note_at(load, root, "listen: no intake, no pull, no subscribe: no events come in");
    }
    if (!config->has_security) {
        config_note_at(load, root,
                "no security: anyone who can reach a socket has all rights, operator events "
                "included");
    }
}
