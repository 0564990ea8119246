/* tools/ctl/screen.h — a whole terminal: a frame drawn over the last one, a key, its size.
 *
 * The frame is built as text line by line, each cut to the width and padded by the terminal itself,
 * and written in one go; so a terminal of any size shows the first lines of it, and none scrolls.
 * What the terminal was is put back at the end, also by a signal that ends the program. */
#pragma once

#include "common/base/buf.h"

enum screen_colour { SCREEN_PLAIN, SCREEN_BOLD, SCREEN_RED, SCREEN_YELLOW, SCREEN_REVERSE };

/* Keys: what was typed, or one of these. */
enum { SCREEN_NO_KEY = -1, SCREEN_UP = 0x100, SCREEN_DOWN, SCREEN_RESIZED, SCREEN_ENDED };

struct screen {
    struct rd_buf frame;
    size_t width, height; /* of the terminal */
    size_t line;          /* lines so far */
    bool has_colour;
};

/* Both standard streams must be terminals. 0 or -errno. */
RD_MUST_USE int screen_open(struct screen *screen);
void screen_close(struct screen *screen);
/* Begins a frame: asks for the size. */
void screen_begin(struct screen *screen);
/* Lines that still fit. */
size_t screen_left(const struct screen *screen);
/* One line; what does not fit, in width or height, is cut. */
void screen_line(struct screen *screen, enum screen_colour colour, struct rd_str text);
void screen_show(struct screen *screen);
/* Waits so long for a key. */
int screen_key(struct screen *screen, int wait_ms);
