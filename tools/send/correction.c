#include "tools/send/correction.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire/event_table.h"

enum { EVENT_BYTES_MAX = 4 * 1024 * 1024 };

struct corrector {
    struct rd_desk *desk;
    struct former_desk at;
    struct rd_tree *tree, *nodes;
    struct rd_buf event, id;
};

struct corrector *corrector_new(struct rd_client *client, const struct ends *ends, int64_t wait_us)
{
    struct corrector *corrector = calloc(1, sizeof *corrector);
    if (corrector == NULL) {
        rd_oom();
    }
    int r = rd_desk_open(client, ends->desk, &corrector->desk);
    if (r < 0) {
        say_error("%s: %s", ends->desk, strerror(-r));
        free(corrector);
        return NULL;
    }
    corrector->at = (struct former_desk){
            .desk = corrector->desk, .endpoint = ends->desk, .wait_us = wait_us};
    corrector->tree = rd_tree_new();
    corrector->nodes = rd_tree_new();
    rd_buf_init(&corrector->event, EVENT_BYTES_MAX);
    rd_buf_init(&corrector->id, EVENT_BYTES_MAX);
    return corrector;
}

void corrector_free(struct corrector *corrector)
{
    if (corrector != NULL) {
        rd_desk_close(corrector->desk);
        rd_tree_free(corrector->tree);
        rd_tree_free(corrector->nodes);
        rd_buf_done(&corrector->event);
        rd_buf_done(&corrector->id);
        free(corrector);
    }
}

/* ---- what no amendment changes ---- */

static bool is_changed(const struct said *said, const struct former *former, enum rd_event_key key)
{
    return said_content(said, key) != former->content[key];
}

/* False: *why. What was assigned to the unit that the row has now is no change any more. */
static bool check_unit(const struct said *said, const struct former *former, struct rd_reject *why)
{
    struct rd_str unit = said->event.data[RD_KEY_UNIT].bytes;
    if (!is_changed(said, former, RD_KEY_UNIT) || rd_str_is(unit, former->unit)) {
        return true;
    }
    return rd_reject_set(why, "conflict", "data.unit",
            "it was sent with another unit, and the case is with %s: case.amended moves no case, "
            "case.assigned does; once it is with the unit that the row has, the rest is sent",
            former->unit);
}

/* A time that is not the date of receipt too has no event that corrects it. */
static bool check_time(const struct said *said, const struct former *former, struct rd_reject *why)
{
    bool is_receipt = !former->has_received && said->event.data[RD_KEY_RECEIVED].type == RD_NIL;
    uint64_t now = said_time(said->event.time);
    if (is_receipt || now == 0 || now == former->time) {
        return true;
    }
    return rd_reject_set(why, "conflict", "time",
            "it was sent with another time: no event changes when a case was opened; \"received\" "
            "can be corrected");
}

/* A cell that was emptied: an event that leaves a key out leaves the value as it is. */
static bool check_emptied(
        const struct said *said, const struct former *former, struct rd_reject *why)
{
    rd_key_set given = said_keys();
    enum rd_event_key key;
    while (rd_key_next(&given, &key)) {
        bool is_time = key == RD_KEY_RECEIVED && !former->has_received;
        if (former->content[key] != 0 && said_content(said, key) == 0 && !is_time) {
            char field[sizeof why->field];
            (void)snprintf(field, sizeof field, "data.%s", rd_event_key_name(key));
            return rd_reject_set(why, "conflict", field,
                    "it was sent with a value and is empty now: case.amended takes none away, and "
                    "the case keeps it; write what is true instead, or what was there");
        }
    }
    return true;
}

static bool check_event(
        const struct rd_event *event, const struct former *former, struct rd_reject *why)
{
    if (!former->is_found) {
        return rd_reject_set(why, "conflict", "id",
                "it says something else than when it was taken, and that event is not in the "
                "history of the newest case \"%.*s\", or not in the journal any more: send an "
                "event of its own",
                RD_FMT(event->subject));
    }
    if (former->type != event->type) {
        return rd_reject_set(
                why, "conflict", "type", "it was sent as %s", rd_event_type_name(former->type));
    }
    if (event->id.len + sizeof "~4294967295" - 1 > RD_ID_BYTES_MAX) {
        return rd_reject_set(why, "conflict", "id",
                "it says something else than when it was taken, and is too long for a number "
                "behind it, under which a correction could be sent");
    }
    return true;
}

/* ---- the event ---- */

/* Puts what changed; how many that are. */
static uint32_t put_changes(
        struct rd_buf *buf, const struct said *said, const struct former *former)
{
    uint32_t pairs = 0;
    rd_key_set given = rd_type_rule(RD_EVENT_AMENDED)->allowed;
    enum rd_event_key key;
    while (rd_key_next(&given, &key)) {
        const char *name = rd_event_key_name(key);
        if (said_content(said, key) == 0 || !is_changed(said, former, key)) {
            continue;
        }
        rd_pack_cstr(buf, name);
        if (said->event.data[key].type == RD_NIL) {
            rd_pack_time(buf, said->event.time); /* the date of receipt, which is the time */
        } else {
            rd_pack_node(buf, rd_node_find(said->data, name));
        }
        pairs++;
    }
    return pairs;
}

/* False: nothing has changed. */
static bool put_event(
        struct corrector *corrector, const struct said *said, const struct former *former)
{
    struct rd_buf *buf = &corrector->event;
    rd_buf_reset(&corrector->id);
    rd_buf_printf(&corrector->id, "%.*s~%" PRIu64, RD_FMT(said->event.id), former->corrections + 1);
    rd_buf_reset(buf);
    rd_pack_map(buf, 5);
    rd_pack_cstr(buf, "id");
    rd_pack_str(buf, rd_buf_str(&corrector->id));
    rd_pack_cstr(buf, "source");
    rd_pack_str(buf, said->event.source);
    rd_pack_cstr(buf, "type");
    rd_pack_cstr(buf, rd_event_type_name(RD_EVENT_AMENDED));
    rd_pack_cstr(buf, "subject");
    rd_pack_str(buf, said->event.subject);
    rd_pack_cstr(buf, "data");
    size_t mark = rd_pack_map_begin(buf);
    uint32_t pairs = put_changes(buf, said, former);
    rd_pack_map_end(buf, mark, pairs);
    return pairs > 0;
}

int corrector_judge(struct corrector *corrector, struct rd_str event, bool is_same,
        enum correction *ret_correction, struct corrected *ret_corrected, struct rd_reject *why)
{
    struct said said;
    struct former former;
    *ret_correction = CORRECTION_NONE;
    bool is_read = said_read(corrector->tree, corrector->nodes, event, &said);
    if (!is_read || (said.event.type != RD_EVENT_CONTACT_RECEIVED &&
                            said.event.type != RD_EVENT_COMPLAINT_REGISTERED &&
                            said.event.type != RD_EVENT_FORWARDED)) {
        if (!is_same) {
            *ret_correction = CORRECTION_REFUSED;
            (void)rd_reject_set(why, "conflict", "id",
                    "it says something else than when it was taken, and opens no case: send an "
                    "event of its own");
        }
        return STATUS_OK;
    }
    int status = former_read(&corrector->at, &said.event, &former);
    if (status != STATUS_OK || (is_same && !former.is_found)) {
        return status; /* an old row whose event has left the journal, and that is as it was */
    }
    if (!check_event(&said.event, &former, why) || !check_unit(&said, &former, why) ||
            !check_time(&said, &former, why) || !check_emptied(&said, &former, why)) {
        *ret_correction = CORRECTION_REFUSED;
    } else if (put_event(corrector, &said, &former)) {
        *ret_correction = CORRECTION_NEEDED;
        *ret_corrected = (struct corrected){
                .id = rd_buf_str(&corrector->id), .event = rd_buf_str(&corrector->event)};
    }
    return STATUS_OK;
}
