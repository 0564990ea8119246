#include <errno.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/time/zone_table.h"

enum { HEADER_BYTES = 44, TRANSITIONS_MAX = 2000, OFFSET_S_MAX = 26 * 3600 };

struct header {
    uint8_t version;
    uint32_t isut_count, isstd_count, leap_count, time_count, type_count, char_count;
};

static bool header_read(struct rd_get *get, struct header *ret_header)
{
    struct rd_str magic = rd_get_bytes(get, 4);
    uint8_t version = rd_get_u8(get);
    (void)rd_get_bytes(get, 15);
    struct header header = {.version = version};
    uint32_t *const counts[] = {&header.isut_count, &header.isstd_count, &header.leap_count,
            &header.time_count, &header.type_count, &header.char_count};
    for (size_t i = 0; i < RD_COUNT(counts); i++) {
        *counts[i] = rd_get_u32(get);
        if (*counts[i] > 100000) { /* more than any file has: no sum below overflows */
            return false;
        }
    }
    *ret_header = header;
    return get->error == 0 && rd_str_is(magic, "TZif");
}

static size_t block_bytes(const struct header *header, size_t time_bytes)
{
    return header->time_count * (time_bytes + 1) + header->type_count * (size_t)6 +
           header->char_count + header->leap_count * (time_bytes + 4) + header->isstd_count +
           header->isut_count;
}

static int64_t be64(const char *bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++) {
        value = value << 8 | (uint8_t)bytes[i];
    }
    return (int64_t)value;
}

static int32_t be32(const char *bytes)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++) {
        value = value << 8 | (uint8_t)bytes[i];
    }
    return (int32_t)value;
}

/* The transitions of the block. Those before 1970 only say which offset 1970 begins with. */
static const char *transitions_read(
        struct rd_str block, const struct header *header, struct zone_table *table)
{
    const char *times = block.ptr;
    const char *indexes = times + header->time_count * (size_t)8;
    const char *types = indexes + header->time_count;
    int64_t before = INT64_MIN;
    RD_ASSERT(table->count == 0);
    for (uint32_t i = 0; i < header->type_count; i++) {
        int32_t offset_s = be32(types + i * (size_t)6);
        if (offset_s < -OFFSET_S_MAX || offset_s > OFFSET_S_MAX) {
            return "an offset of more than a day";
        }
    }
    bool has_room = zone_table_put(table, 0, be32(types));
    for (uint32_t i = 0; i < header->time_count; i++) {
        int64_t time_s = be64(times + i * (size_t)8);
        uint8_t type = (uint8_t)indexes[i];
        if ((i > 0 && time_s <= before) || type >= header->type_count) {
            return "transitions do not ascend, or are of no type";
        }
        before = time_s;
        if (time_s > RD_TIME_MAX / RD_SECOND_US) {
            break;
        }
        rd_time time = time_s > 0 ? time_s * RD_SECOND_US : 0;
        has_room = has_room && zone_table_put(table, time, be32(types + type * (size_t)6));
    }
    return has_room ? NULL : "too many changes";
}

/* Leaves what changes the offset, up to the end of ZONE_YEAR_LAST. */
static void keep_changes(struct zone_table *table)
{
    rd_time end = rd_day_of((struct rd_date){.year = ZONE_YEAR_LAST + 1, .month = 1, .day = 1}) *
                  RD_DAY_US;
    size_t kept = 1;
    for (size_t i = 1; i < table->count; i++) {
        if (table->at[i].offset_s != table->at[kept - 1].offset_s && table->at[i].from < end) {
            table->at[kept++] = table->at[i];
        }
    }
    table->count = kept;
}

static const char *footer_read(struct rd_get *get, struct zone_table *table)
{
    struct rd_str rest = {.ptr = (const char *)get->ptr, .len = (size_t)(get->end - get->ptr)};
    if (rest.len < 2 || rest.ptr[0] != '\n') {
        return "no footer";
    }
    const char *end = memchr(rest.ptr + 1, '\n', rest.len - 1);
    if (end == NULL) {
        return "a footer without end";
    }
    struct rd_str rule = {.ptr = rest.ptr + 1, .len = (size_t)(end - rest.ptr - 1)};
    if (rule.len == 0) {
        return NULL; /* the last offset holds */
    }
    rd_time last = table->at[table->count - 1].from;
    return zone_rule_expand(rule, last, table) < 0 ? "a footer that is no TZ rule" : NULL;
}

static const char *parse(struct rd_str bytes, struct zone_table *table)
{
    struct rd_get get = rd_get_of(bytes);
    struct header header;
    if (!header_read(&get, &header)) {
        return "no TZif file";
    }
    if (header.version < '2') {
        return "TZif version 1, which ends in 2037";
    }
    (void)rd_get_bytes(&get, block_bytes(&header, 4));
    if (!header_read(&get, &header)) {
        return "cut short";
    }
    if (header.leap_count > 0) {
        return "leap seconds (right/…), which our time has not";
    }
    if (header.type_count == 0 || header.type_count > 256 || header.time_count > TRANSITIONS_MAX) {
        return "more transitions or types than a zone has";
    }
    struct rd_str block = rd_get_bytes(&get, block_bytes(&header, 8));
    if (get.error != 0) {
        return "cut short";
    }
    const char *what = transitions_read(block, &header, table);
    return what != NULL ? what : footer_read(&get, table);
}

int zone_parse(struct rd_str bytes, struct rd_arena *arena, struct zone_table *ret_table,
        const char **ret_what)
{
    struct zone_table table = {.at = RD_ARENA_ARRAY(arena, struct rd_offset, ZONE_OFFSETS_MAX)};
    const char *what = parse(bytes, &table);
    if (what != NULL) {
        *ret_what = what;
        return -EINVAL;
    }
    keep_changes(&table);
    *ret_table = table;
    return 0;
}
