#include "daemon/desk/digest_page.h"
#include "daemon/desk/fields.h"
#include "daemon/engine/digest_masked.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/tally_row.h"

/* digest.get: a digest that was made, as the map of its alert and as a page of text. */

enum { PAGE_BYTES_MAX = 1024 * 1024 };

static enum rd_digest_every every_asked(const struct method_call *call)
{
    struct rd_str every = param_str(call, "every");
    for (int i = 0; i < RD_DIGEST_EVERIES; i++) {
        if (rd_str_is(every, rd_digest_every_name((enum rd_digest_every)i))) {
            return (enum rd_digest_every)i;
        }
    }
    return RD_DIGEST_DAY;
}

/* The number of the unit that is asked for. False: error set. */
static bool unit_asked(struct method_call *call, uint32_t *ret_unit)
{
    struct rd_str path = param_str(call, "unit");
    while (path.len > 0 && path.ptr[path.len - 1] == '/') {
        path.len--; /* as a topic has it */
    }
    if (path.len == 0) {
        return method_fail(call, "bad_params", "digest.get wants unit");
    }
    *ret_unit = name_find(call->view, path);
    if (*ret_unit == 0) {
        return method_fail(call, "not_found", "%.*s is no unit that gets digests", RD_FMT(path));
    }
    return sees_unit(call, *ret_unit) ||
           method_fail(call, "forbidden", "this key may not see unit %.*s", RD_FMT(path));
}

/* The day that is asked for, or that of the newest digest. False: error set. */
static bool day_asked(
        struct method_call *call, uint32_t unit, enum rd_digest_every every, rd_day *ret_day)
{
    rd_day newest;
    char text[RD_DATE_TEXT_MAX];
    struct rd_str path = name_text(call->view, unit);
    uint64_t seq;
    if (!digest_row_newest(call->view, unit, (uint8_t)every, &newest)) {
        return method_fail(call, "not_found",
                "no digest of the %s was made for %.*s yet: supervision.digest says who gets them",
                rd_digest_every_name(every), RD_FMT(path));
    }
    if (!param_has(call, "date")) {
        *ret_day = newest;
        return true;
    }
    if (rd_day_parse(param_str(call, "date"), ret_day) != 0) {
        RD_UNREACHABLE("params_check() did the same");
    }
    rd_day_format(newest, text);
    return digest_row_get(call->view, unit, (uint8_t)every, *ret_day, &seq) ||
           method_fail(call, "not_found",
                   "no digest of the %s was made for %.*s on %.*s: the newest is of %s",
                   rd_digest_every_name(every), RD_FMT(path), RD_FMT(param_str(call, "date")),
                   text);
}

static bool answer(struct method_call *call, uint64_t seq, const struct rd_alert *alert)
{
    struct rd_str lang = param_str(call, "lang");
    lang = lang.len > 0 ? lang : call->plan->language;
    struct rd_tree *tree RD_CLEANUP(rd_tree_freep)
    = rd_tree_new();
    rd_node digest = NULL;
    if (rd_tree_read(tree, alert->digest, &digest, NULL) != 0) {
        return method_fail(call, "not_yet", "the tables cannot be read now");
    }
    struct rd_buf page;
    rd_buf_init(&page, PAGE_BYTES_MAX);
    digest_page(&page, digest, call->plan, rd_str_is(lang, "zh-CN"));
    size_t mark = method_begin(call);
    rd_pack_cstr(call->reply, "alert");
    rd_pack_uint(call->reply, seq);
    rd_pack_cstr(call->reply, "time");
    rd_pack_time(call->reply, alert->time);
    rd_pack_cstr(call->reply, "title");
    rd_pack_str(call->reply, alert->title);
    rd_pack_cstr(call->reply, "digest");
    rd_buf_put_text(call->reply, alert->digest);
    rd_pack_cstr(call->reply, "text");
    rd_pack_str(call->reply, rd_buf_str(&page));
    rd_buf_done(&page);
    method_end(call, mark, 5);
    return true;
}

bool digest_get_answer(struct method_call *call)
{
    enum rd_digest_every every = every_asked(call);
    uint32_t unit;
    rd_day day;
    uint64_t seq = 0;
    if (!unit_asked(call, &unit) || !day_asked(call, unit, every, &day)) {
        return false;
    }
    (void)digest_row_get(call->view, unit, (uint8_t)every, day, &seq);
    if (seq == 0) {
        return method_fail(call, "not_found", "a silence withheld the digest of that day");
    }
    struct alert_row row;
    struct rd_alert alert;
    if (!alert_row_get(call->view, seq, &row)) {
        return method_gone(call, alert_rows_gone(call->view) + 1);
    }
    if (rd_alert_open(row.packed, call->arena, &alert) != 0) {
        return method_fail(call, "not_yet", "the tables cannot be read now");
    }
    alert.digest =
            digest_masked(call->view, alert.digest, rights_hidden(&call->rights), call->arena);
    return answer(call, seq, &alert);
}
