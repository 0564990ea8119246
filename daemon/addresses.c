#include "daemon/addresses.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/address.h"
#include "daemon/lock_wait.h"

enum { LIST_MAX = ADDRESSES_LIST_MAX, BACKLOG = 256 };

struct one {
    struct endpoint endpoint;
    enum addresses_door door;
    struct address address;           /* path NULL: no ipc socket in the file system */
    const char *group;                /* as configured, "": none; of the first configuration */
    bool is_told;                     /* that it is gone */
    char hindrance[ADDRESS_WHAT_MAX]; /* as told last: why it cannot be made again */
};

struct addresses {
    struct one at[DOOR_COUNT * LIST_MAX];
    size_t count;
    size_t first[DOOR_COUNT]; /* of a door's, in `texts` and `fds` */
    const char *texts[DOOR_COUNT * LIST_MAX];
    const char *users[DOOR_COUNT * LIST_MAX];
    int fds[DOOR_COUNT * LIST_MAX];
};

static struct config_endpoints list_of(const struct config *config, enum addresses_door door)
{
    const struct config_endpoints lists[] = {[DOOR_INTAKE] = config->intake,
            [DOOR_PULL] = config->pull,
            [DOOR_FEED] = config->feed,
            [DOOR_DESK] = config->desk};
    return lists[door];
}

/* A group that does not exist lets nobody in, and is told at once. */
static int find_group(const char *name, gid_t *ret_group)
{
    char room[4096];
    struct group group, *found = NULL;
    if (name == NULL) {
        *ret_group = (gid_t)-1;
        return 0;
    }
    if (getgrnam_r(name, &group, room, sizeof room, &found) != 0 || found == NULL) {
        log_err("main", "listen names a group that does not exist", "group=\"%s\"", name);
        return EX_CONFIG;
    }
    *ret_group = group.gr_gid;
    return 0;
}

/* By this daemon itself, under another spelling: the configuration compares texts alone. */
static bool is_taken(const struct addresses *addresses, const char *path)
{
    for (size_t i = 0; i < addresses->count; i++) {
        const struct address *address = &addresses->at[i].address;
        if (address->path != NULL && address_is_same(address, path)) {
            return true;
        }
    }
    return false;
}

static int take_one(struct edge *edge, struct one *one, const struct config_endpoint *from)
{
    const char *text = from->at;
    char what[ADDRESS_WHAT_MAX];
    if (endpoint_parse(rd_str_of(text), &one->endpoint, what) < 0) {
        log_err("main", "a bad endpoint in listen", "what=\"%s\"", what);
        return EX_CONFIG;
    }
    one->address = (struct address){.lock_fd = -1};
    if (one->endpoint.path == NULL) {
        return 0;
    }
    one->endpoint.path = one->endpoint.text + strlen("ipc://");
    if (is_taken(edge->addresses, one->endpoint.path)) {
        log_err("doors", "listen names an address twice, written in two ways", "path=%s",
                one->endpoint.path);
        return EX_CONFIG;
    }
    int64_t since_us = 0;
    int r;
    do {
        r = address_take(one->endpoint.path, &one->address, what);
    } while (r == -EWOULDBLOCK && lock_waits(edge, &since_us));
    if (r < 0) {
        log_err("doors", "an address cannot be had", "what=\"%s\"", what);
        return r == -EWOULDBLOCK || r == -EADDRINUSE ? EX_UNAVAILABLE : EX_OSERR;
    }
    one->group = from->group != NULL ? from->group : "";
    one->address.mode = (mode_t)from->mode;
    return find_group(from->group, &one->address.group);
}

/* Whom the doors shall say comes by it. */
static const char *user_of(
        const struct config *config, const struct config_endpoint *from, const struct one *one)
{
    return !config->has_security ? "" : from->is_keyed ? NULL : one->endpoint.text;
}

int addresses_take(struct edge *edge)
{
    struct addresses *addresses = calloc(1, sizeof *addresses);
    if (addresses == NULL) {
        rd_oom();
    }
    edge->addresses = addresses;
    for (enum addresses_door door = DOOR_INTAKE; door < DOOR_COUNT; door++) {
        struct config_endpoints list = list_of(edge->config, door);
        RD_ASSERT(list.count <= LIST_MAX);
        addresses->first[door] = addresses->count;
        for (size_t i = 0; i < list.count; i++) {
            struct one *one = &addresses->at[addresses->count];
            one->door = door;
            addresses->fds[addresses->count] = -1;
            int status = take_one(edge, one, &list.at[i]);
            addresses->texts[addresses->count] = one->endpoint.text;
            addresses->users[addresses->count] = user_of(edge->config, &list.at[i], one);
            addresses->count++;
            if (status != 0) {
                return status;
            }
        }
    }
    return 0;
}

int addresses_listen(struct edge *edge)
{
    struct addresses *addresses = edge->addresses;
    for (size_t i = 0; i < addresses->count; i++) {
        struct one *one = &addresses->at[i];
        char what[ADDRESS_WHAT_MAX];
        int r = one->address.path == NULL
                        ? 0
                        : address_listen(&one->address, BACKLOG, &addresses->fds[i], what);
        if (r < 0) {
            log_err("doors", "an address cannot be listened at", "what=\"%s\" group=\"%s\"", what,
                    one->group);
            return r == -EADDRINUSE ? EX_UNAVAILABLE : r == -EPERM ? EX_CONFIG : EX_OSERR;
        }
    }
    return 0;
}

struct endpoints addresses_of(const struct edge *edge, enum addresses_door door)
{
    const struct addresses *addresses = edge->addresses;
    size_t first = addresses->first[door];
    size_t end = door + 1 < DOOR_COUNT ? addresses->first[door + 1] : addresses->count;
    return (struct endpoints){.at = addresses->texts + first,
            .fds = addresses->fds + first,
            .users = addresses->users + first,
            .count = end - first};
}

/* The door listens at the new socket besides what it has: who is connected stays so. */
static int bind_again(struct edge *edge, struct one *one, char what[static ADDRESS_WHAT_MAX])
{
    int fd = -1;
    int r = address_listen(&one->address, BACKLOG, &fd, what);
    if (r < 0) {
        return r;
    }
    const char *text = one->endpoint.text;
    const char *user = edge->addresses->users[one - edge->addresses->at];
    struct endpoints endpoints = {.at = &text, .fds = &fd, .users = &user, .count = 1};
    switch (one->door) {
    case DOOR_INTAKE:
        return intake_bind(edge->intake, false, endpoints, what);
    case DOOR_PULL:
        return intake_bind(edge->intake, true, endpoints, what);
    case DOOR_FEED:
        return feed_bind(edge->feed, endpoints, what);
    case DOOR_DESK:
        desk_door_bind(edge->desk_door, endpoints);
        return 0;
    case DOOR_COUNT:
        break;
    }
    RD_UNREACHABLE("no such door");
}

static void tell(struct edge *edge, const struct one *one, const char *why, const char *what)
{
    char detail[512];
    (void)snprintf(detail, sizeof detail, "%s: %s%s%s", one->address.path, why,
            *what != '\0' ? "; " : "", what);
    edge_tell(edge, &(struct engine_tell){.type = RD_ALERT_STATE_CHECK_FAILED,
                            .severity = RD_CRITICAL,
                            .code = RD_STR("socket_lost"),
                            .detail = rd_str_of(detail)});
}

static void look_at(struct edge *edge, struct one *one)
{
    const char *why = address_look(&one->address);
    if (why == NULL) {
        one->is_told = false;
        return;
    }
    char what[ADDRESS_WHAT_MAX] = "";
    int r = bind_again(edge, one, what);
    if (r == 0) {
        log_err("doors", "a socket was lost, and is listened at again", "path=%s why=\"%s\"",
                one->address.path, why);
        tell(edge, one, why, "");
    } else if (!one->is_told || strcmp(one->hindrance, what) != 0) {
        log_err("doors", "a socket was removed or replaced: this daemon cannot be reached there",
                "path=%s why=\"%s\" what=\"%s\"", one->address.path, why, what);
        if (!one->is_told) {
            tell(edge, one, why, what);
        }
        one->is_told = true;
        memcpy(one->hindrance, what, sizeof what);
    }
}

void addresses_look(struct edge *edge)
{
    for (size_t i = 0; i < edge->addresses->count; i++) {
        if (edge->addresses->at[i].address.path != NULL) {
            look_at(edge, &edge->addresses->at[i]);
        }
    }
}

bool addresses_has_lost(const struct addresses *addresses, char ret_path[static ADDRESS_LOCK_MAX])
{
    for (size_t i = 0; i < addresses->count; i++) {
        const struct address *address = &addresses->at[i].address;
        if (address->path != NULL && !address_has_lock(address, ret_path)) {
            return true;
        }
    }
    return false;
}

const char *addresses_deaf(const struct addresses *addresses)
{
    for (size_t i = 0; i < addresses->count; i++) {
        if (addresses->at[i].is_told) {
            return addresses->at[i].address.path;
        }
    }
    return NULL;
}

void addresses_free(struct addresses *addresses)
{
    if (addresses == NULL) {
        return;
    }
    for (size_t i = 0; i < addresses->count; i++) {
        if (addresses->at[i].address.path != NULL) {
            address_release(&addresses->at[i].address);
        }
    }
    free(addresses);
}
