/* daemon/engine/notices.h — what a customer must be told: found at acceptance, owed until it is
 * given. */
#pragma once

#include "daemon/engine/attributes.h"

void notices_tell(
        struct engine *engine, const struct attribute_view *view, struct rd_warning *warning);
void notices_owe(struct engine *engine, struct work *work, const struct rd_warning *warning);
void notices_close(struct engine *engine, struct work *work);
/* False: the case owes no such notice. */
bool notice_give(struct engine *engine, struct work *work, struct rd_str code);
void notice_fire(struct engine *engine, struct work *work, uint16_t slot);
