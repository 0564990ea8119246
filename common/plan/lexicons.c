#include "common/plan/lexicons.h"

#include <stdlib.h>
#include <string.h>

#include "common/text/terms.h"

/* A term of the plan's one set that occurs in the text, with the chain of its occurrences. */
struct hit {
    uint32_t index; /* in the set */
    uint32_t lexicon;
    struct place *first, **last;
};

struct place { /* where a literal stands, in bytes */
    struct place *next;
    uint32_t start, end;
};

struct gathering {
    const struct rd_plan_assessment *plan;
    struct rd_arena *arena;
    struct hit *hits;
    size_t count, room;
};

static uint32_t lexicon_of(const struct rd_plan_assessment *plan, size_t index)
{
    size_t low = 0;
    size_t high = plan->lexicon_count;
    while (high - low > 1) { /* the lexicon whose first term is the last one not after `index` */
        size_t middle = low + (high - low) / 2;
        if (plan->lexicons[middle].first_term <= index) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return (uint32_t)low;
}

static void add_hit(struct gathering *all, uint32_t index)
{
    if (all->count == all->room) {
        size_t room = all->room == 0 ? 32 : all->room * 2;
        struct hit *hits = RD_ARENA_ARRAY(all->arena, struct hit, room);
        for (size_t i = 0; i < all->count; i++) {
            hits[i] = all->hits[i];
            if (hits[i].first == NULL) {
                hits[i].last = &hits[i].first; /* it pointed into the hit itself */
            }
        }
        all->hits = hits;
        all->room = room;
    }
    struct hit *hit = &all->hits[all->count++];
    *hit = (struct hit){.index = index, .lexicon = lexicon_of(all->plan, index)};
    hit->last = &hit->first;
}

static void on_place(void *context, const struct rd_terms_place *found)
{
    struct gathering *all = context;
    if (found->nth == 0) {
        add_hit(all, found->index);
        RD_ASSERT(found->slot == all->count - 1);
    }
    if (!found->is_pattern) {
        struct hit *hit = &all->hits[found->slot];
        struct place *place = rd_arena_alloc(all->arena, sizeof *place);
        *place = (struct place){.start = found->start, .end = found->end};
        *hit->last = place;
        hit->last = &place->next;
    }
}

static uint32_t length_of(const struct hit *hit)
{
    return hit->first != NULL ? hit->first->end - hit->first->start : 0;
}

/* By lexicon; in it the longest first, of equal length the first in the file. Patterns, which have
 * no length here, come last. */
static int by_turn(const void *a, const void *b)
{
    const struct hit *x = a;
    const struct hit *y = b;
    if (x->lexicon != y->lexicon) {
        return x->lexicon < y->lexicon ? -1 : 1;
    }
    uint32_t length_x = length_of(x);
    uint32_t length_y = length_of(y);
    if (length_x != length_y) {
        return length_x > length_y ? -1 : 1;
    }
    return (x->index > y->index) - (x->index < y->index);
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Takes the places that no longer term has taken. Every place taken before is at least as long, so
 * a new one that overlaps it has an end inside it: checking its two ends is enough. */
static bool take_places(const struct hit *hit, uint8_t *taken)
{
    bool is_taken = false;
    for (const struct place *place = hit->first; place != NULL; place = place->next) {
        if (taken[place->start] == 0 && taken[place->end - 1] == 0) {
            memset(taken + place->start, 1, place->end - place->start);
            is_taken = true;
        }
    }
    return is_taken;
}

static void score_lexicon(const struct rd_plan_lexicon *lexicon, const struct hit *hits,
        size_t count, uint8_t *taken, struct gathering *all, struct rd_lexicon_score *ret)
{
    uint32_t *terms = RD_ARENA_ARRAY(all->arena, uint32_t, count);
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t term = hits[i].index - (uint32_t)lexicon->first_term;
        if (lexicon->terms[term].is_pattern || take_places(&hits[i], taken)) {
            terms[ret->term_count++] = term;
            sum += lexicon->points[term];
        }
    }
    qsort(terms, ret->term_count, sizeof *terms, by_number);
    ret->terms = terms;
    sum = sum < 0 ? 0 : sum;
    ret->points = (int32_t)(lexicon->cap > 0 && sum > lexicon->cap ? lexicon->cap : sum);
}

const struct rd_lexicon_score *rd_lexicons_score(const struct rd_plan_assessment *plan,
        struct rd_terms_scratch *scratch, struct rd_str folded, struct rd_arena *arena)
{
    struct rd_lexicon_score *scores =
            RD_ARENA_ARRAY(arena, struct rd_lexicon_score, plan->lexicon_count);
    struct gathering all = {.plan = plan, .arena = arena};
    rd_terms_each(plan->terms, scratch, folded, on_place, &all);
    if (all.count == 0) {
        return scores;
    }
    qsort(all.hits, all.count, sizeof *all.hits, by_turn);
    uint8_t *taken = rd_arena_alloc(arena, folded.len);
    for (size_t from = 0; from < all.count;) {
        size_t end = from + 1;
        while (end < all.count && all.hits[end].lexicon == all.hits[from].lexicon) {
            end++;
        }
        uint32_t number = all.hits[from].lexicon;
        memset(taken, 0, folded.len);
        score_lexicon(
                &plan->lexicons[number], &all.hits[from], end - from, taken, &all, &scores[number]);
        from = end;
    }
    return scores;
}
