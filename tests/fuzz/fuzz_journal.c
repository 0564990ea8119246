/* A segment of any bytes. Laws: nothing crashes; reading and opening agree; what opening changes
 * lies behind the last record; a cut journal takes records again.
 *
 * The first byte chooses: even, the rest is the segment as it is; odd, the rest is (offset, byte)
 * pairs that hurt a sound segment, since checksums are hard to guess. */
#include "daemon/journal/check.h"
#include "tests/journal_dir.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORDS = 9, PER_BATCH = 3, IMAGE = JOURNAL_DIR_SEGMENT, PATCH = 3, PATCHES_MAX = 64 };

/* A sound segment, made without a journal: hashes are what a journal would write. */
static void image_make(uint8_t *image)
{
    struct format_segment head = {.bytes = IMAGE, .life = 3, .first = 1};
    uint8_t chain[FORMAT_HASH] = {0};
    format_segment_encode(&head, image);
    uint8_t *at = image + FORMAT_SEGMENT_HEAD;
    for (uint32_t i = 0; i < RECORDS; i++) {
        struct journal_record record = {.number = i + 1,
                .kind = (enum journal_kind)(1 + i % 5),
                .wall = i,
                .sender = RD_STR("unit"),
                .body = RD_STR("body")};
        format_record_encode(&record, at);
        at += format_record_seal(at, head.seed, i % PER_BATCH, chain);
    }
}

static void image_hurt(uint8_t *image, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i + PATCH <= size && i < PATCHES_MAX * PATCH; i += PATCH) {
        size_t at = (size_t)(data[i] << 8 | data[i + 1]);
        image[at] = data[i + 2];
    }
}

/* Returns the last record, or -errno; all that can be read is read. */
static int64_t read_all(const struct journal_dir *dir)
{
    struct journal *journal = NULL;
    struct journal_damage damage;
    struct journal_record record;
    int r = journal_dir_open_read(dir, &journal, &damage);
    if (r < 0) {
        RD_ASSERT(damage.text[0] != '\0');
        return r;
    }
    struct journal_cursor *cursor = NULL;
    uint64_t first = journal_first(journal), last = journal_last(journal), count = 0;
    r = journal_cursor_open(journal, first > 0 ? first - 1 : last, &cursor);
    RD_ASSERT(r == 0);
    while ((r = journal_cursor_next(cursor, &record, &damage)) > 0) {
        count++;
    }
    RD_ASSERT(r == 0);
    RD_ASSERT(count == (first > 0 ? last - first + 1 : 0));
    journal_cursor_close(cursor);
    journal_close(journal);
    return (int64_t)last;
}

static void try_writing(const struct journal_dir *dir, int64_t last, const uint8_t *image)
{
    static uint8_t after[IMAGE];
    struct journal *journal = NULL;
    struct journal_damage damage;
    struct journal_report report;
    int r = journal_dir_open(dir, &journal, &damage);
    int fd = journal_dir_segment(dir, 1, O_RDONLY);
    RD_ASSERT(segment_read(fd, after, IMAGE, 0) == IMAGE);
    (void)close(fd);
    if (r < 0) {
        RD_ASSERT(r == last);
        RD_ASSERT(memcmp(image, after, IMAGE) == 0);
        return;
    }
    RD_ASSERT(last >= 0 && journal_last(journal) == (uint64_t)last);
    size_t same = 0;
    while (same < IMAGE && image[same] == after[same]) {
        same++;
    }
    for (size_t at = same; at < IMAGE; at++) {
        RD_ASSERT(after[at] == 0); /* a cut is of the tail, all of it */
    }
    struct journal_record record = {.kind = JOURNAL_TICK};
    uint64_t number = journal_append(journal, &record);
    RD_ASSERT(number == (uint64_t)last + 1);
    r = journal_flush(journal);
    RD_ASSERT(r == 0);
    journal_close(journal);
    r = journal_check(dir->path, NULL, NULL, &report, &damage);
    RD_ASSERT(r == 0);
    RD_ASSERT(report.last == number);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t image[IMAGE];
    if (size == 0) {
        return 0;
    }
    memset(image, 0, sizeof image);
    if (data[0] % 2 == 0) {
        memcpy(image, data + 1, size - 1 < IMAGE ? size - 1 : IMAGE);
    } else {
        image_make(image);
        image_hurt(image, data + 1, size - 1);
    }
    struct journal_dir dir;
    journal_dir_make(&dir);
    journal_dir_store(&dir, 1, image, IMAGE);
    int64_t last = read_all(&dir);
    try_writing(&dir, last, image);
    journal_dir_remove(&dir);
    return 0;
}
