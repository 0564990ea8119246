#include "tools/bench/event.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/base/num.h"
#include "common/wire/pack.h"

static const enum load_kind mix_default[] = {
        LOAD_ALERTED,
        LOAD_ACKNOWLEDGED,
        LOAD_COMPLAINT,
        LOAD_NOTED,
        LOAD_CONTACT,
        LOAD_NOTED,
        LOAD_ALERTED,
        LOAD_CUSTOMER_CONTACTED,
        LOAD_COMPLAINT,
        LOAD_ACKNOWLEDGED,
};
static const enum load_kind mix_open[] = {
        LOAD_ALERTED, LOAD_COMPLAINT, LOAD_COMPLAINT, LOAD_COMPLAINT, LOAD_COMPLAINT};

enum load_kind load_kind_of(enum bench_mix mix, uint64_t index)
{
    switch (mix) {
    case BENCH_MIX_DEFAULT:
        return mix_default[index % RD_COUNT(mix_default)];
    case BENCH_MIX_OPEN:
        return mix_open[index % RD_COUNT(mix_open)];
    case BENCH_MIX_ALERTS:
        return LOAD_ALERTED;
    case BENCH_MIX_PENDING:
        return LOAD_PENDING;
    }
    RD_UNREACHABLE("every mix has kinds");
}

rd_time load_due_of(const struct bench_seed *seed, uint64_t index)
{
    if (seed->due_every == 0 || index % seed->due_every != seed->due_every - 1) {
        return RD_TIME_NONE;
    }
    if (seed->spread_us == 0) {
        return seed->due + (rd_time)(index / seed->due_every) * 1000;
    }
    uint64_t mixed = (index + 1) * UINT64_C(0x9E3779B97F4A7C15);
    return seed->due + (rd_time)((mixed >> 20) % (uint64_t)seed->spread_us);
}

rd_time load_time_of(const struct bench_seed *seed, uint64_t index)
{
    rd_time due = load_due_of(seed, index);
    return seed->due_every == 0  ? RD_TIME_NONE
           : due == RD_TIME_NONE ? seed->at
                                 : due - LOAD_RUNG_US;
}

bool load_opens(enum load_kind kind)
{
    return kind == LOAD_ALERTED || kind == LOAD_COMPLAINT || kind == LOAD_PENDING;
}

bool load_is_update(enum load_kind kind)
{
    return !load_opens(kind) && kind != LOAD_CONTACT;
}

void load_source(char ret_text[static LOAD_TEXT_MAX], uint64_t run, uint64_t producer)
{
    (void)snprintf(ret_text, LOAD_TEXT_MAX, "bench-%" PRIx64 "-%" PRIu64, run, producer);
}

void load_id(char ret_text[static LOAD_TEXT_MAX], uint64_t producer, uint64_t index)
{
    (void)snprintf(ret_text, LOAD_TEXT_MAX, "%" PRIu64 "-%" PRIu64, producer, index);
}

bool load_id_parse(struct rd_str id, uint64_t *ret_producer, uint64_t *ret_index)
{
    const char *dash = id.len > 0 ? memchr(id.ptr, '-', id.len) : NULL;
    if (dash == NULL) {
        return false;
    }
    struct rd_str producer = {.ptr = id.ptr, .len = (size_t)(dash - id.ptr)};
    struct rd_str index = {.ptr = dash + 1, .len = id.len - producer.len - 1};
    uint64_t number;
    if (rd_u64_parse(producer, &number) < 0 || rd_u64_parse(index, ret_index) < 0) {
        return false;
    }
    *ret_producer = number;
    return true;
}

static const char *type_of(enum load_kind kind)
{
    switch (kind) {
    case LOAD_ALERTED:
    case LOAD_COMPLAINT:
    case LOAD_PENDING:
        return "complaint.registered";
    case LOAD_CONTACT:
        return "contact.received";
    case LOAD_ACKNOWLEDGED:
        return "case.acknowledged";
    case LOAD_NOTED:
        return "case.noted";
    case LOAD_CUSTOMER_CONTACTED:
        return "case.customer_contacted";
    }
    RD_UNREACHABLE("every kind has a type");
}

static void put_pair(struct rd_buf *buf, const char *key, const char *value)
{
    rd_pack_cstr(buf, key);
    rd_pack_cstr(buf, value);
}

static void put_opening(struct rd_buf *buf, const struct load_event *event)
{
    static const char *const units[] = {"bench/north/d1", "bench/north/d2", "bench/south/d1"};
    char text[LOAD_TEXT_MAX];
    rd_pack_map(buf, 7);
    (void)snprintf(text, sizeof text, "C-%" PRIu64, event->person * 31 % 1000003);
    put_pair(buf, "customer", text);
    put_pair(buf, "channel", "phone");
    put_pair(buf, "unit", units[event->index % RD_COUNT(units)]);
    put_pair(buf, "product",
            event->kind == LOAD_ALERTED   ? "unit-linked"
            : event->kind == LOAD_PENDING ? "whole-life"
                                          : "annuity");
    (void)snprintf(text, sizeof text, "138%08" PRIu64, event->person * 17 % 100000000);
    put_pair(buf, "phone", text);
    rd_pack_cstr(buf, "age");
    rd_pack_uint(buf, 30 + event->index % 50);
}

/* As the last value: words that a lexicon has something to do with, up to the size wanted. */
static void put_text(struct rd_buf *buf, size_t bytes)
{
    static const struct rd_str words = RD_STR(
            "The customer says nobody told her about the fee; she asks for a refund and calls "
            "again tomorrow after lunch. ");
    enum { FIX = 31, STR8 = 255 };
    rd_pack_cstr(buf, "text");
    size_t left = bytes > buf->len + 2 ? bytes - buf->len : 2;
    size_t head = left <= FIX + 1 ? 1 : left <= STR8 + 2 ? 2 : 3;
    char text[BENCH_BYTES_MAX];
    size_t len = left - head;
    for (size_t i = 0; i < len; i++) {
        text[i] = words.ptr[i % words.len];
    }
    rd_pack_str(buf, (struct rd_str){.ptr = text, .len = len});
}

void load_pack(struct rd_buf *buf, const struct load_event *event)
{
    char subject[LOAD_TEXT_MAX * 2];
    bool is_update = load_is_update(event->kind);
    rd_buf_reset(buf);
    uint32_t pairs = 5;
    pairs += event->sequence != 0 ? 1 : 0;
    pairs += event->time != RD_TIME_NONE ? 1 : 0;
    rd_pack_map(buf, pairs);
    put_pair(buf, "id", event->id);
    put_pair(buf, "source", event->source);
    put_pair(buf, "type", type_of(event->kind));
    if (event->sequence != 0) {
        rd_pack_cstr(buf, "sequence");
        rd_pack_uint(buf, event->sequence);
    }
    if (event->time != RD_TIME_NONE) {
        rd_pack_cstr(buf, "time");
        rd_pack_time(buf, event->time);
    }
    (void)snprintf(subject, sizeof subject, "%s-%" PRIu64, event->source,
            is_update ? event->about : event->index);
    put_pair(buf, "subject", subject);
    rd_pack_cstr(buf, "data");
    if (is_update) {
        rd_pack_map(buf, 2);
        put_pair(buf, "by", "clerk 7");
    } else {
        put_opening(buf, event);
    }
    put_text(buf, event->bytes);
}
