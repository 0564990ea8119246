#include "daemon/engine/aside.h"

#include "daemon/engine/engine.h"

/* Row "aside" of `meta`: version u8 = 1, how many, their numbers; varints. Absent: none. */
enum { ROW_VERSION = 1, ROW_BYTES_MAX = 1024 };

static const struct rd_str row_key = {.ptr = "aside", .len = 5};

static size_t find(const struct engine *engine, uint64_t number)
{
    size_t i = 0;
    while (i < engine->aside_count && engine->aside[i] != number) {
        i++;
    }
    return i;
}

bool aside_has(const struct engine *engine, uint64_t number)
{
    return engine->aside_count > 0 && find(engine, number) < engine->aside_count;
}

static void save(struct engine *engine)
{
    engine->is_aside_changed = true;
    if (engine->aside_count == 0) {
        store_del(engine->view, STORE_META, row_key);
        return;
    }
    struct rd_buf buf;
    rd_buf_init(&buf, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_uint(&buf, engine->aside_count);
    for (size_t i = 0; i < engine->aside_count; i++) {
        rd_buf_put_uint(&buf, engine->aside[i]);
    }
    RD_ASSERT(buf.error == 0);
    store_put(engine->view, STORE_META, row_key, rd_buf_str(&buf));
    rd_buf_done(&buf);
}

void aside_load(struct engine *engine)
{
    struct rd_str value;
    engine->aside_count = 0;
    engine->is_aside_changed = false;
    if (!store_get(engine->view, STORE_META, row_key, &value)) {
        return;
    }
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    uint64_t count = rd_get_uint_max(&get, ENGINE_ASIDE_MAX);
    for (uint64_t i = 0; i < count; i++) {
        engine->aside[i] = rd_get_uint(&get);
    }
    int r = rd_get_end(&get);
    RD_ASSERT(version == ROW_VERSION && r == 0);
    engine->aside_count = (size_t)count;
}

bool aside_add(struct engine *engine, uint64_t number)
{
    if (aside_has(engine, number)) {
        return true;
    }
    if (engine->aside_count == ENGINE_ASIDE_MAX) {
        return false;
    }
    engine->aside[engine->aside_count++] = number;
    save(engine);
    return true;
}

void aside_remove(struct engine *engine, uint64_t number)
{
    size_t i = find(engine, number);
    RD_ASSERT(i < engine->aside_count);
    engine->aside[i] = engine->aside[--engine->aside_count];
    save(engine);
}

size_t engine_aside(const struct engine *engine, const uint64_t **ret_numbers)
{
    *ret_numbers = engine->aside;
    return engine->aside_count;
}

void engine_watch(struct engine *engine, uint64_t *at_work)
{
    engine->timer_at_work = at_work;
}
