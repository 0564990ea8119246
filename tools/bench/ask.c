#include "tools/bench/ask.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/client/desk.h"

enum { PARAMS_BYTES_MAX = 1024, ROWS = 20, ANSWER_US = 2000000 };

struct asker {
    const struct bench_run *run;
    struct rd_desk *desk;
    pthread_t thread;
    sem_t is_ending;
    struct rd_buf params;
    uint64_t asked;
    uint64_t alert, case_number; /* the newest that an answer told of */
    struct ask_counts counts;
};

static void put_uint(struct rd_buf *buf, const char *key, uint64_t value)
{
    rd_pack_cstr(buf, key);
    rd_pack_uint(buf, value);
}

static uint64_t rows_before(uint64_t number)
{
    return number > ROWS ? number - ROWS : 0;
}

/* The next question's parameters; returns its method. */
static const char *next_question(struct asker *asker)
{
    enum { KINDS = 3 };
    struct rd_buf *params = &asker->params;
    uint64_t kind = asker->asked++ % KINDS;
    bool is_case = kind == 1 && asker->case_number > 0;
    rd_buf_reset(params);
    size_t mark = rd_pack_map_begin(params);
    rd_pack_cstr(params, "stale");
    rd_pack_bool(params, asker->run->options->is_stale);
    if (is_case) {
        put_uint(params, "case", asker->case_number);
    } else {
        put_uint(params, "limit", ROWS);
        put_uint(params, "after", rows_before(kind == 2 ? asker->case_number : asker->alert));
    }
    rd_pack_map_end(params, mark, is_case ? 2 : 3);
    return is_case ? "case.get" : kind == 2 ? "case.list" : "feed.replay";
}

static void learn(struct asker *asker, rd_node result)
{
    rd_node rows = rd_node_find(result, "rows");
    uint32_t count = rd_node_count(rows);
    uint64_t alert = rd_node_uint(rd_node_find(rd_node_find(result, "as_of"), "alert"));
    uint64_t number =
            count > 0 ? rd_node_uint(rd_node_find(rd_node_at(rows, count - 1), "case")) : 0;
    asker->alert = alert > asker->alert ? alert : asker->alert;
    asker->case_number = number > asker->case_number ? number : asker->case_number;
}

static void ask(struct asker *asker, int64_t due_us)
{
    const struct bench_run *run = asker->run;
    const char *method = next_question(asker);
    struct rd_desk_answer answer;
    int r = rd_desk_call(asker->desk, method, rd_buf_str(&asker->params), ANSWER_US, &answer);
    bool is_good = r == 0 && answer.error_code.len == 0;
    if (is_good) {
        learn(asker, answer.result);
    }
    int64_t now_us = steady_us();
    if (due_us < run->from_us || due_us >= run->until_us) {
        return;
    }
    asker->counts.answered += is_good ? 1 : 0;
    asker->counts.failed += is_good ? 0 : 1;
    if (is_good) {
        rd_hist_record(&asker->counts.answers, (uint64_t)(now_us - due_us));
    }
}

/* Until then, or false: the load has ended. */
static bool wait_until(struct asker *asker, int64_t due_us)
{
    struct timespec at = {
            .tv_sec = due_us / RD_SECOND_US, .tv_nsec = (long)(due_us % RD_SECOND_US) * 1000};
    int r;
    do {
        r = sem_clockwait(&asker->is_ending, CLOCK_MONOTONIC, &at);
    } while (r < 0 && errno == EINTR);
    return r < 0;
}

static void *run_asker(void *context)
{
    struct asker *asker = context;
    int64_t every_us = RD_SECOND_US / (int64_t)asker->run->options->ask;
    for (int64_t due_us = steady_us(); wait_until(asker, due_us); due_us += every_us) {
        ask(asker, due_us);
    }
    return NULL;
}

struct asker *asker_start(const struct bench_run *run)
{
    struct asker *asker = calloc(1, sizeof *asker);
    if (asker == NULL) {
        rd_oom();
    }
    asker->run = run;
    rd_buf_init(&asker->params, PARAMS_BYTES_MAX);
    (void)sem_init(&asker->is_ending, 0, 0);
    int r = rd_desk_open(run->client, run->options->ends.desk, &asker->desk);
    if (r == 0) {
        r = -pthread_create(&asker->thread, NULL, run_asker, asker);
    }
    if (r < 0) {
        say_error("%s: %s", run->options->ends.desk, strerror(-r));
        rd_desk_close(asker->desk);
        rd_buf_done(&asker->params);
        (void)sem_destroy(&asker->is_ending);
        free(asker);
        return NULL;
    }
    return asker;
}

void asker_end(struct asker *asker, struct ask_counts *ret_counts)
{
    (void)sem_post(&asker->is_ending);
    (void)pthread_join(asker->thread, NULL);
    *ret_counts = asker->counts;
    rd_desk_close(asker->desk);
    rd_buf_done(&asker->params);
    (void)sem_destroy(&asker->is_ending);
    free(asker);
}
