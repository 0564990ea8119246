#include "daemon/journal/check.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "daemon/journal/scan.h"

static void report_add(struct journal_report *report, const struct format_frame *frame)
{
    const struct journal_record *record = &frame->record;
    if (report->records == 0) {
        report->first = record->number;
        report->first_wall = record->wall;
    }
    report->records++;
    report->erased += record->is_erased;
    report->bytes += frame->length;
    report->last = record->number;
    report->last_wall = record->wall;
    memcpy(report->chain, record->chain, sizeof report->chain);
}

/* The segment the scan was opened on. */
static int check_segment(struct scan *scan, bool is_newest, struct journal_report *report,
        struct journal_damage *ret_damage)
{
    struct format_frame frame;
    int r;
    while ((r = scan_step(scan, is_newest, &frame, ret_damage)) > 0) {
        report_add(report, &frame);
    }
    if (r == 0) {
        report->segments++;
        report->is_torn = frame.kind != FORMAT_END && !scan->is_clean;
        report->torn_offset = report->is_torn ? scan->offset : 0;
    }
    return r;
}

struct watcher {
    journal_check_progress *progress;
    void *arg;
};

static int check_all(struct scan *scan, int dir_fd, const struct segment_list *list,
        const struct watcher *watcher, struct journal_report *report,
        struct journal_damage *ret_damage)
{
    for (size_t i = 0; i < list->count; i++) {
        uint64_t first = list->items[i].first;
        bool goes_on = report->segments > 0;
        if (goes_on && scan->next != first) {
            return scan_damage(
                    scan, "the segment ends here, and there is none that goes on", ret_damage);
        }
        uint8_t chain[FORMAT_HASH];
        memcpy(chain, scan->chain, FORMAT_HASH);
        int r = scan_open(scan, dir_fd, first, goes_on ? chain : NULL, ret_damage);
        if (r == 0) {
            r = check_segment(scan, i + 1 == list->count, report, ret_damage);
        }
        if (r == -ENOENT) { /* recycled meanwhile, as all before it: begin with the next */
            *report = (struct journal_report){0};
            continue;
        }
        if (r < 0) {
            return r;
        }
        if (watcher->progress != NULL && !watcher->progress(watcher->arg, report)) {
            return -ECANCELED;
        }
    }
    return 0;
}

int journal_check(const char *dir, journal_check_progress *progress, void *arg,
        struct journal_report *ret_report, struct journal_damage *ret_damage)
{
    *ret_damage = (struct journal_damage){0};
    int picked = sodium_init(); /* as in journal_open() */
    RD_ASSERT(picked >= 0);
    int dir_fd = segment_dir_open(dir, false);
    if (dir_fd < 0) {
        return dir_fd;
    }
    struct segment_list list = {0};
    struct journal_report report = {0};
    struct scan scan;
    scan_init(&scan, dir);
    int r = segment_list_read(dir_fd, &list);
    if (r == 0) {
        struct watcher watcher = {.progress = progress, .arg = arg};
        r = check_all(&scan, dir_fd, &list, &watcher, &report, ret_damage);
    }
    scan_done(&scan);
    segment_list_done(&list);
    (void)close(dir_fd);
    if (r == 0 || r == -EBADMSG) {
        *ret_report = report;
    }
    return r;
}
