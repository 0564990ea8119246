#include <stdarg.h>
#include <stdio.h>

#include "daemon/desk/method.h"

static const struct method methods[] = {
        {"metrics", metrics_answer},
        {"status", status_answer},
};

const struct method *method_find(struct rd_str name)
{
    for (size_t i = 0; i < RD_COUNT(methods); i++) {
        if (rd_str_is(name, methods[i].name)) {
            return &methods[i];
        }
    }
    return NULL;
}

size_t method_begin(struct method_call *call)
{
    size_t mark = rd_pack_map_begin(call->reply);
    rd_pack_cstr(call->reply, "as_of");
    rd_pack_map(call->reply, 3);
    rd_pack_cstr(call->reply, "seq");
    rd_pack_uint(call->reply, call->live->kept.event_seq);
    rd_pack_cstr(call->reply, "alert");
    rd_pack_uint(call->reply, call->live->kept.alert_seq);
    rd_pack_cstr(call->reply, "time");
    if (call->live->kept.wall == RD_TIME_NONE) {
        rd_pack_nil(call->reply);
    } else {
        rd_pack_time(call->reply, call->live->kept.wall);
    }
    return mark;
}

void method_end(struct method_call *call, size_t mark, uint32_t pairs)
{
    rd_pack_map_end(call->reply, mark, pairs + 1);
}

bool method_fail(struct method_call *call, const char *code, const char *format, ...)
{
    call->error_code = code;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(call->error_message, sizeof call->error_message, format, args);
    va_end(args);
    return false;
}
