/* daemon/config/build.h — from the checked tree to what is used: files inlined, the engine's tree,
 * the edge's settings. Internal to the room. */
#pragma once

#include "daemon/config/check.h"

/* Puts the terms of lexicon files and the scorecard in the place of their names. (lexicon.c) */
void config_inline(struct config_load *load, struct config_node *root);

/* The engine's tree of a checked root; its nodes keep the places of what they came from. Faults go
 * to the load; a tree comes in any case. (build.c)
 *
 *   {redress: 1, units: [{path id name liaisons calendar authority moved_to}…] in pre-order,
 *    calendars: [compiled…], assessment: as written, terms as [term, points] pairs, key a list,
 *    scorecard the inlined map; policies: packs resolved, clocks with valid_from, valid_until;
 *    sources: [{name silent_after in}…], alerts: {language storm titles of every type},
 *    rosters: [{roster name calendar hand_over turns first}…],
 *    limits: {dedup alerts_keep}, retention: as written,
 *    supervision: as written, unit patterns unfolded to paths;
 * figures} */
struct config_node *config_build(struct config_load *load, const struct config_node *root);

/* (build_units.c) */
struct config_node *config_build_units(struct config_load *load, const struct config_node *root);
/* Paths of the units that the patterns of `list` name, each once, in the units' order. */
struct config_node *config_unfold_units(
        struct config_load *load, const struct config_node *units, const struct config_node *list);

/* Paths of the units with none below them, but for those that are gone. */
struct config_node *config_leaf_units(struct config_load *load, const struct config_node *units);
/* (build_supervision.c) rosters: a list of maps with their names */
struct config_node *config_build_rosters(struct config_load *load, const struct config_node *root);
struct config_node *config_build_supervision(
        struct config_load *load, const struct config_node *root, const struct config_node *units);

/* (build_policies.c) */
struct config_node *config_build_policies(struct config_load *load, const struct config_node *root);
/* The common clocks, as those of a policy are built. */
struct config_node *config_build_clocks(struct config_load *load, const struct config_node *root);
/* (never.c) Notes what the policy's ladder says and can never happen. */
void config_note_never(struct config_load *load, const struct config_node *root);
/* (never_closed.c) Notes where `closed` tells nobody but those who are told anyway. `tree` is what
 * the plan was read from. */
void config_note_closed(
        struct config_load *load, const struct config_node *tree, const struct rd_plan *plan);
/* (build_calendars.c) compiled, as RAW nodes */
struct config_node *config_build_calendars(
        struct config_load *load, const struct config_node *root);
/* (titles.c) a title for every type of alert */
struct config_node *config_build_titles(struct config_load *load, const struct config_node *alerts);
/* False after a fault: a {field} that no title has. */
bool config_check_title(struct config_load *load, const struct config_node *node);

/* The texts of a list, in the arena; none where there is no list. (texts.c) */
struct config_list config_texts(struct config_load *load, const struct config_node *list);
const char *config_text_dup(struct config_load *load, const struct config_node *node);
/* A file that only the daemon may read: missing, it is noted; open to others, it is a fault. */
void config_look_at_secret(struct config_load *load, const struct config_node *file);
/* (clients.c) who may knock; after `has_security` and the plan are known. */
void config_build_clients(
        struct config_load *load, const struct config_node *root, struct config *config);
/* (listen.c) the doors; after the clients. */
void config_build_listen(
        struct config_load *load, const struct config_node *root, struct config *config);
/* Roles, units, sources, may and sees of a client or an endpoint. (clients.c) */
void config_build_rights(struct config_load *load, const struct config_node *from,
        const struct rd_plan *plan, struct config_client *client);
bool config_is_public_key(struct rd_str key);

/* (edge.c) what the daemon's edge uses; `config->plan` may be NULL after faults. */
void config_build_edge(
        struct config_load *load, const struct config_node *root, struct config *config);
