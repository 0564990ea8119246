#include "tools/send/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 65536, AGAIN_BYTES_MAX = 4 * CSV_RECORD_BYTES_MAX };

enum state {
    FIELD_START,
    PLAIN,
    QUOTED,          /* in these three most bytes mean only themselves */
    QUOTE_IN_QUOTED, /* the end of the field, or the first of two */
    AFTER_CR,
    SKIPPING, /* a bad record that has no quotes to trust: up to the next newline */
};

enum { STOPS_PLAIN = 1, STOPS_QUOTED = 2 };

struct csv {
    csv_read_fn *read;
    void *context;
    char delimiter;
    uint8_t stops[UINT8_MAX + 1]; /* which bytes mean something: STOPS_… */
    uint8_t block[BLOCK_BYTES];
    const uint8_t *window;     /* what is being read: `block`, or `again` */
    size_t at, filled, from;   /* in it: the next byte, its end, where the record goes on */
    uint64_t line, first_line; /* the second: where the record begins */
    struct rd_buf text, raw;
    struct rd_buf again, spare;  /* what is read once more */
    size_t ends[CSV_FIELDS_MAX]; /* of the fields within text */
    struct rd_str fields[CSV_FIELDS_MAX];
    size_t count;
    enum state state;
    bool is_begun, has_quote, is_unclosed; /* of this record */
    bool is_past_mark;
    const char *what;
};

struct csv *csv_new(csv_read_fn *read, void *context, char delimiter)
{
    struct csv *csv = calloc(1, sizeof *csv);
    if (csv == NULL) {
        rd_oom();
    }
    csv->read = read;
    csv->context = context;
    csv->delimiter = delimiter;
    csv->stops[0] = csv->stops['"'] = csv->stops['\n'] = STOPS_PLAIN | STOPS_QUOTED;
    csv->stops['\r'] |= STOPS_PLAIN;
    csv->stops[(uint8_t)delimiter] |= STOPS_PLAIN;
    csv->line = 1;
    csv->window = csv->block;
    rd_buf_init(&csv->text, CSV_RECORD_BYTES_MAX);
    rd_buf_init(&csv->raw, 2 * CSV_RECORD_BYTES_MAX + BLOCK_BYTES);
    rd_buf_init(&csv->again, AGAIN_BYTES_MAX);
    rd_buf_init(&csv->spare, AGAIN_BYTES_MAX);
    return csv;
}

void csv_free(struct csv *csv)
{
    if (csv != NULL) {
        rd_buf_done(&csv->text);
        rd_buf_done(&csv->raw);
        rd_buf_done(&csv->again);
        rd_buf_done(&csv->spare);
        free(csv);
    }
}

static void keep_raw(struct csv *csv)
{
    rd_buf_put(&csv->raw, csv->window + csv->from, csv->at - csv->from);
    csv->from = csv->at;
}

/* 1; 0 at the end; -errno. */
static int next_byte(struct csv *csv, uint8_t *ret_byte)
{
    if (csv->at == csv->filled) {
        keep_raw(csv);
        ssize_t got;
        do {
            got = csv->read(csv->context, csv->block, sizeof csv->block);
        } while (got < 0 && errno == EINTR);
        if (got <= 0) {
            return got == 0 ? 0 : -errno;
        }
        csv->window = csv->block;
        csv->at = csv->from = 0;
        csv->filled = (size_t)got;
    }
    *ret_byte = csv->window[csv->at++];
    return 1;
}

static void spoil(struct csv *csv, const char *what)
{
    csv->what = csv->what == NULL ? what : csv->what;
}

static void put(struct csv *csv, const uint8_t *bytes, size_t size)
{
    rd_buf_put(&csv->text, bytes, size);
    if (csv->text.error != 0) {
        spoil(csv, "it is longer than 1 MiB");
    }
}

static void put_byte(struct csv *csv, uint8_t byte)
{
    if (byte == 0) {
        spoil(csv, "there is a NUL byte in it");
    }
    put(csv, &byte, sizeof byte);
}

/* Takes the bytes that come next and mean only themselves, all at once. */
static void take_run(struct csv *csv)
{
    unsigned stop = csv->state == QUOTED ? STOPS_QUOTED : STOPS_PLAIN;
    size_t at = csv->at;
    while (at < csv->filled && (csv->stops[csv->window[at]] & stop) == 0) {
        at++;
    }
    if (at > csv->at) {
        put(csv, csv->window + csv->at, at - csv->at);
        csv->at = at;
        csv->state = csv->state == QUOTED ? QUOTED : PLAIN;
        csv->is_begun = true;
    }
}

static void end_field(struct csv *csv)
{
    if (csv->count == CSV_FIELDS_MAX) {
        spoil(csv, "it has more than 1024 fields");
        return;
    }
    csv->ends[csv->count++] = csv->text.len;
    csv->state = FIELD_START;
}

/* A byte outside quotes. True: the record is complete. */
static bool take_plain(struct csv *csv, uint8_t byte)
{
    if (byte == '\n') {
        end_field(csv);
        return true;
    }
    if (byte == '\r') {
        csv->state = AFTER_CR;
    } else if (byte == (uint8_t)csv->delimiter) {
        end_field(csv);
    } else if (byte == '"') {
        if (csv->state == FIELD_START) {
            csv->state = QUOTED;
            csv->has_quote = true;
        } else {
            spoil(csv, "there is a quote in a field that does not begin with one");
            csv->state = SKIPPING;
        }
    } else {
        put_byte(csv, byte);
        csv->state = PLAIN;
    }
    return false;
}

static bool take(struct csv *csv, uint8_t byte)
{
    csv->line += byte == '\n';
    switch (csv->state) {
    case FIELD_START:
    case PLAIN:
        return take_plain(csv, byte);
    case QUOTED:
        if (byte == '"') {
            csv->state = QUOTE_IN_QUOTED;
        } else {
            put_byte(csv, byte);
        }
        csv->is_unclosed |= csv->text.error != 0;
        return csv->text.error != 0; /* it ends here, and its lines are read again */
    case QUOTE_IN_QUOTED:
        if (byte == '"') {
            put_byte(csv, byte);
            csv->state = QUOTED;
            return false;
        }
        if (byte != '\n' && byte != '\r' && byte != (uint8_t)csv->delimiter) {
            csv->is_unclosed = true;
            spoil(csv, "something follows a closing quote");
            csv->state = SKIPPING;
            return false;
        }
        csv->state = PLAIN;
        return take_plain(csv, byte);
    case AFTER_CR:
        if (byte == '\n') {
            end_field(csv);
            return true;
        }
        spoil(csv, "there is a carriage return outside quotes, as old Macs end lines: save it as "
                   "CSV UTF-8");
        csv->state = SKIPPING;
        return false;
    case SKIPPING:
        return byte == '\n';
    }
    RD_UNREACHABLE("a state of the CSV reader");
}

static void begin(struct csv *csv, struct csv_record *record)
{
    rd_buf_reset(&csv->text);
    rd_buf_reset(&csv->raw);
    csv->from = csv->at;
    csv->first_line = csv->line;
    csv->count = 0;
    csv->state = FIELD_START;
    csv->is_begun = csv->has_quote = csv->is_unclosed = false;
    csv->what = NULL;
    *record = (struct csv_record){.line = csv->line};
}

/* Where the first line of the record ends; NULL: it has only one. */
static const char *second_line(const struct csv *csv)
{
    struct rd_str raw = rd_buf_str(&csv->raw);
    const char *end = raw.len > 0 ? memchr(raw.ptr, '\n', raw.len) : NULL;
    return end != NULL && end + 1 < raw.ptr + raw.len ? end + 1 : NULL;
}

void csv_again(struct csv *csv)
{
    const char *from = second_line(csv);
    if (from == NULL) {
        return;
    }
    struct rd_str raw = rd_buf_str(&csv->raw);
    rd_buf_reset(&csv->spare);
    rd_buf_put(&csv->spare, from, (size_t)(raw.ptr + raw.len - from));
    rd_buf_put(&csv->spare, csv->window + csv->at, csv->filled - csv->at);
    if (csv->spare.error != 0) {
        return;
    }
    struct rd_buf other = csv->again;
    csv->again = csv->spare;
    csv->spare = other;
    csv->window = csv->again.ptr;
    csv->at = csv->from = 0;
    csv->filled = csv->again.len;
    csv->line = csv->first_line + 1;
}

static void give_raw(struct csv *csv, struct csv_record *record)
{
    struct rd_str raw = rd_buf_str(&csv->raw);
    while (raw.len > 0 && (raw.ptr[raw.len - 1] == '\n' || raw.ptr[raw.len - 1] == '\r')) {
        raw.len--;
    }
    record->raw = raw;
}

static int finish(struct csv *csv, struct csv_record *record)
{
    keep_raw(csv);
    give_raw(csv, record);
    record->what = csv->what;
    if (csv->what != NULL) {
        const char *second = csv->is_unclosed ? second_line(csv) : NULL;
        if (second != NULL) { /* what stands behind its first line are rows, not its text */
            record->what = "a quote that opens on this line is not closed where its field ends";
            record->raw.len = (size_t)(second - 1 - record->raw.ptr);
            csv_again(csv);
        }
        return -EBADMSG;
    }
    size_t from = 0;
    const char *text = csv->text.len > 0 ? (const char *)csv->text.ptr : ""; /* not NULL */
    for (size_t i = 0; i < csv->count; i++) {
        csv->fields[i] = (struct rd_str){.ptr = text + from, .len = csv->ends[i] - from};
        from = csv->ends[i];
    }
    record->fields = csv->fields;
    record->count = csv->count;
    return 1;
}

/* "\xEF\xBB\xBF" in front of the file is no data. */
static void drop_mark(struct csv *csv)
{
    static const uint8_t mark[] = {0xef, 0xbb, 0xbf};
    if (csv->is_past_mark || csv->text.len < sizeof mark) {
        return;
    }
    csv->is_past_mark = true;
    if (csv->count == 0 && !csv->has_quote && memcmp(csv->text.ptr, mark, sizeof mark) == 0) {
        rd_buf_reset(&csv->text);
        csv->state = FIELD_START;
        csv->is_begun = false;
    }
}

static bool is_empty_line(const struct csv *csv)
{
    return csv->what == NULL && csv->count == 1 && csv->text.len == 0 && !csv->has_quote;
}

/* The end of the file within a record. */
static void take_end(struct csv *csv)
{
    if (csv->state == QUOTED) {
        csv->is_unclosed = true;
        spoil(csv, "its last quote is not closed");
    } else if (csv->state == AFTER_CR) {
        spoil(csv, "there is a carriage return outside quotes, as old Macs end lines: save it as "
                   "CSV UTF-8");
    }
    end_field(csv);
}

int csv_next(struct csv *csv, struct csv_record *ret_record)
{
    begin(csv, ret_record);
    for (;;) {
        uint8_t byte = 0;
        if (csv->is_past_mark && csv->state <= QUOTED) {
            take_run(csv);
        }
        int r = next_byte(csv, &byte);
        if (r < 0) {
            return r;
        }
        if (r == 0) {
            if (!csv->is_begun) {
                return 0;
            }
            take_end(csv);
            return finish(csv, ret_record);
        }
        csv->is_begun = true;
        if (!take(csv, byte)) {
            drop_mark(csv);
        } else if (is_empty_line(csv)) {
            begin(csv, ret_record);
        } else {
            csv->is_past_mark = true;
            return finish(csv, ret_record);
        }
    }
}

static bool wants_quotes(char c, char delimiter)
{
    return c == delimiter || c == '"' || c == ',' || c == '\r' || c == '\n' || c == ';' ||
           c == '\t' || c == '\0';
}

void csv_put_field(struct rd_buf *buf, struct rd_str text, char delimiter)
{
    bool is_plain = true;
    for (size_t i = 0; i < text.len && is_plain; i++) {
        is_plain = !wants_quotes(text.ptr[i], delimiter);
    }
    if (is_plain) {
        rd_buf_put_text(buf, text);
        return;
    }
    rd_buf_put_u8(buf, '"');
    const char *quote;
    while (text.len > 0 && (quote = memchr(text.ptr, '"', text.len)) != NULL) {
        size_t len = (size_t)(quote - text.ptr) + 1;
        rd_buf_put_text(buf, (struct rd_str){.ptr = text.ptr, .len = len});
        rd_buf_put_u8(buf, '"');
        text = (struct rd_str){.ptr = text.ptr + len, .len = text.len - len};
    }
    rd_buf_put_text(buf, text);
    rd_buf_put_u8(buf, '"');
}
