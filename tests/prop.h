/* tests/prop.h — laws checked over printed seeds.
 *
 * A law is a function of a generator. It is run PROP_RUNS times (env; default 200) with the seeds
 * PROP_SEED (env; default 1), PROP_SEED + 1, …: the same runs each time, until somebody asks for
 * others. A failure prints the seed in a form to paste. */
#pragma once

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct prop_gen {
    uint64_t state;
};

/* SplitMix64 (Steele, Lea, Flood 2014). */
static inline uint64_t prop_u64(struct prop_gen *gen)
{
    uint64_t z = (gen->state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* 0..bound-1 */
static inline uint64_t prop_below(struct prop_gen *gen, uint64_t bound)
{
    return prop_u64(gen) % bound;
}

/* low..high, both included */
static inline int64_t prop_between(struct prop_gen *gen, int64_t low, int64_t high)
{
    return low + (int64_t)prop_below(gen, (uint64_t)(high - low) + 1);
}

static inline uint64_t prop_env(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

/* `law` returns 0, or the line that failed. Returns 0 or 1. */
static inline int prop_check(const char *name, int (*law)(struct prop_gen *gen))
{
    uint64_t seed = prop_env("PROP_SEED", 1);
    uint64_t runs = prop_env("PROP_RUNS", 200);
    for (uint64_t i = 0; i < runs; i++) {
        struct prop_gen gen = {.state = seed + i};
        int line = law(&gen);
        if (line != 0) {
            (void)fprintf(stderr, "%s: line %d fails: PROP_SEED=%" PRIu64 " PROP_RUNS=1\n", name,
                    line, seed + i);
            return 1;
        }
    }
    (void)printf("%s: seeds %" PRIu64 "..%" PRIu64 "\n", name, seed, seed + runs - 1);
    return 0;
}
