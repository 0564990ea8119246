/* tests/sim/simcut.c — see simcut.h. */
#include "tests/sim/simcut.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/base.h"

enum { FILES_MAX = 64, NAME_BYTES_MAX = 64, CUT_PATH_BYTES_MAX = 600 };

struct kept { /* a file's bytes */
    char name[NAME_BYTES_MAX];
    uint8_t *ptr;
    size_t len;
    bool is_there;
};

struct cut {
    char dir[CUT_PATH_BYTES_MAX - NAME_BYTES_MAX];
    struct kept files[FILES_MAX];
    size_t count;
};

static _Noreturn void die(const char *what)
{
    (void)fprintf(stderr, "simhost: %s: %s\n", what, strerror(errno));
    exit(2);
}

static FILE *open_file(const struct cut *cut, const char *name, const char *mode)
{
    char path[CUT_PATH_BYTES_MAX];
    (void)snprintf(path, sizeof(path), "%s/%s", cut->dir, name);
    FILE *file = fopen(path, mode);
    if (file == NULL) {
        die(path);
    }
    return file;
}

static void read_file(const struct cut *cut, struct kept *kept)
{
    FILE *file = open_file(cut, kept->name, "rb");
    long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    if (size < 0 || fseek(file, 0, SEEK_SET) != 0) {
        die(kept->name);
    }
    kept->len = (size_t)size;
    kept->ptr = malloc(kept->len + 1);
    if (kept->ptr == NULL) {
        rd_oom();
    }
    if (fread(kept->ptr, 1, kept->len, file) != kept->len) {
        die(kept->name);
    }
    kept->is_there = true;
    (void)fclose(file);
}

static void write_file(const struct cut *cut, const struct kept *kept)
{
    FILE *file = open_file(cut, kept->name, "wb");
    if (fwrite(kept->ptr, 1, kept->len, file) != kept->len || fclose(file) != 0) {
        die(kept->name);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct kept *)a)->name, ((const struct kept *)b)->name);
}

struct cut *cut_begin(const char *dir)
{
    struct cut *cut = calloc(1, sizeof(*cut));
    if (cut == NULL) {
        rd_oom();
    }
    (void)snprintf(cut->dir, sizeof(cut->dir), "%s", dir);
    DIR *stream = opendir(dir);
    if (stream == NULL) {
        die(dir);
    }
    static const char suffix[] = ".journal";
    struct dirent *entry;
    while ((entry = readdir(stream)) != NULL) {
        /* Spares are made by a thread of their own, when it gets to it: they say nothing. */
        size_t len = strlen(entry->d_name);
        bool is_segment = len > sizeof(suffix) - 1 &&
                          strcmp(entry->d_name + len - (sizeof(suffix) - 1), suffix) == 0;
        if (entry->d_type == DT_REG && is_segment) {
            RD_ASSERT(cut->count < FILES_MAX && len < NAME_BYTES_MAX);
            struct kept *kept = &cut->files[cut->count++];
            memcpy(kept->name, entry->d_name, len + 1);
            read_file(cut, kept);
        }
    }
    (void)closedir(stream);
    qsort(cut->files, cut->count, sizeof(cut->files[0]), by_name);
    return cut;
}

void cut_free(struct cut *cut)
{
    for (size_t i = 0; cut != NULL && i < cut->count; i++) {
        free(cut->files[i].ptr);
    }
    free(cut);
}

static const struct kept *file_named(const struct cut *cut, const char *name)
{
    for (size_t i = 0; i < cut->count; i++) {
        if (strcmp(cut->files[i].name, name) == 0) {
            return &cut->files[i];
        }
    }
    return NULL;
}

static bool differs(const struct kept *now, const struct kept *then, size_t at)
{
    return then == NULL || at >= then->len || now->ptr[at] != then->ptr[at];
}

static size_t count_changed(const struct kept *now, const struct kept *then)
{
    size_t changed = 0;
    for (size_t i = 0; i < now->len; i++) {
        changed += differs(now, then, i) ? 1 : 0;
    }
    return changed;
}

/* Lets the first *left changed bytes stay. */
static void cut_one(const struct cut *cut, struct kept *now, const struct kept *then, size_t *left)
{
    if (then == NULL && *left == 0) {
        char path[CUT_PATH_BYTES_MAX];
        (void)snprintf(path, sizeof(path), "%s/%s", cut->dir, now->name);
        if (unlink(path) != 0) {
            die(path);
        }
        return;
    }
    for (size_t i = 0; i < now->len; i++) {
        if (!differs(now, then, i)) {
            continue;
        }
        if (*left > 0) {
            (*left)--;
        } else {
            now->ptr[i] = then != NULL && i < then->len ? then->ptr[i] : 0;
        }
    }
    write_file(cut, now);
}

void cut_apply(struct cut *cut, uint64_t permille)
{
    struct cut *now = cut_begin(cut->dir);
    size_t changed = 0;
    for (size_t i = 0; i < now->count; i++) {
        changed += count_changed(&now->files[i], file_named(cut, now->files[i].name));
    }
    size_t left = changed * permille / 1000;
    for (size_t i = 0; i < now->count; i++) {
        cut_one(cut, &now->files[i], file_named(cut, now->files[i].name), &left);
    }
    cut_free(now);
}
