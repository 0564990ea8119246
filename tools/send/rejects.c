#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/send/sender.h"
#include "tools/shared/json.h"

enum { SAID_MAX = 20, ROW_BYTES_MAX = 8 * 1024 * 1024 };

static int open_file(struct rejects *rejects)
{
    rejects->file = fopen(rejects->path, "we");
    if (rejects->file == NULL) {
        return -errno;
    }
    if (rejects->format == INPUT_CSV) {
        (void)fprintf(rejects->file, "reject_line%creject_code%creject_field%creject_message%c",
                rejects->delimiter, rejects->delimiter, rejects->delimiter, rejects->delimiter);
        (void)fprintf(rejects->file, "%.*s\n", RD_FMT(rejects->header));
    }
    return 0;
}

static void put_csv(
        struct rejects *rejects, uint64_t line, const struct rd_reject *reject, struct rd_str raw)
{
    struct rd_buf row;
    char delimiter = rejects->delimiter;
    rd_buf_init(&row, ROW_BYTES_MAX);
    rd_buf_printf(&row, "%" PRIu64 "%c%s%c", line, delimiter, reject->code, delimiter);
    input_put_field(&row, rd_str_of(reject->field));
    rd_buf_put_u8(&row, (uint8_t)delimiter);
    input_put_field(&row, rd_str_of(reject->message));
    rd_buf_put_u8(&row, (uint8_t)delimiter);
    rd_buf_put_text(&row, raw);
    (void)fwrite(row.ptr, 1, row.len, rejects->file);
    (void)fputc('\n', rejects->file);
    rd_buf_done(&row);
}

static void put_json(
        struct rejects *rejects, uint64_t line, const struct rd_reject *reject, struct rd_str raw)
{
    json_t *row = json_loadb(raw.ptr != NULL ? raw.ptr : "", raw.len, JSON_DECODE_ANY, NULL);
    json_t *object = json_object();
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
    if (rejects->format == INPUT_CSV) {
        put_csv(rejects, line, reject, raw);
    } else {
        put_json(rejects, line, reject, raw);
    }
    return ferror(rejects->file) != 0 ? -EIO : 0;
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
