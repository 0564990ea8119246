#include "common/client/limits.h"

#include <errno.h>

#include "common/client/producer.h"

int limits_open(struct limits *limits, struct rd_client *client, const char *endpoint)
{
    *limits = (struct limits){.desk = NULL};
    return endpoint == NULL ? 0 : rd_desk_open(client, endpoint, &limits->desk);
}

void limits_close(struct limits *limits)
{
    rd_desk_close(limits->desk);
}

int limits_forget(struct limits *limits)
{
    limits->is_asked = limits->is_known = false;
    return limits->desk == NULL ? 0 : desk_reconnect(limits->desk);
}

int limits_learn(struct limits *limits)
{
    if (limits->desk == NULL || limits->is_known) {
        return 0;
    }
    if (!limits->is_asked) {
        int r = desk_ask(limits->desk, "status", (struct rd_str){.ptr = "", .len = 0});
        limits->is_asked = r == 0;
        if (r < 0) {
            return r == -EAGAIN ? 0 : r; /* nobody is there yet */
        }
    }
    struct rd_desk_answer answer;
    int r = desk_take(limits->desk, &answer);
    if (r <= 0) {
        return r;
    }
    rd_node told = answer.result != NULL ? rd_node_find(answer.result, "limits") : NULL;
    rd_node bytes = told != NULL ? rd_node_find(told, "event_bytes") : NULL;
    limits->is_asked = false;
    limits->is_known = true;
    /* An older daemon does not report its limit. */
    limits->event_bytes = bytes != NULL ? rd_node_uint(bytes) : RD_PRODUCER_EVENT_BYTES_MAX;
    return 0;
}

void *limits_socket(const struct limits *limits)
{
    return limits->is_asked ? desk_socket(limits->desk) : NULL;
}

int limits_judge(const struct limits *limits, size_t event_bytes)
{
    if (limits->desk == NULL || event_bytes <= RD_PRODUCER_SURE_BYTES) {
        return 0;
    }
    return !limits->is_known ? -1 : event_bytes > limits->event_bytes ? 1 : 0;
}
