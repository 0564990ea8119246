/* daemon/store/rows/duty_row.h — tables `duties`, `schedules`, `mended`: what units owe.
 *
 * duties: what the lists of duties need of each case of that kind, beside its rows; follows from
 * these. Key: case number u64. Value: version u8 = 1, state u8 (case_row.h), flags u8 (1: due is a
 * day; 2: it is counted), unit varint, respondent varint, opened, decided, closed (zigzag varints,
 * RD_TIME_NONE as such), due (zigzag varint: µs, or a day number; RD_TIME_NONE: none), done and
 * total (varints), duty, period. Example, case 7, open, of unit 2, opened at 1 µs, due on day 3, no
 * count, duty "d", period "p":
 * 0000000000000007 → 01 00 01 02 02 02 ffffffffffffffffff01 ffffffffffffffffff01 06 00 00 0164 0170
 *
 * schedules: which period of a duty a unit owes next. Key: the unit's and the duty's name numbers,
 * u32 each. Value: version u8 = 1, armed i64, day (u32, sign bit flipped): the first of the period
 * that is opened then, every u8 (common/time/schedule.h). Example, unit 2, duty 3, armed at 1 µs
 * for day 4, every month: 00000002 00000003 → 01 8000000000000001 80000004 02.
 *
 * mended: that a rectification was found effective, and the rectifications that a case waits for.
 * Key: 01, unit u32, digest of the cause (16 bytes) → version u8 = 1, verified i64, duty u64; or
 * 02, case u64, duty u64 → empty: one that is neither decided nor over. */
#pragma once

#include "common/base/digest.h"
#include "common/time/civil.h"
#include "common/time/schedule.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/key.h"

struct duty_row {
    enum case_state state;
    uint32_t unit, respondent;
    rd_time opened, decided, closed; /* RD_TIME_NONE: not */
    bool is_due_day, is_counted;
    int64_t due; /* µs, or a day; RD_TIME_NONE: none */
    uint64_t done, total;
    struct rd_str duty, period;
};

/* What the case's rows say; texts borrowed from them. */
struct duty_row duty_row_of(const struct case_row *row, const struct attribute_row *attributes);
void duty_row_put(struct store_view *view, uint64_t number, const struct duty_row *row);
void duty_row_del(struct store_view *view, uint64_t number);
/* Of a scan. Texts borrowed as store_get(). */
struct duty_row duty_row_read(struct rd_str value);
/* The key behind which a scan of the duties after a case begins. */
struct row_key duty_row_key_after(uint64_t number);

struct schedule_row {
    rd_time armed; /* wall; RD_TIME_NONE: not */
    rd_day day;
    enum rd_every every;
};

void schedule_row_put(
        struct store_view *view, uint32_t unit, uint32_t duty, const struct schedule_row *row);
bool schedule_row_get(
        struct store_view *view, uint32_t unit, uint32_t duty, struct schedule_row *ret_row);
void schedule_row_del(struct store_view *view, uint32_t unit, uint32_t duty);
/* The next key behind (unit, duty); is_first: the first of all. False: there is none. */
bool schedule_row_next(struct store_view *view, bool is_first, uint32_t *unit, uint32_t *duty);

struct mended_row {
    rd_time verified;
    uint64_t duty;
};

void mended_row_put(struct store_view *view, uint32_t unit,
        const uint8_t cause[static RD_DIGEST_BYTES], const struct mended_row *row);
bool mended_row_get(struct store_view *view, uint32_t unit,
        const uint8_t cause[static RD_DIGEST_BYTES], struct mended_row *ret_row);
void mended_row_del(
        struct store_view *view, uint32_t unit, const uint8_t cause[static RD_DIGEST_BYTES]);
/* A duty that a case waits for, or no longer; the oldest of them, 0: none. */
void mending_put(struct store_view *view, uint64_t of_case, uint64_t duty);
void mending_del(struct store_view *view, uint64_t of_case, uint64_t duty);
uint64_t mending_first(struct store_view *view, uint64_t of_case);
