/* daemon/store/rows/notice_row.h — table `notices`: which cases owe a notice to their customer.
 *
 * Key: name number of the notice's code u32, case u64. Value: empty. Example, code 2, case 3:
 * 00000002 0000000000000003 → (empty). */
#pragma once

#include "daemon/store/store.h"

void notice_row_put(struct store_view *view, uint32_t code, uint64_t case_number);
void notice_row_del(struct store_view *view, uint32_t code, uint64_t case_number);
/* A key as a scan of the table gives it. */
void notice_row_read(struct rd_str key, uint32_t *ret_code, uint64_t *ret_case);
