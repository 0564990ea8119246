#include "tools/shared/say.h"

#include <stdarg.h>
#include <stdio.h>

static char last[SAY_KEPT_MAX];

void say_error(const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    (void)fflush(stdout);
    (void)fprintf(stderr, "%s: ", program_invocation_short_name);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    (void)vsnprintf(last, sizeof last, format, again);
    rd_text_trim(last);
    va_end(again);
    va_end(args);
}

const char *say_last(void)
{
    return last;
}
