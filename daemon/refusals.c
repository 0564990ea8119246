#include "daemon/refusals.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_of(const struct refusals_pair *pair, struct rd_str source, const char *code)
{
    return pair->code != NULL && strcmp(pair->code, code) == 0 &&
           rd_str_eq((struct rd_str){pair->source, pair->source_len}, source);
}

static struct refusals_pair *pair_for(
        struct refusals *refusals, struct rd_str source, const char *code, int64_t first_us)
{
    struct refusals_pair *place = NULL;
    for (size_t i = 0; i < REFUSALS_PAIRS; i++) {
        struct refusals_pair *pair = &refusals->pairs[i];
        if (is_of(pair, source, code)) {
            return pair;
        }
        if (place == NULL && pair->code == NULL) {
            place = pair;
        }
    }
    if (place == NULL) {
        place = &refusals->pairs[REFUSALS_PAIRS];
        source.len = 0;
    }
    if (place->code == NULL) {
        place->next_us = first_us;
    }
    if (source.len > 0) {
        memcpy(place->source, source.ptr, source.len);
    }
    place->source_len = (uint8_t)source.len;
    place->code = code;
    return place;
}

void refusals_note(struct refusals *refusals, struct rd_str source, const struct rd_reject *reject,
        uint64_t letter, int64_t first_us)
{
    if (source.len > REFUSALS_SOURCE_MAX) {
        source.len = REFUSALS_SOURCE_MAX;
    }
    struct refusals_pair *pair = pair_for(refusals, source, reject->code, first_us);
    pair->count++;
    pair->letter = letter;
    memcpy(pair->message, reject->message, sizeof pair->message);
}

static void say(const struct refusals *refusals, const struct refusals_pair *pair,
        char ret_detail[static 512])
{
    char kept[64] = "";
    if (pair->letter != 0) {
        (void)snprintf(kept, sizeof kept, ", the newest as dead letter %" PRIu64, pair->letter);
    }
    bool is_rest = pair == &refusals->pairs[REFUSALS_PAIRS];
    const char *who = is_rest ? "other sources" : "an event that could not be read";
    (void)snprintf(ret_detail, 512, "%.*s: %" PRIu64 " rejected%s: %s",
            pair->source_len > 0 ? (int)pair->source_len : (int)strlen(who),
            pair->source_len > 0 ? pair->source : who, pair->count, kept, pair->message);
}

const struct refusals_pair *refusals_next(
        struct refusals *refusals, int64_t now_us, int64_t every_us, char ret_detail[static 512])
{
    for (size_t i = 0; i <= REFUSALS_PAIRS; i++) {
        struct refusals_pair *pair = &refusals->pairs[i];
        if (pair->code == NULL || pair->next_us > now_us) {
            continue;
        }
        if (pair->count == 0) {
            *pair = (struct refusals_pair){0};
            continue;
        }
        say(refusals, pair, ret_detail);
        pair->count = 0;
        pair->next_us = now_us + every_us;
        return pair;
    }
    return NULL;
}
