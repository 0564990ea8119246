#include <stdarg.h>
#include <stdio.h>

#include "daemon/desk/method.h"

size_t method_begin(struct method_call *call)
{
    size_t mark = rd_pack_map_begin(call->reply);
    rd_pack_cstr(call->reply, "as_of");
    rd_pack_map(call->reply, 3);
    rd_pack_cstr(call->reply, "seq");
    rd_pack_uint(call->reply, call->counts.event_seq);
    rd_pack_cstr(call->reply, "alert");
    rd_pack_uint(call->reply, call->counts.alert_seq);
    rd_pack_cstr(call->reply, "time");
    if (call->counts.wall == RD_TIME_NONE) {
        rd_pack_nil(call->reply);
    } else {
        rd_pack_time(call->reply, call->counts.wall);
    }
    if (call->is_stale) {
        rd_pack_cstr(call->reply, "stale");
        rd_pack_bool(call->reply, true);
    }
    return mark;
}

void method_end(struct method_call *call, size_t mark, uint32_t pairs)
{
    rd_pack_map_end(call->reply, mark, pairs + (call->is_stale ? 2 : 1));
}

bool method_needs_engine(struct method_call *call)
{
    uint32_t number;
    int r = *call->engine_slot == NULL ? engine_open(call->view, call->engine_slot, &number)
                                       : engine_refresh(*call->engine_slot);
    if (r < 0) {
        return method_fail(call, "not_yet", "the tables cannot be read now");
    }
    call->engine = *call->engine_slot;
    return true;
}

bool method_fail(struct method_call *call, const char *code, const char *format, ...)
{
    call->error_code = code;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(call->error_message, sizeof call->error_message, format, args);
    va_end(args);
    rd_text_trim(call->error_message);
    return false;
}

bool method_gone(struct method_call *call, uint64_t oldest)
{
    call->oldest = oldest;
    return method_fail(call, "gone", "the oldest alert kept is %llu", (unsigned long long)oldest);
}

rd_time wall_of(const struct method_call *call, rd_time time, bool is_steady)
{
    if (time == RD_TIME_NONE || !is_steady) {
        return time;
    }
    return time + (call->counts.wall - call->counts.steady);
}
