#include "daemon/erase_note.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/journal/journal.h"

enum {
    PATH_BYTES_MAX = 4096 + 64,
    NOTE_BYTES_MAX = JOURNAL_BODY_MAX,
    NUMBERS_FIRST = 1024,
    VERSION = 2,
};

static const char wanted_text[] = "wanted\n", erased_text[] = "erased\n";

/* ---- lists ---- */

void erase_list_add(struct erase_list *list, uint64_t number)
{
    RD_ASSERT(list->count == 0 || number > list->at[list->count - 1]);
    if (list->count == list->room) {
        list->room = list->room > 0 ? 2 * list->room : NUMBERS_FIRST;
        list->at = reallocarray(list->at, list->room, sizeof *list->at);
        if (list->at == NULL) {
            rd_oom();
        }
    }
    list->at[list->count++] = number;
}

bool erase_list_touches(const struct erase_list *list, uint64_t first, uint64_t last)
{
    size_t low = 0, high = list->count;
    while (low < high) { /* the first that is not before `first` */
        size_t middle = low + (high - low) / 2;
        if (list->at[middle] < first) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < list->count && list->at[low] <= last;
}

bool erase_list_has(const struct erase_list *list, uint64_t number)
{
    return erase_list_touches(list, number, number);
}

void erase_list_done(struct erase_list *list)
{
    free(list->at);
    *list = (struct erase_list){.at = NULL};
}

void erase_plan_done(struct erase_plan *plan)
{
    erase_list_done(&plan->asks);
    erase_list_done(&plan->fresh);
    erase_list_done(&plan->all);
}

static void put_list(struct rd_buf *buf, const struct erase_list *list)
{
    uint64_t before = 0;
    rd_buf_put_uint(buf, list->count);
    for (size_t i = 0; i < list->count; i++) {
        rd_buf_put_uint(buf, list->at[i] - before);
        before = list->at[i];
    }
}

static bool get_list(struct rd_get *get, struct erase_list *list)
{
    uint64_t count = rd_get_uint(get), before = 0;
    for (uint64_t i = 0; i < count && get->error == 0; i++) {
        uint64_t step = rd_get_uint(get);
        if (step == 0 || step > UINT64_MAX - before) {
            return false;
        }
        before += step;
        erase_list_add(list, before);
    }
    return get->error == 0;
}

/* ---- the file ---- */

static void note_path(const char *state, char ret_path[static PATH_BYTES_MAX])
{
    (void)snprintf(ret_path, PATH_BYTES_MAX, "%s/erasure", state);
}

int erase_folder_sync(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd >= 0 && fsync(fd) == 0 ? 0 : -errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    return r;
}

static int note_write(const char *state, struct rd_str text)
{
    char path[PATH_BYTES_MAX], fresh[PATH_BYTES_MAX + 8];
    note_path(state, path);
    (void)snprintf(fresh, sizeof fresh, "%s.new", path);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return -errno;
    }
    int r = 0;
    for (size_t at = 0; at < text.len && r == 0;) {
        ssize_t n = write(fd, text.ptr + at, text.len - at);
        r = n < 0 && errno != EINTR ? -errno : 0;
        at += n > 0 ? (size_t)n : 0;
    }
    r = r == 0 && fsync(fd) != 0 ? -errno : r;
    (void)close(fd);
    r = r == 0 && rename(fresh, path) != 0 ? -errno : r;
    return r == 0 ? erase_folder_sync(state) : r;
}

/* Into `buf`; empty where there is no such file. 0 or -errno. */
static int note_read(const char *state, struct rd_buf *buf)
{
    char path[PATH_BYTES_MAX];
    uint8_t chunk[4096];
    note_path(state, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return errno == ENOENT ? 0 : -errno;
    }
    ssize_t n;
    while ((n = read(fd, chunk, sizeof chunk)) > 0) {
        rd_buf_put(buf, chunk, (size_t)n);
    }
    int r = n < 0 ? -errno : buf->error;
    (void)close(fd);
    return r;
}

/* What stands behind the word; ptr NULL: another word, or nothing, stands there. */
static struct rd_str behind(const struct rd_buf *buf, const char *word)
{
    struct rd_str text = rd_buf_str(buf), begin = rd_str_of(word);
    return rd_str_starts(text, begin) ? (struct rd_str){text.ptr + begin.len, text.len - begin.len}
                                      : (struct rd_str){0};
}

int erase_note_plan(const char *state, const struct erase_plan *plan)
{
    struct rd_buf buf;
    rd_buf_init(&buf, NOTE_BYTES_MAX);
    rd_buf_put_text(&buf, rd_str_of(wanted_text));
    rd_buf_put_u8(&buf, VERSION);
    rd_buf_put_u64(&buf, plan->job);
    put_list(&buf, &plan->asks);
    put_list(&buf, &plan->fresh);
    put_list(&buf, &plan->all);
    int r = buf.error == 0 ? note_write(state, rd_buf_str(&buf)) : -E2BIG;
    rd_buf_done(&buf);
    return r;
}

static bool read_plan(struct rd_str text, struct erase_plan *plan)
{
    struct rd_get get = rd_get_of(text);
    if (text.len == 0) {
        return true;
    }
    if (rd_get_u8(&get) != VERSION) {
        return false;
    }
    plan->job = rd_get_u64(&get);
    return get_list(&get, &plan->asks) && get_list(&get, &plan->fresh) &&
           get_list(&get, &plan->all) && rd_get_end(&get) == 0;
}

int erase_note_wanted(const char *state, struct erase_plan *ret_plan)
{
    struct rd_buf buf;
    *ret_plan = (struct erase_plan){.job = 0};
    rd_buf_init(&buf, NOTE_BYTES_MAX);
    int r = note_read(state, &buf);
    struct rd_str text = behind(&buf, wanted_text);
    if (r == 0 && text.ptr != NULL) {
        r = read_plan(text, ret_plan) ? 1 : -EBADMSG;
    }
    rd_buf_done(&buf);
    return r;
}

int erase_note_result(const char *state, struct rd_str body)
{
    struct rd_buf buf;
    rd_buf_init(&buf, NOTE_BYTES_MAX + sizeof erased_text);
    rd_buf_put_text(&buf, rd_str_of(erased_text));
    rd_buf_put_text(&buf, body);
    int r = buf.error == 0 ? note_write(state, rd_buf_str(&buf)) : -E2BIG;
    rd_buf_done(&buf);
    return r;
}

int erase_note_erased(const char *state, struct rd_buf *buf, struct rd_str *ret_body)
{
    int r = note_read(state, buf);
    *ret_body = r == 0 ? behind(buf, erased_text) : (struct rd_str){0};
    return r;
}

int erase_note_remove(const char *state)
{
    char path[PATH_BYTES_MAX];
    note_path(state, path);
    if (unlink(path) != 0 && errno != ENOENT) {
        return -errno;
    }
    return erase_folder_sync(state);
}
