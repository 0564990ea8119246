/* common/wire/event_content.h — one number for what an event says: its type, its subject, the
 * content of its data. For event.c; it tells the same again from another event under the same id
 * (redress-protocol(7), "Duplicates").
 *
 * By value: the order of keys, the width of numbers, the form of an instant and of a sum, and what
 * counts as absent play no part; nor do `id`, `source`, `time`, `sequence` and `quiet`. Keys that
 * the type does not name do. The number stands in rows of the store: it is a format. */
#pragma once

#include "common/wire/event.h"

/* What one pair of `data` adds to the sum of all of them, which has no order: one of a key that the
 * type names, with the node that a list or map was read from, and one of any other key. The nodes
 * went through rd_tree_unify(). */
uint64_t rd_content_value(enum rd_event_key key, const struct rd_value *value, rd_node node);
uint64_t rd_content_other(struct rd_str name, rd_node node);
/* The whole, from that sum. */
uint64_t rd_content_of(const struct rd_event *event, uint64_t sum);
