#include "daemon/engine/title_alert.h"

/* A bundle names up to a thousand: a line for a person has room for the first ones. */
enum { SHOWN_MAX = 20, PIECE_BYTES_MAX = 512 };

static struct rd_str number(struct engine *engine, uint64_t value)
{
    return value == 0 ? (struct rd_str){0}
                      : rd_arena_printf(&engine->arena, "%llu", (unsigned long long)value);
}

struct list {
    struct rd_buf buf;
    uint8_t room[PIECE_BYTES_MAX];
    size_t count;
};

static void list_add(struct list *list, uint64_t value)
{
    if (list->count < SHOWN_MAX) {
        rd_buf_put_text(&list->buf, list->count > 0 ? RD_STR(", ") : RD_STR(""));
        title_put_number(&list->buf, (int64_t)value, 1);
    } else if (list->count == SHOWN_MAX) {
        rd_buf_put_text(&list->buf, RD_STR(", …"));
    }
    list->count++;
}

static struct rd_str numbers(
        struct engine *engine, const struct rd_alert *alert, enum rd_title_field field)
{
    struct list list = {.count = 0};
    bool is_skipped = field == RD_TITLE_SKIPPED;
    size_t count = is_skipped ? alert->skipped_count : alert->grouped_count;
    rd_buf_init_in(&list.buf, list.room, sizeof list.room, sizeof list.room);
    for (size_t i = 0; i < count && i <= SHOWN_MAX; i++) {
        list_add(&list, is_skipped ? alert->skipped[i] : alert->grouped[i]);
    }
    struct rd_str whole = rd_arena_dup(&engine->arena, rd_buf_str(&list.buf));
    rd_buf_done(&list.buf);
    return whole;
}

bool title_alert_piece(struct engine *engine, const struct rd_alert *alert,
        enum title_language language, enum rd_title_field field, struct rd_str *ret_piece)
{
    *ret_piece = (struct rd_str){0};
    switch ((int)field) {
    case RD_TITLE_SEQ:
        *ret_piece = number(engine, alert->seq);
        return true;
    case RD_TITLE_REPEATED:
        *ret_piece = number(engine, alert->repeated);
        return true;
    case RD_TITLE_SUPERSEDES:
        *ret_piece = number(engine, alert->supersedes);
        return true;
    case RD_TITLE_PROVISIONAL:
        if (alert->provisional) {
            *ret_piece = language == TITLE_ZH ? RD_STR("暂定") : RD_STR("provisional");
        }
        return true;
    case RD_TITLE_SKIPPED:
    case RD_TITLE_GROUPED:
        *ret_piece = numbers(engine, alert, field);
        return true;
    default:
        return false;
    }
}
