/* common/text/mask.h — how what identifies a customer leaves the daemon, and how it is found in
 * what people wrote.
 *
 * A value is met in each of its spellings: capitals and full width are one with what they fold to,
 * and a phone is its digits, with the country's prefix or without and whatever stands between them.
 * Source: redress-protocol(7), "Masks". */
#pragma once

#include "common/base/arena.h"
#include "common/base/base.h"
#include "common/wire/event_table.h"

enum rd_mask { RD_MASK_FULL, RD_MASK_LAST4, RD_MASK_KEYED };
/* last4: "****1234", of 4 characters or fewer, and where the last 4 are no digits, "****"; keyed:
 * "~" and the first 16 hex digits of BLAKE2b-256 of the id under `key` (at most 64 bytes). Absent
 * (empty) stays so. In `arena`, static, or the id itself. */
struct rd_str rd_mask_customer(
        enum rd_mask mask, struct rd_str key, struct rd_str customer, struct rd_arena *arena);

/* What of a customer whoever is told may not see: which (RD_HIDE_…), and the values, where they are
 * known. */
enum {
    RD_HIDE_CUSTOMER = RD_SEES_CUSTOMER,
    RD_HIDE_PHONE = RD_SEES_PHONE,
    RD_HIDE_CONTRACT = RD_SEES_CONTRACT,
    RD_HIDE_TEXT = RD_SEES_TEXT,
    RD_HIDE_VALUES = RD_HIDE_CUSTOMER | RD_HIDE_PHONE | RD_HIDE_CONTRACT,
};
struct rd_hidden {
    unsigned what;
    struct rd_str customer, phone, contract;
};
/* The values of a case, or of an event, by key; borrowed. */
struct rd_hidden rd_hidden_of(unsigned what, const struct rd_value *values);
/* Masks a free text: each occurrence of one of the values is replaced by its last4. In `arena`, or
 * the text itself. */
struct rd_str rd_mask_text(
        struct rd_str text, const struct rd_hidden *hidden, struct rd_arena *arena);
/* Masks a code or a reference: one that is a value is replaced, and so is a value of 8 bytes and
 * more that it holds; a shorter one stands in codes by chance. In `arena`, or the code itself. */
struct rd_str rd_mask_code(
        struct rd_str code, const struct rd_hidden *hidden, struct rd_arena *arena);
/* Which of the values (RD_HIDE_…) rd_mask_code() would mask in it. */
unsigned rd_mask_held(struct rd_str code, const struct rd_hidden *hidden);
