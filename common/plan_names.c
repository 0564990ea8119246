/* common/plan_names.c — words of the language: what happens to a case, what a case is known by. */
#include <errno.h>

#include "common/plan.h"

static const char *const MOMENTS[RD_MOMENT_COUNT] = {
#define X(suffix, name) [RD_MOMENT_##suffix] = (name),
        RD_MOMENTS(X)
#undef X
};

const char *rd_moment_name(enum rd_moment moment)
{
    RD_ASSERT(moment < RD_MOMENT_COUNT);
    return MOMENTS[moment];
}

int rd_moment_parse(struct rd_str text, enum rd_moment *ret_moment)
{
    for (int i = 0; i < RD_MOMENT_COUNT; i++) {
        if (rd_str_is(text, MOMENTS[i])) {
            *ret_moment = (enum rd_moment)i;
            return 0;
        }
    }
    return -EINVAL;
}

static const char *const ATTRIBUTES[] = {
        /* of the events */
        "customer", "channel", "unit", "respondent", "product", "contract", "seller", "phone",
        "age", "birth_year", "amount", "currency", "issue", "text", "tags", "handler", "received",
        "contact", "regulator_ref", "people", "body", "ref", "answer_by", "outcome",
        "accommodation", "paid_for", "liable", "resolution", "valid", "cause", "duty", "period",
        "total", "done", "due", "title",
        /* derived */
        "kind", "contacts", "transfers", "reopened", "regulator", "contract.screened"};

struct rd_str rd_plan_attribute_at(size_t index)
{
    return index < RD_COUNT(ATTRIBUTES) ? rd_str_of(ATTRIBUTES[index]) : (struct rd_str){0};
}

bool rd_plan_is_attribute(struct rd_str name)
{
    static const struct rd_str OWN = {"attributes.", 11};
    if (rd_str_starts(name, OWN)) {
        return name.len > OWN.len && name.len <= OWN.len + 128;
    }
    for (size_t i = 0; i < RD_COUNT(ATTRIBUTES); i++) {
        if (rd_str_is(name, ATTRIBUTES[i])) {
            return true;
        }
    }
    return false;
}
