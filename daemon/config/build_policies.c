/* daemon/config/build_policies.c — `use: PACK/CLOCK` resolved: every version of the clock, with the
 * dates of receipt it holds for. */
#include <inttypes.h>
#include <string.h>

#include "common/base/sizes.h"
#include "common/time/civil.h"
#include "daemon/config/build.h"

static const struct config_node *versions_of(const struct config_node *pack)
{
    const struct config_node *versions = config_node_find(pack, "versions");
    return versions != NULL && versions->kind == CONFIG_LIST ? versions : NULL;
}

static const struct config_node *clocks_of(const struct config_node *version)
{
    const struct config_node *clocks = config_node_find(version, "clocks");
    return clocks != NULL && clocks->kind == CONFIG_LIST ? clocks : NULL;
}

static rd_day day_or(const struct config_node *version, const char *key, rd_day otherwise)
{
    rd_day day = otherwise;
    int r = rd_day_parse(config_node_text(version, key), &day);
    return r == 0 ? day : otherwise;
}

/* A policy's clock has the match of its policy. */
static void check_no_match(struct config_load *load, const struct config_node *clock)
{
    const struct config_node *match = config_node_find(clock, "match");
    if (match != NULL) {
        config_fault_at(load, match,
                "only a common clock, one of clocks: at the top, has a match; when: is looked at "
                "as "
                "a clock starts");
    }
}

static void check_version(struct config_load *load, const struct config_node *versions, uint32_t at)
{
    const struct config_node *version = versions->items[at];
    rd_day from = day_or(version, "from", INT32_MIN);
    rd_day until = day_or(version, "until", INT32_MAX);
    if (until <= from) {
        config_fault_at(load, version, "until must be later than from");
    }
    for (uint32_t i = 0; i < at; i++) {
        rd_day from_2 = day_or(versions->items[i], "from", INT32_MIN);
        rd_day until_2 = day_or(versions->items[i], "until", INT32_MAX);
        if (from < until_2 && from_2 < until) {
            config_fault_at(
                    load, version, "holds on days on which version %" PRIu32 " holds too", i + 1);
        }
    }
    const struct config_node *clocks = clocks_of(version);
    for (uint32_t i = 0; clocks != NULL && i < clocks->count; i++) {
        const struct config_node *clock = clocks->items[i];
        check_no_match(load, clock);
        if (config_node_find(clock, "use") != NULL) {
            config_fault_at(load, config_node_find(clock, "use"),
                    "a pack's clock is written out, it does not come from another pack");
        } else if (config_node_find(clock, "source") == NULL) {
            config_fault_at(load, clock, "needs its source: the law's line");
        }
    }
}

static void check_packs(struct config_load *load, const struct config_node *packs)
{
    for (uint32_t i = 0; packs != NULL && i < packs->count; i++) {
        const struct config_node *pack = packs->items[i];
        struct rd_str name = config_node_text(pack, "pack");
        for (uint32_t k = 0; k < i; k++) {
            if (name.len > 0 && rd_str_eq(name, config_node_text(packs->items[k], "pack"))) {
                config_fault_at(load, config_node_find(pack, "pack"), "\"%.*s\" stands twice",
                        CONFIG_QUOTED(name));
            }
        }
        const struct config_node *versions = versions_of(pack);
        for (uint32_t k = 0; versions != NULL && k < versions->count; k++) {
            check_version(load, versions, k);
        }
    }
}

struct resolver {
    struct config_load *load;
    const struct config_node *packs;
    struct config_node *out; /* clocks of the policy */
};

/* What a policy may say beside `use`: the rest is the law's. */
static bool is_override(struct rd_str key)
{
    return rd_str_is(key, "use") || rd_str_is(key, "name") || rd_str_is(key, "code") ||
           rd_str_is(key, "match") || rd_str_is(key, "when") || rd_str_is(key, "reminders") ||
           rd_str_is(key, "on_breach");
}

static struct config_node *resolved(struct resolver *resolver, const struct config_node *use,
        const struct config_node *clock, const struct config_node *version)
{
    struct rd_arena *arena = resolver->load->arena;
    struct config_node *out = config_node_copy(arena, clock);
    out->mark = use->mark;
    out->path = use->path;
    config_node_put(arena, out, "name",
            config_node_str(arena, config_node_text(clock, "name"), config_node_find(use, "use")));
    if (config_node_find(use, "name") != NULL && config_node_find(use, "code") == NULL) {
        config_node_drop(out, "code"); /* another name alone is another clock */
    }
    for (uint32_t i = 0; i < use->count; i++) {
        if (is_override(use->keys[i]) && !rd_str_is(use->keys[i], "use")) {
            config_node_set(arena, out, use->keys[i], use->items[i]);
        }
    }
    static const char *const DATES[][2] = {{"from", "valid_from"}, {"until", "valid_until"}};
    for (size_t i = 0; i < RD_COUNT(DATES); i++) {
        struct config_node *date = config_node_find(version, DATES[i][0]);
        if (date != NULL) {
            config_node_put(arena, out, DATES[i][1], date);
        }
    }
    return out;
}

static const struct config_node *find_pack(
        struct resolver *resolver, const struct config_node *use, struct rd_str name)
{
    struct rd_nearest nearest = rd_nearest_of(name);
    for (uint32_t i = 0; resolver->packs != NULL && i < resolver->packs->count; i++) {
        struct rd_str other = config_node_text(resolver->packs->items[i], "pack");
        if (rd_str_eq(other, name)) {
            return resolver->packs->items[i];
        }
        rd_nearest_try(&nearest, other);
    }
    config_fault_at(resolver->load, use, "\"%.*s\": no such pack among packs%s",
            CONFIG_QUOTED(name), config_nearest_hint(resolver->load, &nearest));
    return NULL;
}

static void take_clock(struct resolver *resolver, const struct config_node *use_clock,
        const struct config_node *pack, struct rd_str name)
{
    struct rd_nearest nearest = rd_nearest_of(name);
    bool is_found = false;
    const struct config_node *versions = versions_of(pack);
    for (uint32_t i = 0; versions != NULL && i < versions->count; i++) {
        const struct config_node *clocks = clocks_of(versions->items[i]);
        for (uint32_t k = 0; clocks != NULL && k < clocks->count; k++) {
            bool has_code = config_node_find(clocks->items[k], "code") != NULL;
            struct rd_str other = config_node_text(clocks->items[k], has_code ? "code" : "name");
            rd_nearest_try(&nearest, other);
            if (rd_str_eq(other, name)) {
                is_found = true;
                config_node_add(resolver->load->arena, resolver->out,
                        resolved(resolver, use_clock, clocks->items[k], versions->items[i]));
            }
        }
    }
    if (!is_found) {
        config_fault_at(resolver->load, config_node_find(use_clock, "use"),
                "\"%.*s\": the pack has no such clock%s", CONFIG_QUOTED(name),
                config_nearest_hint(resolver->load, &nearest));
    }
}

static void resolve(struct resolver *resolver, const struct config_node *clock)
{
    const struct config_node *use = config_node_find(clock, "use");
    struct rd_str text = use->text;
    const char *slash = text.len > 0 ? memchr(text.ptr, '/', text.len) : NULL;
    for (uint32_t i = 0; i < clock->count; i++) {
        if (!is_override(clock->keys[i])) {
            config_fault_mark(resolver->load, clock->key_marks[i], clock->items[i]->path,
                    "comes from the pack and cannot be changed here");
        }
    }
    if (slash == NULL) {
        config_fault_at(resolver->load, use,
                "\"%.*s\": write PACK/CLOCK, for instance cn-nfra-2020/decide",
                CONFIG_QUOTED(text));
        return;
    }
    struct rd_str pack_name = {text.ptr, (size_t)(slash - text.ptr)};
    struct rd_str clock_name = {slash + 1, text.len - pack_name.len - 1};
    const struct config_node *pack = find_pack(resolver, use, pack_name);
    if (pack != NULL) {
        take_clock(resolver, clock, pack, clock_name);
    }
}

/* What machines call it stands under `name` in the tree, what people do under `shown`. */
static void label(struct config_load *load, struct config_node *node)
{
    struct config_node *code = config_node_find(node, "code");
    struct config_node *name = config_node_find(node, "name");
    if (name != NULL && code == NULL && name->text.len > RD_CODE_BYTES_MAX) {
        config_fault_at(load, name, "is longer than %d bytes: write its code beside it",
                (int)RD_CODE_BYTES_MAX);
    }
    if (name != NULL && code != NULL) {
        config_node_put(load->arena, node, "shown", name);
        config_node_put(load->arena, node, "name", code);
    }
    config_node_drop(node, "code");
}

static void put_missing(struct config_load *load, struct config_node *map, const char *key,
        struct config_node *value)
{
    if (config_node_find(map, key) == NULL) {
        config_node_put(load->arena, map, key, value);
    }
}

/* What is said of a breach follows from the clock's class where the file says nothing. */
static void finish_clock(struct config_load *load, struct config_node *clock)
{
    struct rd_arena *arena = load->arena;
    const struct config_node *breach = config_node_find(clock, "on_breach");
    if (breach == NULL || breach->kind != CONFIG_MAP) {
        return;
    }
    const struct config_node *statutory = config_node_find(clock, "statutory");
    bool is_statutory = statutory != NULL && statutory->integer != 0;
    struct config_node *copy = config_node_copy(arena, breach);
    put_missing(load, copy, "severity",
            config_node_str(arena, is_statutory ? RD_STR("critical") : RD_STR("high"), breach));
    struct config_node *notify = config_node_new(arena, CONFIG_LIST, breach);
    if (is_statutory) {
        config_node_add(arena, notify, config_node_str(arena, RD_STR("parent"), breach));
        struct config_node *repeat = config_node_new(arena, CONFIG_MAP, breach);
        config_node_put(arena, repeat, "every", config_node_str(arena, RD_STR("1bd"), breach));
        put_missing(load, copy, "repeat", repeat);
    }
    put_missing(load, copy, "notify", notify);
    config_node_put(arena, clock, "on_breach", copy);
}

static void check_titles(struct config_load *load, const struct config_node *rungs)
{
    for (uint32_t i = 0; rungs != NULL && rungs->kind == CONFIG_LIST && i < rungs->count; i++) {
        const struct config_node *title = config_node_find(rungs->items[i], "title");
        if (title != NULL) {
            (void)config_check_title(load, title);
        }
    }
}

/* Those of `from`, each `use` replaced by what it names. */
static struct config_node *build_clocks(
        struct config_load *load, const struct config_node *packs, const struct config_node *from)
{
    struct config_node *clocks = config_node_find(from, "clocks");
    struct resolver resolver = {.load = load, .packs = packs};
    resolver.out = config_node_new(load->arena, CONFIG_LIST, clocks != NULL ? clocks : from);
    for (uint32_t i = 0; clocks != NULL && i < clocks->count; i++) {
        if (config_node_find(clocks->items[i], "use") != NULL) {
            resolve(&resolver, clocks->items[i]);
        } else {
            config_node_add(
                    load->arena, resolver.out, config_node_copy(load->arena, clocks->items[i]));
        }
    }
    for (uint32_t i = 0; i < resolver.out->count; i++) {
        finish_clock(load, resolver.out->items[i]);
        label(load, resolver.out->items[i]);
    }
    return resolver.out;
}

struct config_node *config_build_clocks(struct config_load *load, const struct config_node *root)
{
    const struct config_node *clocks = config_node_find(root, "clocks");
    for (uint32_t i = 0; clocks != NULL && clocks->kind == CONFIG_LIST && i < clocks->count; i++) {
        if (config_node_find(clocks->items[i], "match") == NULL) {
            config_fault_at(load, clocks->items[i],
                    "a common clock needs match: the cases that have it; {} matches all");
        }
    }
    return build_clocks(load, config_node_find(root, "packs"), root);
}

static struct config_node *build_policy(
        struct config_load *load, const struct config_node *packs, const struct config_node *policy)
{
    struct config_node *out = config_node_copy(load->arena, policy);
    const struct config_node *clocks = config_node_find(policy, "clocks");
    for (uint32_t i = 0; clocks != NULL && i < clocks->count; i++) {
        check_no_match(load, clocks->items[i]);
    }
    label(load, out);
    check_titles(load, config_node_find(config_node_find(policy, "ladder"), "rungs"));
    config_node_put(load->arena, out, "clocks", build_clocks(load, packs, policy));
    return out;
}

struct config_node *config_build_policies(struct config_load *load, const struct config_node *root)
{
    const struct config_node *packs = config_node_find(root, "packs");
    const struct config_node *policies = config_node_find(root, "policies");
    struct config_node *out = config_node_new(load->arena, CONFIG_LIST, policies);
    check_packs(load, packs);
    config_note_never(load, root);
    for (uint32_t i = 0; policies != NULL && i < policies->count; i++) {
        config_node_add(load->arena, out, build_policy(load, packs, policies->items[i]));
    }
    return out;
}
