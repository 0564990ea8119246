/* tests/damage/hurt.h — flips or cuts files and lets a child process look at them.
 *
 * A file is restored after each look; the child says by its exit status what it found, and a child
 * that dies by a signal, or finds what it may not, ends the test with a line that repeats it. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/num.h"
#include "tests/scratch.h"

enum hurt_found {
    HURT_SAME = 10, /* the byte is not used, or what was lost is known to be made again */
    HURT_REFUSED,   /* with a message that names the place */
    HURT_WRONG,     /* anything else */
    HURT_KINDS,
};

struct hurt_options {
    uint64_t share, seed; /* one byte in `share` is tried, from a place that the seed says */
};

struct hurt_file {
    const char *path;
    uint8_t *bytes;
    size_t size;
};

/* What the child does: looks at the files below `context` and says what it found. */
typedef enum hurt_found hurt_look(void *context, const struct hurt_file *file, size_t at);

#define HURT_NEED(cond)                                                                            \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            (void)fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #cond, strerror(errno));  \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static inline void hurt_load(struct hurt_file *file, const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    HURT_NEED(fd >= 0 && fstat(fd, &status) == 0);
    *file = (struct hurt_file){.path = path, .size = (size_t)status.st_size};
    file->bytes = malloc(file->size);
    HURT_NEED(file->bytes != NULL);
    HURT_NEED(read(fd, file->bytes, file->size) == status.st_size);
    (void)close(fd);
}

static inline void hurt_save(const struct hurt_file *file, size_t size)
{
    int fd = open(file->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    HURT_NEED(fd >= 0 && write(fd, file->bytes, size) == (ssize_t)size);
    (void)close(fd);
}

static inline enum hurt_found hurt_child(
        hurt_look *look, void *context, const struct hurt_file *file, size_t at, int *ret_status)
{
    pid_t pid = fork();
    HURT_NEED(pid >= 0);
    if (pid == 0) {
        _exit((int)look(context, file, at));
    }
    HURT_NEED(waitpid(pid, ret_status, 0) == pid);
    int code = WIFEXITED(*ret_status) ? WEXITSTATUS(*ret_status) : (int)HURT_WRONG;
    return code == HURT_SAME || code == HURT_REFUSED ? (enum hurt_found)code : HURT_WRONG;
}

/* Flips (or cuts at) one byte in `share`; `reset` puts everything else back before each look. */
static inline void hurt_all(const struct hurt_options *options, struct hurt_file *file, bool is_cut,
        hurt_look *look, void (*reset)(void *context), void *context)
{
    size_t counts[HURT_KINDS] = {0};
    uint64_t dice = options->seed;
    for (size_t at = options->seed % options->share; at < file->size; at += options->share) {
        dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint8_t mask = (uint8_t)(1U << (dice >> 61));
        int status = 0;
        reset(context);
        file->bytes[at] ^= is_cut ? 0 : mask;
        hurt_save(file, is_cut ? at : file->size);
        enum hurt_found found = hurt_child(look, context, file, at, &status);
        file->bytes[at] ^= is_cut ? 0 : mask;
        counts[found]++;
        if (found == HURT_WRONG) {
            (void)fprintf(stderr, "%s: %s at %zu (mask %02x): %s %d; --share %llu --seed %llu\n",
                    file->path, is_cut ? "cut" : "flipped", at, mask,
                    WIFSIGNALED(status) ? "signal" : "exit",
                    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
                    (unsigned long long)options->share, (unsigned long long)options->seed);
            abort();
        }
    }
    hurt_save(file, file->size);
    (void)printf("  %s %s: %zu the same, %zu refused\n", strrchr(file->path, '/') + 1,
            is_cut ? "cut" : "flipped", counts[HURT_SAME], counts[HURT_REFUSED]);
    (void)fflush(stdout);
}

/* --share K --seed S; by default every byte. */
static inline struct hurt_options hurt_options_of(int argc, char *argv[])
{
    struct hurt_options options = {.share = 1, .seed = (uint64_t)getpid()};
    for (int i = 1; i + 1 < argc; i += 2) {
        uint64_t *value = strcmp(argv[i], "--share") == 0 ? &options.share : &options.seed;
        HURT_NEED(rd_u64_parse(rd_str_of(argv[i + 1]), value) == 0 && options.share > 0);
    }
    (void)printf("%s --share %llu --seed %llu\n", argv[0], (unsigned long long)options.share,
            (unsigned long long)options.seed);
    return options;
}
