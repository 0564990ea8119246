/* daemon/store/rows/name_row.h — table `names`: numbers for texts that recur: unit paths, reasons,
 * codes, calendars. Given in the order of first use, from 1, never again for another text.
 *
 * Key 00 text → number u32, or 02 BLAKE2b of the text where it has more than 480 bytes or is
 * hidden: it was of a customer who is forgotten, and its number's text is "forgotten-" and the
 * number; key 01 number u32 → text; key 03 number u32 → marks u8. The last number given is a row of
 * `meta`, kept by the engine. A unit's number is the number of its path; "~ops" is 1. Example: "xj"
 * as 2: 00786a → 00000002, 0100000002 → 786a. */
#pragma once

#include "common/base/arena.h"
#include "daemon/store/store.h"

enum { NAME_OPS = 1 };

/* 0: not there. */
uint32_t name_find(struct store_view *view, struct rd_str text);
/* Finds or gives *last + 1 (and counts it). */
uint32_t name_of(struct store_view *view, struct rd_str text, uint32_t *last);
/* Its text is found still, and read nowhere any more. */
void name_hide(struct store_view *view, uint32_t number);
/* Some case had this value as its product, seller or another code while it was, or held, that
 * customer's id, phone or contract: RD_HIDE_… of mask.h. What tells of many cases asks this. */
void name_mark(struct store_view *view, uint32_t number, unsigned marks);
unsigned name_marks(struct store_view *view, uint32_t number); /* 0: none */
/* The text, borrowed as store_get(); empty for 0. */
struct rd_str name_text(struct store_view *view, uint32_t number);
