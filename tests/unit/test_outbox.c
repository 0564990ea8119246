/* What leaves only when a record is durable, in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/outbox.h"

static void add(struct outbox *outbox, uint64_t record, const char *head, const char *body)
{
    outbox_add(outbox, &(struct outbox_entry){.record = record,
                               .weight = 2,
                               .head = rd_str_of(head),
                               .body = rd_str_of(body)});
}

static void test_nothing_leaves_before_it_is_durable(void **state)
{
    (void)state;
    struct outbox outbox;
    struct outbox_entry entry = {.record = 77};
    outbox_init(&outbox);
    assert_false(outbox_peek(&outbox, UINT64_MAX, &entry));
    add(&outbox, 3, "a", "first");
    add(&outbox, 3, "", "second");
    add(&outbox, 5, "c", "");
    assert_true(outbox.weight == 6);
    assert_false(outbox_peek(&outbox, 2, &entry));
    assert_true(entry.record == 77);
    assert_true(outbox_peek(&outbox, 3, &entry));
    assert_true(rd_str_is(entry.head, "a") && rd_str_is(entry.body, "first"));
    outbox_drop(&outbox);
    assert_true(outbox_peek(&outbox, 4, &entry));
    assert_true(entry.head.len == 0 && rd_str_is(entry.body, "second"));
    outbox_drop(&outbox);
    assert_false(outbox_peek(&outbox, 4, &entry));
    assert_true(outbox_peek(&outbox, 5, &entry));
    assert_true(rd_str_is(entry.head, "c") && entry.body.len == 0);
    outbox_drop(&outbox);
    assert_true(outbox_is_empty(&outbox) && outbox.weight == 0);
    outbox_done(&outbox);
}

/* Memory is kept: however many go through, it is as large as the most there was at once. */
static void test_a_long_life_in_little_memory(void **state)
{
    (void)state;
    struct outbox outbox;
    outbox_init(&outbox);
    uint64_t in = 0, out = 0;
    for (uint64_t round = 0; round < 20000; round++) {
        for (uint64_t i = 0; i < 1 + round % 7; i++) {
            char body[128];
            (void)snprintf(
                    body, sizeof body, "%0*llu", 20 + (int)(in % 97), (unsigned long long)in);
            in++;
            add(&outbox, in, "peer", body);
        }
        while (out + 100 < in || (round == 19999 && out < in)) {
            struct outbox_entry entry;
            char body[128];
            assert_true(outbox_peek(&outbox, in, &entry));
            (void)snprintf(
                    body, sizeof body, "%0*llu", 20 + (int)(out % 97), (unsigned long long)out);
            assert_true(rd_str_is(entry.body, body) && rd_str_is(entry.head, "peer"));
            outbox_drop(&outbox);
            out++;
        }
    }
    assert_true(outbox_is_empty(&outbox));
    assert_true(outbox.cap <= 64 * 1024);
    outbox_done(&outbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_nothing_leaves_before_it_is_durable),
            cmocka_unit_test(test_a_long_life_in_little_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
