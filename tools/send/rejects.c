#include "tools/send/rejects.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/send/csv.h"
#include "tools/shared/ends.h"
#include "tools/shared/json.h"
#include "tools/shared/text.h"

enum { SAID_MAX = 20, ROW_BYTES_MAX = 32 * 1024 * 1024 };

struct rejects rejects_of(const char *path, const struct input *input, enum input_format format)
{
    struct rejects rejects = {.path = path,
            .format = format,
            .about = input_about(input),
            .header = input_header(input)};
    char text[LOCAL_TEXT_MAX];
    local_time((rd_time)time(NULL) * RD_SECOND_US, text);
    (void)snprintf(rejects.run, sizeof rejects.run, "%.19s", text);
    return rejects;
}

/* What a new file begins with, in the input's encoding. */
static void put_head(const struct rejects *rejects, struct rd_buf *buf)
{
    struct rd_buf line;
    char delimiter = rejects->about.delimiter;
    rd_buf_init(&line, ROW_BYTES_MAX);
    rd_buf_printf(&line, "reject_run%creject_line%creject_code%creject_field%creject_message%c",
            delimiter, delimiter, delimiter, delimiter, delimiter);
    rd_buf_put_text(&line, rejects->header);
    rd_buf_put_u8(&line, '\n');
    /* A mark, so that Excel does not take UTF-8 for the local encoding. */
    bool has_mark = rejects->about.encoding != ENCODING_GB18030;
    encoding_put(buf, rejects->about.encoding, has_mark, rd_buf_str(&line));
    rd_buf_done(&line);
}

/* Appends; to a file of the same columns only. */
static int open_table(struct rejects *rejects)
{
    struct rd_buf head;
    rd_buf_init(&head, ROW_BYTES_MAX);
    put_head(rejects, &head);
    int r = 0;
    char *there = malloc(head.len + 1);
    if (there == NULL) {
        rd_oom();
    }
    size_t len = fread(there, 1, head.len, rejects->file);
    if (len == 0) {
        (void)fwrite(head.ptr, 1, head.len, rejects->file);
    } else if (len != head.len || memcmp(there, head.ptr, len) != 0) {
        say_error("%s: it holds rows of other columns: name another file, or move it away",
                rejects->path);
        r = -EEXIST;
    }
    free(there);
    rd_buf_done(&head);
    return r < 0 || fseek(rejects->file, 0, SEEK_END) == 0 ? r : -errno;
}

static int open_file(struct rejects *rejects)
{
    rejects->file = fopen(rejects->path, "a+e");
    if (rejects->file == NULL) {
        return -errno;
    }
    return rejects->format == INPUT_NDJSON ? 0 : open_table(rejects);
}

static void put_table(
        struct rejects *rejects, uint64_t line, const struct rd_reject *reject, struct rd_str raw)
{
    struct rd_buf row, out;
    char delimiter = rejects->about.delimiter;
    rd_buf_init(&row, ROW_BYTES_MAX);
    rd_buf_init(&out, 2 * ROW_BYTES_MAX);
    rd_buf_printf(&row, "%s%c%" PRIu64 "%c%s%c", rejects->run, delimiter, line, delimiter,
            reject->code, delimiter);
    csv_put_field(&row, rd_str_of(reject->field), delimiter);
    rd_buf_put_u8(&row, (uint8_t)delimiter);
    csv_put_field(&row, rd_str_of(reject->message), delimiter);
    rd_buf_put_u8(&row, (uint8_t)delimiter);
    rd_buf_put_text(&row, raw);
    rd_buf_put_u8(&row, '\n');
    encoding_put(&out, rejects->about.encoding, false, rd_buf_str(&row));
    (void)fwrite(out.ptr, 1, out.len, rejects->file);
    rd_buf_done(&row);
    rd_buf_done(&out);
}

static void put_json(
        struct rejects *rejects, uint64_t line, const struct rd_reject *reject, struct rd_str raw)
{
    json_t *row = json_loadb(raw.ptr != NULL ? raw.ptr : "", raw.len, JSON_DECODE_ANY, NULL);
    json_t *object = json_object();
    (void)json_object_set_new(object, "run", json_string(rejects->run));
    (void)json_object_set_new(object, "line", json_integer((json_int_t)line));
    (void)json_object_set_new(object, "code", json_string(reject->code));
    (void)json_object_set_new(object, "field", json_text(rd_str_of(reject->field)));
    (void)json_object_set_new(object, "message", json_text(rd_str_of(reject->message)));
    (void)json_object_set_new(object, "row", row != NULL ? row : json_text(raw));
    json_print(rejects->file, object, false);
}

int rejects_put(
        struct rejects *rejects, uint64_t line, const struct rd_reject *reject, struct rd_str raw)
{
    if (rejects->path == NULL) {
        if (rejects->said++ < SAID_MAX) {
            say_error("line %" PRIu64 ": %s%s%s: %s", line, reject->code,
                    reject->field[0] != '\0' ? " " : "", reject->field, reject->message);
        } else if (rejects->said == SAID_MAX + 1) {
            say_error("more are not said here; --rejects FILE keeps them all");
        }
        return 0;
    }
    int r = rejects->file == NULL ? open_file(rejects) : 0;
    if (r < 0) {
        return r;
    }
    if (rejects->format != INPUT_NDJSON) {
        put_table(rejects, line, reject, raw);
    } else {
        put_json(rejects, line, reject, raw);
    }
    return fflush(rejects->file) != 0 ? -errno : 0; /* the reason is gone a moment later */
}

int rejects_close(struct rejects *rejects)
{
    if (rejects->file == NULL) {
        return 0;
    }
    int r = fclose(rejects->file) != 0 ? -errno : 0;
    rejects->file = NULL;
    return r;
}
