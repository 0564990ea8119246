/* daemon/store/tables.c — the names of the tables in LMDB. */
#include "daemon/store/store.h"

const char *store_table_name(enum store_table table)
{
    static const char *const names[] = {
#define X(name, text) [STORE_##name] = (text),
            STORE_TABLES(X)
#undef X
    };
    RD_ASSERT((size_t)table < RD_COUNT(names));
    return names[table];
}
