#include "common/text/match_pattern.h"

#include <errno.h>
#include <stdalign.h>
#include <stdio.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* PCRE2's own limit begins anew at each place where a match may start, so that a long text
 * multiplies it. Hence every item of a pattern is compiled with a callout before it, which counts:
 * the items tried, and the bytes that one item has run over since the item before. */
enum {
    ITEM_COST = 16,     /* in bytes run over */
    SEARCH_COST = 64,   /* of one that finds nothing to try; PCRE2 looks at each byte before, too */
    COST_FREE = 393216, /* what a search may cost: some 5 million instructions, … */
    COST_PER_BYTE = 9,  /* … and more for each byte of the text */
    MATCH_LIMIT = 100000,
    DEPTH_LIMIT = 1000,
    HEAP_LIMIT_KIB = 80,
    /* PCRE2 doubles its frames from 20 KiB on and frees the old ones after: 20 + 40 + 80, and some
     * for the match data. */
    STACK_BYTES = 160 * 1024,
    PATTERN_BYTES_MAX = 4096,
    PARENS_MAX = 50,
    RUN_MAX = 65536, /* PCRE2's largest repeat */
};

/* Memory of one search, taken from the front and never given back. */
struct stack {
    size_t used;
    alignas(16) uint8_t bytes[STACK_BYTES];
};

static void *stack_alloc(size_t size, void *context)
{
    struct stack *stack = context;
    size_t rounded = (size + 15) & ~(size_t)15;
    if (size > STACK_BYTES || rounded > STACK_BYTES - stack->used) {
        return NULL; /* PCRE2 then gives the search up */
    }
    void *memory = stack->bytes + stack->used;
    stack->used += rounded;
    return memory;
}

static void stack_free(void *memory, void *context)
{
    (void)memory;
    (void)context;
}

/* Counts one search. */
struct meter {
    size_t at;      /* where in the text the last item was tried */
    size_t *budget; /* what is left */
    size_t run;     /* of the pattern: what an item may run over and then fail, unseen */
};

static int count_item(pcre2_callout_block *block, void *context)
{
    struct meter *meter = context;
    size_t moved = block->current_position > meter->at ? block->current_position - meter->at : 0;
    meter->at = block->current_position;
    size_t cost = ITEM_COST + moved + meter->run;
    bool is_spent = cost > *meter->budget;
    *meter->budget = is_spent ? 0 : *meter->budget - cost;
    return is_spent ? PCRE2_ERROR_MATCHLIMIT : 0;
}

/* A repeat that must be there so often ("[a-z]{500}") fails within itself: no callout sees how far
 * it came. The largest such number of the pattern, read as plain text. */
static size_t longest_run(struct rd_str text)
{
    size_t longest = 0;
    for (size_t i = 0; i < text.len; i++) {
        size_t count = 0;
        for (size_t k = i + 1; text.ptr[i] == '{' && k < text.len && count < RUN_MAX &&
                               text.ptr[k] >= '0' && text.ptr[k] <= '9';
                k++) {
            count = 10 * count + (size_t)(text.ptr[k] - '0');
        }
        longest = count > longest ? count : longest;
    }
    return longest;
}

int rd_pattern_compile(struct rd_str text, struct rd_arena *arena, struct rd_pattern **ret_pattern,
        char ret_what[static 200])
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (context == NULL || pcre2_set_parens_nest_limit(context, PARENS_MAX) != 0 ||
            pcre2_set_max_pattern_length(context, PATTERN_BYTES_MAX) != 0) {
        rd_oom();
    }
    int error = 0;
    PCRE2_SIZE offset = 0;
    const PCRE2_UCHAR *pattern = (const PCRE2_UCHAR *)(text.len > 0 ? text.ptr : "");
    pcre2_code *code = pcre2_compile(pattern, text.len,
            PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT, &error, &offset, context);
    pcre2_compile_context_free(context);
    if (code == NULL) {
        PCRE2_UCHAR message[128] = "";
        (void)pcre2_get_error_message(error, message, sizeof message);
        (void)snprintf(ret_what, 200, "at byte %zu: %s", offset, (const char *)message);
        return -EINVAL;
    }
    size_t bytes = 0;
    (void)pcre2_pattern_info(code, PCRE2_INFO_SIZE, &bytes);
    struct rd_pattern *made = rd_arena_zalloc(arena, sizeof *made);
    *made = (struct rd_pattern){.code = code, .bytes = bytes, .run = longest_run(text)};
    *ret_pattern = made;
    return 0;
}

void rd_pattern_done(struct rd_pattern *pattern)
{
    pcre2_code_free(pattern->code);
    pattern->code = NULL;
}

size_t rd_pattern_budget(size_t bytes)
{
    return COST_FREE + COST_PER_BYTE * bytes;
}

static bool find(const struct rd_pattern *pattern, struct rd_str text, size_t *budget,
        struct rd_str *ret_found)
{
    struct stack stack;
    stack.used = 0;
    size_t before = SEARCH_COST + text.len;
    if (before > *budget) {
        *budget = 0;
        return false;
    }
    *budget -= before;
    pcre2_general_context *memory = pcre2_general_context_create(stack_alloc, stack_free, &stack);
    RD_ASSERT(memory != NULL);
    pcre2_match_data *data = pcre2_match_data_create(1, memory); /* one pair: the whole match */
    pcre2_match_context *limits = pcre2_match_context_create(memory);
    RD_ASSERT(data != NULL && limits != NULL);
    struct meter meter = {.budget = budget, .run = pattern->run};
    (void)pcre2_set_match_limit(limits, MATCH_LIMIT);
    (void)pcre2_set_depth_limit(limits, DEPTH_LIMIT);
    (void)pcre2_set_heap_limit(limits, HEAP_LIMIT_KIB);
    (void)pcre2_set_callout(limits, count_item, &meter);
    PCRE2_SPTR subject = (PCRE2_SPTR)(text.len > 0 ? text.ptr : "");
    /* The text is checked for UTF-8 here; what is none does not match. */
    int r = pcre2_match(pattern->code, subject, text.len, 0, 0, data, limits);
    if (r < 0) {
        return false;
    }
    const PCRE2_SIZE *pair = pcre2_get_ovector_pointer(data);
    bool is_whole = pair[0] <= pair[1] && pair[1] <= text.len; /* \K may turn it around */
    *ret_found = (struct rd_str){text.ptr, 0};
    if (is_whole) {
        *ret_found = (struct rd_str){(const char *)subject + pair[0], pair[1] - pair[0]};
    }
    return true;
}

bool rd_pattern_find(const struct rd_pattern *pattern, struct rd_str text, size_t *budget,
        struct rd_str *ret_found)
{
    size_t own = rd_pattern_budget(text.len);
    own = own < *budget ? own : *budget;
    size_t left = own;
    bool is_found = find(pattern, text, &left, ret_found);
    *budget -= own - left;
    return is_found;
}

bool rd_pattern_matches(const struct rd_pattern *pattern, struct rd_str text, size_t *budget)
{
    struct rd_str found;
    return find(pattern, text, budget, &found);
}
