#include "tools/send/state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/num.h"
#include "tools/shared/ends.h"

enum { ROOM_MIN = 1024, FRESH_BYTES_MAX = 1024 * 1024 * 1024, HEX_BYTES = 2 * INPUT_PRINT_BYTES };
#define HEAD     "redress-send state 2\n"
#define SEQUENCE "sequence "

struct print {
    uint8_t bytes[INPUT_PRINT_BYTES]; /* all zero: none */
};

struct state {
    int fd;
    struct print *prints; /* a hash table; its size is a power of two */
    size_t room, count;
    uint64_t sequence, saved_sequence;
    struct rd_buf fresh; /* lines not yet in the file */
};

/* ---- the set ---- */
static size_t slot_of(
        const struct print *prints, size_t room, const uint8_t print[static INPUT_PRINT_BYTES])
{
    static const struct print none = {{0}};
    uint64_t hash;
    memcpy(&hash, print, sizeof hash); /* a fingerprint is spread already */
    size_t slot = hash & (room - 1);
    while (memcmp(&prints[slot], &none, sizeof none) != 0 &&
            memcmp(prints[slot].bytes, print, INPUT_PRINT_BYTES) != 0) {
        slot = (slot + 1) & (room - 1);
    }
    return slot;
}

static void grow(struct state *state)
{
    size_t room = state->room > 0 ? 2 * state->room : ROOM_MIN;
    struct print *prints = calloc(room, sizeof prints[0]);
    if (prints == NULL) {
        rd_oom();
    }
    for (size_t i = 0; i < state->room; i++) {
        prints[slot_of(prints, room, state->prints[i].bytes)] = state->prints[i];
    }
    free(state->prints);
    state->prints = prints;
    state->room = room;
}

/* False: it was there. */
static bool put(struct state *state, const uint8_t print[static INPUT_PRINT_BYTES])
{
    if (2 * (state->count + 1) > state->room) {
        grow(state);
    }
    size_t slot = slot_of(state->prints, state->room, print);
    bool is_new = memcmp(state->prints[slot].bytes, print, INPUT_PRINT_BYTES) != 0;
    memcpy(state->prints[slot].bytes, print, INPUT_PRINT_BYTES);
    state->count += is_new ? 1 : 0;
    return is_new;
}

bool state_has(const struct state *state, const uint8_t print[static INPUT_PRINT_BYTES])
{
    return memcmp(state->prints[slot_of(state->prints, state->room, print)].bytes, print,
                   INPUT_PRINT_BYTES) == 0;
}

void state_add(
        struct state *state, const uint8_t print[static INPUT_PRINT_BYTES], uint64_t sequence)
{
    state->sequence = sequence > state->sequence ? sequence : state->sequence;
    if (!put(state, print)) {
        return;
    }
    for (size_t i = 0; i < INPUT_PRINT_BYTES; i++) {
        rd_buf_printf(&state->fresh, "%02x", print[i]);
    }
    rd_buf_put_u8(&state->fresh, '\n');
}

uint64_t state_sequence(const struct state *state)
{
    return state->sequence;
}

/* ---- the file ---- */
static int hex_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_line(struct state *state, const char *line, size_t len)
{
    struct rd_str text = {.ptr = line, .len = len};
    if (rd_str_starts(text, RD_STR(SEQUENCE))) {
        size_t from = strlen(SEQUENCE);
        return rd_u64_parse((struct rd_str){.ptr = line + from, .len = len - from},
                       &state->sequence) == 0;
    }
    uint8_t print[INPUT_PRINT_BYTES];
    for (size_t i = 0; i < INPUT_PRINT_BYTES && len == HEX_BYTES; i++) {
        int high = hex_of(line[2 * i]), low = hex_of(line[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        print[i] = (uint8_t)(high * 16 + low);
    }
    if (len == HEX_BYTES) {
        (void)put(state, print);
    }
    return len == HEX_BYTES;
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
        is_good = is_first ? strcmp(line, HEAD) == 0 : take_line(state, line, (size_t)len - 1);
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
    grow(state);
    state->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    int r = state->fd < 0 ? -errno : load(state);
    if (r < 0) {
        say_error("%s: %s", path,
                r == -EBADMSG ? "not a state file of this redress-send: remove it; what was taken "
                                "before is answered duplicate"
                              : strerror(-r));
        state_close(state);
        return NULL;
    }
    return state;
}

void state_close(struct state *state)
{
    if (state != NULL) {
        if (state->fd >= 0) {
            (void)close(state->fd);
        }
        rd_buf_done(&state->fresh);
        free(state->prints);
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
