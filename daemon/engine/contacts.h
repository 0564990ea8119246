/* daemon/engine/contacts.h — the contact cases of the event's customer. */
#pragma once

#include "daemon/engine/take.h"

/* The newest ones, newest first. */
const struct contacts *contacts_of(struct engine *engine);
/* The contacts that end when the event opens a complaint, in the order of their numbers. */
struct contacts contacts_growing(struct engine *engine, const struct take *take);
