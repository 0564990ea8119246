/* A calendar as a value: the same after a round trip, and nothing else is taken for one. */
#include <errno.h>

#include "common/plan/calendar_pack.h"
#include "tests/unit/calendar_fixture.h"

enum { ARENA_BYTES = 1 << 20 };

struct packed {
    struct rd_buf buf;
    struct rd_tree *tree;
    struct rd_arena arena;
};

static void begin(struct packed *packed)
{
    rd_buf_init(&packed->buf, ARENA_BYTES);
    rd_arena_init(&packed->arena, ARENA_BYTES);
    packed->tree = rd_tree_new();
}

static void end(struct packed *packed)
{
    rd_buf_done(&packed->buf);
    rd_arena_done(&packed->arena);
    rd_tree_free(packed->tree);
}

static int unpack(struct packed *packed, struct rd_calendar *ret)
{
    rd_node root = NULL;
    const char *what = NULL;
    assert_int_equal(rd_tree_read(packed->tree, rd_buf_str(&packed->buf), &root, &what), 0);
    return rd_calendar_unpack(root, &packed->arena, ret);
}

static void a_round_trip_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct rd_calendar given = i == 0   ? cn()
                                   : i == 1 ? xinjiang()
                                            : london(hours_of(540, 1020, 0, 0));
        given.name = RD_STR("cn-xj");
        given.zone = RD_STR("Asia/Shanghai");
        specials[0].name = RD_STR("中秋节");
        given.horizon = i == 2 ? RD_DAY_NONE : given.horizon;
        assert_int_equal(rd_calendar_seal(&given), 0);
        struct packed packed;
        begin(&packed);
        rd_calendar_pack(&packed.buf, &given);
        struct rd_calendar got = {.special_count = 7};
        assert_int_equal(unpack(&packed, &got), 0);
        assert_true(got.digest == given.digest);
        assert_true(rd_str_is(got.name, "cn-xj"));
        assert_true(rd_str_is(got.zone, "Asia/Shanghai"));
        assert_int_equal(got.horizon, given.horizon);
        if (got.special_count > 0) {
            assert_true(rd_str_is(got.specials[0].name, "中秋节"));
        }
        struct packed again;
        begin(&again);
        rd_calendar_pack(&again.buf, &got);
        assert_true(rd_str_eq(rd_buf_str(&packed.buf), rd_buf_str(&again.buf)));
        end(&packed);
        end(&again);
    }
}

/* Every byte of a calendar changed in turn: taken as a calendar that holds, or refused. */
static void a_changed_byte_never_makes_a_broken_calendar(void **state)
{
    (void)state;
    struct rd_calendar calendar = xinjiang();
    struct packed packed;
    begin(&packed);
    rd_calendar_pack(&packed.buf, &calendar);
    int taken = 0, refused = 0;
    for (size_t i = 0; i < packed.buf.len; i++) {
        uint8_t was = packed.buf.ptr[i];
        for (unsigned flip = 1; flip <= 0x80; flip <<= 1) {
            packed.buf.ptr[i] = (uint8_t)(was ^ flip);
            rd_node root = NULL;
            const char *what = NULL;
            if (rd_tree_read(packed.tree, rd_buf_str(&packed.buf), &root, &what) < 0) {
                continue;
            }
            struct rd_calendar got = {.special_count = 7};
            int r = rd_calendar_unpack(root, &packed.arena, &got);
            if (r == 0) {
                taken++;
                assert_int_equal(rd_calendar_seal(&got), 0);
            } else {
                refused++;
                assert_int_equal(r, -EBADMSG);
                assert_int_equal(got.special_count, 7);
                assert_null(got.specials);
            }
            rd_arena_reset(&packed.arena);
        }
        packed.buf.ptr[i] = was;
    }
    assert_true(taken > 50 && refused > 50);
    end(&packed);
}

static void another_value_is_no_calendar(void **state)
{
    (void)state;
    struct rd_calendar got = {.special_count = 7};
    struct packed packed;
    begin(&packed);
    assert_int_equal(rd_calendar_unpack(NULL, &packed.arena, &got), -EBADMSG);
    rd_pack_map(&packed.buf, 0);
    assert_int_equal(unpack(&packed, &got), -EBADMSG);
    rd_buf_reset(&packed.buf);
    rd_pack_cstr(&packed.buf, "cn");
    assert_int_equal(unpack(&packed, &got), -EBADMSG);
    assert_int_equal(got.special_count, 7);
    end(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_round_trip_changes_nothing),
            cmocka_unit_test(a_changed_byte_never_makes_a_broken_calendar),
            cmocka_unit_test(another_value_is_no_calendar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
