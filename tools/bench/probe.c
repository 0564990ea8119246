#include "tools/bench/probe.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/num.h"
#include "common/client/desk.h"

enum { ASK_EVERY = 5, SILENT_US = 1000000, PATIENT_US = 20000000 };
#define LOOK_EVERY_NS (20L * 1000 * 1000)

struct probe {
    pthread_t thread;
    pthread_mutex_t lock; /* of facts */
    sem_t is_ending;
    struct rd_client *client;
    struct rd_desk *desk, *questions; /* the thread's, the caller's */
    char path[64];
    struct probe_facts facts;
};

static uint64_t greater(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* "RssAnon:     1234 kB"; 0: it is gone. */
static uint64_t read_anon(const char *path)
{
    static const struct rd_str key = RD_STR("RssAnon:");
    char line[256];
    uint64_t kilobytes = 0;
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        struct rd_str rest = rd_str_of(line);
        if (!rd_str_starts(rest, key)) {
            continue;
        }
        size_t from = key.len + strspn(line + key.len, " \t");
        size_t len = strspn(line + from, "0123456789");
        if (rd_u64_parse((struct rd_str){.ptr = line + from, .len = len}, &kilobytes) < 0) {
            kilobytes = 0;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return kilobytes * 1024;
}

static void ask(struct probe *probe)
{
    struct rd_desk_answer answer;
    if (rd_desk_call(probe->desk, "status", RD_STR(""), SILENT_US, &answer) < 0 ||
            answer.error_code.len > 0) {
        return; /* killed, or not there yet */
    }
    uint64_t record = rd_node_uint(rd_node_find(answer.result, "record"));
    uint64_t kept = rd_node_uint(rd_node_find(answer.result, "record_checkpointed"));
    uint64_t overlay = rd_node_uint(rd_node_find(answer.result, "overlay_bytes"));
    (void)pthread_mutex_lock(&probe->lock);
    struct probe_facts *facts = &probe->facts;
    facts->tail = record > kept ? record - kept : 0;
    facts->tail_max = greater(facts->tail_max, facts->tail);
    facts->overlay_max_bytes = greater(facts->overlay_max_bytes, overlay);
    facts->store_bytes = rd_node_uint(rd_node_find(answer.result, "store_bytes"));
    facts->open_cases = rd_node_uint(rd_node_find(answer.result, "open_cases"));
    facts->pending_timers = rd_node_uint(rd_node_find(answer.result, "pending_timers"));
    (void)pthread_mutex_unlock(&probe->lock);
}

static void look(struct probe *probe)
{
    uint64_t anon = read_anon(probe->path);
    (void)pthread_mutex_lock(&probe->lock);
    probe->facts.anon_bytes = anon;
    probe->facts.anon_max_bytes = greater(probe->facts.anon_max_bytes, anon);
    (void)pthread_mutex_unlock(&probe->lock);
}

static void *run_probe(void *context)
{
    struct probe *probe = context;
    for (unsigned turn = 0;; turn++) {
        struct timespec until;
        look(probe);
        if (turn % ASK_EVERY == 0) {
            ask(probe);
        }
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += LOOK_EVERY_NS;
        if (until.tv_nsec >= 1000000000L) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000L;
        }
        if (sem_timedwait(&probe->is_ending, &until) == 0) {
            break;
        }
    }
    look(probe);
    return NULL;
}

static void close_all(struct probe *probe)
{
    rd_desk_close(probe->desk);
    rd_desk_close(probe->questions);
    rd_client_close(probe->client);
    free(probe);
}

struct probe *probe_start(const struct bench_options *options, int pid)
{
    struct probe *probe = calloc(1, sizeof *probe);
    if (probe == NULL) {
        rd_oom();
    }
    (void)snprintf(probe->path, sizeof probe->path, "/proc/%d/status", pid);
    int r = rd_client_open(&probe->client);
    r = r == 0 ? rd_desk_open(probe->client, options->ends.desk, &probe->desk) : r;
    r = r == 0 ? rd_desk_open(probe->client, options->ends.desk, &probe->questions) : r;
    if (r == 0) {
        (void)pthread_mutex_init(&probe->lock, NULL);
        (void)sem_init(&probe->is_ending, 0, 0);
        look(probe); /* who asks at once gets an answer */
        r = -pthread_create(&probe->thread, NULL, run_probe, probe);
    }
    if (r < 0) {
        say_error("%s: %s", options->ends.desk, strerror(-r));
        close_all(probe);
        return NULL;
    }
    return probe;
}

void probe_stop(struct probe *probe)
{
    if (probe == NULL) {
        return;
    }
    (void)sem_post(&probe->is_ending);
    (void)pthread_join(probe->thread, NULL);
    (void)sem_destroy(&probe->is_ending);
    (void)pthread_mutex_destroy(&probe->lock);
    close_all(probe);
}

void probe_look(struct probe *probe, struct probe_facts *ret_facts)
{
    (void)pthread_mutex_lock(&probe->lock);
    *ret_facts = probe->facts;
    (void)pthread_mutex_unlock(&probe->lock);
}

void probe_take(struct probe *probe, struct probe_facts *ret_facts)
{
    probe_look(probe, ret_facts);
    (void)pthread_mutex_lock(&probe->lock);
    probe->facts.anon_max_bytes = 0;
    probe->facts.overlay_max_bytes = 0;
    probe->facts.tail_max = 0;
    (void)pthread_mutex_unlock(&probe->lock);
}

int probe_counter(struct probe *probe, const char *name, uint64_t *ret_value)
{
    struct rd_desk_answer answer;
    int r = rd_desk_call(probe->questions, "metrics", RD_STR(""), PATIENT_US, &answer);
    if (r == 0 && answer.error_code.len > 0) {
        r = -EREMOTEIO;
    }
    if (r == 0) {
        rd_node counters = rd_node_find(answer.result, "counters");
        *ret_value = rd_node_uint(rd_node_find(counters, name));
    }
    return r;
}
