#include "daemon/audit_log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/log.h"

enum { NAME_BYTES = 128, PLACES = 64 };

/* Whose lines of one code are counted together: what one key does hides nothing of another's. */
struct place {
    char name[NAME_BYTES];
    struct log_site site;
};

static const struct {
    enum rd_event_type type;
    const char *code;
} watched[] = {
        {RD_EVENT_SILENCE_CREATED, "silence_created"},
        {RD_EVENT_SILENCE_ENDED, "silence_ended"},
        {RD_EVENT_CLOCK_ACCEPTED, "clock_accepted"},
        {RD_EVENT_CUSTOMER_FORGOTTEN, "erasure_asked"},
        {RD_EVENT_APPROVAL_GIVEN, "approval_given"},
        {RD_EVENT_EXTENDED, "extension"},
        {RD_EVENT_SOURCE_RESET, "source_reset"},
        {RD_EVENT_DEAD_REQUEUED, "requeued"},
};

/* A key's name for a line; "-" without security. */
static const char *name_of(const struct engine_sender *sender, char room[static NAME_BYTES])
{
    (void)snprintf(room, NAME_BYTES, "%.*s", RD_FMT(sender->name));
    return room[0] != '\0' ? room : "-";
}

void audit_accepted(
        const struct engine_sender *sender, enum rd_event_type type, uint64_t seq, bool waits)
{
    char name[NAME_BYTES];
    for (size_t i = 0; i < RD_COUNT(watched); i++) {
        if (watched[i].type == type) {
            /* As many as are accepted, so none of them is left out. */
            log_write(NULL, LOG_LEVEL_NOTICE, "audit", "done",
                    "code=%s key=%s seq=%" PRIu64 " waits=%s", watched[i].code,
                    name_of(sender, name), seq, waits ? "yes" : "no");
        }
    }
}

/* The place of the name; where all are taken the one that was begun longest ago. What that left
 * out is not told any more. */
static struct log_site *place_of(const char *name)
{
    static struct place places[PLACES]; /* the turn's alone */
    struct place *oldest = &places[0];
    for (size_t i = 0; i < PLACES; i++) {
        struct place *place = &places[i];
        if (strcmp(place->name, name) == 0 || place->name[0] == '\0') {
            (void)snprintf(place->name, sizeof place->name, "%s", name);
            return &place->site;
        }
        oldest = atomic_load(&place->site.since_us) < atomic_load(&oldest->site.since_us) ? place
                                                                                          : oldest;
    }
    *oldest = (struct place){.name = ""};
    (void)snprintf(oldest->name, sizeof oldest->name, "%s", name);
    return &oldest->site;
}

void audit_forbidden(
        const struct engine_sender *sender, enum rd_event_type type, const struct rd_reject *reject)
{
    char name[NAME_BYTES];
    const char *key = name_of(sender, name);
    log_write(place_of(key), LOG_LEVEL_NOTICE, "audit", "forbidden",
            "code=forbidden key=%s type=%s field=\"%s\"", key, rd_event_type_name(type),
            reject->field);
}

void audit_key_refused(const char *peer, const char *key, const char *why, uint64_t more)
{
    log_warning("audit", "a key was refused",
            "code=key_refused peer=\"%s\" key=\"%s\" why=\"%s\" more=%" PRIu64, peer, key, why,
            more);
}

void audit_keys_read(size_t count)
{
    log_notice("audit", "the list of clients was read", "code=keys_read keys=%zu", count);
}

void audit_erased(uint64_t job, uint64_t bodies, int64_t ms)
{
    log_notice("audit", "what was to be forgotten is erased",
            "code=erased seq=%" PRIu64 " bodies=%" PRIu64 " ms=%" PRId64, job, bodies, ms);
}

void audit_chain(uint64_t record, const char *chain)
{
    log_notice("audit", "the head of the journal's chain", "code=chain record=%" PRIu64 " chain=%s",
            record, chain);
}
