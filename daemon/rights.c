#include "daemon/rights.h"

#include <string.h>

static const struct config_client *find_client(const struct config *config, struct rd_str user)
{
    for (size_t i = 0; i < config->security.client_count; i++) {
        if (rd_str_is(user, config->security.clients[i].name)) {
            return &config->security.clients[i];
        }
    }
    return NULL;
}

/* "*", "case.*", or the whole name. */
static bool covers(const char *pattern, struct rd_str name)
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
        if (covers(list.at[i], name)) {
            return true;
        }
    }
    return false;
}

static unsigned who_of(unsigned roles)
{
    return ((roles & CONFIG_ROLE_PRODUCER) != 0 ? RD_WHO_SOURCE : 0U) |
           ((roles & CONFIG_ROLE_UNIT) != 0 ? RD_WHO_UNIT : 0U) |
           ((roles & CONFIG_ROLE_OPERATOR) != 0 ? RD_WHO_OPERATOR : 0U);
}

bool rights_may_send(const struct config *config, struct rd_str user, const struct rd_event *event,
        struct engine_sender *ret_sender, struct rd_reject *reject)
{
    if (!config->has_security) {
        *ret_sender = (struct engine_sender){.name = RD_STR(""), .unit = RD_STR("")};
        return true;
    }
    const struct config_client *client = find_client(config, user);
    if (client == NULL) {
        return rd_reject_set(reject, "forbidden", NULL, "this key is not in the list of clients");
    }
    const char *type = rd_event_type_name(event->type);
    bool speaks_for = client->sources.count == 0 ? rd_str_is(event->source, client->name)
                                                 : is_listed(client->sources, event->source);
    if (!speaks_for) {
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
    bool is_of_unit = (client->roles & CONFIG_ROLE_UNIT) != 0 && client->unit_count > 0;
    *ret_sender = (struct engine_sender){.name = rd_str_of(client->name),
            .unit = is_of_unit ? config->plan->units[client->units[0]].path : RD_STR("")};
    return true;
}
