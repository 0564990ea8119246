#include "daemon/engine/forget.h"

#include "common/digest.h"
#include "common/event_table.h"
#include "daemon/engine/cases.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/window_row.h"

/* A customer may have a hundred thousand cases, and a record's work is bounded: what the first
 * share leaves stands in a queue in `expiry`, and each record that follows takes some of it; where
 * none follows the timer of rest.h makes some. A case that the customer opens later is another
 * matter: the queue says how far to go. */

enum { FIRST_SHARE = 256, SHARE = 16 };

static void forget_case(struct engine *engine, const uint8_t digest[static 16], uint64_t number)
{
    struct work *work = case_open(engine, number);
    RD_ASSERT(work != NULL);
    struct attribute_row *attributes = case_attributes(engine, work);
    rd_key_set personal = rd_keys_personal();
    enum rd_event_key key;
    while (rd_key_next(&personal, &key)) {
        attributes->values[key] = (struct rd_value){0};
    }
    attributes->values[RD_KEY_CUSTOMER] = (struct rd_value){.type = RD_VALUE_STR,
            .bytes = rd_arena_printf(&engine->arena, "forgotten-%llu", (unsigned long long)number)};
    work->are_attributes_dirty = true;
    customer_case_del(engine->view, digest, number);
    customer_open_del(engine->view, digest, number, (uint8_t)work->row->kind);
    if (engine->work_count >= WORKS_MAX / 2) {
        cases_save(engine);
    }
}

/* The newest first, up to `last`. True: none is left. */
static bool forget_some(struct engine *engine, const struct forgotten *forgotten, uint32_t share)
{
    uint8_t kind;
    uint64_t number = forgotten->last + 1;
    for (uint32_t i = 0; i < share; i++) {
        number = customer_case_before(engine->view, forgotten->customer, number, &kind);
        if (number == 0) {
            return true;
        }
        forget_case(engine, forgotten->customer, number);
    }
    return customer_case_before(engine->view, forgotten->customer, number, &kind) == 0;
}

void forget_begin(struct engine *engine, struct rd_str customer)
{
    struct forgotten forgotten = {.seq = engine->seq, .last = engine->counters.case_number};
    rd_digest1(customer, forgotten.customer);
    if (!forget_some(engine, &forgotten, FIRST_SHARE)) {
        forgotten_put(engine->view, &forgotten);
        engine->has_forgotten_all = false;
    }
}

bool forget_step(struct engine *engine)
{
    struct forgotten forgotten;
    if (engine->has_forgotten_all) {
        return false;
    }
    if (forgotten_first(engine->view, &forgotten) && forget_some(engine, &forgotten, SHARE)) {
        forgotten_del(engine->view, &forgotten);
    }
    engine->has_forgotten_all = !forgotten_first(engine->view, &forgotten);
    return !engine->has_forgotten_all;
}
