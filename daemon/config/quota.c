#include "daemon/config/quota.h"

#include <stdlib.h>
#include <string.h>

struct bucket {
    char *name;                          /* of the client */
    int64_t full_us[CONFIG_QUOTA_COUNT]; /* when each meter is, or was, full again */
};

/* One for each client that ever had a limit and came: as many as the configurations name. */
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
    if (quota == NULL) {
        return;
    }
    for (size_t i = 0; i < quota->count; i++) {
        free(quota->buckets[i].name);
    }
    free(quota->buckets);
    free(quota);
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

static struct bucket *add(struct quota *quota, const char *name)
{
    struct bucket *buckets = reallocarray(quota->buckets, quota->count + 1, sizeof *quota->buckets);
    char *copy = strdup(name);
    if (buckets == NULL || copy == NULL) {
        rd_oom();
    }
    quota->buckets = buckets;
    buckets[quota->count] = (struct bucket){.name = copy};
    return &buckets[quota->count++];
}

static bool is_limited(const struct config_client *client, enum config_quota kind)
{
    return client != NULL && client->per_second[kind] > 0;
}

uint32_t quota_wait_ms(const struct quota *quota, const struct config_client *client,
        enum config_quota kind, int64_t now_us)
{
    const struct bucket *bucket = is_limited(client, kind) ? find(quota, client->name) : NULL;
    int64_t over_us = bucket != NULL ? bucket->full_us[kind] - now_us - RD_SECOND_US : -1;
    return over_us >= 0 ? (uint32_t)(over_us / 1000) + 1 : 0;
}

void quota_charge(struct quota *quota, const struct config_client *client, enum config_quota kind,
        uint64_t amount, int64_t now_us)
{
    if (!is_limited(client, kind)) {
        return;
    }
    struct bucket *bucket = find(quota, client->name);
    bucket = bucket != NULL ? bucket : add(quota, client->name);
    int64_t from_us = bucket->full_us[kind] > now_us ? bucket->full_us[kind] : now_us;
    bucket->full_us[kind] = from_us + (int64_t)(amount * RD_SECOND_US / client->per_second[kind]);
}
