#include "tools/ctl/question.h"

#include <stdio.h>
#include <string.h>

#include "tools/shared/when.h"

/* An option's name on the command line, and on the wire. Of cases, time is when they opened. */
static void wire_name(const char *option, bool is_of_cases, char ret_name[static 32])
{
    static const struct {
        const char *option, *wire;
        bool only_cases;
    } NAMES[] = {{"level", "warning_level", false}, {"due", "due_on", true},
            {"since", "opened_from", true}, {"until", "opened_to", true},
            {"mine", "handler", true}};
    for (size_t i = 0; i < RD_COUNT(NAMES); i++) {
        if (strcmp(option, NAMES[i].option) == 0 && (is_of_cases || !NAMES[i].only_cases)) {
            option = NAMES[i].wire;
            break;
        }
    }
    (void)snprintf(ret_name, 32, "%s", option);
    for (char *at = ret_name; *at != '\0'; at++) {
        *at = *at == '-' ? '_' : *at;
    }
}

void ctl_put_day(const struct ctl *ctl, struct rd_buf *params, const char *text)
{
    char date[RD_DATE_TEXT_MAX] = "";
    rd_time now = ctl->now != 0 ? ctl->now : when_now();
    (void)when_is_day(rd_str_of(text), now, WHEN_AHEAD, date);
    rd_pack_cstr(params, date);
}

/* What runs out at 24:00 is due on that day, before the next: then the beginning of a day is meant
 * with what runs out at that very instant. */
static int is_due_before_day(const struct ctl_option *option)
{
    char date[RD_DATE_TEXT_MAX];
    return strcmp(option->rule->name, "due-before") == 0 &&
           when_is_day(rd_str_of(option->text), when_now(), WHEN_AHEAD, date);
}

static void put_option(
        const struct ctl *ctl, struct rd_buf *params, const struct ctl_option *option)
{
    char name[32];
    const struct question *question = ctl->verb->more;
    bool is_of_cases = question != NULL && strcmp(question->method, "case.list") == 0;
    wire_name(option->rule->name, is_of_cases, name);
    rd_pack_cstr(params, name);
    if (is_of_cases && strcmp(name, "due_on") == 0) {
        ctl_put_day(ctl, params, option->text);
        return;
    }
    if (is_of_cases && strcmp(option->rule->name, "mine") == 0) {
        rd_pack_cstr(params, ctl->by != NULL ? ctl->by : "");
        return;
    }
    if (strcmp(name, "paused") == 0 && strcmp(option->text, "any") == 0) {
        rd_pack_bool(params, true);
        return;
    }
    switch (option->rule->kind) {
    case OPT_NUMBER:
        rd_pack_uint(params, option->value.number);
        return;
    case OPT_SWITCH:
        rd_pack_bool(params, true);
        return;
    case OPT_TIME_AHEAD:
    case OPT_TIME_BACK:
        rd_pack_time(params, option->value.time + is_due_before_day(option));
        return;
    case OPT_TEXT:
    case OPT_UNIT:
    case OPT_CHOICE:
    case OPT_FILE:
    case OPT_DIR:
    case OPT_SECONDS:
    case OPT_SPAN:
        break;
    }
    rd_pack_cstr(params, option->text);
}

void ctl_put_params(const struct ctl *ctl, struct rd_buf *params, const char *key, uint64_t value)
{
    const struct question *question = ctl->verb->more;
    size_t mark = rd_pack_map_begin(params);
    uint32_t pairs = 0;
    if (question != NULL && question->preset != NULL) {
        pairs += question->preset(ctl, params);
    }
    if (key != NULL) {
        rd_pack_cstr(params, key);
        rd_pack_uint(params, value);
        pairs++;
    }
    for (size_t i = 0; i < ctl->option_count; i++) {
        bool is_lang = strcmp(ctl->options[i].rule->name, "lang") == 0;
        if (!is_lang || (question != NULL && question->is_text)) { /* of what is printed here */
            put_option(ctl, params, &ctl->options[i]);
            pairs++;
        }
    }
    if (ctl->word_count > 0) { /* a case */
        uint64_t number;
        const char *word = ctl->words[0];
        bool is_number = ctl_is_number(word, &number);
        rd_pack_cstr(params, is_number ? "case" : "subject");
        if (is_number) {
            rd_pack_uint(params, number);
        } else {
            rd_pack_cstr(params, strncmp(word, "subject:", 8) == 0 ? word + 8 : word);
        }
        pairs++;
    }
    rd_pack_map_end(params, mark, pairs);
}
