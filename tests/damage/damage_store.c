/* Each byte of an LMDB file flipped, and the file cut at each: the store opens with the same rows,
 * with those of the checkpoint before (the journal makes the rest again), or refuses and says
 * where. Never a crash, never another answer. */
#include "daemon/store/store.h"
#include "tests/damage/hurt.h"

enum { ROWS = 400, HASH = 32 };

struct world {
    struct scratch scratch;
    char lock[SCRATCH_PATH_MAX + 16];
    uint8_t before[HASH], now[HASH];
};

static struct store *open_store(const struct world *world, char what[static 256])
{
    struct store *store = NULL;
    struct store_options options = {.dir = world->scratch.path, .map_bytes_max = 64 << 20};
    return store_open(&options, &store, what) == 0 ? store : NULL;
}

static void put_rows(struct store *store, unsigned round)
{
    static char text[9000]; /* the longest takes three pages of its own */
    memset(text, 'a' + (int)round, sizeof text);
    for (unsigned i = 0; i < ROWS; i++) {
        char key[32];
        int len = snprintf(key, sizeof key, "key-%06u", i * 7919 % 100000);
        enum store_table table = i % 3 == 0 ? STORE_CASES : i % 3 == 1 ? STORE_IDS : STORE_ALERTS;
        struct rd_str name = {.ptr = key, .len = (size_t)len};
        struct rd_str value = {.ptr = text, .len = i % 100 == 0 ? sizeof text : i % 90};
        if (round > 0 && i % 5 == round) {
            store_del(store_live(store), table, name);
        } else if (round == 0 || i % 7 == round) {
            store_put(store_live(store), table, name, value);
        }
    }
    HURT_NEED(store_flush(store) == 0);
}

static void make(struct world *world)
{
    char what[256];
    world->scratch = scratch_make();
    (void)snprintf(world->lock, sizeof world->lock, "%s/lock.mdb", world->scratch.path);
    struct store *store = open_store(world, what);
    HURT_NEED(store != NULL);
    for (unsigned round = 0; round < 4; round++) {
        put_rows(store, round);
        HURT_NEED(store_hash(store_live(store), 0, round < 3 ? world->before : world->now) == 0);
    }
    store_close(store);
}

static enum hurt_found look(void *context, const struct hurt_file *file, size_t at)
{
    struct world *world = context;
    char what[256] = "";
    uint8_t hash[HASH];
    (void)file;
    (void)at;
    struct store *store = open_store(world, what);
    if (store == NULL) {
        return strstr(what, "data.mdb") != NULL && strstr(what, "page ") != NULL ? HURT_REFUSED
                                                                                 : HURT_WRONG;
    }
    int r = store_hash(store_live(store), 0, hash);
    bool is_known = r == 0 &&
                    (memcmp(hash, world->now, HASH) == 0 || memcmp(hash, world->before, HASH) == 0);
    if (is_known) { /* and takes more */
        store_put(store_live(store), STORE_CASES, RD_STR("after"), RD_STR("1"));
        is_known = store_flush(store) == 0;
    }
    store_close(store);
    return is_known ? HURT_SAME : HURT_WRONG;
}

static void reset(void *context)
{
    (void)unlink(((struct world *)context)->lock);
}

int main(int argc, char *argv[])
{
    struct hurt_options options = hurt_options_of(argc, argv);
    struct world world = {0};
    make(&world);
    char path[SCRATCH_PATH_MAX + 16];
    (void)snprintf(path, sizeof path, "%s/data.mdb", world.scratch.path);
    struct hurt_file file;
    hurt_load(&file, path);
    hurt_all(&options, &file, false, look, reset, &world);
    options.share *= 8; /* most cuts fall into one page and are one case */
    hurt_all(&options, &file, true, look, reset, &world);
    free(file.bytes);
    scratch_remove(&world.scratch);
    return 0;
}
