/* daemon/desk/digest_page.h — a digest as a page of text for people. This room only. */
#pragma once

#include "common/plan/plan.h"
#include "common/wire/pack.h"

/* `digest`: the map as it stands in the alert. Lines, each with a newline; `is_zh`: in Chinese,
 * else in English. */
void digest_page(struct rd_buf *buf, rd_node digest, const struct rd_plan *plan, bool is_zh);
