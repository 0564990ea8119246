#include "daemon/quota.h"

#include <stdlib.h>
#include <string.h>

struct bucket {
    const char *name; /* of the client; the configuration's */
    int64_t full_us;  /* when it is, or was, full again */
    int64_t each_us;  /* that one event takes from it */
    int64_t most_us;  /* that it holds */
};

struct quota {
    struct bucket *buckets;
    size_t count;
};

struct quota *quota_new(void)
{
    struct quota *quota = calloc(1, sizeof *quota);
    if (quota == NULL) {
        rd_oom();
    }
    return quota;
}

void quota_free(struct quota *quota)
{
    if (quota != NULL) {
        free(quota->buckets);
        free(quota);
    }
}

static struct bucket *find(const struct quota *quota, const char *name)
{
    for (size_t i = 0; i < quota->count; i++) {
        if (strcmp(quota->buckets[i].name, name) == 0) {
            return &quota->buckets[i];
        }
    }
    return NULL;
}

void quota_set(struct quota *quota, const struct config *config)
{
    const struct config_security *security = &config->security;
    free(quota->buckets);
    quota->count = 0;
    quota->buckets = calloc(security->client_count + 1, sizeof *quota->buckets);
    if (quota->buckets == NULL) {
        rd_oom();
    }
    for (size_t i = 0; i < security->client_count; i++) {
        const struct config_client *client = &security->clients[i];
        if (client->events_per_second > 0 && find(quota, client->name) == NULL) {
            quota->buckets[quota->count++] = (struct bucket){.name = client->name,
                    .each_us = RD_SECOND_US / client->events_per_second,
                    .most_us = RD_SECOND_US};
        }
    }
}

uint32_t quota_take_ms(struct quota *quota, const struct config_client *client, int64_t now_us)
{
    struct bucket *bucket =
            client != NULL && client->events_per_second > 0 ? find(quota, client->name) : NULL;
    if (bucket == NULL) {
        return 0;
    }
    int64_t full_us = bucket->full_us > now_us ? bucket->full_us : now_us;
    int64_t over_us = full_us + bucket->each_us - now_us - bucket->most_us;
    if (over_us > 0) {
        return (uint32_t)(over_us / 1000) + 1;
    }
    bucket->full_us = full_us + bucket->each_us;
    return 0;
}
