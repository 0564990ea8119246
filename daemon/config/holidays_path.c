/* daemon/config/holidays_path.c — which files a calendar's `holidays` names. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config/calendar_file.h"
#include "daemon/config/holidays_list.h"

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len > end_len && strcmp(text + len - end_len, end) == 0;
}

static int file_read(struct holidays_list *list, const char *path)
{
    bool is_json = ends_with(path, ".json");
    if (!is_json && !ends_with(path, ".ics")) {
        return holidays_fail(list, "%s: neither .json (holiday-cn) nor .ics (iCalendar)", path);
    }
    struct rd_arena arena;
    rd_arena_init(&arena, HOLIDAYS_FILE_BYTES_MAX + 4096);
    struct rd_str text = {.ptr = NULL};
    int r = calendar_file_read(path, HOLIDAYS_FILE_BYTES_MAX, &arena, &text);
    if (r == -EFBIG) {
        r = holidays_fail(list, "%s: more than %d bytes", path, (int)HOLIDAYS_FILE_BYTES_MAX);
    } else if (r < 0) {
        r = holidays_fail(list, "%s: %s", path, strerror(-r));
    } else {
        r = is_json ? holidays_json_read(list, path, text) : holidays_ics_read(list, path, text);
    }
    rd_arena_done(&arena);
    return r;
}

struct folder {
    char *names[HOLIDAYS_FILES_MAX];
    size_t count;
};

static void folder_done(struct folder *folder)
{
    for (size_t i = 0; i < folder->count; i++) {
        free(folder->names[i]);
    }
}

static int name_order(const void *a, const void *b)
{
    const char *const *left = a, *const *right = b;
    return strcmp(*left, *right);
}

/* NAME.ics beside NAME.json is the same data once more, in a form that knows no make-up days. */
static bool has_json_twin(const struct folder *folder, const char *name)
{
    size_t stem_len = strlen(name) - strlen("ics");
    for (size_t i = 0; ends_with(name, ".ics") && i < folder->count; i++) {
        if (strncmp(folder->names[i], name, stem_len) == 0 &&
                strcmp(folder->names[i] + stem_len, "json") == 0) {
            return true;
        }
    }
    return false;
}

static int folder_list(struct holidays_list *list, const char *path, struct folder *folder)
{
    DIR *dir = opendir(path);
    if (dir == NULL) {
        return holidays_fail(list, "%s: %s", path, strerror(errno));
    }
    int r = 0;
    for (struct dirent *entry; r == 0 && (entry = readdir(dir)) != NULL;) {
        const char *name = entry->d_name;
        bool is_data = ends_with(name, ".json") || ends_with(name, ".ics");
        if (!is_data || name[0] == '.' || strcmp(name, "schema.json") == 0) {
            continue;
        }
        if (folder->count == HOLIDAYS_FILES_MAX) {
            r = holidays_fail(list, "%s: more than %d files", path, (int)HOLIDAYS_FILES_MAX);
            break;
        }
        folder->names[folder->count] = strdup(name);
        if (folder->names[folder->count] == NULL) {
            rd_oom();
        }
        folder->count++;
    }
    (void)closedir(dir);
    if (r == 0 && folder->count == 0) {
        r = holidays_fail(list, "%s: no .json or .ics file in it", path);
    }
    qsort(folder->names, folder->count, sizeof folder->names[0], name_order);
    return r;
}

static int folder_read(struct holidays_list *list, const char *path, const struct folder *folder)
{
    for (size_t i = 0; i < folder->count; i++) {
        if (has_json_twin(folder, folder->names[i])) {
            continue;
        }
        char file[4096 + 256];
        (void)snprintf(file, sizeof file, "%s/%s", path, folder->names[i]);
        int r = file_read(list, file);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

int holidays_path_read(struct holidays_list *list, struct rd_str path)
{
    char text[4096];
    if (path.len == 0 || path.len >= sizeof text || memchr(path.ptr, '\0', path.len) != NULL) {
        return holidays_fail(list, "not a path");
    }
    memcpy(text, path.ptr, path.len);
    text[path.len] = '\0';
    if (ends_with(text, ".json") || ends_with(text, ".ics")) {
        return file_read(list, text);
    }
    struct folder *folder = calloc(1, sizeof *folder);
    if (folder == NULL) {
        rd_oom();
    }
    int r = folder_list(list, text, folder);
    if (r == 0) {
        r = folder_read(list, text, folder);
    }
    folder_done(folder);
    free(folder);
    return r;
}
