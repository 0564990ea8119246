#include "tools/ctl/screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "tools/shared/text.h"

enum { FRAME_BYTES_MAX = 4 * 1024 * 1024, WIDTH_DEFAULT = 80, HEIGHT_DEFAULT = 24 };

#define ENTER "\x1b[?1049h\x1b[?25l" /* another screen, no cursor */
#define LEAVE "\x1b[?25h\x1b[?1049l"

static struct termios before;
static volatile sig_atomic_t is_resized, is_ended;

static void on_signal(int number)
{
    if (number == SIGWINCH) {
        is_resized = 1;
    } else {
        is_ended = 1;
    }
}

static void catch (int number)
{
    struct sigaction action = {.sa_handler = on_signal}; /* poll() is to be interrupted */
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(number, &action, NULL);
}

static void write_all(const char *text, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(STDOUT_FILENO, text, len);
        if (wrote < 0 && errno != EINTR) {
            return; /* the terminal is gone: the next key tells */
        }
        size_t done = wrote > 0 ? (size_t)wrote : 0;
        text += done;
        len -= done;
    }
}

int screen_open(struct screen *screen)
{
    *screen = (struct screen){.has_colour = style_of(stdout).has_colour};
    if (tcgetattr(STDIN_FILENO, &before) < 0) {
        return -errno;
    }
    struct termios raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) < 0) {
        return -errno;
    }
    rd_buf_init(&screen->frame, FRAME_BYTES_MAX);
    catch (SIGWINCH);
    catch (SIGINT);
    catch (SIGTERM);
    catch (SIGHUP);
    write_all(ENTER, sizeof ENTER - 1);
    return 0;
}

void screen_close(struct screen *screen)
{
    write_all(LEAVE, sizeof LEAVE - 1);
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
    rd_buf_done(&screen->frame);
}

void screen_begin(struct screen *screen)
{
    struct winsize size = {0};
    bool is_told = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
    screen->width = is_told && size.ws_col > 0 ? size.ws_col : WIDTH_DEFAULT;
    screen->height = is_told && size.ws_row > 0 ? size.ws_row : HEIGHT_DEFAULT;
    screen->line = 0;
    rd_buf_reset(&screen->frame);
    rd_buf_put_text(&screen->frame, RD_STR("\x1b[H"));
}

size_t screen_left(const struct screen *screen)
{
    return screen->height > screen->line ? screen->height - screen->line : 0;
}

void screen_line(struct screen *screen, enum screen_colour colour, struct rd_str text)
{
    static const char *const COLOURS[] = {[SCREEN_PLAIN] = "",
            [SCREEN_BOLD] = "\x1b[1m",
            [SCREEN_RED] = "\x1b[31m",
            [SCREEN_YELLOW] = "\x1b[33m",
            [SCREEN_REVERSE] = "\x1b[7m"};
    struct rd_buf *frame = &screen->frame;
    if (screen_left(screen) == 0) {
        return;
    }
    if (screen->line > 0) {
        rd_buf_put_text(frame, RD_STR("\r\n"));
    }
    /* What is chosen is marked without colours, too. */
    bool is_shown = screen->has_colour || colour == SCREEN_REVERSE;
    text.len = fit_into(text, screen->width);
    rd_buf_put_text(frame, rd_str_of(is_shown ? COLOURS[colour] : ""));
    put_text(frame, text);
    rd_buf_put_text(frame, rd_str_of(is_shown ? "\x1b[0m\x1b[K" : "\x1b[K"));
    screen->line++;
}

void screen_show(struct screen *screen)
{
    rd_buf_put_text(&screen->frame, RD_STR("\x1b[J"));
    if (screen->frame.error == 0) {
        write_all((const char *)screen->frame.ptr, screen->frame.len);
    }
}

/* The rest of a key that sends several bytes: ESC [ A. */
static int escaped(void)
{
    char rest[2] = "";
    if (read(STDIN_FILENO, rest, sizeof rest) < 2 || (rest[0] != '[' && rest[0] != 'O')) {
        return SCREEN_NO_KEY;
    }
    return rest[1] == 'A' ? SCREEN_UP : rest[1] == 'B' ? SCREEN_DOWN : SCREEN_NO_KEY;
}

int screen_key(struct screen *screen, int wait_ms)
{
    (void)screen;
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    int ready = is_ended || is_resized ? 0 : poll(&input, 1, wait_ms);
    if (is_ended || (ready > 0 && (input.revents & POLLIN) == 0)) {
        return SCREEN_ENDED; /* by a signal, or the terminal was closed */
    }
    if (is_resized) {
        is_resized = 0;
        return SCREEN_RESIZED;
    }
    unsigned char key = 0;
    if (ready <= 0) {
        return SCREEN_NO_KEY;
    }
    ssize_t got = read(STDIN_FILENO, &key, 1);
    if (got <= 0) {
        return SCREEN_ENDED;
    }
    return key == 0x1b ? escaped() : key;
}
