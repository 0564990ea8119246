#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tools/send/input_inner.h"
#include "tools/shared/json.h"

/* ---- NDJSON ---- */

/* A line without its newline. 1, 0 at the end, -EFBIG (dropped), -errno. */
static int read_line(struct input *input, struct rd_str *ret_line)
{
    ssize_t got = getline(&input->text, &input->text_room, input->file);
    if (got < 0) {
        return ferror(input->file) != 0 ? -EIO : 0;
    }
    input->line++;
    input->read_bytes += (uint64_t)got;
    size_t len = (size_t)got;
    while (len > 0 && (input->text[len - 1] == '\n' || input->text[len - 1] == '\r')) {
        len--;
    }
    *ret_line = (struct rd_str){.ptr = input->text, .len = len};
    return len > INPUT_LINE_BYTES_MAX ? -EFBIG : 1;
}

/* "a.b" in {"a": {"b": …}}; a key with a dot in it is found first. */
static const json_t *find_member(const json_t *object, const char *name)
{
    const json_t *found = json_object_get(object, name);
    const char *dot = strchr(name, '.');
    for (; found == NULL && dot != NULL; dot = strchr(name, '.')) {
        char part[256];
        (void)snprintf(part, sizeof part, "%.*s", (int)(dot - name), name);
        object = json_object_get(object, part);
        name = dot + 1;
        found = json_object_get(object, name);
    }
    return found;
}

/* What a column holds: the text of a scalar, empty for what is not there or is no scalar. */
static struct rd_str value_of(struct input *input, const json_t *value)
{
    size_t from = input->texts.len;
    if (json_is_string(value)) {
        rd_buf_put(&input->texts, json_string_value(value), json_string_length(value));
    } else if (json_is_integer(value)) {
        rd_buf_printf(&input->texts, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_boolean(value)) {
        rd_buf_printf(&input->texts, "%s", json_is_true(value) ? "true" : "false");
    } else if (json_is_real(value)) {
        rd_buf_printf(&input->texts, "%.15g", json_real_value(value));
    }
    /* The buffer may move: remember the place, make the pointer later. */
    return (struct rd_str){.ptr = NULL, .len = input->texts.len - from};
}

static void take_values(struct input *input, const json_t *object)
{
    rd_buf_reset(&input->texts);
    for (size_t i = 0; i < input->mapping->column_count; i++) {
        input->values[i] = value_of(input, find_member(object, input->mapping->columns[i]));
    }
    const char *at = rd_buf_str(&input->texts).ptr;
    for (size_t i = 0; i < input->mapping->column_count; i++) {
        input->values[i].ptr = at != NULL ? at : "";
        at = at != NULL ? at + input->values[i].len : NULL;
    }
}

/* The line is an event. What the daemon says of it is the daemon's; here it needs an id. */
static const char *take_event(struct input *input, const json_t *object, struct input_row *row)
{
    const json_t *id = json_object_get(object, "id");
    const char *what = NULL;
    if (!json_is_string(id) || json_string_length(id) == 0) {
        return "the event has no \"id\"";
    }
    rd_buf_reset(&input->packed);
    if (json_pack_value(&input->packed, object, &what) < 0) {
        return what;
    }
    rd_buf_reset(&input->id);
    rd_buf_put(&input->id, json_string_value(id), json_string_length(id));
    row->event = rd_buf_str(&input->packed);
    row->id = rd_buf_str(&input->id);
    return input->packed.error != 0 ? "longer than 1 MiB" : NULL;
}

int input_next_json(struct input *input, struct input_row *row)
{
    struct rd_str line = {0};
    int r;
    do { /* empty lines are passed over */
        r = read_line(input, &line);
    } while (r == 1 && line.len == 0);
    row->line = input->line;
    if (r == -EFBIG) {
        row->what = "it is longer than 1 MiB";
        return -EBADMSG;
    }
    if (r <= 0) {
        return r;
    }
    if (input->keeps_raw) {
        rd_buf_put_text(&input->raw, line);
    }
    json_t *object RD_CLEANUP(json_freep)
    = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(object)) {
        row->what = "it is no JSON object";
        return -EBADMSG;
    }
    const json_t *kept = json_object_get(object, "row"); /* of a file of rejects */
    bool is_reject = json_is_object(kept) && json_is_string(json_object_get(object, "code")) &&
                     json_is_string(json_object_get(object, "run"));
    const json_t *made = is_reject ? kept : object;
    if (input->mapping != NULL) {
        take_values(input, made);
        return 1;
    }
    row->what = take_event(input, made, row);
    return row->what == NULL ? 1 : -EBADMSG;
}
