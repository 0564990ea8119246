#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "tools/ctl/ctl.h"
#include "tools/ctl/print.h"

enum { NAME_MAX_IN_ID = 64 };

/* The door as an endpoint. False: too long, and said so. */
static bool endpoint_of(const struct ctl *ctl, const char *door, const char *given,
        char ret_endpoint[static CTL_ENDPOINT_MAX])
{
    char here[CTL_ENDPOINT_MAX] = "";
    const char *run = ctl->run != NULL ? ctl->run : REDRESS_RUN_DIR;
    int len;
    if (given != NULL) {
        len = snprintf(ret_endpoint, CTL_ENDPOINT_MAX, "%s", given);
    } else if (run[0] != '/' && getcwd(here, sizeof here) == NULL) {
        len = -1;
    } else {
        len = snprintf(ret_endpoint, CTL_ENDPOINT_MAX, "ipc://%s%s%s/%s", here,
                run[0] != '/' ? "/" : "", run, door);
    }
    if (len < 0 || len >= CTL_ENDPOINT_MAX) {
        ctl_say("the %s's address is too long", door);
        return false;
    }
    return true;
}

/* What a call of the client library could not do. */
static enum ctl_status unreachable(const char *door, const char *endpoint, int error)
{
    if (error == -EINVAL) {
        ctl_say("%s is no endpoint: give ipc:///path or tcp://host:port", endpoint);
        return CTL_USAGE;
    }
    if (error == -ETIMEDOUT) {
        ctl_say("nobody answers at the %s, %s: is redressd running?", door, endpoint);
    } else if (error == -EPROTO) {
        ctl_say("what answers at %s does not speak the protocol", endpoint);
    } else {
        ctl_say("%s: %s", endpoint, strerror(-error));
    }
    return CTL_UNREACHABLE;
}

void ctl_answer_done(struct ctl_answer *answer)
{
    rd_desk_close(answer->desk);
    rd_client_close(answer->client);
    *answer = (struct ctl_answer){0};
}

enum ctl_status ctl_ask(struct ctl *ctl, const char *method, const struct rd_buf *params,
        struct ctl_answer *ret_answer)
{
    char endpoint[CTL_ENDPOINT_MAX];
    if (!endpoint_of(ctl, "desk", ctl->desk, endpoint)) {
        return CTL_USAGE;
    }
    struct ctl_answer *answer = ret_answer;
    int r = rd_client_open(&answer->client);
    if (r == 0) {
        r = rd_desk_open(answer->client, endpoint, &answer->desk);
    }
    if (r == 0) {
        r = rd_desk_call(answer->desk, method, params != NULL ? rd_buf_str(params) : RD_STR(""),
                ctl->timeout_us, &answer->got);
    }
    if (r < 0) {
        return unreachable("desk", endpoint, r);
    }
    if (answer->got.error_code.len > 0) {
        ctl_say("%.*s: %.*s", RD_FMT(answer->got.error_code), RD_FMT(answer->got.error_message));
        return CTL_REFUSED;
    }
    return CTL_OK;
}

/* ---- intake ---- */

struct sending {
    const struct ctl *ctl;
    bool is_settled;
    enum ctl_status status;
};

static void settled(void *context, uint64_t tag, const struct rd_receipt *receipt)
{
    struct sending *sending = context;
    (void)tag;
    sending->is_settled = true;
    sending->status = receipt->status == RD_REJECTED ? CTL_REFUSED : CTL_OK;
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    struct rd_buf packed;
    rd_buf_init(&packed, CTL_MESSAGE_MAX);
    rd_receipt_pack(&packed, receipt);
    rd_node node = NULL;
    int r = rd_tree_read(tree, rd_buf_str(&packed), &node, NULL);
    RD_ASSERT(r == 0 || r == -EILSEQ);
    if (sending->ctl->is_json) {
        print_json(stdout, node);
    } else {
        print_map(stdout, print_style_of(stdout), node);
    }
    rd_buf_done(&packed);
}

static int64_t now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * RD_SECOND_US + now.tv_nsec / 1000;
}

static int send_until(struct rd_producer *producer, struct sending *sending)
{
    int64_t until = now_us() + sending->ctl->timeout_us;
    while (!sending->is_settled) {
        int64_t left = until - now_us();
        if (left <= 0) {
            return -ETIMEDOUT;
        }
        int r = rd_producer_turn(producer, left);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

enum ctl_status ctl_send(struct ctl *ctl, struct rd_str id, struct rd_str event)
{
    char endpoint[CTL_ENDPOINT_MAX];
    if (!endpoint_of(ctl, "intake", ctl->intake, endpoint)) {
        return CTL_USAGE;
    }
    struct sending sending = {.ctl = ctl};
    struct rd_producer_options options = {
            .endpoint = endpoint, .context = &sending, .settled = settled};
    RD_CLEANUP(rd_client_closep)
    struct rd_client *client = NULL;
    int r = rd_client_open(&client);
    if (r < 0) {
        return unreachable("intake", endpoint, r);
    }
    RD_CLEANUP(rd_producer_closep)
    struct rd_producer *producer = NULL;
    r = rd_producer_open(client, &options, &producer);
    if (r == 0) {
        r = rd_producer_put(producer, id, event, 1);
    }
    if (r == 0) {
        r = send_until(producer, &sending);
    }
    if (r == -ETIMEDOUT && rd_producer_counts(producer).busy > 0) {
        ctl_say("the daemon is busy and did not take it; the same again with --id %.*s",
                RD_FMT(id));
        return CTL_UNREACHABLE;
    }
    if (r == -ETIMEDOUT && rd_producer_counts(producer).sent > 0) {
        ctl_say("no receipt: it may have been taken; the same again with --id %.*s", RD_FMT(id));
    }
    return r < 0 ? unreachable("intake", endpoint, r) : sending.status;
}

void ctl_new_id(const struct ctl *ctl, struct rd_buf *ret_id)
{
    struct timespec now;
    uint32_t chance = 0;
    struct rd_str name = rd_str_of(ctl->by != NULL ? ctl->by : "nobody");
    if (name.len > NAME_MAX_IN_ID) {
        name.len = NAME_MAX_IN_ID;
        while (name.len > 0 && ((unsigned char)name.ptr[name.len] & 0xc0) == 0x80) {
            name.len--; /* no half a character */
        }
    }
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance) {
        chance = (uint32_t)getpid();
    }
    uint64_t micros = (uint64_t)now.tv_sec * RD_SECOND_US + (uint64_t)now.tv_nsec / 1000;
    rd_buf_printf(ret_id, "%.*s-%" PRIx64 "-%08" PRIx32, RD_FMT(name), micros, chance);
}
