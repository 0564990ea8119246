#include "tools/train/card_file.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/time/civil.h"
#include "daemon/config/config.h"
#include "tools/shared/ends.h"
#include "tools/shared/file.h"

enum { FILE_BYTES_MAX = 8 * 1024 * 1024, LINE_MAX_HERE = 256 };

static void put(struct rd_buf *buf, const char *format, ...) RD_PRINTF(2, 3);
static void put(struct rd_buf *buf, const char *format, ...)
{
    char line[LINE_MAX_HERE];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    RD_ASSERT(len >= 0 && (size_t)len < sizeof line);
    rd_buf_put(buf, line, (size_t)len);
}

/* Always in quotes: no text of a feature means anything to YAML. */
static void put_quoted(struct rd_buf *buf, struct rd_str text)
{
    rd_buf_put_u8(buf, '"');
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];
        if (c == '"' || c == '\\') {
            rd_buf_put_u8(buf, '\\');
        }
        if (c < 0x20 || c == 0x7f) {
            put(buf, "\\x%02x", c);
        } else {
            rd_buf_put_u8(buf, c);
        }
    }
    rd_buf_put_u8(buf, '"');
}

static void put_day(struct rd_buf *buf, rd_time time)
{
    char text[RD_DATE_TEXT_MAX];
    rd_day_format((rd_day)(time / RD_DAY_US - (time % RD_DAY_US < 0)), text);
    put(buf, "%s", text);
}

static void put_about(struct rd_buf *buf, const struct card_about *about)
{
    put(buf, "made: %s\ndata: {source: ", about->made);
    put_quoted(buf, rd_str_of(about->data));
    put(buf, ", rows: %" PRIu64 ", yes: %" PRIu64 ", from: ", about->rows, about->yes);
    put_day(buf, about->from);
    put(buf, ", through: ");
    put_day(buf, about->through);
    put(buf, "}\n");
    const struct figures *figures = about->figures;
    if (figures != NULL) {
        put(buf, "figures: {rows: %" PRIu64 ", yes: %" PRIu64 ", from: ", figures->rows,
                figures->yes);
        put_day(buf, about->tried_from);
        put(buf, ", through: ");
        put_day(buf, about->tried_through);
        put(buf,
                ", auc: \"%.4f\", average_precision: \"%.4f\", base_rate: \"%.4f\", lift: "
                "\"%.2f\"}\n",
                figures->auc, figures->average_precision, figures->base_rate, figures->lift);
    }
}

static void put_feature(struct rd_buf *buf, const struct rd_card_feature *feature)
{
    if (feature->kind == RD_CARD_TOKEN) {
        bool is_dense = (uint8_t)feature->text.ptr[0] >= 0xe3; /* from U+3000 on */
        put(buf, "- {%s: ", is_dense ? "bigram" : "word");
        put_quoted(buf, feature->text);
    } else {
        put(buf, "- {attribute: ");
        put_quoted(buf, feature->attribute);
    }
    if (feature->kind == RD_CARD_VALUE) {
        put(buf, ", is: ");
        put_quoted(buf, feature->text);
    } else if (feature->kind == RD_CARD_ABSENT) {
        put(buf, ", absent: true");
    } else if (feature->kind == RD_CARD_RANGE && feature->from != INT64_MIN) {
        put(buf, ", from: %" PRId64, feature->from);
    }
    if (feature->kind == RD_CARD_RANGE && feature->below != INT64_MAX) {
        put(buf, ", below: %" PRId64, feature->below);
    }
    put(buf, ", points: %" PRId32 "}\n", feature->points);
}

int card_write(const char *path, const struct rd_card *card, const struct card_about *about)
{
    struct rd_buf buf;
    char checksum[RD_CARD_CHECKSUM_TEXT];
    rd_buf_init(&buf, FILE_BYTES_MAX);
    rd_card_checksum_text(card, checksum);
    put(&buf, "# Made by redress-train; redress-scorecard(5) says what each line means.\n");
    put(&buf, "scorecard: %.*s\n", RD_FMT(card->code));
    put_about(&buf, about);
    put(&buf, "base: %" PRId32 "\ncap: %" PRId32 "\nfeatures:%s\n", card->base, card->cap,
            card->feature_count == 0 ? " []" : "");
    for (size_t i = 0; i < card->feature_count; i++) {
        put_feature(&buf, &card->features[i]);
    }
    put(&buf, "checksum: \"%s\"", checksum);
    int r = buf.error != 0 ? buf.error : file_replace(path, rd_buf_str(&buf));
    rd_buf_done(&buf);
    return r;
}

const struct rd_scorecard *card_read(const char *path, struct config **ret_config)
{
    char real[PATH_MAX];
    struct rd_buf buf;
    struct config_errors errors = {0};
    if (realpath(path, real) == NULL) {
        say_error("%s: %m", path);
        return NULL;
    }
    rd_buf_init(&buf, FILE_BYTES_MAX);
    rd_buf_put_text(&buf, RD_STR("redress: 1\nunits: {id: any}\nassessment: {scorecard: {file: "));
    put_quoted(&buf, rd_str_of(real));
    rd_buf_put_text(&buf, RD_STR("}}\n"));
    int r = config_parse(rd_buf_str(&buf), "scorecard", "/", ret_config, &errors);
    for (size_t i = 0; i < errors.count; i++) {
        say_error("%s", errors.lines[i]);
    }
    config_errors_done(&errors);
    rd_buf_done(&buf);
    return r == 0 ? (*ret_config)->plan->assessment.scorecard : NULL;
}
