#include <stdarg.h>
#include <stdio.h>

#include "daemon/desk/method.h"

static const struct method methods[] = {
        {"status", status_answer},
        {"case.get", case_get_answer},
        {"case.list", case_list_answer},
        {"feed.replay", feed_replay_answer},
        {"feed.unacked", feed_unacked_answer},
        {"feed.check", feed_check_answer},
        {"event.check", event_check_answer},
        {"timer.list", timer_list_answer},
        {"journal.read", journal_read_answer},
        {"dead.list", dead_list_answer},
        {"source.list", source_list_answer},
        {"silence.list", silence_list_answer},
        {"notice.list", notice_list_answer},
        {"contact.list", contact_list_answer},
        {"warnings", warnings_answer},
        {"units", units_answer},
        {"explain", explain_answer},
        {"config.get", config_get_answer},
        {"check", check_answer},
        {"metrics", metrics_answer},
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
    return false;
}

bool method_gone(struct method_call *call, uint64_t oldest)
{
    call->oldest = oldest;
    return method_fail(call, "gone", "the oldest alert kept is %llu", (unsigned long long)oldest);
}
