/* Law: a scorecard's file loads or says where it is wrong; what it gives for any text and any value
 * lies in 0..cap. Input: the file, a NUL, then the text. */
#include <string.h>

#include "common/text/fold.h"
#include "common/wire/pack.h"
#include "daemon/config/config.h"

enum { SIZE_MAX_HERE = 16 * 1024, TEXT_MAX = 256 * 1024, ARENA_MAX = 16 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The card as a block of a configuration: each of its lines below `card:`. */
static int load(struct rd_str card, struct config **ret_config)
{
    struct rd_buf buf;
    rd_buf_init(&buf, TEXT_MAX);
    rd_buf_put_text(
            &buf, RD_STR("redress: 1\nunits: {id: a}\nassessment:\n scorecard:\n  card:\n"));
    for (size_t i = 0; i < card.len; i++) {
        if (i == 0 || card.ptr[i - 1] == '\n') {
            rd_buf_put_text(&buf, RD_STR("   "));
        }
        rd_buf_put_u8(&buf, (uint8_t)card.ptr[i]);
    }
    struct config_errors errors = {0};
    int r = config_parse(rd_buf_str(&buf), "fuzz.yaml", NULL, ret_config, &errors);
    RD_ASSERT((r == 0) == (errors.count == 0));
    config_errors_done(&errors);
    rd_buf_done(&buf);
    return r;
}

static struct rd_value look(const void *context, struct rd_str name)
{
    const struct rd_str *text = context;
    if (name.len % 3 == 0) {
        return (struct rd_value){RD_VALUE_INT, (int64_t)text->len - 9, {0}};
    }
    return (struct rd_value){name.len % 3 == 1 ? RD_VALUE_STR : RD_NIL, 0, *text};
}

static void score(const struct rd_scorecard *card, struct rd_str text)
{
    struct rd_arena arena;
    rd_arena_init(&arena, ARENA_MAX);
    struct rd_str folded = rd_pack_is_utf8(text) ? rd_fold(text, &arena) : text;
    struct rd_card_score score = rd_scorecard_score(card, look, &text, folded, &arena);
    RD_ASSERT(score.points >= 0 && score.points <= rd_scorecard_card(card)->cap);
    RD_ASSERT(rd_scorecard_detail(card, &score, &arena).len <= RD_CARD_DETAIL_BYTES);
    rd_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *mark = size > 0 ? memchr(data, 0, size) : NULL;
    size_t len = mark != NULL ? (size_t)(mark - data) : size;
    struct rd_str text = {"", 0};
    if (mark != NULL) {
        text = (struct rd_str){(const char *)mark + 1, size - len - 1};
    }
    struct config *config = NULL;
    if (size > SIZE_MAX_HERE || load((struct rd_str){(const char *)data, len}, &config) != 0) {
        return 0;
    }
    const struct rd_scorecard *card = config->plan->assessment.scorecard;
    if (card != NULL) {
        score(card, text);
    }
    config_free(config);
    return 0;
}
