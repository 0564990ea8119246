#include "daemon/store/rows/notice_row.h"

#include "daemon/store/rows/key.h"

static struct row_key key_of(uint32_t code, uint64_t case_number)
{
    struct row_key key = {0};
    row_key_u32(&key, code);
    row_key_u64(&key, case_number);
    return key;
}

void notice_row_put(struct store_view *view, uint32_t code, uint64_t case_number)
{
    struct row_key key = key_of(code, case_number);
    store_put(view, STORE_NOTICES, row_key_str(&key), (struct rd_str){0});
}

void notice_row_del(struct store_view *view, uint32_t code, uint64_t case_number)
{
    struct row_key key = key_of(code, case_number);
    store_del(view, STORE_NOTICES, row_key_str(&key));
}

void notice_row_read(struct rd_str key, uint32_t *ret_code, uint64_t *ret_case)
{
    *ret_code = row_key_read_u32(key, 0);
    *ret_case = row_key_read_u64(key, 4);
}
