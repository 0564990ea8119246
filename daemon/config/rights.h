/* daemon/config/rights.h — who may do what: the roles, in one place for all doors. Pure.
 *
 *   producer   sends, as its sources        hears nothing          asks what it needs to send
 *   unit       acts on its units' cases     their alerts           about their cases
 *   operator   all                          all                    all
 *   viewer     nothing                      all, or its units'     all, or its units'
 *
 * Texts of customers are masked for everybody but where `sees` names them. Source:
 * redress-protocol(7), "Rights". */
#pragma once

#include "common/wire/event.h"
#include "common/wire/receipt.h"
#include "daemon/config/config.h"

struct rights {
    bool is_all;                        /* there is no security */
    const struct config_client *client; /* NULL and not is_all: nobody that is known */
    const struct rd_plan *plan;
};

/* Of what a door tells of a message's sender: a client's name, in `config`; or an address, in
 * `listen`, the configuration of the start; or nothing. */
struct rights rights_of(
        const struct config *config, const struct config *listen, struct rd_str user);
/* Of whoever sent something before, by rights_name() of then, as they are `now`: nobody's where no
 * client has the name any more, its keys have expired, or no door of `listen` gives that role. */
struct rights rights_of_sender(
        const struct config *config, const struct config *listen, struct rd_str name, rd_time now);
bool rights_has_role(const struct rights *rights, unsigned roles); /* one of them */
bool rights_sees(const struct rights *rights, enum config_sees what);
/* What it may not see: RD_HIDE_… of common/wire/alert.h. Without security nothing but, by the mask
 * of the configuration, the customer's id, which is not in here. */
unsigned rights_hidden(const struct rights *rights);
/* It reads and acts on every unit. */
bool rights_is_everywhere(const struct rights *rights);
/* The unit is one of its own, or below one. */
bool rights_covers(const struct rights *rights, struct rd_str unit_path);
/* The same for struct engine_reach, of which the rights are the context. */
bool rights_reach(const void *rights, struct rd_str unit_path);
/* Everything that a subscription to `topic` brings. */
bool rights_may_hear(const struct rights *rights, struct rd_str topic);
/* The source is one of those that it may speak as. */
bool rights_speaks_as(const struct rights *rights, struct rd_str source);
/* True; or *reject says why not (`forbidden`). Looks at nothing but the event. */
bool rights_may_send(
        const struct rights *rights, const struct rd_event *event, struct rd_reject *reject);
/* It sends events of this type for its units alone: cases of others are unknown to it. */
bool rights_is_bound(const struct rights *rights, enum rd_event_type type);
/* What the journal calls it, and the first of its units; empty without security. */
struct rd_str rights_name(const struct rights *rights);
struct rd_str rights_unit(const struct rights *rights);
/* Whose key it is; empty where the configuration does not say. */
struct rd_str rights_person(const struct rights *rights);
