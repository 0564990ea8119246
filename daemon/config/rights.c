#include "daemon/config/rights.h"

#include <string.h>

/* `now` RD_TIME_NONE: of a key that the door has let in. */
static const struct config_client *find_client(
        const struct config_security *security, struct rd_str name, rd_time now)
{
    for (size_t i = 0; i < security->client_count; i++) {
        const struct config_client *client = &security->clients[i];
        bool is_over =
                now != RD_TIME_NONE && client->expires != RD_TIME_NONE && now >= client->expires;
        if (rd_str_is(name, client->name) && !is_over) {
            return client;
        }
    }
    return NULL;
}

/* By its address; `by_name`: of where events come in, by what the journal calls who brings them. */
static const struct config_client *find_endpoint(
        const struct config *listen, struct rd_str what, bool by_name)
{
    enum { EVENT_DOORS = 3 };
    const struct config_endpoints *const doors[] = {
            &listen->intake, &listen->pull, &listen->subscribe, &listen->feed, &listen->desk};
    for (size_t d = 0; d < (by_name ? EVENT_DOORS : RD_COUNT(doors)); d++) {
        for (size_t i = 0; i < doors[d]->count; i++) {
            const struct config_endpoint *endpoint = &doors[d]->at[i];
            if (by_name ? !endpoint->is_keyed && rd_str_is(what, endpoint->as.name)
                        : rd_str_is(what, endpoint->at)) {
                return &endpoint->as;
            }
        }
    }
    return NULL;
}

struct rights rights_of(
        const struct config *config, const struct config *listen, struct rd_str user)
{
    if (!config->has_security) {
        return (struct rights){.is_all = true};
    }
    bool is_address = user.len > 0 && memchr(user.ptr, ':', user.len) != NULL;
    return (struct rights){.client = is_address
                                             ? find_endpoint(listen, user, false)
                                             : find_client(&config->security, user, RD_TIME_NONE),
            .plan = config->plan};
}

struct rights rights_of_sender(
        const struct config *config, const struct config *listen, struct rd_str name, rd_time now)
{
    if (!config->has_security) {
        return (struct rights){.is_all = true};
    }
    bool is_role = rd_str_starts(name, RD_STR("ipc:"));
    return (struct rights){.client = is_role ? find_endpoint(listen, name, true)
                                             : find_client(&config->security, name, now),
            .plan = config->plan};
}

bool rights_has_role(const struct rights *rights, unsigned roles)
{
    return rights->is_all || (rights->client != NULL && (rights->client->roles & roles) != 0);
}

bool rights_sees(const struct rights *rights, enum config_sees what)
{
    return rights->client != NULL && (rights->client->sees & what) != 0;
}

unsigned rights_hidden(const struct rights *rights)
{
    _Static_assert((int)RD_HIDE_CUSTOMER == (int)CONFIG_SEES_CUSTOMER &&
                           (int)RD_HIDE_PHONE == (int)CONFIG_SEES_PHONE &&
                           (int)RD_HIDE_CONTRACT == (int)CONFIG_SEES_CONTRACT &&
                           (int)RD_HIDE_TEXT == (int)CONFIG_SEES_TEXT,
            "what is seen is what is not hidden");
    unsigned sees = rights->client != NULL ? rights->client->sees : 0;
    return rights->is_all ? 0 : CONFIG_SEES_ALL & ~sees;
}

bool rights_is_everywhere(const struct rights *rights)
{
    const struct config_client *client = rights->client;
    return rights_has_role(rights, CONFIG_ROLE_OPERATOR) ||
           (rights_has_role(rights, CONFIG_ROLE_VIEWER) && client->units.count == 0);
}

static bool is_under(struct rd_str path, const char *unit)
{
    size_t len = strlen(unit);
    return rd_str_starts(path, rd_str_of(unit)) && (path.len == len || path.ptr[len] == '/');
}

bool rights_covers(const struct rights *rights, struct rd_str unit_path)
{
    if (rights_is_everywhere(rights)) {
        return true;
    }
    if (!rights_has_role(rights, CONFIG_ROLE_UNIT | CONFIG_ROLE_VIEWER)) {
        return false;
    }
    for (size_t i = 0; i < rights->client->units.count; i++) {
        if (is_under(unit_path, rights->client->units.at[i])) {
            return true;
        }
    }
    return false;
}

bool rights_reach(const void *rights, struct rd_str unit_path)
{
    return rights_covers(rights, unit_path);
}

bool rights_may_hear(const struct rights *rights, struct rd_str topic)
{
    if (!rights->is_all && rights->client == NULL) {
        return false;
    }
    if (rd_str_is(topic, "~heartbeat") || rights_is_everywhere(rights)) {
        return true;
    }
    /* UNIT "/" and more: without the slash, UNIT2 would begin like it. */
    const char *slash = topic.len > 0 ? memrchr(topic.ptr, '/', topic.len) : NULL;
    return slash != NULL && rights_covers(rights, (struct rd_str){.ptr = topic.ptr,
                                                          .len = (size_t)(slash - topic.ptr)});
}

/* "*", "case.*", or the whole name. */
static bool is_like(const char *pattern, struct rd_str name)
{
    size_t len = strlen(pattern);
    if (len > 0 && pattern[len - 1] == '*') {
        return rd_str_starts(name, (struct rd_str){.ptr = pattern, .len = len - 1});
    }
    return rd_str_is(name, pattern);
}

static bool is_listed(struct config_list list, struct rd_str name)
{
    for (size_t i = 0; i < list.count; i++) {
        if (is_like(list.at[i], name)) {
            return true;
        }
    }
    return false;
}

bool rights_speaks_as(const struct rights *rights, struct rd_str source)
{
    const struct config_client *client = rights->client;
    return rights->is_all ||
           (client != NULL && (client->sources.count == 0 ? rd_str_is(source, client->name)
                                                          : is_listed(client->sources, source)));
}

static unsigned who_of(unsigned roles)
{
    return ((roles & CONFIG_ROLE_PRODUCER) != 0 ? RD_WHO_SOURCE : 0U) |
           ((roles & CONFIG_ROLE_UNIT) != 0 ? RD_WHO_UNIT : 0U) |
           ((roles & CONFIG_ROLE_OPERATOR) != 0 ? RD_WHO_OPERATOR : 0U);
}

bool rights_is_bound(const struct rights *rights, enum rd_event_type type)
{
    const struct config_client *client = rights->client;
    if (rights->is_all || client == NULL) {
        return false;
    }
    unsigned others = client->roles & ~(unsigned)CONFIG_ROLE_UNIT;
    return (who_of(others) & rd_event_who(type)) == 0 &&
           !is_listed(client->may, rd_str_of(rd_event_type_name(type)));
}

/* What is of a unit and of no case must be of one of its own. */
static bool names_foreign_unit(const struct rights *rights, const struct rd_event *event)
{
    struct rd_str named = event->data[RD_KEY_UNIT].bytes;
    if (rd_event_needs_case(event->type) || named.len == 0 ||
            !rights_is_bound(rights, event->type)) {
        return false;
    }
    int32_t unit = rd_plan_unit_find(rights->plan, named);
    return unit == RD_NO_INDEX || !rights_covers(rights, rights->plan->units[unit].path);
}

/* `by` of a mediation is the side that spoke, not a person. */
static bool is_by_person(const struct rd_event *event)
{
    return event->data[RD_KEY_BY].type == RD_VALUE_STR &&
           event->type != RD_EVENT_MEDIATION_ACCEPTED && event->type != RD_EVENT_MEDIATION_DECLINED;
}

bool rights_may_send(
        const struct rights *rights, const struct rd_event *event, struct rd_reject *reject)
{
    const struct config_client *client = rights->client;
    if (rights->is_all) {
        return true;
    }
    if (client == NULL) {
        return rd_reject_set(reject, "forbidden", NULL, "this key is not in the list of clients");
    }
    const char *type = rd_event_type_name(event->type);
    if (!rights_speaks_as(rights, event->source)) {
        return rd_reject_set(reject, "forbidden", "source",
                "this key may not speak as that source: add it to the client's sources");
    }
    if ((who_of(client->roles) & rd_event_who(event->type)) == 0 &&
            !is_listed(client->may, rd_str_of(type))) {
        return rd_reject_set(reject, "forbidden", "type",
                "this key may not send %s: add it to the client's may", type);
    }
    if (event->is_quiet && !is_listed(client->may, RD_STR("quiet"))) {
        return rd_reject_set(reject, "forbidden", "quiet",
                "this key may not send quiet events: it needs may: [quiet]");
    }
    if (names_foreign_unit(rights, event)) {
        return rd_reject_set(reject, "forbidden", "data.unit",
                "this key may not speak for that unit: see the client's units");
    }
    if (client->person != NULL && is_by_person(event) &&
            !rd_str_is(event->data[RD_KEY_BY].bytes, client->person)) {
        return rd_reject_set(reject, "forbidden", "data.by",
                "this key is one person's and may name no other: see the client's person");
    }
    return true;
}

struct rd_str rights_name(const struct rights *rights)
{
    return rights->client != NULL ? rd_str_of(rights->client->name) : RD_STR("");
}

struct rd_str rights_unit(const struct rights *rights)
{
    bool is_of_unit = rights->client != NULL && (rights->client->roles & CONFIG_ROLE_UNIT) != 0;
    return is_of_unit && rights->client->units.count > 0 ? rd_str_of(rights->client->units.at[0])
                                                         : RD_STR("");
}

struct rd_str rights_person(const struct rights *rights)
{
    return rights->client != NULL ? rd_str_of(rights->client->person) : RD_STR("");
}
