#include "daemon/journal/archive_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "common/base/buf.h"
#include "common/base/num.h"

enum { DIGITS = 20 };
static const char magic[] = "redressA";
static const char suffix[] = ".archive";

void archive_name(uint64_t first, char ret_name[static ARCHIVE_NAME_MAX])
{
    (void)snprintf(ret_name, ARCHIVE_NAME_MAX, "%020llu%s", (unsigned long long)first, suffix);
}

uint64_t archive_name_number(const char *name)
{
    uint64_t number = 0;
    if (strlen(name) != DIGITS + sizeof suffix - 1 || strcmp(name + DIGITS, suffix) != 0) {
        return 0;
    }
    /* Its zeros in front are the name's, not the number's. */
    size_t zeros = strspn(name, "0");
    zeros = zeros < DIGITS ? zeros : DIGITS - 1;
    struct rd_str digits = {.ptr = name + zeros, .len = DIGITS - zeros};
    return rd_u64_parse(digits, &number) == 0 ? number : 0;
}

void archive_head_put(const struct archive_item *item, uint8_t ret_bytes[static ARCHIVE_HEAD])
{
    struct rd_buf buf;
    rd_buf_init_in(&buf, ret_bytes, ARCHIVE_HEAD, ARCHIVE_HEAD);
    rd_buf_put(&buf, magic, 8);
    rd_buf_put_u32(&buf, ARCHIVE_VERSION);
    rd_buf_put_u64(&buf, item->first);
    rd_buf_put_u64(&buf, item->last);
    rd_buf_put_u64(&buf, item->segment_bytes);
    rd_buf_put(&buf, item->chain_before, FORMAT_HASH);
    rd_buf_put(&buf, item->chain, FORMAT_HASH);
    if (buf.error != 0 || buf.len != ARCHIVE_HASHED) {
        RD_UNREACHABLE("a head has one length");
    }
    rd_buf_done(&buf);
    (void)crypto_generichash(
            ret_bytes + ARCHIVE_HASHED, FORMAT_HASH, ret_bytes, ARCHIVE_HASHED, NULL, 0);
}

int archive_head_read(int fd, uint8_t ret_bytes[static ARCHIVE_HEAD], struct archive_item *ret_item)
{
    uint8_t hash[FORMAT_HASH];
    int64_t got = segment_read(fd, ret_bytes, ARCHIVE_HEAD, 0);
    if (got < 0) {
        return (int)got;
    }
    if (got < ARCHIVE_HEAD || memcmp(ret_bytes, magic, 8) != 0) {
        return -EBADMSG;
    }
    struct rd_get get = rd_get_of((struct rd_str){(const char *)ret_bytes + 8, ARCHIVE_HASHED - 8});
    if (rd_get_u32(&get) != ARCHIVE_VERSION) {
        return -EPROTO;
    }
    (void)crypto_generichash(hash, sizeof hash, ret_bytes, ARCHIVE_HASHED, NULL, 0);
    if (memcmp(hash, ret_bytes + ARCHIVE_HASHED, sizeof hash) != 0) {
        return -EBADMSG;
    }
    struct archive_item item = {.first = rd_get_u64(&get)};
    item.last = rd_get_u64(&get);
    item.segment_bytes = rd_get_u64(&get);
    memcpy(item.chain_before, rd_get_bytes(&get, FORMAT_HASH).ptr, FORMAT_HASH);
    memcpy(item.chain, rd_get_bytes(&get, FORMAT_HASH).ptr, FORMAT_HASH);
    if (rd_get_end(&get) != 0 || item.first == 0 || item.last < item.first ||
            item.segment_bytes > SEGMENT_MAX_BYTES || lseek(fd, ARCHIVE_HEAD, SEEK_SET) < 0) {
        return -EBADMSG;
    }
    *ret_item = item;
    return 0;
}
