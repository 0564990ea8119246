/* Each step of an upgrade makes of a row's bytes, as that version wrote them, what this one reads;
 * what is no such row is told. A configuration of an older version gets what the language has more.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/digest.h"
#include "common/wire/pack.h"
#include "daemon/config/complete.h"
#include "daemon/config/config.h"
#include "daemon/engine/engine.h"
#include "daemon/upgrade_9.h"
#include "daemon/upgrade_steps.h"

enum { BYTES_MAX = 4096 };

static struct rd_str of_hex(const char *hex, uint8_t room[static BYTES_MAX])
{
    size_t len = 0;
    unsigned half = 0;
    for (bool has_half = false; *hex != '\0'; hex++) {
        if (*hex == ' ') {
            continue;
        }
        unsigned digit = (unsigned)(*hex <= '9' ? *hex - '0' : *hex - 'a' + 10);
        room[len] = (uint8_t)(half << 4 | digit);
        half = digit;
        len += has_half;
        has_half = !has_half;
    }
    return (struct rd_str){(const char *)room, len};
}

static void a_way_leads_here(void **state)
{
    (void)state;
    assert_true(upgrade_has_way(8, 5));
    assert_true(upgrade_has_way(9, 6));
    assert_true(upgrade_has_way(10, 6));
    assert_true(upgrade_has_way(11, 6));
    assert_true(upgrade_has_way(12, 6));
    assert_true(upgrade_has_way(ENGINE_NUMBER, STORE_SCHEMA));
    assert_false(upgrade_has_way(6, 4));
    assert_false(upgrade_has_way(8, 4));
    assert_null(upgrade_step_from(ENGINE_NUMBER, STORE_SCHEMA));
    assert_string_equal(upgrade_step_from(8, 5)->name, "8 to 9");
    assert_string_equal(upgrade_step_from(9, 6)->name, "9 to 10");
    assert_string_equal(upgrade_step_from(10, 6)->name, "10 to 11");
    assert_string_equal(upgrade_step_from(11, 6)->name, "11 to 12");
    assert_string_equal(upgrade_step_from(12, 6)->name, "12 to 13");
}

/* Empty `after`: dropped; NULL: not such a row. */
static void rows_of_engine_8(void **state)
{
    (void)state;
    static const struct {
        const char *table, *key, *before, *after;
    } table[] = {
            {"attributes", "0000000000000007", "01 026c31 00 00", "02 026c31 00 00 00"},
            {"attributes", "0000000000000007", "02 026c31 00 00", NULL},
            {"attributes", "0000000000000007", "01 09 6c31", NULL},
            {"ids", "00112233445566778899aabbccddeeff", "0000000000000005 0000000000000007",
                    "0000000000000005 0000000000000007 0000000000000000 00"},
            {"ids", "00112233445566778899aabbccddeeff", "0000000000000005", NULL},
            {"sequences", "00000002 0001",
                    "0000000000000001 1122334455667788 0000000000000005 0000000000000007",
                    "0000000000000001 1122334455667788 0000000000000005 0000000000000007 "
                    "0000000000000000 00"},
            {"unit_days", "00000002 80000001", "01 06 08 0a 8000000000000001 0000000000000006",
                    "02 01 0000000000 06 08 0a 00 8000000000000001 0000000000000006"},
            {"unit_days", "00000002 80000001", "01 06 08 0a 80000001", NULL},
            {"sources", "637268",
                    "03 00000002 05 01 00 8000000000000001 8000000000000002 8000000000000003 "
                    "8000000000000004 01 01 03 04 8000000000000005",
                    "03 00000002 05 01 00 8000000000000001 8000000000000002 8000000000000003 "
                    "8000000000000004 01 00 01 03 04 8000000000000005"},
            {"sources", "637268", "03 00000002 05", NULL},
            {"silences", "0000000000000002",
                    "01 8000000000000001 00 8000000000000000 026c69 0172 0180",
                    "02 8000000000000001 00 8000000000000000 0000000000000000 026c69 0172 0180 00"},
            {"unit_cases", "00000002 0000000000000000", "0000000000000001", ""},
            {"unit_cases", "00000002 0000000000000007", "01", "01"},
            {"unit_cases", "00000002", "01", NULL},
            {"cases", "0000000000000007",
                    "050001000303030303000200000000000000000000010003020000000001"
                    "00000000000001040300",
                    "060001000303030303000200000000000000000000000100030200000000"
                    "0100000000000001040300"},
            {"cases", "0000000000000007", "0400010003", NULL},
            {"alerts", "0000000000000005", "0201", "0201"}, /* as it is */
    };
    for (size_t i = 0; i < RD_COUNT(table); i++) {
        uint8_t key[BYTES_MAX], before[BYTES_MAX], after[BYTES_MAX];
        struct upgrade_row row = {.table = table[i].table,
                .key = of_hex(table[i].key, key),
                .value = of_hex(table[i].before, before)};
        rd_buf_init(&row.room, BYTES_MAX);
        int r = upgrade_9_row(&row);
        bool is_read = table[i].after != NULL;
        bool is_dropped = is_read && table[i].after[0] == '\0';
        if (r != (is_read ? 0 : -EBADMSG) || row.is_dropped != is_dropped) {
            fail_msg("row %zu, %s: %d, dropped %d", i, table[i].table, r, row.is_dropped);
        }
        struct rd_str expected = of_hex(is_read ? table[i].after : "", after);
        if (is_read && !is_dropped && !rd_str_eq(row.value, expected)) {
            for (size_t k = 0; k < row.value.len; k++) {
                print_error("%02x", (unsigned char)row.value.ptr[k]);
            }
            fail_msg(" is what row %zu, %s, becomes", i, table[i].table);
        }
        rd_buf_done(&row.room);
    }
}

static void counters_get_the_number(void **state)
{
    (void)state;
    uint8_t room[BYTES_MAX], expected[BYTES_MAX];
    struct upgrade_row row = {.table = "meta",
            .key = RD_STR("engine"),
            .value = of_hex("03 8001 02 03 04 05 06 07 08 09 0a 0b 08 8000000000000001 ff", room)};
    rd_buf_init(&row.room, BYTES_MAX);
    assert_int_equal(upgrade_counters(&row, 300), 0);
    assert_true(rd_str_eq(row.value,
            of_hex("03 8001 02 03 04 05 06 07 08 09 0a 0b ac02 8000000000000001 ff", expected)));
    row.value = of_hex("03 80", room);
    assert_int_equal(upgrade_counters(&row, 300), -EBADMSG);
    rd_buf_done(&row.room);
}

/* The tree without its keys `gone` of the root. */
static void pack_without(struct rd_buf *buf, struct rd_str tree, const char *gone)
{
    struct rd_tree *memory = rd_tree_new();
    rd_node root = NULL;
    assert_int_equal(rd_tree_read(memory, tree, &root, NULL), 0);
    uint32_t count = rd_node_count(root);
    rd_pack_map(buf, count - 1);
    for (uint32_t i = 0; i < count; i++) {
        struct rd_str key;
        rd_node value = rd_node_pair(root, i, &key);
        if (!rd_str_eq(key, rd_str_of(gone))) {
            rd_pack_str(buf, key);
            rd_pack_node(buf, value);
        }
    }
    rd_tree_free(memory);
}

static void a_configuration_gets_its_defaults(void **state)
{
    (void)state;
    static const char text[] =
            "redress: 1\nunits: {id: a, name: A}\n"
            "policies:\n  - name: p\n    match: {}\n"
            "    clocks: [{name: answer, start: received, stop: decided, limit: 2h}]\n"
            "    ladder: {rungs: [{after: 0m, notify: [unit], severity: info}]}\n";
    struct config *config = NULL;
    struct config_errors errors = {0};
    assert_int_equal(config_parse(rd_str_of(text), "test", NULL, &config, &errors), 0);
    struct rd_buf without, completed, again;
    char what[256] = "";
    rd_buf_init(&without, CONFIG_TREE_BYTES_MAX);
    rd_buf_init(&completed, CONFIG_TREE_BYTES_MAX);
    rd_buf_init(&again, CONFIG_TREE_BYTES_MAX);
    pack_without(&without, config->tree, "limits");
    assert_int_equal(config_complete(rd_buf_str(&without), &completed, what), 0);
    struct rd_plan *plan = NULL;
    assert_int_equal(rd_plan_read(rd_buf_str(&completed), &plan, NULL, 0, NULL), 0);
    assert_true(plan->dedup_us == config->plan->dedup_us);
    assert_int_equal(plan->policy_count, 1);
    rd_plan_free(plan);
    /* One that lacks nothing stays what it is: completed once more it is the same bytes. */
    assert_int_equal(config_complete(rd_buf_str(&completed), &again, what), 0);
    assert_true(rd_str_eq(rd_buf_str(&completed), rd_buf_str(&again)));
    rd_buf_reset(&without);
    pack_without(&without, config->tree, "units"); /* no default can be that */
    assert_int_equal(config_complete(rd_buf_str(&without), &completed, what), -EBADMSG);
    assert_string_not_equal(what, "");
    assert_int_equal(config_complete(RD_STR("\xc1"), &completed, what), -EBADMSG);
    rd_buf_done(&without);
    rd_buf_done(&completed);
    rd_buf_done(&again);
    config_errors_done(&errors);
    config_free(config);
}

/* Engines 10 to 13 have the rows of engine 9; a configuration gets what the language has more. */
static void check_rules_step(
        const struct upgrade_step *step, struct rd_str before, struct rd_str completed)
{
    enum { HASH = 32 };
    struct upgrade_row row = {.table = "configs", .value = before};
    rd_buf_init(&row.room, CONFIG_TREE_BYTES_MAX);
    assert_int_equal(step->row(&row), 0);
    uint8_t hash[HASH];
    rd_hash(completed, hash);
    assert_int_equal(row.value.len, HASH + completed.len);
    assert_memory_equal(row.value.ptr, hash, HASH);
    assert_memory_equal(row.value.ptr + HASH, completed.ptr, completed.len);
    row.value = RD_STR("no hash, no tree");
    assert_int_equal(step->row(&row), -EBADMSG);
    row = (struct upgrade_row){.table = "cases", .value = RD_STR("as it is"), .room = row.room};
    assert_int_equal(step->row(&row), 0);
    assert_true(rd_str_eq(row.value, RD_STR("as it is")));
    bool recounts = step->to_engine == 11 || step->to_engine == 13; /* they count figures anew */
    assert_int_equal(step->finish != NULL, recounts);
    rd_buf_done(&row.room);
}

static void steps_that_change_rules_alone(void **state)
{
    (void)state;
    enum { HASH = 32 };
    static const char text[] = "redress: 1\nunits: {id: a, name: A}\npolicies:\n"
                               "  - {name: p, match: {}, ladder: {rungs: [{notify: [unit]}]}}\n";
    struct config *config = NULL;
    struct config_errors errors = {0};
    assert_int_equal(config_parse(rd_str_of(text), "test", NULL, &config, &errors), 0);
    struct rd_buf before, completed;
    rd_buf_init(&before, CONFIG_TREE_BYTES_MAX);
    rd_buf_init(&completed, CONFIG_TREE_BYTES_MAX);
    rd_buf_put(&before, config->hash, HASH);
    pack_without(&before, config->tree, "limits");
    char what[256] = "";
    struct rd_str tree = rd_buf_str(&before);
    tree.ptr += HASH;
    tree.len -= HASH;
    assert_int_equal(config_complete(tree, &completed, what), 0);
    for (uint32_t engine = 9; engine < 13; engine++) {
        const struct upgrade_step *step = upgrade_step_from(engine, 6);
        assert_int_equal(step->to_engine, engine + 1);
        assert_int_equal(step->to_schema, 6);
        check_rules_step(step, rd_buf_str(&before), rd_buf_str(&completed));
    }
    rd_buf_done(&before);
    rd_buf_done(&completed);
    config_errors_done(&errors);
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_way_leads_here),
            cmocka_unit_test(rows_of_engine_8),
            cmocka_unit_test(counters_get_the_number),
            cmocka_unit_test(a_configuration_gets_its_defaults),
            cmocka_unit_test(steps_that_change_rules_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
