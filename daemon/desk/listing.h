/* daemon/desk/listing.h — answers that list the rows of a table whose key is a number. This room
 * only. */
#pragma once

#include "daemon/desk/fields.h"

/* Writes what the row says. False: nothing, as it is not asked for, or is not for who asks. */
typedef bool listing_row_fn(struct method_call *call, struct rd_str key, struct rd_str value);

/* The rows after `after`, in the order of their numbers, up to `limit`; at most DESK_SCAN_MAX are
 * looked at. The arena is empty before each row. False: error set. */
bool listing_answer(struct method_call *call, enum store_table table, listing_row_fn *row);
