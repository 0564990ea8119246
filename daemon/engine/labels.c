#include "daemon/engine/names.h"
#include "daemon/engine/state.h"
#include "daemon/engine/title_words.h"
#include "daemon/engine/titles.h"
#include "daemon/store/rows/name_row.h"

static struct rd_str operators(const struct engine *engine)
{
    return title_language_of(engine->plan->language) == TITLE_ZH ? RD_STR("运维人员")
                                                                 : RD_STR("operators");
}

struct rd_str unit_plain_name(struct engine *engine, uint32_t number)
{
    int32_t index = number != NAME_OPS ? unit_index(engine, number) : RD_NO_INDEX;
    return number == NAME_OPS     ? operators(engine)
           : index != RD_NO_INDEX ? engine->plan->units[index].name
                                  : name_shown(engine, number);
}

struct rd_str unit_label(struct engine *engine, uint32_t number)
{
    if (number == NAME_OPS) {
        return operators(engine);
    }
    int32_t index = unit_index(engine, number);
    return index != RD_NO_INDEX ? engine->plan->units[index].label : name_shown(engine, number);
}
