#include "tools/send/decode_look.h"

#include "common/wire/pack.h"

enum { FEW = 8 }; /* one in so many is few */

static size_t length_of(uint8_t lead)
{
    return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
}

static bool is_private(uint8_t lead, uint8_t behind)
{
    return behind >= 0xa1 ? (lead >= 0xaa && lead <= 0xaf) || (lead >= 0xf8 && lead != 0xff)
                          : lead >= 0xa1 && lead <= 0xa7;
}

static void look_as_gbk(struct decode_look *look, uint8_t byte)
{
    if (look->skip > 0) {
        look->skip--;
    } else if (look->lead == 0) {
        look->lead = byte > 0x80 ? byte : 0;
    } else if (byte >= '0' && byte <= '9') {
        look->lead = 0;
        look->skip = 2;
    } else {
        look->pairs++;
        look->odd += byte < 0x80 || is_private(look->lead, byte) ? 1 : 0;
        look->lead = 0;
    }
}

static void note_bad(struct decode_look *look, uint8_t byte)
{
    if (look->bad++ == 0) {
        look->bad_line = look->line + 1;
        look->bad_byte = look->byte + 1;
        look->bad_value = byte;
    }
}

size_t decode_look(struct decode_look *look, struct rd_str text, bool is_end)
{
    size_t at = 0;
    while (at < text.len) {
        uint8_t byte = (uint8_t)text.ptr[at];
        size_t len = length_of(byte);
        if (at + len > text.len && !is_end) {
            break;
        }
        len = at + len > text.len ? 1 : len;
        bool is_good =
                byte < 0x80 ||
                (len > 1 && rd_pack_is_utf8((struct rd_str){.ptr = text.ptr + at, .len = len}));
        len = is_good ? len : 1;
        if (!is_good) {
            note_bad(look, byte);
        }
        look->good += is_good && len > 1 ? 1 : 0;
        for (size_t i = 0; i < len; i++) {
            look_as_gbk(look, (uint8_t)text.ptr[at + i]);
        }
        look->line += byte == '\n' ? 1 : 0;
        look->byte = byte == '\n' ? 0 : look->byte + len;
        at += len;
    }
    return at;
}

bool decode_is_spoilt_utf8(const struct decode_look *look)
{
    return look->bad > 0 && look->bad * FEW <= look->good;
}

bool decode_is_like_gbk(const struct decode_look *look)
{
    return look->odd * 2 <= look->pairs;
}
