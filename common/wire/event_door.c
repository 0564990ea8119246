#include "common/wire/event_door.h"

static bool refuse_past(
        const struct rd_event_limits *limits, const char *field, struct rd_reject *reject)
{
    return rd_reject_set(reject, "past_time", field,
            "\"%s\" is more than %lld days ago (limits.oldest): mend the sender's clock or its "
            "empty value; history is sent with \"quiet\"",
            field, (long long)(limits->oldest_us / RD_DAY_US));
}

static bool check_past(const struct rd_event *event, rd_time now,
        const struct rd_event_limits *limits, struct rd_reject *reject)
{
    rd_time oldest = now - limits->oldest_us;
    const struct rd_value *received = &event->data[RD_KEY_RECEIVED];
    if (event->is_quiet) {
        return true;
    }
    if (event->time != RD_TIME_NONE && event->time < oldest) {
        return refuse_past(limits, "time", reject);
    }
    return received->type != RD_VALUE_TIME || received->integer >= oldest ||
           refuse_past(limits, "data.received", reject);
}

bool rd_event_check_silence(const struct rd_event *event, rd_time now,
        const struct rd_event_limits *limits, struct rd_reject *reject)
{
    if (event->type != RD_EVENT_SILENCE_CREATED) {
        return true;
    }
    rd_time until = event->data[RD_KEY_UNTIL].integer;
    if (until <= now) {
        return rd_reject_set(
                reject, "bad_value", "data.until", "a silence ends at an instant to come");
    }
    return until - now <= limits->silence_us ||
           rd_reject_set(reject, "bad_value", "data.until",
                   "a silence holds at most %lld hours (limits.silence): create another one then",
                   (long long)(limits->silence_us / RD_HOUR_US));
}

bool rd_event_check_door(const struct rd_event *event, rd_time now,
        const struct rd_event_limits *limits, struct rd_reject *reject)
{
    if (now == RD_TIME_NONE) {
        return true;
    }
    if (event->time != RD_TIME_NONE && event->time > now + RD_DAY_US) {
        return rd_reject_set(reject, "future_time", "time",
                "the event's time is more than a day ahead: check the sender's clock");
    }
    return check_past(event, now, limits, reject) &&
           rd_event_check_silence(event, now, limits, reject);
}
