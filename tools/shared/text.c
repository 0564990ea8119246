#include "tools/shared/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { CELL_BYTES_MAX = 64 * 1024 };

size_t control_at(struct rd_str text, size_t at)
{
    enum { C1_LEAD = 0xc2, C1_LAST = 0x9f, DELETE = 0x7f };
    unsigned char byte = (unsigned char)text.ptr[at];
    bool is_c1 = byte == C1_LEAD && at + 1 < text.len && (unsigned char)text.ptr[at + 1] <= C1_LAST;
    return is_c1 ? 2 : byte < ' ' || byte == DELETE ? 1 : 0;
}

void put_text(struct rd_buf *buf, struct rd_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        size_t control = control_at(text, i);
        char byte = text.ptr[i];
        rd_buf_put_u8(buf, (uint8_t)(control == 0                   ? byte
                                     : byte == '\n' || byte == '\t' ? ' '
                                                                    : '?'));
        i += control > 1 ? control - 1 : 0;
    }
}

void print_text(FILE *out, struct rd_str text)
{
    struct rd_buf safe;
    rd_buf_init(&safe, CELL_BYTES_MAX);
    put_text(&safe, text);
    if (safe.len > 0) { /* an empty one has no room */
        (void)fwrite(safe.ptr, 1, safe.len, out);
    }
    rd_buf_done(&safe);
}

static time_t seconds_of(rd_time time)
{
    return (time_t)(time / RD_SECOND_US - (time % RD_SECOND_US < 0));
}

void local_time(rd_time time, char ret_text[static LOCAL_TEXT_MAX])
{
    time_t seconds = seconds_of(time);
    struct tm parts;
    if (time == RD_TIME_NONE || localtime_r(&seconds, &parts) == NULL ||
            strftime(ret_text, LOCAL_TEXT_MAX, "%Y-%m-%d %H:%M:%S", &parts) == 0) {
        (void)snprintf(ret_text, LOCAL_TEXT_MAX, "-");
    }
}

int32_t local_offset(rd_time time)
{
    time_t seconds = seconds_of(time);
    struct tm parts = {0};
    return localtime_r(&seconds, &parts) != NULL ? (int32_t)parts.tm_gmtoff : 0;
}

struct style style_of(FILE *out)
{
    const char *term = getenv("TERM"), *no = getenv("NO_COLOR");
    struct winsize size = {0};
    if (isatty(fileno(out)) != 1) {
        return (struct style){0};
    }
    bool is_known = ioctl(fileno(out), TIOCGWINSZ, &size) == 0;
    return (struct style){.has_colour = (no == NULL || no[0] == '\0') && term != NULL &&
                                        strcmp(term, "dumb") != 0,
            .width = is_known ? size.ws_col : 0};
}

struct style style_in(FILE *out, const char *lang)
{
    struct style style = style_of(out);
    style.is_zh = lang != NULL && strcmp(lang, "zh-CN") == 0;
    return style;
}

static bool is_wide(unsigned char lead)
{
    enum { CJK = 0xe3, HANGUL_LAST = 0xed, FULL_WIDTH = 0xef, PLANE_1 = 0xf0 };
    return lead >= CJK && (lead <= HANGUL_LAST || lead == FULL_WIDTH || lead >= PLANE_1);
}

size_t fit_into(struct rd_str text, size_t width)
{
    size_t used = 0, at = 0;
    while (at < text.len) {
        size_t next = at + 1;
        while (next < text.len && ((unsigned char)text.ptr[next] & 0xc0) == 0x80) {
            next++;
        }
        used += is_wide((unsigned char)text.ptr[at]) ? 2 : 1;
        if (used > width) {
            break;
        }
        at = next;
    }
    return at;
}

size_t width_of(struct rd_str text)
{
    size_t width = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        if ((byte & 0xc0) != 0x80) {
            width += is_wide(byte) ? 2 : 1;
        }
    }
    return width;
}
