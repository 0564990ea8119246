#include "tools/send/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/send/csv.h"
#include "tools/shared/ends.h"

struct entry {
    struct rd_str key, value;
};

struct lookup {
    struct entry *entries; /* sorted by key once read */
    size_t count, room;
};

enum { ROOM_MIN = 64 };

static ssize_t read_fd(void *context, void *buffer, size_t size)
{
    return read(*(int *)context, buffer, size);
}

void lookup_add(struct lookup *lookup, struct rd_str key, struct rd_str value)
{
    if (lookup->count == lookup->room) {
        lookup->room = lookup->room == 0 ? ROOM_MIN : 2 * lookup->room;
        lookup->entries = reallocarray(lookup->entries, lookup->room, sizeof lookup->entries[0]);
        if (lookup->entries == NULL) {
            rd_oom();
        }
    }
    lookup->entries[lookup->count++] = (struct entry){.key = key, .value = value};
}

static int compare(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    return rd_str_cmp(left->key, right->key);
}

/* 0, or said and -1. */
static int read_rows(
        struct lookup *lookup, struct csv *csv, const char *path, struct rd_arena *arena)
{
    struct csv_record record;
    int r = csv_next(csv, &record); /* the header */
    while (r != 0) {
        if (r == -EBADMSG) {
            say_error("%s:%" PRIu64 ": %s", path, record.line, record.what);
            return -1;
        }
        if (r < 0) {
            say_error("%s: %s", path, strerror(-r));
            return -1;
        }
        if (record.count < 2) {
            say_error("%s:%" PRIu64 ": a lookup has two columns", path, record.line);
            return -1;
        }
        r = csv_next(csv, &record);
        if (r == 1 && record.count >= 2) {
            if (lookup->count == LOOKUP_ROWS_MAX) {
                say_error("%s: more than %d rows", path, LOOKUP_ROWS_MAX);
                return -1;
            }
            lookup_add(lookup, rd_arena_dup(arena, record.fields[0]),
                    rd_arena_dup(arena, record.fields[1]));
        }
    }
    return 0;
}

struct lookup *lookup_new(void)
{
    struct lookup *lookup = calloc(1, sizeof *lookup);
    if (lookup == NULL) {
        rd_oom();
    }
    return lookup;
}

void lookup_sort(struct lookup *lookup)
{
    if (lookup->count > 0) {
        qsort(lookup->entries, lookup->count, sizeof lookup->entries[0], compare);
    }
}

struct lookup *lookup_read(const char *path, struct rd_arena *arena)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        say_error("%s: %s", path, strerror(errno));
        return NULL;
    }
    struct lookup *lookup = lookup_new();
    struct csv *csv = csv_new(read_fd, &fd, ',');
    int r = read_rows(lookup, csv, path, arena);
    csv_free(csv);
    (void)close(fd);
    lookup_sort(lookup);
    for (size_t i = 1; r == 0 && i < lookup->count; i++) {
        if (rd_str_eq(lookup->entries[i - 1].key, lookup->entries[i].key)) {
            say_error("%s: \"%.*s\" stands there twice", path, RD_FMT(lookup->entries[i].key));
            r = -1;
        }
    }
    if (r < 0) {
        lookup_free(lookup);
        return NULL;
    }
    return lookup;
}

void lookup_free(struct lookup *lookup)
{
    if (lookup != NULL) {
        free(lookup->entries);
        free(lookup);
    }
}

bool lookup_find(const struct lookup *lookup, struct rd_str key, struct rd_str *ret_value)
{
    struct entry wanted = {.key = key};
    if (lookup->count == 0) {
        return false;
    }
    const struct entry *found =
            bsearch(&wanted, lookup->entries, lookup->count, sizeof lookup->entries[0], compare);
    if (found == NULL) {
        return false;
    }
    *ret_value = found->value;
    return true;
}
