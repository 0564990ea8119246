#include "daemon/desk/live.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { GENERATIONS_MAX = 16 }; /* of configurations that somebody still holds */

struct generation {
    struct config *config; /* NULL: free */
    uint32_t holds;
};

struct live {
    pthread_mutex_t lock;
    struct desk_live facts;
    struct generation generations[GENERATIONS_MAX];
    struct generation *current;
    char fault[256]; /* not told yet; empty: none */
};

struct live *live_new(void)
{
    struct live *live = calloc(1, sizeof *live);
    if (live == NULL) {
        rd_oom();
    }
    int r = pthread_mutex_init(&live->lock, NULL);
    RD_ASSERT(r == 0);
    live->facts.next_due = RD_TIME_NONE;
    return live;
}

void live_free(struct live *live)
{
    if (live == NULL) {
        return;
    }
    for (size_t i = 0; i < GENERATIONS_MAX; i++) {
        RD_ASSERT(live->generations[i].holds == 0);
        config_free(live->generations[i].config);
    }
    (void)pthread_mutex_destroy(&live->lock);
    free(live);
}

static void lock(struct live *live)
{
    int r = pthread_mutex_lock(&live->lock);
    RD_ASSERT(r == 0);
}

static void unlock(struct live *live)
{
    int r = pthread_mutex_unlock(&live->lock);
    RD_ASSERT(r == 0);
}

void live_configure(struct live *live, struct config *config)
{
    struct config *gone = NULL;
    lock(live);
    struct generation *free_one = NULL;
    for (size_t i = 0; i < GENERATIONS_MAX && free_one == NULL; i++) {
        free_one = live->generations[i].config == NULL ? &live->generations[i] : NULL;
    }
    RD_ASSERT(free_one != NULL); /* the desk holds one at a time */
    if (live->current != NULL && live->current->holds == 0) {
        gone = live->current->config;
        live->current->config = NULL;
    }
    free_one->config = config;
    live->current = free_one;
    live->facts.config = config;
    unlock(live);
    config_free(gone);
}

void live_publish(struct live *live, const struct desk_live *facts)
{
    lock(live);
    struct desk_live before = live->facts;
    live->facts = *facts;
    live->facts.config = before.config;
    memcpy(live->facts.refused, before.refused, sizeof before.refused);
    unlock(live);
}

void live_refuse(struct live *live, const char why[static DESK_REFUSED_MAX])
{
    lock(live);
    memcpy(live->facts.refused, why, sizeof live->facts.refused);
    unlock(live);
}

void live_find_fault(struct live *live, const char what[static 256])
{
    lock(live);
    memcpy(live->fault, what, sizeof live->fault);
    unlock(live);
}

bool live_take_fault(struct live *live, char ret_what[static 256])
{
    lock(live);
    bool is_there = live->fault[0] != '\0';
    memcpy(ret_what, live->fault, sizeof live->fault);
    live->fault[0] = '\0';
    unlock(live);
    return is_there;
}

void live_take(struct live *live, struct desk_live *ret_facts)
{
    lock(live);
    RD_ASSERT(live->current != NULL);
    live->current->holds++;
    *ret_facts = live->facts;
    unlock(live);
}

void live_release(struct live *live, struct desk_live *facts)
{
    struct config *gone = NULL;
    lock(live);
    for (size_t i = 0; i < GENERATIONS_MAX; i++) {
        struct generation *generation = &live->generations[i];
        if (generation->config != NULL && generation->config == facts->config) {
            RD_ASSERT(generation->holds > 0);
            generation->holds--;
            if (generation->holds == 0 && generation != live->current) {
                gone = generation->config;
                generation->config = NULL;
            }
        }
    }
    unlock(live);
    config_free(gone);
    facts->config = NULL;
}
