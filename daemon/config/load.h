/* daemon/config/load.h — one load: its memory, its files, its mistakes. Internal to the room. */
#pragma once

#include "common/base/arena.h"
#include "common/base/nearest.h"
#include "daemon/config/config.h"
#include "daemon/config/node.h"

enum { CONFIG_NODES_MAX = 300000, CONFIG_ARENA_BYTES_MAX = 1024 * 1024 * 1024 };

struct config_file {
    const char *name; /* as messages say it */
    uint32_t order;
};

struct config_fault {
    struct config_mark mark;
    struct rd_str path, text;
    uint32_t order; /* as found */
};

struct config_load {
    struct rd_arena *arena;
    const char *folder; /* where relative paths begin; NULL: no files at all */
    uint32_t files, nodes;
    struct config_fault *faults;
    size_t fault_count, fault_cap, faults_left_off;
    struct config_fault *notes;
    size_t note_count, note_cap;
};

/* The checked root of a configuration, files inlined. */
const struct config_node *config_root(const struct config *config);

/* At the node's place, under the node's path. */
void config_fault_at(struct config_load *load, const struct config_node *node, const char *format,
        ...) RD_PRINTF(3, 4);
/* At a key's place, or for a key that is missing: `path` is said as it is. */
void config_fault_mark(struct config_load *load, struct config_mark mark, struct rd_str path,
        const char *format, ...) RD_PRINTF(4, 5);
void config_note_at(struct config_load *load, const struct config_node *node, const char *format,
        ...) RD_PRINTF(3, 4);
/* True if one of the first `count` faults is at `path`, above it or below it in the same file. */
bool config_fault_covers(const struct config_load *load, size_t count,
        const struct config_file *file, struct rd_str path);
/* Sorted lines, malloc'd for errors, in the arena for notes. */
void config_faults_write(struct config_load *load, struct config_errors *errors);
struct config_list config_notes_write(struct config_load *load);

/* "; did you mean X?" in the arena, or "" where nothing is near. */
const char *config_nearest_hint(struct config_load *load, const struct rd_nearest *nearest);

/* ---- files ---- */
/* Absolute, of one relative to the file that was named. */
struct rd_str config_path_of(struct config_load *load, struct rd_str path);
/* The same of one that is read: where there is none beside the file, that which is shipped. */
struct rd_str config_input_path_of(struct config_load *load, struct rd_str path);
/* A whole file in the arena. False: a fault at `node` says why. */
bool config_file_read(struct config_load *load, const struct config_node *node, struct rd_str path,
        struct rd_str *ret_text);
/* 0, -errno, -EFBIG (over CONFIG_FILE_BYTES_MAX), -EISDIR, -EINVAL (a device). */
RD_MUST_USE int config_file_slurp(
        struct config_load *load, const char *path, struct rd_str *ret_text);
struct config_file *config_file_new(struct config_load *load, struct rd_str name);

/* ---- YAML ---- */
enum { CONFIG_KEY_BYTES_MAX = 1024 };
/* A key that can stand in a message and be printed: short, and without control characters. */
bool config_is_key(struct rd_str text);
/* One document. NULL: a fault says where and what. Paths begin with `base`. */
struct config_node *config_yaml_read(struct config_load *load, struct rd_str text,
        const struct config_file *file, struct rd_str base);
/* Types a plain scalar: null, true, false, an integer, else text. */
void config_scalar_type(struct config_node *node, bool is_plain);
