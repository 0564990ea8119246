#include "tools/bench/event.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/num.h"
#include "common/pack.h"

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
    return mix == BENCH_MIX_OPEN ? mix_open[index % RD_COUNT(mix_open)]
                                 : mix_default[index % RD_COUNT(mix_default)];
}

bool load_opens(enum load_kind kind)
{
    return kind == LOAD_ALERTED || kind == LOAD_COMPLAINT;
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
    (void)snprintf(text, sizeof text, "C-%" PRIu64, event->index * 31 % 1000003);
    put_pair(buf, "customer", text);
    put_pair(buf, "channel", "phone");
    put_pair(buf, "unit", units[event->index % RD_COUNT(units)]);
    put_pair(buf, "product", event->kind == LOAD_ALERTED ? "unit-linked" : "annuity");
    (void)snprintf(text, sizeof text, "138%08" PRIu64, event->index * 17 % 100000000);
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
    rd_pack_map(buf, event->sequence != 0 ? 6 : 5);
    put_pair(buf, "id", event->id);
    put_pair(buf, "source", event->source);
    put_pair(buf, "type", type_of(event->kind));
    if (event->sequence != 0) {
        rd_pack_cstr(buf, "sequence");
        rd_pack_uint(buf, event->sequence);
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
