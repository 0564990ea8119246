#include "tools/ctl/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/wire/event.h"
#include "daemon/engine/engine.h"
#include "daemon/journal/journal.h"
#include "daemon/replay.h"
#include "daemon/replay_from.h"
#include "daemon/store/rows/meta_row.h"
#include "tools/shared/json.h"

enum {
    FLUSH_EVERY = 64 * 1024,
    FLUSH_BYTES =
            32 * 1024 * 1024, /* so that it takes little memory, however long the journal is */
    KEY_SHOWN = 40,
    HASH_BYTES = 32,
    FOUND_BYTES_MAX = 4096
};
#define MAP_BYTES (UINT64_C(64) << 30) /* address space, not memory */
#define SKIPPED   (UINT64_C(1) << STORE_DEAD_LETTERS)

struct verify {
    const char *state;
    const char *from;                /* a snapshot that the replay begins with; NULL: nothing */
    struct replay_snapshot snapshot; /* the one that was found */
    uint64_t begin;                  /* its record; 0: none */
    bool has_met_erased;             /* the replay came to a body that is erased */
    char scratch[PATH_MAX];          /* the fresh store's folder: gone as soon as it is open */
    struct store *kept;              /* what is verified: read only */
    struct store_view *kept_view;
    struct engine *kept_engine;
    struct store *fresh;
    struct engine *fresh_engine;
    struct journal *journal;
    struct rd_tree *tree;
    uint64_t position;   /* up to which the store is */
    uint8_t chain[32];   /* of the record applied last */
    struct rd_buf found; /* what there is to tell of it, a line */
};

/* ---- opening and closing ---- */

static enum exit_status fail(const char *what, int error, const char *text)
{
    say_error("%s: %s%s%s", what, strerror(-error), text[0] != '\0' ? ": " : "", text);
    return error == -EBADMSG ? STATUS_FINDING : STATUS_USAGE;
}

static void close_all(struct verify *verify)
{
    engine_close(verify->fresh_engine);
    engine_close(verify->kept_engine);
    store_close(verify->fresh);
    if (verify->kept_view != NULL) {
        store_side_close(verify->kept_view);
    }
    store_close(verify->kept);
    if (verify->journal != NULL) {
        journal_close(verify->journal);
    }
    rd_tree_free(verify->tree);
}

/* The store before the journal: a daemon that runs meanwhile makes the journal longer, and what the
 * snapshot holds is in it. */
static enum exit_status open_kept(struct verify *verify)
{
    char path[PATH_MAX], what[256] = "";
    (void)snprintf(path, sizeof path, "%s/store", verify->state);
    struct store_options options = {.dir = path, .map_bytes_max = MAP_BYTES, .read_only = true};
    int r = store_open(&options, &verify->kept, what);
    if (r == 0) {
        r = store_side_open(verify->kept, &verify->kept_view);
    }
    if (r < 0) {
        return fail(path, r, what);
    }
    uint32_t number = 0;
    r = engine_open(verify->kept_view, &verify->kept_engine, &number);
    if (r < 0) {
        say_error("%s: the store of engine %" PRIu32 ", this program has engine %d", path, number,
                ENGINE_NUMBER);
        return STATUS_FINDING;
    }
    verify->position = engine_position(verify->kept_engine);
    (void)snprintf(path, sizeof path, "%s/journal", verify->state);
    struct journal_damage damage = {.text = ""};
    struct journal_options journal = {.dir = path, .read_only = true};
    r = journal_open(&journal, &verify->journal, &damage);
    return r < 0 ? fail(path, r, damage.text) : STATUS_OK;
}

/* It holds what people told in confidence: it has no name from the moment on that it is open, and a
 * tool that is killed leaves nothing. */
static void remove_scratch(const char *dir)
{
    static const char *const names[] = {"data.mdb", "lock.mdb"};
    char path[PATH_MAX];
    for (size_t i = 0; i < RD_COUNT(names); i++) {
        (void)snprintf(path, sizeof path, "%.4000s/%s", dir, names[i]);
        (void)unlink(path);
    }
    if (rmdir(dir) != 0) {
        say_error("%s: cannot be removed: %s", dir, strerror(errno));
    }
}

static enum exit_status open_fresh(struct verify *verify)
{
    const char *temporary = getenv("TMPDIR");
    (void)snprintf(verify->scratch, sizeof verify->scratch, "%s/redressctl-XXXXXX",
            temporary != NULL && temporary[0] != '\0' ? temporary : "/tmp");
    if (mkdtemp(verify->scratch) == NULL) {
        int error = -errno;
        return fail(verify->scratch, error, "");
    }
    char what[256] = "";
    struct store_options options = {
            .dir = verify->scratch, .map_bytes_max = MAP_BYTES, .is_scratch = true};
    int r = store_open(&options, &verify->fresh, what);
    remove_scratch(verify->scratch);
    if (r < 0) {
        return fail(verify->scratch, r, what);
    }
    if (verify->from != NULL) {
        struct snapshot_head head;
        r = replay_from_load(verify->from, verify->fresh, &head, what);
        if (r < 0) {
            return fail(verify->from, r, what);
        }
        verify->begin = head.numbers.position;
        memcpy(verify->chain, head.chain, sizeof verify->chain);
    }
    uint32_t number = 0;
    r = engine_open(store_live(verify->fresh), &verify->fresh_engine, &number);
    if (r == -EPROTO) {
        say_error("%s: of engine %" PRIu32 ", this program has engine %d", verify->from, number,
                ENGINE_NUMBER);
        return STATUS_FINDING;
    }
    return r < 0 ? fail(verify->scratch, r, "") : STATUS_OK;
}

static enum exit_status find_snapshot(const struct ctl *ctl, struct verify *verify)
{
    const char *dir = ctl_option(ctl, "snapshots");
    char usual[PATH_MAX];
    (void)snprintf(usual, sizeof usual, "%.4000s/snapshots", verify->state);
    struct replay_wish wish = {.dir = dir != NULL ? dir : usual,
            .position = verify->position,
            .after = RD_TIME_NONE,
            .until = RD_TIME_MAX};
    if (replay_from_find(verify->journal, &wish, &verify->snapshot)) {
        verify->from = verify->snapshot.path;
        return STATUS_OK;
    }
    uint64_t first = journal_first(verify->journal);
    if (first == 0) {
        rd_buf_printf(&verify->found, "the state was restored and its journal has no record yet");
    } else if (first > 1) {
        rd_buf_printf(&verify->found,
                "the journal begins at record %" PRIu64
                ", since those before went into an archive or the state was restored",
                first);
    } else {
        rd_buf_printf(&verify->found, "the journal begins with another engine, before an upgrade");
    }
    rd_buf_printf(&verify->found,
            ", and no snapshot in %.200s goes with it. That is no fault, but nothing is proven: "
            "name a snapshot or backup by --from, or their folder by --snapshots; redressctl "
            "backup makes one, from which all that comes then can be proven",
            dir != NULL ? dir : usual);
    return STATUS_FINDING;
}

/* From nothing, where the journal still has all and this engine wrote it; else from a snapshot. */
static enum exit_status choose_begin(const struct ctl *ctl, struct verify *verify)
{
    verify->from = ctl_option(ctl, "from");
    if (verify->from != NULL || replay_from_nothing(verify->journal)) {
        return STATUS_OK;
    }
    return find_snapshot(ctl, verify);
}

/* ---- replay ---- */

static enum exit_status differ(
        struct verify *verify, const struct journal_record *record, const char *what)
{
    rd_buf_printf(&verify->found, "record %" PRIu64 ": %s", record->number, what);
    return STATUS_FINDING;
}

static enum exit_status flush(struct verify *verify, uint64_t number)
{
    engine_note_position(verify->fresh_engine, number);
    if (number > 0) {
        meta_chain_put(store_live(verify->fresh), number, verify->chain);
    }
    int r = store_flush(verify->fresh);
    return r < 0 ? fail(verify->scratch, r, "set TMPDIR to a folder with more room") : STATUS_OK;
}

static enum exit_status replay(struct verify *verify)
{
    RD_CLEANUP(journal_cursor_closep)
    struct journal_cursor *cursor = NULL;
    uint64_t number = verify->begin;
    int r = number < verify->position ? journal_cursor_open(verify->journal, number, &cursor) : 0;
    while (r == 0 && number < verify->position) {
        struct journal_record record;
        struct journal_damage damage = {.text = ""};
        r = journal_cursor_next(cursor, &record, &damage);
        if (r == 0) {
            rd_buf_printf(&verify->found,
                    "the journal ends at record %" PRIu64 ", the store is at %" PRIu64, number,
                    verify->position);
            return STATUS_FINDING;
        }
        if (r < 0) {
            return fail("the journal", r, damage.text);
        }
        r = 0;
        number = record.number;
        memcpy(verify->chain, record.chain, sizeof verify->chain);
        struct replay_step step;
        if (record.kind == JOURNAL_EVENT && record.is_erased) {
            verify->has_met_erased = true;
        }
        const char *why = replay_record(verify->fresh_engine, verify->tree, &record, &step);
        enum exit_status status = why == NULL ? STATUS_OK : differ(verify, &record, why);
        bool is_much = number % FLUSH_EVERY == 0 ||
                       store_dirty_bytes(store_live(verify->fresh)) >= FLUSH_BYTES;
        if (status == STATUS_OK && is_much) {
            status = flush(verify, number);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    return r < 0 ? fail("the journal", r, "") : flush(verify, verify->position);
}

/* ---- comparing ---- */

static void put_row(
        struct verify *verify, enum store_table table, struct rd_str key, const char *what)
{
    rd_buf_printf(&verify->found, "table %s, key ", store_table_name(table));
    for (size_t i = 0; i < key.len && i < KEY_SHOWN; i++) {
        rd_buf_printf(&verify->found, "%02x", (unsigned char)key.ptr[i]);
    }
    rd_buf_printf(&verify->found, "%s: %s", key.len > KEY_SHOWN ? "…" : "", what);
}

/* True: the table is the same, row by row. */
static bool same_table(struct verify *verify, enum store_table table)
{
    struct store_view *kept = verify->kept_view, *fresh = store_live(verify->fresh);
    struct store_scan a, b;
    struct rd_str key_a, value_a, key_b, value_b;
    store_scan_begin(&a, kept, table, (struct rd_str){0});
    store_scan_begin(&b, fresh, table, (struct rd_str){0});
    bool is_same = true;
    while (is_same) {
        bool has_a = store_scan_next(&a, &key_a, &value_a);
        bool has_b = store_scan_next(&b, &key_b, &value_b);
        if (!has_a && !has_b) {
            break;
        }
        int order = !has_a ? 1 : !has_b ? -1 : rd_str_cmp(key_a, key_b);
        is_same = order == 0 && rd_str_eq(value_a, value_b);
        if (order < 0) {
            put_row(verify, table, key_a, "in the store, not in the replay");
        } else if (order > 0) {
            put_row(verify, table, key_b, "in the replay, not in the store");
        } else if (!is_same) {
            put_row(verify, table, key_a, "the store's row is not the replay's");
        }
    }
    store_scan_end(&a);
    store_scan_end(&b);
    return is_same;
}

static enum exit_status compare(struct verify *verify)
{
    struct store_view *fresh = store_live(verify->fresh);
    if (!same_table(verify, STORE_ALERTS)) {
        return STATUS_FINDING;
    }
    for (int table = 0; table < STORE_TABLE_COUNT; table++) {
        if (table != STORE_DEAD_LETTERS && table != STORE_ALERTS &&
                !same_table(verify, (enum store_table)table)) {
            return STATUS_FINDING;
        }
    }
    uint8_t kept_hash[HASH_BYTES], fresh_hash[HASH_BYTES];
    int r = store_hash(verify->kept_view, SKIPPED, kept_hash);
    if (r == 0) {
        r = store_hash(fresh, SKIPPED, fresh_hash);
    }
    if (r < 0) {
        return fail("the store", r, "");
    }
    if (memcmp(kept_hash, fresh_hash, sizeof kept_hash) != 0) {
        rd_buf_printf(&verify->found, "every row is the same, the digests are not");
        return STATUS_FINDING;
    }
    for (size_t i = 0; i < sizeof kept_hash; i++) {
        rd_buf_printf(&verify->found, "%02x", kept_hash[i]);
    }
    return STATUS_OK;
}

static void tell(const struct ctl *ctl, const struct verify *verify, bool is_same)
{
    struct rd_str found = rd_buf_str(&verify->found);
    if (ctl->is_json) {
        json_print(stdout,
                json_pack("{s:b, s:I, s:I, s:o}", "same", is_same, "record",
                        (json_int_t)verify->position, "from", (json_int_t)verify->begin,
                        is_same ? "digest" : "difference", json_text(found)),
                false);
    } else if (is_same) {
        (void)printf("OK record %" PRIu64 " %.*s\n", verify->position, RD_FMT(found));
        if (verify->begin > 0) {
            (void)printf("from the snapshot of record %" PRIu64 "\n", verify->begin);
        }
    } else {
        (void)printf("%.*s\n", RD_FMT(found));
    }
}

enum exit_status verify_state(struct ctl *ctl)
{
    struct verify verify = {.state = ctl->words[0], .tree = rd_tree_new()};
    if (strlen(verify.state) > PATH_MAX - sizeof "/journal") {
        say_error("the path is too long");
        rd_tree_free(verify.tree);
        return STATUS_USAGE;
    }
    rd_buf_init(&verify.found, FOUND_BYTES_MAX);
    enum exit_status status = open_kept(&verify);
    if (status == STATUS_OK) {
        status = choose_begin(ctl, &verify);
    }
    if (status == STATUS_OK) {
        status = open_fresh(&verify);
    }
    if (status == STATUS_OK) {
        status = replay(&verify);
    }
    if (verify.has_met_erased && verify.from == NULL) { /* what an erasure leaves to go on from */
        engine_close(verify.fresh_engine);
        store_close(verify.fresh);
        verify.fresh_engine = NULL;
        verify.fresh = NULL;
        rd_buf_reset(&verify.found);
        status = find_snapshot(ctl, &verify);
        status = status == STATUS_OK ? open_fresh(&verify) : status;
        status = status == STATUS_OK ? replay(&verify) : status;
    }
    if (status == STATUS_OK) {
        status = compare(&verify);
    }
    if (verify.found.len > 0) {
        tell(ctl, &verify, status == STATUS_OK);
    }
    rd_buf_done(&verify.found);
    close_all(&verify);
    return status;
}
