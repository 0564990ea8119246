#include "common/plan/counters.h"

const char *rd_dim_name(enum rd_dim dim)
{
    static const char *const NAMES[] = {
#define X(suffix, name) name,
            RD_DIMS(X)
#undef X
    };
    RD_ASSERT((size_t)dim < RD_COUNT(NAMES));
    return NAMES[dim];
}

const char *rd_counter_name(enum rd_counter counter)
{
    static const char *const NAMES[] = {
#define X(suffix, sub) #suffix,
            RD_COUNTERS(X)
#undef X
    };
    RD_ASSERT((size_t)counter < RD_COUNT(NAMES));
    return NAMES[counter];
}
