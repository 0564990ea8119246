/* crash_archive [KILLS [SEED]] — kill -9 at random instants of a journal that is written, archived
 * and cut. After each: what was told durable is there, in the journal or in the archive, without a
 * hole between the two; both are whole.
 *
 * For tests/powercut: `crash_archive live DIR` goes on until it is killed, and writes into DIR/told
 * what it was told each time; `crash_archive look DIR DURABLE ARCHIVED` looks at what a cut left.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/num.h"
#include "daemon/journal/archive.h"
#include "daemon/journal/check.h"
#include "tests/prop.h"
#include "tests/scratch.h"

enum { SEGMENT = 64 * 1024, BODY = 1024, BATCH = 16, DIR_BYTES = SCRATCH_PATH_MAX + 16 };

struct told { /* shared with the child */
    atomic_uint_least64_t durable, archived;
};

struct places {
    char journal[DIR_BYTES], archive[DIR_BYTES];
};

#define NEED(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "%d: not so: %s\n", __LINE__, #condition);                       \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

static struct journal *open_at(const char *dir)
{
    struct journal_damage damage;
    struct journal *journal = NULL;
    int r = journal_open(
            &(struct journal_options){.dir = dir, .segment_bytes = SEGMENT}, &journal, &damage);
    if (r < 0) {
        (void)fprintf(stderr, "%d: %s\n", r, damage.text);
    }
    NEED(r == 0);
    return journal;
}

/* Writes, archives, cuts, for ever. `told_fd` below 0: nobody reads it. */
static void live(const struct places *places, struct told *told, int told_fd)
{
    struct journal *journal = open_at(places->journal);
    char body[BODY];
    memset(body, 'a', sizeof body);
    journal_bound(journal, (uint64_t)4 * SEGMENT);
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            (void)journal_append(journal,
                    &(struct journal_record){
                            .kind = JOURNAL_EVENT, .engine = 9, .body = {body, sizeof body}});
        }
        NEED(journal_flush(journal) == 0);
        atomic_store(&told->durable, journal_durable(journal));
        uint64_t through = 0;
        unsigned done = 0;
        struct journal_damage damage;
        int r = archive_fill(places->journal, places->archive, 1, &through, &done, &damage);
        NEED(r >= 0);
        if (through > atomic_load(&told->archived)) {
            atomic_store(&told->archived, through);
        }
        uint64_t both[2] = {atomic_load(&told->durable), atomic_load(&told->archived)};
        NEED(told_fd < 0 || pwrite(told_fd, both, sizeof both, 0) == (ssize_t)sizeof both);
        journal_release(journal, atomic_load(&told->archived), SEGMENT, RD_TIME_MIN);
    }
}

static void look(const struct places *places, struct told *told)
{
    struct archive_list list;
    struct journal_damage damage;
    struct journal_report report;
    NEED(archive_read(places->archive, &list) == 0);
    uint64_t through = 0;
    for (size_t i = 0; i < list.count; i++) {
        NEED(list.items[i].first == through + 1);
        through = list.items[i].last;
    }
    archive_list_done(&list);
    NEED(through >= atomic_load(&told->archived));
    struct journal *journal = open_at(places->journal);
    uint64_t first = journal_first(journal), last = journal_last(journal);
    journal_close(journal);
    NEED(first <= through + 1);
    NEED(last >= atomic_load(&told->durable));
    NEED(journal_check(places->journal, NULL, NULL, &report, &damage) == 0);
}

/* Archive and journal together are the journal from its first record on. */
static void restore(const struct places *places, const char *to, uint64_t number)
{
    static const uint8_t none[32];
    struct journal_damage damage;
    uint64_t last = 0;
    struct archive_sources sources = {.archive = places->archive, .journal = places->journal};
    int r = archive_restore(&sources, to, number, none, &last, &damage);
    if (r < 0) {
        (void)fprintf(stderr, "%d: %s\n", r, damage.text);
    }
    NEED(r == 0 && last > 0);
}

static struct places places_below(const char *dir)
{
    struct places places;
    (void)snprintf(places.journal, DIR_BYTES, "%.*s/journal", SCRATCH_PATH_MAX, dir);
    (void)snprintf(places.archive, DIR_BYTES, "%.*s/archive", SCRATCH_PATH_MAX, dir);
    return places;
}

static int live_below(const char *dir)
{
    char path[DIR_BYTES];
    struct places places = places_below(dir);
    struct told told = {.durable = 0};
    (void)snprintf(path, sizeof path, "%.*s/told", SCRATCH_PATH_MAX, dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    NEED(fd >= 0);
    live(&places, &told, fd);
    return 0;
}

static int look_below(const char *dir, uint64_t durable, uint64_t archived)
{
    char made[DIR_BYTES];
    struct places places = places_below(dir);
    struct told told = {.durable = durable, .archived = archived};
    look(&places, &told);
    (void)snprintf(made, sizeof made, "%.*s/made", SCRATCH_PATH_MAX, dir);
    if (durable > 0) {
        restore(&places, made, 0);
    }
    return 0;
}

int main(int argc, char *argv[])
{
    uint64_t durable, archived;
    if (argc == 3 && strcmp(argv[1], "live") == 0) {
        return live_below(argv[2]);
    }
    if (argc == 5 && strcmp(argv[1], "look") == 0 &&
            rd_u64_parse(rd_str_of(argv[3]), &durable) == 0 &&
            rd_u64_parse(rd_str_of(argv[4]), &archived) == 0) {
        return look_below(argv[2], durable, archived);
    }
    uint64_t kills = 25, seed = prop_env("PROP_SEED", 1);
    if ((argc > 1 && rd_u64_parse(rd_str_of(argv[1]), &kills) < 0) ||
            (argc > 2 && rd_u64_parse(rd_str_of(argv[2]), &seed) < 0)) {
        return 64;
    }
    (void)printf("seed %" PRIu64 "\n", seed);
    struct prop_gen chance = {.state = seed};
    sigset_t ended;
    (void)sigemptyset(&ended);
    (void)sigaddset(&ended, SIGCHLD);
    NEED(sigprocmask(SIG_BLOCK, &ended, NULL) == 0);
    struct scratch scratch = scratch_make();
    struct places places = places_below(scratch.path);
    char made[DIR_BYTES];
    (void)snprintf(made, DIR_BYTES, "%s/made", scratch.path);
    struct told *told =
            mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    NEED(told != MAP_FAILED);
    for (uint64_t i = 0; i < kills; i++) {
        pid_t child = fork();
        NEED(child >= 0);
        if (child == 0) {
            live(&places, told, -1);
        }
        struct timespec moment = {.tv_nsec = (long)prop_below(&chance, 120) * 1000000L};
        (void)sigtimedwait(&ended, NULL, &moment); /* it never ends by itself but by a fault */
        (void)kill(child, SIGKILL);
        int status = 0;
        NEED(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
        look(&places, told);
    }
    NEED(atomic_load(&told->archived) > 0);
    restore(&places, made, 0);
    (void)printf("%" PRIu64 " kills, %" PRIu64 " records, %" PRIu64 " of them archived\n", kills,
            (uint64_t)atomic_load(&told->durable), (uint64_t)atomic_load(&told->archived));
    scratch_remove(&scratch);
    return 0;
}
