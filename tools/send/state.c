#include "tools/send/state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/num.h"
#include "tools/shared/ends.h"

enum { FRESH_BYTES_MAX = 1024 * 1024 * 1024, HEX_BYTES = 2 * INPUT_PRINT_BYTES };
#define HEAD     "redress-send state 4\n"
#define SEQUENCE "sequence "
#define GIVEN    "given "

/* Of those before only lines are missing that this one has. */
static const char *const HEADS[] = {HEAD, "redress-send state 3\n", "redress-send state 2\n"};

struct state {
    int fd;
    struct prints taken; /* number 1: it is known */
    struct prints ids;   /* `other` is what was said last, `number` the one it was given */
    uint64_t sequence, saved_sequence;
    struct rd_buf fresh; /* lines not yet in the file */
};

/* ---- the set ---- */

bool state_has(const struct state *state, const struct print *print)
{
    const struct prints_entry *entry = prints_get(&state->taken, print);
    return entry != NULL && entry->number != 0;
}

bool state_differs(const struct state *state, const struct print *print, const struct print *id)
{
    const struct prints_entry *entry = prints_get(&state->ids, id);
    return entry != NULL && !print_is_none(&entry->other) && !seen_is_same(&entry->other, print);
}

/* All that say the same as one that was taken, from the last of them on. */
static void forget(struct state *state, struct print print)
{
    struct prints_entry *entry;
    while ((entry = prints_get(&state->taken, &print)) != NULL && entry->number != 0) {
        entry->number = 0;
        seen_back(&print);
    }
}

/* False: it was there. */
static bool put(struct state *state, const struct print *print, const struct print *id)
{
    bool is_new = !state_has(state, print);
    prints_put(&state->taken, print)->number = 1;
    if (print_is_none(id)) {
        return is_new;
    }
    struct prints_entry *entry = prints_put(&state->ids, id);
    is_new |= print_is_none(&entry->other);
    if (!print_is_none(&entry->other) && !seen_is_same(&entry->other, print)) {
        forget(state, entry->other);
    }
    entry->other = *print;
    return is_new;
}

static void put_hex(struct rd_buf *buf, const struct print *print)
{
    for (size_t i = 0; i < INPUT_PRINT_BYTES; i++) {
        rd_buf_printf(buf, "%02x", print->bytes[i]);
    }
}

void state_add(
        struct state *state, const struct print *print, const struct print *id, uint64_t sequence)
{
    state->sequence = sequence > state->sequence ? sequence : state->sequence;
    if (!put(state, print, id)) {
        return;
    }
    put_hex(&state->fresh, print);
    rd_buf_put_u8(&state->fresh, ' ');
    put_hex(&state->fresh, id);
    rd_buf_put_u8(&state->fresh, '\n');
}

uint64_t state_sequence(const struct state *state)
{
    return state->sequence;
}

uint64_t state_given(const struct state *state, const struct print *id)
{
    const struct prints_entry *entry = prints_get(&state->ids, id);
    return entry != NULL ? entry->number : 0;
}

static void give(struct state *state, const struct print *id, uint64_t sequence)
{
    prints_put(&state->ids, id)->number = sequence;
    state->sequence = sequence > state->sequence ? sequence : state->sequence;
}

void state_give(struct state *state, const struct print *id, uint64_t sequence)
{
    give(state, id, sequence);
    rd_buf_put_text(&state->fresh, RD_STR(GIVEN));
    put_hex(&state->fresh, id);
    rd_buf_printf(&state->fresh, " %" PRIu64 "\n", sequence);
}

/* ---- the file ---- */
static int hex_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_print(const char *hex, struct print *ret_print)
{
    for (size_t i = 0; i < INPUT_PRINT_BYTES; i++) {
        int high = hex_of(hex[2 * i]), low = high >= 0 ? hex_of(hex[2 * i + 1]) : -1;
        if (low < 0) {
            return false;
        }
        ret_print->bytes[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

static bool take_given(struct state *state, const char *line, size_t len)
{
    struct print id;
    uint64_t sequence = 0;
    size_t from = strlen(GIVEN), number = from + HEX_BYTES + 1;
    bool is_good = len > number && line[number - 1] == ' ' && take_print(line + from, &id) &&
                   rd_u64_parse((struct rd_str){.ptr = line + number, .len = len - number},
                           &sequence) == 0 &&
                   sequence > 0;
    if (is_good) {
        give(state, &id, sequence);
    }
    return is_good;
}

static bool take_line(struct state *state, const char *line, size_t len)
{
    struct rd_str text = {.ptr = line, .len = len};
    if (rd_str_starts(text, RD_STR(GIVEN))) {
        return take_given(state, line, len);
    }
    if (rd_str_starts(text, RD_STR(SEQUENCE))) {
        size_t from = strlen(SEQUENCE);
        return rd_u64_parse((struct rd_str){.ptr = line + from, .len = len - from},
                       &state->sequence) == 0;
    }
    struct print print, id = {{0}};
    bool has_id = len == 2 * HEX_BYTES + 1 && line[HEX_BYTES] == ' ';
    if ((len != HEX_BYTES && !has_id) || !take_print(line, &print) ||
            (has_id && !take_print(line + HEX_BYTES + 1, &id))) {
        return false;
    }
    (void)put(state, &print, &id);
    return true;
}

static bool is_head(const char *line)
{
    for (size_t i = 0; i < RD_COUNT(HEADS); i++) {
        if (strcmp(line, HEADS[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Takes the lines; ret_end is where the last whole one ends. False: a line is none of ours. */
static bool read_lines(struct state *state, FILE *file, off_t *ret_end)
{
    char *line = NULL;
    size_t room = 0;
    bool is_good = true, is_first = true;
    ssize_t len;
    while (is_good && (len = getline(&line, &room, file)) > 0) {
        if (line[len - 1] != '\n' && !is_first) {
            break; /* cut by a crash */
        }
        is_good = is_first ? is_head(line) : take_line(state, line, (size_t)len - 1);
        is_first = false;
        *ret_end += len;
    }
    free(line);
    return is_good;
}

static int load(struct state *state)
{
    int copy = fcntl(state->fd, F_DUPFD_CLOEXEC, 3);
    FILE *file = copy >= 0 ? fdopen(copy, "r") : NULL;
    if (file == NULL) {
        return -errno;
    }
    off_t end = 0;
    bool is_good = read_lines(state, file, &end);
    (void)fclose(file);
    if (!is_good) {
        return -EBADMSG;
    }
    state->saved_sequence = state->sequence;
    if (end == 0) {
        rd_buf_put_text(&state->fresh, RD_STR(HEAD));
    }
    return ftruncate(state->fd, end) < 0 || lseek(state->fd, end, SEEK_SET) < 0 ? -errno : 0;
}

struct state *state_open(const char *path)
{
    struct state *state = calloc(1, sizeof *state);
    if (state == NULL) {
        rd_oom();
    }
    rd_buf_init(&state->fresh, FRESH_BYTES_MAX);
    state->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    struct stat about;
    int r = state->fd < 0 || fstat(state->fd, &about) < 0 ? -errno : 0;
    bool is_file = r == 0 && S_ISREG(about.st_mode);
    if (is_file) {
        r = flock(state->fd, LOCK_EX | LOCK_NB) < 0 ? -errno : load(state);
    }
    if (is_file && r == 0) {
        return state;
    }
    say_error("%s: %s", path,
            r == 0 ? "a state file is a file"
            : r == -EWOULDBLOCK
                    ? "another run has this --state: when it has ended, start this one again"
            : r == -EBADMSG ? "not a state file of this redress-send: remove it; what was taken "
                              "before is answered duplicate"
                            : strerror(-r));
    state_close(state);
    return NULL;
}

void state_close(struct state *state)
{
    if (state != NULL) {
        if (state->fd >= 0) {
            (void)close(state->fd);
        }
        rd_buf_done(&state->fresh);
        prints_done(&state->taken);
        prints_done(&state->ids);
        free(state);
    }
}

int state_save(struct state *state)
{
    if (state->sequence != state->saved_sequence) {
        rd_buf_printf(&state->fresh, SEQUENCE "%" PRIu64 "\n", state->sequence);
        state->saved_sequence = state->sequence;
    }
    struct rd_str left = rd_buf_str(&state->fresh);
    bool has_any = left.len > 0;
    while (left.len > 0) {
        ssize_t wrote = write(state->fd, left.ptr, left.len);
        if (wrote < 0 && errno != EINTR) {
            return -errno;
        }
        left.ptr += wrote > 0 ? wrote : 0;
        left.len -= wrote > 0 ? (size_t)wrote : 0;
    }
    rd_buf_reset(&state->fresh);
    return has_any && fdatasync(state->fd) < 0 ? -errno : 0;
}
