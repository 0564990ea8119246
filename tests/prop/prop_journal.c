/* A journal against a model in memory: the sizes of the records that were appended. */
#include "daemon/journal/blank.h"
#include "daemon/journal/check.h"
#include "tests/journal_dir.h"
#include "tests/prop.h"

enum { RECORDS_MAX = 4096, STEPS = 60 };

#define NEED(cond)                                                                                 \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            return __LINE__;                                                                       \
        }                                                                                          \
    } while (0)

struct model {
    struct journal_dir dir;
    struct journal *journal;
    struct prop_gen *gen;
    size_t size[RECORDS_MAX];
    bool is_erased[RECORDS_MAX];
    uint64_t last, handed_over; /* appended; of them handed over */
    uint64_t released;
    struct journal_damage damage;
    struct journal_dir_fill fill;
};

static int do_append(struct model *model)
{
    uint64_t count = 1 + prop_below(model->gen, 40);
    for (uint64_t i = 0; i < count && model->last + 1 < RECORDS_MAX; i++) {
        uint64_t number = model->last + 1;
        /* Mostly small, some to fill a segment, a few longer than one. */
        static const uint64_t bounds[] = {1, 300, 300, 3000, 3000, 70000};
        uint64_t bound = bounds[prop_below(model->gen, prop_below(model->gen, 8) == 0 ? 6 : 4)];
        model->size[number] = (size_t)prop_below(model->gen, bound);
        model->is_erased[number] = false;
        struct journal_record record =
                journal_dir_record(number, model->size[number], &model->fill);
        NEED(journal_append(model->journal, &record) == number);
        model->last = number;
    }
    return 0;
}

static int do_submit(struct model *model)
{
    journal_submit(model->journal);
    NEED(journal_batch_bytes(model->journal) == 0);
    model->handed_over = model->last;
    return 0;
}

static int do_flush(struct model *model)
{
    NEED(journal_flush(model->journal) == 0);
    model->handed_over = model->last;
    NEED(journal_durable(model->journal) == model->last);
    return 0;
}

static int do_release(struct model *model)
{
    uint64_t upto = prop_below(model->gen, journal_durable(model->journal) + 1);
    uint64_t keep = prop_below(model->gen, 3) * JOURNAL_DIR_SEGMENT;
    journal_release(model->journal, upto, keep, RD_TIME_NONE);
    model->released = upto > model->released ? upto : model->released;
    if (prop_below(model->gen, 2) == 0) {
        journal_settle(model->journal);
    }
    return 0;
}

struct chosen {
    uint64_t number;
    bool is_there;
};

static bool is_chosen(void *arg, const struct journal_record *record)
{
    struct chosen *chosen = arg;
    chosen->is_there |= record->number == chosen->number;
    return record->number == chosen->number;
}

/* By nobody who has the journal open, as it is done. */
static int do_erase(struct model *model)
{
    NEED(do_flush(model) == 0);
    if (model->last == 0) {
        return 0;
    }
    struct chosen chosen = {.number = 1 + prop_below(model->gen, model->last)};
    struct journal_blank how = {.pick = is_chosen, .arg = &chosen};
    journal_close(model->journal);
    model->journal = NULL;
    NEED(journal_blank(model->dir.path, &how, &model->damage) == 0);
    NEED(chosen.is_there || chosen.number <= model->released || model->is_erased[chosen.number]);
    NEED(journal_dir_open(&model->dir, &model->journal, &model->damage) == 0);
    NEED(journal_last(model->journal) == model->last);
    model->is_erased[chosen.number] |= chosen.is_there;
    return 0;
}

/* What is kept is what was appended, without holes. */
static int check_records(const struct model *model, struct journal *journal, uint64_t last)
{
    static struct journal_dir_fill expect;
    struct journal_record record;
    struct journal_damage damage;
    RD_CLEANUP(journal_cursor_closep)
    struct journal_cursor *cursor = NULL;
    uint64_t after = journal_first(journal) > 0 ? journal_first(journal) - 1 : last;
    int r = journal_cursor_open(journal, after, &cursor);
    if (r == -ENOENT) { /* released in between */
        return 0;
    }
    NEED(r == 0);
    for (uint64_t number = after + 1; number <= last; number++) {
        r = journal_cursor_next(cursor, &record, &damage);
        if (r < 0) {
            (void)fprintf(stderr, "%d: %s\n", r, damage.text);
        }
        NEED(r == 1);
        struct journal_record expected = journal_dir_record(number, model->size[number], &expect);
        NEED(record.is_erased == model->is_erased[number]);
        expected.body = record.is_erased ? (struct rd_str){0} : expected.body;
        NEED(journal_dir_same(&record, &expected));
    }
    return 0;
}

static int do_read(struct model *model)
{
    return check_records(model, model->journal, journal_durable(model->journal));
}

static int do_read_only(struct model *model)
{
    struct journal *journal = NULL;
    NEED(do_flush(model) == 0);
    journal_settle(model->journal);
    NEED(journal_dir_open_read(&model->dir, &journal, &model->damage) == 0);
    NEED(journal_last(journal) == model->last);
    int line = check_records(model, journal, model->last);
    journal_close(journal);
    return line;
}

/* Breaks a byte of the last batch, as a power cut would. Returns the last record before it. */
static uint64_t tear(struct model *model)
{
    struct segment_list list = {0};
    struct format_segment head;
    const char *why = NULL;
    size_t size;
    int dir_fd = segment_dir_open(model->dir.path, false);
    JOURNAL_DIR_NEED(dir_fd >= 0 && segment_list_read(dir_fd, &list) == 0);
    (void)close(dir_fd);
    if (list.count == 0) {
        return model->last;
    }
    uint64_t first = list.items[list.count - 1].first;
    segment_list_done(&list);
    uint8_t *bytes = journal_dir_load(&model->dir, first, &size);
    JOURNAL_DIR_NEED(format_segment_decode(bytes, &head, &why) == 0);
    uint64_t batch = first;
    size_t at = FORMAT_SEGMENT_HEAD, batch_at = at;
    struct format_frame frame;
    for (;; at += frame.length) {
        format_frame_decode(bytes + at, size - at, size - at, head.seed, &frame);
        if (frame.kind != FORMAT_RECORD) {
            break;
        }
        batch = frame.place == 0 ? frame.number : batch;
        batch_at = frame.place == 0 ? at : batch_at;
    }
    uint64_t last = model->last;
    if (at > batch_at) {
        size_t hit = batch_at + (size_t)prop_below(model->gen, at - batch_at);
        last = batch - 1;
        for (at = batch_at;; at += frame.length, last++) {
            format_frame_decode(bytes + at, size - at, size - at, head.seed, &frame);
            if (at + frame.length > hit) {
                break;
            }
        }
        /* An erased body is in no checksum any more. */
        size_t body_at = at + FORMAT_HEAD + frame.record.sender.len;
        hit = frame.record.is_erased && hit >= body_at ? at : hit;
        journal_dir_flip(&model->dir, first, hit);
    }
    free(bytes);
    return last;
}

static int do_reopen(struct model *model)
{
    journal_close(model->journal);
    model->journal = NULL;
    model->last = model->handed_over;
    if (prop_below(model->gen, 3) == 0) {
        model->last = tear(model);
    }
    int r = journal_dir_open(&model->dir, &model->journal, &model->damage);
    if (r < 0) {
        (void)fprintf(stderr, "%s\n", model->damage.text);
    }
    NEED(r == 0);
    NEED(journal_last(model->journal) == model->last);
    NEED(journal_durable(model->journal) == model->last);
    NEED(journal_first(model->journal) <= model->released + 1);
    model->handed_over = model->last;
    return do_read(model);
}

static int steps(struct model *model)
{
    static int (*const doings[])(struct model *) = {do_append, do_append, do_append, do_submit,
            do_submit, do_flush, do_release, do_erase, do_read, do_read_only, do_reopen};
    for (int i = 0; i < STEPS; i++) {
        int line = doings[prop_below(model->gen, RD_COUNT(doings))](model);
        if (line != 0) {
            return line;
        }
    }
    int line = do_flush(model);
    line = line != 0 ? line : do_reopen(model);
    if (line != 0) {
        return line;
    }
    struct journal_report report;
    journal_settle(model->journal);
    NEED(journal_check(model->dir.path, NULL, NULL, &report, &model->damage) == 0);
    NEED(report.last == (journal_first(model->journal) > 0 ? model->last : 0));
    NEED(report.first == journal_first(model->journal));
    return 0;
}

static int law(struct prop_gen *gen)
{
    struct model *model = calloc(1, sizeof *model);
    NEED(model != NULL);
    model->gen = gen;
    journal_dir_make(&model->dir);
    int line = journal_dir_open(&model->dir, &model->journal, &model->damage) == 0 ? 0 : __LINE__;
    line = line != 0 ? line : steps(model);
    journal_close(model->journal);
    journal_dir_remove(&model->dir);
    free(model);
    return line;
}

int main(void)
{
    return prop_check("a journal gives back what was put in", law);
}
