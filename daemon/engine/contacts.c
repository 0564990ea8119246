#include "daemon/engine/contacts.h"

#include "daemon/engine/cases.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/engine/take.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/index_row.h"

enum { LOOKED_MAX = 100 }; /* of the customer's cases, whatever their kind */

const struct contacts *contacts_of(struct engine *engine)
{
    struct contacts *contacts = &engine->contacts;
    if (engine->has_contacts) {
        return contacts;
    }
    engine->has_contacts = true;
    contacts->count = 0;
    uint64_t number = 0;
    uint8_t kind;
    bool has_customer = event_str(engine, RD_KEY_CUSTOMER).len > 0;
    for (int looked = 0; has_customer && looked < LOOKED_MAX && contacts->count < CONTACTS_MAX;
            looked++) {
        number = customer_case_before(engine->view, customer_digest(engine), number, &kind);
        if (number == 0) {
            break;
        }
        struct work *work = kind == CASE_CONTACT ? case_open(engine, number) : NULL;
        if (work != NULL) {
            contacts->at[contacts->count++] = work;
        }
    }
    return contacts;
}

/* Once, in the order of their numbers. */
static void growing_add(struct contacts *growing, struct work *work)
{
    size_t at = growing->count;
    for (size_t i = 0; i < growing->count; i++) {
        if (growing->at[i] == work) {
            return;
        }
    }
    while (at > 0 && growing->at[at - 1]->row->number > work->row->number) {
        growing->at[at] = growing->at[at - 1];
        at--;
    }
    growing->at[at] = work;
    growing->count++;
}

struct contacts contacts_growing(struct engine *engine, const struct take *take)
{
    struct contacts growing = {.count = 0};
    bool opens = engine->event->type == RD_EVENT_COMPLAINT_REGISTERED ||
                 (engine->event->type == RD_EVENT_FORWARDED && take->work == NULL);
    if (!opens) {
        return growing;
    }
    const struct contacts *mine = contacts_of(engine);
    for (size_t i = 0; i < mine->count; i++) {
        if (!case_is_over(mine->at[i])) {
            growing_add(&growing, mine->at[i]);
        }
    }
    if (take->grows != NULL) {
        growing_add(&growing, take->grows);
    }
    if (take->bears != NULL) {
        growing_add(&growing, take->bears);
    }
    return growing;
}
