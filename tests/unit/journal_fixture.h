/* tests/unit/journal_fixture.h — a journal in a scratch directory, and records that a number makes.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/journal_dir.h"

struct world {
    struct journal_dir dir;
    struct journal *journal;
    struct journal_damage damage;
    struct journal_dir_fill fill, expect;
};

static inline void world_open(struct world *world)
{
    int r = journal_dir_open(&world->dir, &world->journal, &world->damage);
    if (r != 0) {
        print_error("%s\n", world->damage.text);
    }
    assert_int_equal(r, 0);
}

static inline int setup(void **state)
{
    struct world *world = test_calloc(1, sizeof *world);
    journal_dir_make(&world->dir);
    world_open(world);
    *state = world;
    return 0;
}

static inline int teardown(void **state)
{
    struct world *world = *state;
    journal_close(world->journal);
    journal_dir_remove(&world->dir);
    test_free(world);
    return 0;
}

static inline size_t size_of(uint64_t number)
{
    return (size_t)(number * 97 % 700);
}

static inline void append(struct world *world, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        uint64_t number = journal_last(world->journal) + 1;
        struct journal_record record = journal_dir_record(number, size_of(number), &world->fill);
        record.number = 99999; /* not looked at */
        assert_int_equal(journal_append(world->journal, &record), number);
    }
}
