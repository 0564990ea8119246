#include "tools/send/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/send/csv.h"
#include "tools/shared/ends.h"
#include "tools/shared/json.h"

struct input {
    enum input_format format;
    const struct mapping *mapping;
    int fd;
    uint64_t size, read_bytes;
    uint64_t row;
    struct csv *csv; /* CSV */
    size_t places[MAPPING_COLUMNS_MAX];
    size_t width; /* fields of the header */
    struct rd_buf header;
    FILE *file; /* NDJSON */
    uint64_t line;
    char *text;
    size_t text_room;
    struct rd_str values[MAPPING_COLUMNS_MAX];
    bool keeps_raw;
    struct rd_buf raw, packed, id;
    struct rd_buf texts; /* of values that were no text */
};

static ssize_t read_fd(void *context, void *buffer, size_t size)
{
    struct input *input = context;
    ssize_t got = read(input->fd, buffer, size);
    input->read_bytes += got > 0 ? (uint64_t)got : 0;
    return got;
}

void input_put_field(struct rd_buf *buf, struct rd_str text)
{
    bool is_plain = true;
    for (size_t i = 0; i < text.len && is_plain; i++) {
        is_plain = strchr("\",\r\n;\t", text.ptr[i]) == NULL;
    }
    if (is_plain) {
        rd_buf_put_text(buf, text);
        return;
    }
    rd_buf_put_u8(buf, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"') {
            rd_buf_put_u8(buf, '"');
        }
        rd_buf_put_u8(buf, (uint8_t)text.ptr[i]);
    }
    rd_buf_put_u8(buf, '"');
}

static void put_fields(
        struct rd_buf *buf, const struct rd_str *fields, size_t count, char delimiter)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            rd_buf_put_u8(buf, (uint8_t)delimiter);
        }
        input_put_field(buf, fields[i]);
    }
}

/* Reads the header and finds the mapping's columns in it. False: said. */
static bool open_csv(struct input *input, const char *path)
{
    struct csv_record record;
    input->csv = csv_new(read_fd, input, input->mapping->delimiter);
    int r = csv_next(input->csv, &record);
    if (r == 0) {
        say_error("%s: there is no header line", path);
        return false;
    }
    if (r < 0) {
        say_error("%s: the header line: %s", path, r == -EBADMSG ? record.what : strerror(-r));
        return false;
    }
    char what[256];
    if (mapping_bind(input->mapping, record.fields, record.count, input->places, what) < 0) {
        say_error("%s: %s", path, what);
        return false;
    }
    input->width = record.count;
    put_fields(&input->header, record.fields, record.count, input->mapping->delimiter);
    return true;
}

struct input *input_open(const char *path, enum input_format format, const struct mapping *mapping)
{
    struct input *input = calloc(1, sizeof *input);
    if (input == NULL) {
        rd_oom();
    }
    input->format = format;
    input->mapping = mapping;
    rd_buf_init(&input->header, CSV_RECORD_BYTES_MAX * 2);
    rd_buf_init(&input->raw, CSV_RECORD_BYTES_MAX * 2);
    rd_buf_init(&input->packed, MAPPING_EVENT_BYTES_MAX);
    rd_buf_init(&input->id, MAPPING_EVENT_BYTES_MAX);
    rd_buf_init(&input->texts, INPUT_LINE_BYTES_MAX);
    bool is_stdin = strcmp(path, "-") == 0;
    input->fd =
            is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC);
    if (input->fd < 0) {
        say_error("%s: %s", path, strerror(errno));
        input_close(input);
        return NULL;
    }
    struct stat about;
    if (fstat(input->fd, &about) == 0 && S_ISREG(about.st_mode)) {
        input->size = (uint64_t)about.st_size;
    }
    bool is_open = true;
    if (format == INPUT_CSV) {
        is_open = open_csv(input, path);
    } else {
        input->file = fdopen(input->fd, "r");
        if (input->file == NULL) {
            rd_oom();
        }
    }
    if (!is_open) {
        input_close(input);
        return NULL;
    }
    return input;
}

void input_keeps_raw(struct input *input)
{
    input->keeps_raw = true;
}

void input_close(struct input *input)
{
    if (input == NULL) {
        return;
    }
    if (input->file != NULL) {
        (void)fclose(input->file);
    } else if (input->fd >= 0) {
        (void)close(input->fd);
    }
    csv_free(input->csv);
    free(input->text);
    rd_buf_done(&input->header);
    rd_buf_done(&input->raw);
    rd_buf_done(&input->packed);
    rd_buf_done(&input->id);
    rd_buf_done(&input->texts);
    free(input);
}

/* ---- CSV ---- */

static int next_csv(struct input *input, struct input_row *row)
{
    struct csv_record record;
    int r = csv_next(input->csv, &record);
    row->line = record.line;
    row->what = record.what;
    if (r == 1 && record.count != input->width) {
        row->what = "it has another number of fields than the header";
        r = -EBADMSG;
    }
    if (r == 1) {
        for (size_t i = 0; i < input->mapping->column_count; i++) {
            input->values[i] = record.fields[input->places[i]];
        }
    }
    if (input->keeps_raw && (r == 1 || r == -EBADMSG)) {
        put_fields(&input->raw, record.fields, record.count, input->mapping->delimiter);
    }
    return r;
}

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
        rd_buf_printf(&input->texts, "%.17g", json_real_value(value));
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

static int next_json(struct input *input, struct input_row *row)
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
    if (input->mapping != NULL) {
        take_values(input, object);
        return 1;
    }
    row->what = take_event(input, object, row);
    return row->what == NULL ? 1 : -EBADMSG;
}

int input_next(struct input *input, struct input_row *ret_row)
{
    *ret_row = (struct input_row){.row = ++input->row, .values = input->values};
    rd_buf_reset(&input->raw);
    int r = input->format == INPUT_CSV ? next_csv(input, ret_row) : next_json(input, ret_row);
    ret_row->raw = rd_buf_str(&input->raw);
    return r;
}

struct rd_str input_header(const struct input *input)
{
    return rd_buf_str(&input->header);
}

bool input_progress(const struct input *input, uint64_t *ret_read, uint64_t *ret_size)
{
    *ret_read = input->read_bytes;
    *ret_size = input->size;
    return input->size > 0;
}
