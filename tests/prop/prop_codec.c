/* Rows round-trip; memcmp of fixed numbers is their order; hostile bytes never read past the end.
 */
#include <string.h>

#include "common/base/buf.h"
#include "tests/prop.h"

enum { FIELDS = 40, KINDS = 8 };

struct field {
    uint64_t kind, number;
    char text[16];
    size_t size;
};

static uint64_t skewed(struct prop_gen *gen)
{
    return prop_u64(gen) >> prop_below(gen, 64);
}

static void put(struct rd_buf *buf, const struct field *field)
{
    struct rd_str text = {.ptr = field->text, .len = field->size};
    switch (field->kind) {
    case 0:
        rd_buf_put_u8(buf, (uint8_t)field->number);
        break;
    case 1:
        rd_buf_put_u16(buf, (uint16_t)field->number);
        break;
    case 2:
        rd_buf_put_u32(buf, (uint32_t)field->number);
        break;
    case 3:
        rd_buf_put_u64(buf, field->number);
        break;
    case 4:
        rd_buf_put_i64(buf, (int64_t)field->number);
        break;
    case 5:
        rd_buf_put_uint(buf, field->number);
        break;
    case 6:
        rd_buf_put_int(buf, (int64_t)field->number);
        break;
    default:
        rd_buf_put_str(buf, text);
    }
}

static bool comes_back(struct rd_get *get, const struct field *field)
{
    struct rd_str text = {.ptr = field->text, .len = field->size};
    switch (field->kind) {
    case 0:
        return rd_get_u8(get) == (uint8_t)field->number;
    case 1:
        return rd_get_u16(get) == (uint16_t)field->number;
    case 2:
        return rd_get_u32(get) == (uint32_t)field->number;
    case 3:
        return rd_get_u64(get) == field->number;
    case 4:
        return rd_get_i64(get) == (int64_t)field->number;
    case 5:
        return rd_get_uint(get) == field->number;
    case 6:
        return rd_get_int(get) == (int64_t)field->number;
    default:
        return rd_str_eq(rd_get_str(get), text);
    }
}

static int rows_round_trip(struct prop_gen *gen)
{
    struct field fields[FIELDS];
    struct rd_buf buf;
    rd_buf_init(&buf, 1 << 16);
    for (size_t i = 0; i < FIELDS; i++) {
        fields[i] = (struct field){.kind = prop_below(gen, KINDS), .number = skewed(gen)};
        if (prop_below(gen, 2) == 0) {
            fields[i].number = -fields[i].number;
        }
        fields[i].size = prop_below(gen, sizeof fields[i].text);
        memset(fields[i].text, (int)prop_below(gen, 256), sizeof fields[i].text);
        put(&buf, &fields[i]);
    }
    struct rd_get get = rd_get_of(rd_buf_str(&buf));
    int failed = 0;
    for (size_t i = 0; i < FIELDS && failed == 0; i++) {
        failed = comes_back(&get, &fields[i]) ? 0 : __LINE__;
    }
    if (failed == 0 && rd_get_end(&get) != 0) {
        failed = __LINE__;
    }
    /* Any shorter text of the row is refused. */
    struct rd_get cut = rd_get_of(
            (struct rd_str){.ptr = (const char *)buf.ptr, .len = prop_below(gen, buf.len)});
    for (size_t i = 0; i < FIELDS; i++) {
        (void)comes_back(&cut, &fields[i]);
    }
    if (failed == 0 && rd_get_end(&cut) == 0) {
        failed = __LINE__;
    }
    rd_buf_done(&buf);
    return failed;
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static int memcmp_is_order(struct prop_gen *gen)
{
    int64_t a = (int64_t)skewed(gen), b = (int64_t)skewed(gen);
    a = prop_below(gen, 2) == 0 ? a : -(a >> 1);
    b = prop_below(gen, 2) == 0 ? b : -(b >> 1);
    struct rd_buf buf;
    rd_buf_init(&buf, 64);
    rd_buf_put_i64(&buf, a);
    rd_buf_put_i64(&buf, b);
    rd_buf_put_u64(&buf, (uint64_t)a);
    rd_buf_put_u64(&buf, (uint64_t)b);
    bool signed_holds = sign(memcmp(buf.ptr, buf.ptr + 8, 8)) == (a > b) - (a < b);
    bool unsigned_holds = sign(memcmp(buf.ptr + 16, buf.ptr + 24, 8)) ==
                          ((uint64_t)a > (uint64_t)b) - ((uint64_t)a < (uint64_t)b);
    rd_buf_done(&buf);
    return signed_holds && unsigned_holds ? 0 : __LINE__;
}

/* What a varint reads as, it would have been written as. */
static int varints_have_one_text(struct prop_gen *gen)
{
    uint8_t bytes[12];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(prop_below(gen, 3) == 0 ? prop_u64(gen) : prop_u64(gen) | 0x80);
    }
    struct rd_str text = {.ptr = (const char *)bytes, .len = prop_below(gen, sizeof bytes + 1)};
    struct rd_get get = rd_get_of(text);
    uint64_t value = rd_get_uint(&get);
    if (get.error != 0) {
        return value == 0 && get.ptr == get.end ? 0 : __LINE__;
    }
    struct rd_buf buf;
    rd_buf_init(&buf, 16);
    rd_buf_put_uint(&buf, value);
    size_t read = (size_t)(get.ptr - bytes);
    bool holds = buf.len == read && memcmp(buf.ptr, bytes, read) == 0;
    rd_buf_done(&buf);
    return holds ? 0 : __LINE__;
}

int main(void)
{
    int bad = prop_check("rows round-trip", rows_round_trip);
    bad += prop_check("memcmp is order", memcmp_is_order);
    bad += prop_check("varints have one text", varints_have_one_text);
    return bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
