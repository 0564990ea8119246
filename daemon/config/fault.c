/* daemon/config/fault.c — mistakes collected, sorted, told once. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config/load.h"

enum { MESSAGE_MAX = 600 };

static void push(struct config_load *load, struct config_fault **list, size_t *count, size_t *cap,
        struct config_fault fault)
{
    if (*count == *cap) {
        size_t wider = *cap > 0 ? *cap * 2 : 16;
        struct config_fault *grown = RD_ARENA_ARRAY(load->arena, struct config_fault, wider);
        if (*count > 0) {
            memcpy(grown, *list, sizeof **list * *count);
        }
        *list = grown;
        *cap = wider;
    }
    fault.order = (uint32_t)*count;
    (*list)[(*count)++] = fault;
}

static struct rd_str RD_PRINTF(2, 0)
        message(struct config_load *load, const char *format, va_list args)
{
    char text[MESSAGE_MAX];
    int len = vsnprintf(text, sizeof text, format, args);
    RD_ASSERT(len >= 0);
    /* A message is one line, whatever the value it quotes. */
    for (char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f) {
            *at = ' ';
        }
    }
    return rd_arena_dup(load->arena, rd_str_of(text));
}

static void add_fault(struct config_load *load, struct config_fault fault)
{
    if (load->fault_count >= CONFIG_ERRORS_MAX) {
        load->faults_left_off++;
        return;
    }
    for (size_t i = 0; i < load->fault_count; i++) {
        const struct config_fault *other = &load->faults[i];
        if (other->mark.file == fault.mark.file && other->mark.line == fault.mark.line &&
                other->mark.column == fault.mark.column && rd_str_eq(other->path, fault.path) &&
                rd_str_eq(other->text, fault.text)) {
            return; /* said already: a node may stand in the tree several times */
        }
    }
    push(load, &load->faults, &load->fault_count, &load->fault_cap, fault);
}

void config_fault_at(
        struct config_load *load, const struct config_node *node, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_fault(load, (struct config_fault){
                            .mark = node->mark,
                            .path = node->path,
                            .text = message(load, format, args),
                    });
    va_end(args);
}

void config_fault_mark(struct config_load *load, struct config_mark mark, struct rd_str path,
        const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_fault(load, (struct config_fault){
                            .mark = mark,
                            .path = path,
                            .text = message(load, format, args),
                    });
    va_end(args);
}

void config_note_at(
        struct config_load *load, const struct config_node *node, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    push(load, &load->notes, &load->note_count, &load->note_cap,
            (struct config_fault){
                    .mark = node->mark,
                    .path = node->path,
                    .text = message(load, format, args),
            });
    va_end(args);
}

/* True if `path` is `above` or lies below it. */
static bool is_within(struct rd_str path, struct rd_str above)
{
    return rd_str_starts(path, above) &&
           (path.len == above.len || path.ptr[above.len] == '.' || path.ptr[above.len] == '[');
}

bool config_fault_covers(const struct config_load *load, size_t count,
        const struct config_file *file, struct rd_str path)
{
    for (size_t i = 0; i < count; i++) {
        const struct config_fault *fault = &load->faults[i];
        if (fault->mark.file == file && fault->path.len > 0 &&
                (is_within(path, fault->path) || is_within(fault->path, path))) {
            return true;
        }
    }
    return false;
}

static int by_place(const void *a, const void *b)
{
    const struct config_fault *x = a;
    const struct config_fault *y = b;
    uint32_t file_x = x->mark.file != NULL ? x->mark.file->order : UINT32_MAX;
    uint32_t file_y = y->mark.file != NULL ? y->mark.file->order : UINT32_MAX;
    if (file_x != file_y) {
        return file_x < file_y ? -1 : 1;
    }
    if (x->mark.line != y->mark.line) {
        return x->mark.line < y->mark.line ? -1 : 1;
    }
    if (x->mark.column != y->mark.column) {
        return x->mark.column < y->mark.column ? -1 : 1;
    }
    return x->order < y->order ? -1 : x->order > y->order;
}

static struct rd_str line_of(struct config_load *load, const struct config_fault *fault)
{
    const char *colon = fault->path.len > 0 ? ": " : "";
    return rd_arena_printf(load->arena, "%s:%" PRIu32 ":%" PRIu32 ": %.*s%s%.*s",
            fault->mark.file != NULL ? fault->mark.file->name : "(built in)", fault->mark.line,
            fault->mark.column, RD_FMT(fault->path), colon, RD_FMT(fault->text));
}

void config_faults_write(struct config_load *load, struct config_errors *errors)
{
    if (load->fault_count == 0) {
        return;
    }
    qsort(load->faults, load->fault_count, sizeof *load->faults, by_place);
    errors->lines = calloc(load->fault_count, sizeof *errors->lines);
    if (errors->lines == NULL) {
        rd_oom();
    }
    for (size_t i = 0; i < load->fault_count; i++) {
        struct rd_str line = line_of(load, &load->faults[i]);
        errors->lines[i] = strndup(line.ptr, line.len);
        if (errors->lines[i] == NULL) {
            rd_oom();
        }
    }
    errors->count = load->fault_count;
    errors->left_off = load->faults_left_off;
}

struct config_list config_notes_write(struct config_load *load)
{
    const char **lines = RD_ARENA_ARRAY(load->arena, const char *, load->note_count + 1);
    if (load->note_count > 0) {
        qsort(load->notes, load->note_count, sizeof *load->notes, by_place);
    }
    for (size_t i = 0; i < load->note_count; i++) {
        lines[i] = line_of(load, &load->notes[i]).ptr;
    }
    return (struct config_list){.at = lines, .count = load->note_count};
}

void config_errors_done(struct config_errors *errors)
{
    for (size_t i = 0; i < errors->count; i++) {
        free(errors->lines[i]);
    }
    free(errors->lines);
    *errors = (struct config_errors){0};
}

const char *config_nearest_hint(struct config_load *load, const struct rd_nearest *nearest)
{
    if (!rd_nearest_is_close(nearest)) {
        return "";
    }
    return rd_arena_printf(load->arena, "; did you mean \"%.*s\"?", RD_FMT(nearest->best)).ptr;
}
