/* tools/shared/text.h — texts of a daemon or a file made safe for a terminal. */
#pragma once

#include <stdio.h>

#include "common/base/buf.h"
#include "common/time/utime.h"

/* So many bytes has the control character (C0, DEL, C1) that stands there; 0: it is none. */
size_t control_at(struct rd_str text, size_t at);
/* Without what a terminal would obey, as texts come from strangers: a newline or a tab becomes a
 * space, any other control character a question mark. */
void put_text(struct rd_buf *buf, struct rd_str text);
void print_text(FILE *out, struct rd_str text);
/* "2025-09-22 10:00:00" in the zone of TZ; "-" for RD_TIME_NONE. */
enum { LOCAL_TEXT_MAX = 32 };
void local_time(rd_time time, char ret_text[static LOCAL_TEXT_MAX]);
/* Seconds east of UTC that the zone of TZ has at that time. */
int32_t local_offset(rd_time time);

/* What the stream can show. */
struct style {
    bool has_colour; /* a terminal that takes colours, and NO_COLOR is not set */
    size_t width;    /* columns of the terminal; 0: it is none, and nothing is cut */
    bool is_zh;      /* keys and codes are told in Chinese */
};
struct style style_of(FILE *out);
/* The same, in the language of --lang; NULL: as it stands, in English. */
struct style style_in(FILE *out, const char *lang);
/* Columns that the text takes: two for a letter of Chinese, Japanese and Korean. */
size_t width_of(struct rd_str text);
/* How many bytes of the text fit into so many columns. */
size_t fit_into(struct rd_str text, size_t width);
