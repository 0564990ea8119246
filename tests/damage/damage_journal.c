/* Each byte of each segment flipped, and each segment cut at each byte: the journal opens with
 * every record as it was, or refuses, at the open or where the record is read, and says where. Only
 * damage in the very last batch may take that batch away: it cannot be told from a torn one, which
 * is why the daemon compares the store's position. Never a crash, never another record. */
#include "daemon/journal/journal.h"
#include "daemon/journal/segment.h"
#include "tests/damage/hurt.h"

enum { SEGMENT = 64 * 1024, RECORDS = 40, SEGMENTS_MAX = 8, LAST_BATCH = 3 };

struct world {
    struct scratch scratch;
    struct hurt_file files[SEGMENTS_MAX];
    char paths[SEGMENTS_MAX][SCRATCH_PATH_MAX + 64];
    size_t count;
};

static struct rd_str body_of(uint64_t number, char text[static 8192])
{
    size_t len = 3000 + (number * 977) % 3000;
    memset(text, 'a' + (int)(number % 26), len);
    return (struct rd_str){.ptr = text, .len = len};
}

static int open_journal(
        const struct world *world, struct journal **journal, struct journal_damage *damage)
{
    return journal_open(
            &(struct journal_options){.dir = world->scratch.path, .segment_bytes = SEGMENT},
            journal, damage);
}

static void make(struct world *world)
{
    struct journal *journal = NULL;
    struct journal_damage damage;
    char text[8192];
    world->scratch = scratch_make();
    HURT_NEED(open_journal(world, &journal, &damage) == 0);
    for (uint64_t number = 1; number <= RECORDS; number++) {
        struct journal_record record = {.kind = JOURNAL_EVENT,
                .event_seq = number,
                .wall = (rd_time)number,
                .sender = RD_STR("k"),
                .body = body_of(number, text)};
        HURT_NEED(journal_append(journal, &record) == number);
        if (number % 4 == 0 && number < RECORDS - LAST_BATCH) {
            HURT_NEED(journal_flush(journal) == 0);
        } else if (number == RECORDS - LAST_BATCH) {
            HURT_NEED(journal_flush(journal) == 0);
        }
    }
    HURT_NEED(journal_flush(journal) == 0);
    journal_close(journal);
    for (uint64_t first = 1; first <= RECORDS; first++) {
        char name[SEGMENT_NAME_MAX];
        char *path = world->paths[world->count];
        segment_name(first, name);
        const struct scratch scratch = world->scratch;
        (void)snprintf(path, sizeof world->paths[0], "%s/%s", scratch.path, name);
        if (access(path, F_OK) == 0) {
            HURT_NEED(world->count + 1 < SEGMENTS_MAX);
            hurt_load(&world->files[world->count++], path);
        }
    }
    HURT_NEED(world->count >= 3);
}

/* The text names the file that was hurt, or one after it whose chain does not continue. */
static enum hurt_found refused(const struct journal_damage *damage, const char *dir)
{
    const char *at = strstr(damage->text, dir);
    return at != NULL && strstr(at, ".journal") != NULL && strstr(at, "offset") != NULL &&
                           strstr(at, "restore") != NULL
                   ? HURT_REFUSED
                   : HURT_WRONG;
}

static enum hurt_found read_all(
        const struct world *world, struct journal *journal, const struct hurt_file *file)
{
    struct journal_cursor *cursor = NULL;
    struct journal_record record;
    struct journal_damage damage = {.text = ""};
    char text[8192];
    uint64_t last = journal_last(journal), number = 0;
    int r = last > 0 ? journal_cursor_open(journal, 0, &cursor) : 0;
    while (r == 0 && number < last && (r = journal_cursor_next(cursor, &record, &damage)) == 1) {
        number++;
        if (record.number != number || record.event_seq != number ||
                record.wall != (rd_time)number || record.is_erased ||
                !rd_str_eq(record.body, body_of(number, text)) ||
                !rd_str_eq(record.sender, RD_STR("k"))) {
            return HURT_WRONG;
        }
        r = 0;
    }
    journal_cursor_close(cursor);
    if (r < 0) {
        return r == -EBADMSG ? refused(&damage, world->scratch.path) : HURT_WRONG;
    }
    bool is_newest = file == &world->files[world->count - 1];
    bool is_cut = is_newest && last < RECORDS && last >= RECORDS - LAST_BATCH;
    return last == RECORDS || is_cut ? HURT_SAME : HURT_WRONG;
}

static enum hurt_found look(void *context, const struct hurt_file *file, size_t at)
{
    const struct world *world = context;
    struct journal *journal = NULL;
    struct journal_damage damage = {.text = ""};
    (void)at;
    int r = open_journal(world, &journal, &damage);
    if (r < 0) {
        return r == -EBADMSG ? refused(&damage, world->scratch.path) : HURT_WRONG;
    }
    enum hurt_found found = read_all(world, journal, file);
    if (found == HURT_SAME) { /* and takes more */
        (void)journal_append(journal, &(struct journal_record){.kind = JOURNAL_TICK});
        found = journal_flush(journal) == 0 ? HURT_SAME : HURT_WRONG;
    }
    journal_close(journal);
    return found;
}

static void reset(void *context)
{
    const struct world *world = context;
    for (size_t i = 0; i < world->count; i++) {
        hurt_save(&world->files[i], world->files[i].size);
    }
}

int main(int argc, char *argv[])
{
    struct hurt_options options = hurt_options_of(argc, argv);
    static struct world world;
    make(&world);
    for (size_t i = 0; i < world.count; i++) {
        hurt_all(&options, &world.files[i], false, look, reset, &world);
        hurt_all(&options, &world.files[i], true, look, reset, &world);
    }
    for (size_t i = 0; i < world.count; i++) {
        free(world.files[i].bytes);
    }
    scratch_remove(&world.scratch);
    return 0;
}
