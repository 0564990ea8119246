#include "daemon/store/rows/dead_letter_row.h"

#include <errno.h>
#include <string.h>

#include "common/base/sizes.h"

enum {
    ROW_VERSION = 1,
    ROW_BYTES_MAX = RD_FRAME_BYTES_MAX + 4096,
    KEY_BYTES = 8,
    DROP_MAX = 512, /* of the oldest at once: a bound that was lowered is reached over some */
};

static struct rd_str key_of(uint64_t number, uint8_t ret_bytes[static KEY_BYTES])
{
    for (unsigned i = 0; i < KEY_BYTES; i++) {
        ret_bytes[i] = (uint8_t)(number >> (56 - 8 * i));
    }
    return (struct rd_str){.ptr = (const char *)ret_bytes, .len = KEY_BYTES};
}

static uint64_t number_of(struct rd_str key)
{
    struct rd_get get = rd_get_of(key);
    uint64_t number = rd_get_u64(&get);
    RD_ASSERT(rd_get_end(&get) == 0);
    return number;
}

void dead_letters_open(struct dead_letters *letters, struct store_view *view, uint64_t kept_max)
{
    *letters = (struct dead_letters){.view = view, .kept_max = kept_max, .bytes_max = UINT64_MAX};
    rd_buf_init(&letters->row, ROW_BYTES_MAX);
    struct rd_str key, value;
    if (store_last(view, STORE_DEAD_LETTERS, RD_STR(""), RD_STR(""), &key, &value)) {
        letters->last = number_of(key);
    }
    letters->first = letters->last + 1;
    struct store_scan scan;
    store_scan_begin(&scan, view, STORE_DEAD_LETTERS, RD_STR(""));
    while (store_scan_next(&scan, &key, &value)) {
        letters->first = letters->bytes == 0 ? number_of(key) : letters->first;
        letters->bytes += value.len;
    }
    store_scan_end(&scan);
}

void dead_letters_close(struct dead_letters *letters)
{
    rd_buf_done(&letters->row);
}

void dead_letter_pack(struct rd_buf *buf, const struct dead_letter *letter)
{
    rd_buf_put_u8(buf, ROW_VERSION);
    rd_buf_put_i64(buf, letter->taken);
    rd_buf_put_str(buf, letter->sender);
    rd_buf_put_str(buf, letter->source);
    rd_buf_put_str(buf, letter->id);
    rd_buf_put_str(buf, letter->code);
    rd_buf_put_str(buf, letter->field);
    rd_buf_put_str(buf, letter->message);
    rd_buf_put_str(buf, letter->event);
}

int dead_letter_unpack(struct rd_str key, struct rd_str row, struct dead_letter *ret_letter)
{
    struct rd_get get = rd_get_of(key);
    struct dead_letter letter = {.number = rd_get_u64(&get)};
    int r = rd_get_end(&get);
    if (r < 0) {
        return r;
    }
    get = rd_get_of(row);
    if (rd_get_u8(&get) != ROW_VERSION) {
        return -EBADMSG;
    }
    letter.taken = rd_get_i64(&get);
    letter.sender = rd_get_str(&get);
    letter.source = rd_get_str(&get);
    letter.id = rd_get_str(&get);
    letter.code = rd_get_str(&get);
    letter.field = rd_get_str(&get);
    letter.message = rd_get_str(&get);
    letter.event = rd_get_str(&get);
    r = rd_get_end(&get);
    if (r == 0) {
        *ret_letter = letter;
    }
    return r;
}

/* How many bytes the oldest row has; 0 where a number was left out. */
static uint64_t oldest_bytes(const struct dead_letters *letters, struct rd_str key)
{
    struct rd_str row;
    return store_get(letters->view, STORE_DEAD_LETTERS, key, &row) ? row.len : 0;
}

static void put_row(struct dead_letters *letters, uint64_t number, struct rd_str row)
{
    uint8_t bytes[KEY_BYTES];
    if (letters->last < letters->first) {
        letters->first = number;
    }
    letters->last = number;
    letters->bytes += row.len;
    store_put(letters->view, STORE_DEAD_LETTERS, key_of(number, bytes), row);
    for (unsigned i = 0; i < DROP_MAX && letters->first < number; i++) {
        if (number - letters->first + 1 <= letters->kept_max &&
                letters->bytes <= letters->bytes_max) {
            return;
        }
        struct rd_str key = key_of(letters->first, bytes);
        uint64_t size = oldest_bytes(letters, key);
        letters->bytes -= size < letters->bytes ? size : letters->bytes;
        store_del(letters->view, STORE_DEAD_LETTERS, key);
        letters->first++;
    }
}

struct rd_str dead_letters_add(struct dead_letters *letters, const struct dead_letter *letter)
{
    if (letters->kept_max == 0) {
        return RD_STR("");
    }
    rd_buf_reset(&letters->row);
    dead_letter_pack(&letters->row, letter);
    RD_ASSERT(letters->row.error == 0);
    put_row(letters, letters->last + 1, rd_buf_str(&letters->row));
    return rd_buf_str(&letters->row);
}

bool dead_letters_get(
        const struct dead_letters *letters, uint64_t number, struct dead_letter *ret_letter)
{
    uint8_t bytes[KEY_BYTES];
    struct rd_str row, key = key_of(number, bytes);
    return store_get(letters->view, STORE_DEAD_LETTERS, key, &row) &&
           dead_letter_unpack(key, row, ret_letter) == 0;
}

int dead_letters_restore(struct dead_letters *letters, uint64_t number, struct rd_str row)
{
    uint8_t bytes[KEY_BYTES];
    struct dead_letter letter;
    RD_ASSERT(number > letters->last);
    int r = dead_letter_unpack(key_of(number, bytes), row, &letter);
    if (r == 0 && letters->kept_max > 0) {
        put_row(letters, number, row);
    } else if (r == 0) { /* not kept, but its number was given */
        letters->first = letters->last < letters->first ? number + 1 : letters->first;
        letters->last = number;
    }
    return r;
}
