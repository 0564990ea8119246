/* daemon/log_line.h — the text of one log line, whatever its values hold. Pure.
 *
 * A value may come from a peer or a file. Inside the quotes it is given as C writes it: \" \\ \n
 * \t, and \xNN for every other control character and each byte that is no UTF-8. So a line is one
 * line, and nothing in a value looks like another key. Source: redressd(8), "Messages". */
#pragma once

#include <stdarg.h>

#include "common/base/base.h"

enum { LOG_LINE_MAX = 1024 }; /* bytes with the NUL; a longer line ends with " cut=1" */

struct log_line {
    char text[LOG_LINE_MAX];
    size_t len;
    bool is_cut;
};

/* Adds " key=value" pairs, without the space where they are the first. `fields` is written as for
 * printf(): %s, %.*s, %d, %u, %x, their l, ll and z forms, and %%. What a %s brings is escaped; one
 * outside quotes is put into quotes where it needs them. */
void log_line_fields(struct log_line *line, const char *fields, va_list args);
void log_line_add(struct log_line *line, const char *fields, ...) RD_PRINTF(2, 3);
/* Marks a line that was cut, and ends it. */
void log_line_end(struct log_line *line);
