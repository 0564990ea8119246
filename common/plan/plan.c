#include "common/plan/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/plan/plan_reader.h"

enum { ARENA_BYTES_MAX = 1024 * 1024 * 1024 };

static void read_sections(struct plan_reader *r)
{
    rd_node root = r->plan->root;
    if (rd_node_type(root) != RD_NODE_MAP || rd_node_uint(rd_node_find(root, "redress")) != 1) {
        plan_fault(r, "redress", "must be 1: the version of the language");
        return;
    }
    plan_read_calendars(r, root);
    plan_read_units(r, root);
    plan_read_rosters(r, root); /* targets name them */
    plan_read_assessment(r, root);
    plan_read_policies(r, root);
    plan_read_codes(r, root);
    plan_read_rest(r, root);
}

int rd_plan_read(struct rd_str tree, struct rd_plan **ret_plan, struct rd_plan_error *errors,
        size_t errors_max, size_t *ret_error_count)
{
    struct plan_whole *whole = calloc(1, sizeof *whole);
    if (whole == NULL) {
        rd_oom();
    }
    struct rd_plan *plan = &whole->plan;
    rd_arena_init(&plan->arena, ARENA_BYTES_MAX);
    plan->tree = rd_arena_dup(&plan->arena, tree);
    plan->tree_memory = rd_tree_new();
    int r = crypto_generichash(plan->hash, sizeof plan->hash, (const unsigned char *)plan->tree.ptr,
            plan->tree.len, NULL, 0);
    RD_ASSERT(r == 0);

    struct plan_reader reader = {.whole = whole,
            .plan = plan,
            .arena = &plan->arena,
            .errors = errors,
            .errors_max = errors_max};
    const char *what = NULL;
    if (rd_tree_read(plan->tree_memory, plan->tree, &plan->root, &what) < 0) {
        plan_fault(&reader, NULL, "not MessagePack: %s", what != NULL ? what : "cannot be read");
    } else {
        read_sections(&reader);
    }
    if (ret_error_count != NULL) {
        *ret_error_count = reader.error_count;
    }
    if (reader.error_count > 0) {
        rd_plan_free(plan);
        return -EINVAL;
    }
    *ret_plan = plan;
    return 0;
}

void rd_plan_free(struct rd_plan *plan)
{
    if (plan == NULL) {
        return;
    }
    struct plan_whole *whole = (void *)plan;
    for (size_t i = 0; i < whole->match_count; i++) {
        rd_match_free(whole->matches[i]);
    }
    rd_terms_free(plan->assessment.terms);
    rd_tree_free(plan->tree_memory);
    rd_arena_done(&plan->arena);
    free(whole);
}
