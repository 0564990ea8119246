#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire/event.h"
#include "daemon/store/rows/alert_row.h"
#include "tools/ctl/keep_open.h"
#include "tools/shared/json.h"

/* The events of what is open, out of the journal.
 *
 * An event belongs to a case that has it in its history; that holds for those that name no case,
 * too, as a screening does. By its subject alone an event is taken where a case's history no longer
 * has it. */

static int by_subject(const void *a, const void *b, void *arg)
{
    const struct export *export = arg;
    return rd_str_cmp(export_subject(export, &export->cases[*(const size_t *)a]),
            export_subject(export, &export->cases[*(const size_t *)b]));
}

static void sort_subjects(struct export *export)
{
    export->by_subject = malloc((export->count + 1) * sizeof *export->by_subject);
    if (export->by_subject == NULL) {
        rd_oom();
    }
    for (size_t i = 0; i < export->count; i++) {
        export->by_subject[i] = i;
    }
    if (export->count > 0) {
        qsort_r(export->by_subject, export->count, sizeof *export->by_subject, by_subject, export);
    }
}

static const struct open_case *find_subject(const struct export *export, struct rd_str subject)
{
    size_t low = 0, high = subject.len > 0 ? export->count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct open_case *one = &export->cases[export->by_subject[middle]];
        int order = rd_str_cmp(export_subject(export, one), subject);
        if (order == 0) {
            return one;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

/* The case that has the event in its history, or was opened by it. False: none has it. */
static bool find_event(struct export *export, uint64_t seq, const struct open_case **ret_case)
{
    size_t low = 0, high = export->wanted_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        low = export->wanted[middle].seq < seq ? middle + 1 : low;
        high = export->wanted[middle].seq < seq ? high : middle;
    }
    bool is_wanted = false;
    for (; low < export->wanted_count && export->wanted[low].seq == seq; low++) {
        struct open_event *event = &export->wanted[low];
        event->is_found = is_wanted = true;
        *ret_case = *ret_case == NULL ? export_case(export, event->number) : *ret_case;
    }
    return is_wanted;
}

static void set_subject(json_t *event, struct rd_str subject)
{
    (void)json_object_set_new(event, "subject", json_text(subject));
    (void)json_object_del(json_object_get(event, "data"), "case");
}

/* Numbers are the daemon's own: an event that names its case by one gets its subject. */
static void put_event(struct export *export, const struct journal_record *record, json_t *event,
        const struct open_case *by)
{
    char time[RD_TIME_TEXT_MAX];
    if (json_object_get(event, "time") == NULL) {
        rd_time_format(record->wall, time);
        (void)json_object_set_new(event, "time", json_string(time));
    }
    (void)json_object_set_new(event, "quiet", json_true());
    (void)json_object_del(event, "sequence"); /* of another daemon's window */
    if (by != NULL) {
        set_subject(event, export_subject(export, by));
    }
    json_print(stdout, event, false);
    export->events++;
}

/* Alerts get other numbers, too. Where the case's own unit acknowledged one it has the case in
 * hand, and that can be said of the case. */
static bool turn_ack(const struct export *export, const struct open_case *one, json_t *event)
{
    struct alert_row row;
    json_t *data = json_object_get(event, "data");
    uint64_t seq = (uint64_t)json_integer_value(json_object_get(data, "alert"));
    if (one == NULL || !one->is_acknowledged || !alert_row_get(export->view, seq, &row) ||
            row.unit != one->unit) {
        return false;
    }
    (void)json_object_set_new(event, "type", json_string("case.acknowledged"));
    (void)json_object_del(data, "alert");
    return true;
}

static bool is_type(const json_t *event, enum rd_event_type type)
{
    const char *name = json_string_value(json_object_get(event, "type"));
    return name != NULL && strcmp(name, rd_event_type_name(type)) == 0;
}

static bool is_silence(struct export *export, const struct journal_record *record)
{
    for (size_t i = 0; i < export->silence_count; i++) {
        if (export->silences[i] == record->wall) {
            export->silences_found++;
            return true;
        }
    }
    return false;
}

static void take_event(struct export *export, const struct journal_record *record, rd_node root)
{
    const struct open_case *one = NULL, *by = NULL;
    rd_node number = rd_node_find(rd_node_find(root, "data"), "case");
    struct rd_str subject = rd_node_str(rd_node_find(root, "subject"));
    json_t *event = json_of_node(root);
    bool is_wanted = find_event(export, record->event_seq, &one) ||
                     record->number > export->position ||
                     (is_type(event, RD_EVENT_SILENCE_CREATED) && is_silence(export, record));
    if (subject.len == 0 && rd_node_type(number) == RD_NODE_UINT) {
        by = export_case(export, rd_node_uint(number));
        by = by == NULL ? one : by;
    } else if (subject.len > 0 && !is_wanted) {
        one = find_subject(export, subject);
    }
    is_wanted = is_wanted || one != NULL || by != NULL;
    if (is_wanted && is_type(event, RD_EVENT_ALERT_ACKNOWLEDGED)) {
        is_wanted = turn_ack(export, one, event);
        by = one;
        export->acks += !is_wanted;
    }
    if (is_wanted) {
        bool is_named = by != NULL || find_subject(export, subject) == one;
        export->unnumbered += one != NULL && one->is_numbered && subject.len > 0 && is_named;
        put_event(export, record, event, by);
    } else {
        json_decref(event);
    }
}

int export_events(struct export *export, struct journal_damage *damage)
{
    RD_CLEANUP(journal_cursor_closep)
    struct journal_cursor *cursor = NULL;
    uint64_t first = journal_first(export->journal);
    sort_subjects(export);
    if (first == 0) {
        return 0;
    }
    int r = journal_cursor_open(export->journal, first - 1, &cursor);
    struct journal_record record;
    while (r == 0 && (r = journal_cursor_next(cursor, &record, damage)) == 1) {
        rd_node root = NULL;
        const struct open_case *one = NULL;
        r = 0;
        export->last = record.wall;
        if (record.kind != JOURNAL_EVENT) {
            continue;
        }
        export->first = export->first == 0 ? record.event_seq : export->first;
        if (record.is_erased) {
            export->erased += find_event(export, record.event_seq, &one);
        } else if (rd_tree_read(export->tree, record.body, &root, NULL) < 0) {
            r = -EBADMSG;
        } else {
            take_event(export, &record, root);
        }
    }
    return r;
}
