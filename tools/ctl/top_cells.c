#include "tools/ctl/top_cells.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/shared/text.h"

struct rd_str text_of(rd_node row, const char *key)
{
    return rd_node_str(rd_node_find(row, key));
}

struct rd_str unit_of(rd_node row)
{
    struct rd_str label = text_of(row, "unit_label"), name = text_of(row, "unit_name");
    return label.len > 0 ? label : name.len > 0 ? name : text_of(row, "unit");
}

void put_padded(struct rd_buf *line, struct rd_str text, size_t width)
{
    size_t len = fit_into(text, width);
    struct rd_str cut = {text.ptr, len};
    put_text(line, cut);
    for (size_t at = width_of(cut); at < width + 1; at++) {
        rd_buf_put_u8(line, ' ');
    }
}

void put_span(struct rd_buf *line, rd_time now, rd_time since)
{
    int64_t minutes = (now - since) / RD_MINUTE_US;
    char text[32];
    minutes = minutes > 0 ? minutes : 0;
    if (minutes >= 48 * 60) {
        (void)snprintf(text, sizeof text, "%" PRId64 "d", minutes / (24 * 60));
    } else {
        (void)snprintf(text, sizeof text, "%" PRId64 "h%02" PRId64, minutes / 60, minutes % 60);
    }
    put_padded(line, rd_str_of(text), 6);
}

static void put_time(struct rd_buf *line, rd_node node, bool is_due)
{
    char text[LOCAL_TEXT_MAX] = "-";
    rd_time time = rd_node_time(node);
    if (rd_node_type(node) == RD_NODE_TIME) {
        local_time(time, text);
        if (is_due && strcmp(text + 11, "00:00:00") == 0) {
            local_time(time - 1, text); /* the day that ends then */
            (void)memcpy(text + 11, "24:00", 5);
        }
    }
    put_padded(line, (struct rd_str){text, strlen(text) > 16 ? 16 : strlen(text)}, 16);
}

void put_clock_time(struct rd_buf *line, rd_node node)
{
    put_time(line, node, false);
}

void put_due(struct rd_buf *line, rd_node node)
{
    put_time(line, node, true);
}
