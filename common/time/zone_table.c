#include "common/time/zone_table.h"

bool zone_table_put(struct zone_table *table, rd_time from, int32_t offset_s)
{
    if (table->count > 0 && from < table->at[table->count - 1].from) {
        return true;
    }
    if (table->count > 0 && from == table->at[table->count - 1].from) {
        table->at[table->count - 1].offset_s = offset_s;
        return true;
    }
    if (table->count == ZONE_OFFSETS_MAX) {
        return false;
    }
    table->at[table->count++] = (struct rd_offset){.from = from, .offset_s = offset_s};
    return true;
}
