/* common/base/base.h — what every file may use: assertions, attributes, borrowed bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A broken RD_ASSERT is our bug, never a peer's, a disk's or an operator's. It stays on in release
 * builds: a daemon that does not know what it does must stop and be restarted from what is durable.
 * The condition has no side effects. */
#define RD_ASSERT(cond)                                                                            \
    (__builtin_expect(!!(cond), 1) ? (void)0 : rd_assert_fail(#cond, __FILE__, __LINE__, __func__))

/* Checks that cost more than O(1); on in dev, sim and fuzz builds. */
#ifdef REDRESS_PARANOID
#define RD_INVARIANT(cond) RD_ASSERT(cond)
#else
#define RD_INVARIANT(cond) ((void)sizeof(!(cond)))
#endif

#define RD_UNREACHABLE(why) rd_assert_fail("unreachable: " why, __FILE__, __LINE__, __func__)

_Noreturn void rd_assert_fail(const char *cond, const char *file, int line, const char *func);

/* Out of memory: every input is limited, so it is our bug or a machine beyond help. Aborts. */
_Noreturn void rd_oom(void);

#define RD_CLEANUP(fn)  __attribute__((cleanup(fn)))
#define RD_MUST_USE     __attribute__((warn_unused_result))
#define RD_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define RD_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Borrowed bytes: not owned, not NUL-terminated, valid as long as what they point into.
 * ptr may be NULL only if len is 0. */
struct rd_str {
    const char *ptr;
    size_t len;
};
#define RD_STR(literal) ((struct rd_str){.ptr = (literal), .len = sizeof(literal) - 1})
/* For printf's "%.*s". */
#define RD_FMT(str) (int)(str).len, (str).ptr != NULL ? (str).ptr : ""

struct rd_str rd_str_of(const char *text); /* of a NUL-terminated text; NULL gives the empty one */
bool rd_str_eq(struct rd_str a, struct rd_str b);
bool rd_str_is(struct rd_str a, const char *text);
/* A copy of malloc(), with a NUL behind it that does not count; the text may hold others. */
char *rd_str_dup(struct rd_str text);
/* memcmp order, the shorter first where one is a prefix of the other; <0, 0, >0. */
int rd_str_cmp(struct rd_str a, struct rd_str b);
bool rd_str_starts(struct rd_str text, struct rd_str prefix);
/* At most its first `max` bytes, and no part of a character of UTF-8. */
struct rd_str rd_str_cut(struct rd_str text, size_t max);
/* Takes away the character that snprintf() has left in part at the end: what goes out is UTF-8. */
void rd_text_trim(char *text);

/* What is wrong with a peer's message: a value, answered in the receipt (redress-protocol(7),
 * "Checks"). `field` is a path from the event ("data.customer"), empty where there is none. */
struct rd_reject {
    const char *code; /* static: one of the wire's error codes; NULL: nothing is wrong */
    char field[96];
    char message[224]; /* one sentence that says what to mend */
};

/* Fills *reject; the first one stays if there was one. Returns false, for "return rd_reject(…)". */
bool rd_reject_set(struct rd_reject *reject, const char *code, const char *field,
        const char *format, ...) RD_PRINTF(4, 5);
