/* What the verbs of who supervises ask the desk for. */
#include <string.h>

#include "tools/ctl/office.h"

/* The desk's name of an option. A calendar file cancels, too. */
static const char *param_of(const char *option)
{
    return strcmp(option, "min-seq") == 0    ? "min_seq"
           : strcmp(option, "count-by") == 0 ? "count_by"
           : strcmp(option, "ical") == 0     ? "replaced"
                                             : option;
}

static uint32_t put_page(
        const struct ctl *ctl, struct rd_buf *params, const struct office_page *page)
{
    rd_pack_cstr(params, "after");
    rd_pack_uint(params, page->after);
    if (ctl_option(ctl, "from") != NULL) {
        return 1;
    }
    rd_pack_cstr(params, "from");
    rd_pack_time(params, page->from);
    return 2;
}

void office_put_params(const struct ctl *ctl, struct rd_buf *params, const struct office *office,
        const struct office_page *page)
{
    uint32_t pairs = 0;
    size_t mark = rd_pack_map_begin(params);
    if (office->word != NULL && ctl->word_count > 0) {
        rd_pack_cstr(params, office->word);
        rd_pack_cstr(params, ctl->words[0]);
        pairs++;
    }
    if (office->second != NULL && ctl->word_count > 1) {
        rd_pack_cstr(params, office->second);
        rd_pack_cstr(params, ctl->words[1]);
        pairs++;
    }
    for (size_t i = 0; i < ctl->option_count; i++) {
        const struct ctl_option *option = &ctl->options[i];
        bool is_lang = strcmp(option->rule->name, "lang") == 0;
        bool is_ical = strcmp(option->rule->name, "ical") == 0;
        if ((is_ical && ctl->is_json) || (is_lang && !office->is_text)) {
            continue; /* how it is printed */
        }
        rd_pack_cstr(params, param_of(option->rule->name));
        if (option->rule->kind == OPT_NUMBER) {
            rd_pack_uint(params, option->value.number);
        } else if (option->rule->kind == OPT_TIME_AHEAD) {
            rd_pack_time(params, option->value.time);
        } else if (option->rule->kind == OPT_SWITCH) {
            rd_pack_bool(params, true);
        } else {
            rd_pack_cstr(params, option->text);
        }
        pairs++;
    }
    if (page != NULL) {
        pairs += put_page(ctl, params, page);
    }
    rd_pack_map_end(params, mark, pairs);
}
