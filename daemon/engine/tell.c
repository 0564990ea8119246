#include <errno.h>

#include "common/base/num.h"
#include "daemon/engine/alerts.h"
#include "daemon/engine/aside.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/engine/step.h"
#include "daemon/store/rows/name_row.h"

void engine_tell_pack(struct rd_buf *buf, const struct engine_tell *tell)
{
    rd_buf_put_u8(buf, (uint8_t)tell->type);
    rd_buf_put_u8(buf, (uint8_t)tell->severity);
    rd_buf_put_str(buf, tell->code);
    rd_buf_put_str(buf, tell->detail);
}

int engine_tell_unpack(struct rd_str bytes, struct engine_tell *ret_tell)
{
    struct rd_get get = rd_get_of(bytes);
    uint8_t type = rd_get_u8(&get), severity = rd_get_u8(&get);
    struct engine_tell tell = {
            .type = (enum rd_alert_type)type, .severity = (enum rd_severity)severity};
    tell.code = rd_get_str(&get);
    tell.detail = rd_get_str(&get);
    if (rd_get_end(&get) < 0 || type >= RD_ALERT_TYPE_COUNT || severity > RD_CRITICAL) {
        return -EBADMSG;
    }
    *ret_tell = tell;
    return 0;
}

void engine_tell(
        struct engine *engine, const struct engine_time *at, const struct engine_tell *tell)
{
    RD_ASSERT(engine->plan != NULL);
    record_begin(engine, at);
    engine->cause = "daemon";
    /* Numbers are given again from here on: what bears them is told apart by the term. Nobody is
     * alerted, as a restored state has the alerts that it had. */
    if (tell->type == RD_ALERT_STATE_CHECK_FAILED && rd_str_eq(tell->code, ENGINE_TELL_RESTORED)) {
        engine->counters.term++;
        record_end(engine);
        return;
    }
    struct alert_draft draft = alert_draft_of(tell->type, tell->severity, NAME_OPS);
    draft.extra = (struct rd_reason){.code = tell->code, .detail = tell->detail};
    uint64_t number;
    if (tell->type == RD_ALERT_CASE_QUARANTINED && rd_u64_parse(tell->detail, &number) == 0) {
        (void)aside_add(engine, number); /* where there is no room the alert alone is left */
    }
    (void)alert_send(engine, NULL, &draft);
    record_end(engine);
}
