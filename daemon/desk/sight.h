/* daemon/desk/sight.h — what of the tables the key that asks may see: which units and cases, and
 * which of their attributes are masked. This room only. */
#pragma once

#include "daemon/desk/method.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"

/* `unit` is the prefix itself or below it; an empty prefix covers all. */
bool unit_is_under(struct rd_str unit, struct rd_str prefix);
/* Whether the key that asks is told of a case: one of its units', or one they were alerted about.
 */
bool sees_case(const struct method_call *call, const struct case_row *row);
/* Of what is of a unit: whether that is one of its own. */
bool sees_unit(const struct method_call *call, uint32_t unit);
/* What the key that asks may not see of a case; the values borrowed from `attributes`. */
struct rd_hidden hidden_of(const struct method_call *call, const struct attribute_row *attributes);
/* The same of a case by its number; 0: of none. */
struct rd_hidden hidden_of_case(
        const struct method_call *call, uint64_t case_number, struct rd_arena *arena);
/* What a sender wrote under `key` as the caller may be told of it: a text that takes `sees: text`
 * is empty, unless the configuration names it; of others the case's values are masked. */
struct rd_str shown_text(struct method_call *call, enum rd_event_key key, struct rd_str value,
        const struct rd_hidden *hidden);
/* A matcher of a silence, or another map of attributes, its hidden ones masked. */
void pack_masked_map(struct method_call *call, struct rd_str packed);
/* A list or a map of a case, its texts masked as codes are. */
void pack_masked_node(
        struct method_call *call, struct rd_str packed, const struct rd_hidden *hidden);
/* A warning of the ledger, its reasons' details masked. */
void pack_masked_warning(struct method_call *call, uint64_t case_number, struct rd_str packed);
/* A value that stands for many cases, as a group of figures does: its end alone where it is what
 * the key may not see of one of them. */
struct rd_str shown_value(struct method_call *call, uint32_t name);
/* As the key that asks may see it. */
struct rd_str mask_for(const struct method_call *call, struct rd_str customer);
/* One alert row as on the wire, masked. False: it could not be read. */
bool pack_alert_row(struct method_call *call, const struct alert_row *row);
/* A case's subject. */
struct rd_str shown_subject(struct method_call *call, const struct attribute_row *attributes);
/* Empty where the case has none. */
struct rd_str attribute_text(const struct attribute_row *attributes, enum rd_event_key key);
