#include "tools/shared/text.h"

#include <time.h>

void print_text(FILE *out, struct rd_str text)
{
    enum { C1_LEAD = 0xc2, C1_LAST = 0x9f, DELETE = 0x7f };
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        bool is_c1 =
                byte == C1_LEAD && i + 1 < text.len && (unsigned char)text.ptr[i + 1] <= C1_LAST;
        if (is_c1) {
            i++;
        }
        bool is_control = byte < ' ' || byte == DELETE || is_c1;
        (void)fputc(is_control ? ' ' : text.ptr[i], out);
    }
}

void local_time(rd_time time, char ret_text[static LOCAL_TEXT_MAX])
{
    time_t seconds = (time_t)(time / RD_SECOND_US - (time % RD_SECOND_US < 0));
    struct tm parts;
    if (time == RD_TIME_NONE || localtime_r(&seconds, &parts) == NULL ||
            strftime(ret_text, LOCAL_TEXT_MAX, "%Y-%m-%d %H:%M:%S", &parts) == 0) {
        (void)snprintf(ret_text, LOCAL_TEXT_MAX, "-");
    }
}
