/* common/wire/value.h — one typed value of an event's data or of a case's attributes. */
#pragma once

#include "common/base/base.h"
#include "common/time/utime.h"

enum rd_value_type {
    RD_NIL = 0, /* absent */
    RD_VALUE_STR,
    RD_VALUE_UINT,
    RD_VALUE_INT, /* negative only; what is ≥ 0 is a UINT */
    RD_VALUE_BOOL,
    RD_VALUE_TIME,  /* integer: rd_time */
    RD_VALUE_DATE,  /* integer: rd_day; means the end of that day where it is a due date */
    RD_VALUE_MONEY, /* integer: hundredths */
    RD_VALUE_LIST,  /* of str: bytes are the MessagePack array as it came */
    RD_VALUE_MAP,   /* bytes are the MessagePack map as it came */
};

struct rd_value {
    enum rd_value_type type;
    int64_t integer;     /* UINT (≤ INT64_MAX), INT, BOOL 0/1, TIME, DATE, MONEY */
    struct rd_str bytes; /* STR, LIST, MAP; borrowed */
};

/* An attribute by its name: "age", "contract.screened", "attributes.vip". RD_NIL where absent. */
typedef struct rd_value rd_lookup_fn(const void *context, struct rd_str name);
