#include <stdio.h>
#include <unistd.h>

#include "tools/ctl/question.h"
#include "tools/shared/progress.h"

/* check: the self-proof of all cases, page by page, so that the desk serves others in between. */

enum { PARAMS_BYTES_MAX = 64 * 1024 };

struct proof {
    uint64_t cases, timers, faults, after;
    char first[512]; /* the first fault; empty: there is none */
};

/* Adds one page; proof->after is moved, 0 at the end. */
static enum exit_status ask_page(struct ctl *ctl, struct proof *proof)
{
    struct rd_buf params;
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    rd_buf_init(&params, PARAMS_BYTES_MAX);
    ctl_put_params(ctl, &params, "after", proof->after);
    enum exit_status status = ctl_ask(ctl, "check", &params, &answer);
    if (status == STATUS_OK) {
        rd_node page = answer.got.result;
        struct rd_str first = rd_node_str(rd_node_find(page, "first"));
        proof->cases += rd_node_uint(rd_node_find(page, "cases"));
        proof->faults += rd_node_uint(rd_node_find(page, "faults"));
        proof->timers = rd_node_uint(rd_node_find(page, "timers"));
        proof->after = rd_node_uint(rd_node_find(page, "next"));
        if (proof->first[0] == '\0' && first.len > 0) {
            (void)snprintf(proof->first, sizeof proof->first, "%.*s", RD_FMT(first));
        }
    }
    rd_buf_done(&params);
    return status;
}

static void print(const struct ctl *ctl, const struct proof *proof)
{
    struct rd_tree *tree RD_CLEANUP(rd_tree_freep)
    = rd_tree_new();
    struct rd_buf both;
    rd_node node = NULL;
    rd_buf_init(&both, CTL_MESSAGE_MAX);
    rd_pack_map(&both, proof->first[0] != '\0' ? 4 : 3);
    rd_pack_cstr(&both, "cases");
    rd_pack_uint(&both, proof->cases);
    rd_pack_cstr(&both, "timers");
    rd_pack_uint(&both, proof->timers);
    rd_pack_cstr(&both, "faults");
    rd_pack_uint(&both, proof->faults);
    if (proof->first[0] != '\0') {
        rd_pack_cstr(&both, "first");
        rd_pack_cstr(&both, proof->first);
    }
    int r = rd_tree_read(tree, rd_buf_str(&both), &node, NULL);
    RD_ASSERT(r == 0);
    ctl_print(ctl, node);
    rd_buf_done(&both);
}

enum exit_status ctl_check(struct ctl *ctl)
{
    struct proof proof = {0};
    struct progress progress = progress_begin("proving", isatty(STDERR_FILENO) == 1);
    enum exit_status status;
    do {
        status = ask_page(ctl, &proof);
        progress_show(&progress, proof.cases, 0);
    } while (status == STATUS_OK && proof.after != 0);
    progress_end(&progress);
    if (status != STATUS_OK) {
        return status;
    }
    print(ctl, &proof);
    return proof.faults > 0 ? STATUS_FINDING : STATUS_OK;
}
