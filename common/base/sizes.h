/* common/base/sizes.h — the largest sizes there are, each in one place.
 *
 * What a peer sends and what the configuration says is refused above them, with the field or the
 * line; whatever is built of such parts has the sum of them as its own bound, so that the asserts
 * on it say something about our code alone. Bytes, unless a name says otherwise.
 * Source: redress-events(7), redress.yaml(5), redress-protocol(7). */
#pragma once

enum {
    RD_EVENT_BYTES_MAX = 4 * 1024 * 1024, /* limits.event_bytes may be no more */
    RD_FRAME_TIMES = 4, /* a frame of so many times limits.event_bytes cuts its peer off */
    RD_FRAME_BYTES_MAX = RD_FRAME_TIMES * RD_EVENT_BYTES_MAX,

    RD_TEXT_BYTES_MAX = 32 * 1024, /* the longest text of an event's data */
    RD_ITEM_BYTES_MAX = 1024,      /* a text within an array or a map of it */
    RD_NAME_BYTES_MAX = 64,        /* a key within a map of it */
    RD_ID_BYTES_MAX = 128,         /* `id`, `source`, `subject` */
    RD_REASON_BYTES_MAX = 1024,    /* `reason`, which a pause bears as its name */

    RD_CODE_BYTES_MAX = 64,   /* a code of the configuration */
    RD_LABEL_BYTES_MAX = 256, /* what people call it */
    RD_SHOWN_CHARS_MAX = 64,  /* characters of an attribute's value that a reason shows */
    RD_DETAIL_BYTES_MAX = 512,
    RD_REASONS_MAX = 100, /* the strongest of a warning */
    RD_ACTIONS_MAX = 64,  /* of a warning */
    RD_ACTION_BYTES_MAX = 512,
    RD_NOTICES_MAX = 64, /* of a configuration */
    RD_NOTICE_BYTES_MAX = 4096,
    RD_PACKED_FRAME = 64, /* keys, heads and numbers of one packed map of these */
    RD_WARNING_BYTES_MAX = RD_REASONS_MAX * (RD_CODE_BYTES_MAX + RD_LABEL_BYTES_MAX +
                                                    RD_DETAIL_BYTES_MAX + RD_PACKED_FRAME) +
                           RD_ACTIONS_MAX * (RD_ACTION_BYTES_MAX + RD_PACKED_FRAME) +
                           RD_NOTICES_MAX * (RD_CODE_BYTES_MAX + RD_LABEL_BYTES_MAX +
                                                    RD_NOTICE_BYTES_MAX + RD_PACKED_FRAME) +
                           1024,

    RD_GROUPED_MAX = 1000, /* numbers that an alert lists */
    RD_UNIT_PATH_BYTES_MAX = 1024,
    RD_DIGEST_LISTED_MAX = 50, /* rows in each list of a digest */
    /* Three lists; a row of them has a unit, its name, a clock, its name, a subject, numbers. */
    RD_DIGEST_BYTES_MAX =
            3 * RD_DIGEST_LISTED_MAX *
                    (RD_UNIT_PATH_BYTES_MAX + 2 * RD_LABEL_BYTES_MAX + RD_CODE_BYTES_MAX +
                            RD_ID_BYTES_MAX + 4 * RD_PACKED_FRAME) +
            4096,
    RD_TITLE_BYTES_MAX = 4096,
    /* An alert has a warning's parts, one reason more (a question, say), numbers of at most 9
     * bytes, and texts that have the limits of an event's ids and of the configuration's names. */
    RD_ALERT_BYTES_MAX = RD_WARNING_BYTES_MAX + RD_TEXT_BYTES_MAX + RD_GROUPED_MAX * 9 +
                         RD_TITLE_BYTES_MAX + RD_DIGEST_BYTES_MAX + 16 * 1024,

    RD_SILENCE_BYTES_MAX = 4096, /* matchers of a silence, as sent */
};
