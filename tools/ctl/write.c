#include <inttypes.h>
#include <string.h>

#include "tools/ctl/event.h"

/* Every change is an event through intake: a verb says which, and which word is which key. */

struct act {
    const char *type;
    const char
            *words; /* keys of the words in order; "CASE": number or subject; "KEY=VALUE…": rest */
};

/* Options are keys of the data, but for the envelope's. A switch means true. */
static bool add_options(const struct ctl *ctl, struct event_draft *draft, char (*names)[32])
{
    for (size_t i = 0; i < ctl->option_count; i++) {
        const struct ctl_option *option = &ctl->options[i];
        const char *name = option->rule->name;
        if (strcmp(name, "id") == 0 || strcmp(name, "time") == 0 || strcmp(name, "source") == 0) {
            continue;
        }
        if (strcmp(name, "subject") == 0) {
            draft->subject = option->text;
            continue;
        }
        char *key = names[i % EVENT_KEYS_MAX];
        (void)snprintf(key, 32, "%s", name);
        for (char *at = key; *at != '\0'; at++) {
            *at = *at == '-' ? '_' : *at;
        }
        if (!event_add(draft, key, strlen(key), option->text != NULL ? option->text : "true")) {
            return false;
        }
    }
    return true;
}

static bool add_words(const struct ctl *ctl, const struct act *act, struct event_draft *draft)
{
    const char *at = act->words;
    for (size_t i = 0; i < ctl->word_count; i++) {
        size_t len = strcspn(at, " ");
        bool is_good;
        const char *word = ctl->words[i];
        const char *equals = strchr(word, '=');
        if (rd_str_is((struct rd_str){.ptr = at, .len = len}, "CASE")) {
            is_good = event_add_case(draft, word);
        } else if (len == 1 && *at == '*') {
            is_good = event_add_word(draft, word);
        } else if (len == 1 && *at == '~') { /* ATTR=VALUE of matchers */
            if (equals == NULL || equals == word) {
                say_error("%s: write ATTR=VALUE", word);
                return false;
            }
            is_good = event_add_pair(draft, "matchers", word, (size_t)(equals - word), equals + 1);
        } else {
            is_good = event_add(draft, at, len, word);
        }
        if (!is_good) {
            return false;
        }
        at += at[len] == ' ' ? len + 1 : 0; /* the last one is for all further words */
    }
    return true;
}

static enum exit_status send_draft(struct ctl *ctl, struct event_draft *draft)
{
    struct rd_buf id, event;
    rd_buf_init(&id, EVENT_BYTES_MAX);
    rd_buf_init(&event, EVENT_BYTES_MAX);
    enum exit_status status = STATUS_USAGE;
    if (event_pack(ctl, draft, &id, &event)) {
        if (event.error != 0) {
            say_error("the event is too long");
        } else if (!event_names_are_known(ctl, draft)) {
            status = STATUS_REFUSED;
        } else {
            status = ctl_send(ctl, rd_buf_str(&id), rd_buf_str(&event), draft);
        }
    }
    rd_buf_done(&id);
    rd_buf_done(&event);
    return status;
}

static enum exit_status act(struct ctl *ctl)
{
    const struct act *act = ctl->verb->more;
    char names[EVENT_KEYS_MAX][32];
    struct event_draft draft = {.type = act->type};
    if (!add_words(ctl, act, &draft) || !add_options(ctl, &draft, names)) {
        return STATUS_USAGE;
    }
    return send_draft(ctl, &draft);
}

static enum exit_status any_event(struct ctl *ctl)
{
    static const struct act rest = {.words = "*"};
    char names[EVENT_KEYS_MAX][32];
    struct event_draft draft = {.type = ctl->words[0]};
    if (!event_type_is_known(draft.type)) {
        return STATUS_USAGE;
    }
    struct ctl shifted = *ctl;
    shifted.words++;
    shifted.word_count--;
    if (!add_words(&shifted, &rest, &draft) || !add_options(ctl, &draft, names)) {
        return STATUS_USAGE;
    }
    return send_draft(ctl, &draft);
}

/* A number is an alert's; all else names a case, whose open alerts its unit has then seen. */
static enum exit_status acknowledge(struct ctl *ctl)
{
    static const char prefix[] = "case:";
    uint64_t number;
    const char *word = ctl->words[0];
    bool is_alert = ctl_is_number(word, &number);
    bool is_case = strncmp(word, prefix, sizeof prefix - 1) == 0;
    char names[EVENT_KEYS_MAX][32];
    struct event_draft draft = {.type = is_alert ? "alert.acknowledged" : "case.acknowledged"};
    bool is_good = is_alert ? event_add(&draft, "alert", strlen("alert"), word)
                            : event_add_case(&draft, is_case ? word + sizeof prefix - 1 : word);
    return is_good && add_options(ctl, &draft, names) ? send_draft(ctl, &draft) : STATUS_USAGE;
}

/* Whether it is a digest as quarantine list shows it. */
static bool is_digest(const char *word)
{
    enum { DIGEST_LETTERS = 32 };
    size_t digits = strspn(word, "0123456789abcdef");
    return digits == DIGEST_LETTERS && word[digits] == '\0';
}

static enum exit_status release(struct ctl *ctl)
{
    static const struct act a_case = {.type = "case.reapplied", .words = "CASE reason"},
                            other = {.type = "quarantine.released", .words = "digest reason"};
    const struct act *act = is_digest(ctl->words[0]) ? &other : &a_case;
    char names[EVENT_KEYS_MAX][32];
    struct event_draft draft = {.type = act->type};
    if (!add_words(ctl, act, &draft) || !add_options(ctl, &draft, names)) {
        return STATUS_USAGE;
    }
    return send_draft(ctl, &draft);
}

/* ---- the table ---- */

#define TEXT(name_, value_, help_)                                                                 \
    {                                                                                              \
        .name = (name_), .value = (value_), .kind = OPT_TEXT, .help = (help_)                      \
    }

/* Texts, but for the envelope's: the key's own kind decides what the event gets of them. */
static const struct opt_rule RULES[] = {
        TEXT("handler", "NAME", "who works on it"),
        TEXT("text", "TEXT", "what was talked about"),
        TEXT("until", "TIME", "when it ends"),
        TEXT("reason", "TEXT", "why"),
        TEXT("approved-by", "NAME", "who approved it"),
        {.name = "told-customer", .kind = OPT_SWITCH, .help = "the customer was told"},
        TEXT("to", "RUNG", "to this rung (the next)"),
        TEXT("answer-by", "TIME", "when the answer is wanted: a time, or a date's end"),
        {.name = "unit",
                .value = "PATH",
                .kind = OPT_UNIT,
                .help = "the unit that is asked, or that answers"},
        TEXT("amount", "AMOUNT", "what is paid: 12.50"),
        TEXT("currency", "CODE", "in this currency: CNY"),
        TEXT("liable", "true|false", "whether we are at fault"),
        TEXT("paid-for", "CODE", "what the amount is paid for"),
        TEXT("accommodation", "true|false", "whether it is given out of goodwill"),
        TEXT("measure", "TEXT", "what was done"),
        TEXT("written", "true|false", "whether in writing"),
        TEXT("subject", "TEXT", "the case's reference"),
        TEXT("id", "ID", "of the event; the same again is taken once (a new one)"),
        {.name = "time", .value = "TIME", .kind = OPT_TIME_BACK, .help = "when it happened (now)"},
        TEXT("source", "NAME", "that it speaks as (redressctl)"),
};

enum { MANY = 60 };
#define ACT(type_, words_) act, (&(const struct act){.type = (type_), .words = (words_)})
#define SEND               "id time source"

static const struct ctl_verb VERBS[] = {
        {"ack", "ALERT|CASE", SEND, "an alert, or all of a case, is seen to", 1, 1, acknowledge,
                NULL},
        {"acknowledge", "CASE", SEND, "the unit has the case in hand", 1, 1,
                ACT("case.acknowledged", "CASE")},
        {"assign", "CASE UNIT", "handler " SEND, "hand a case to a unit", 2, 2,
                ACT("case.assigned", "CASE unit")},
        {"contacted", "CASE", "text " SEND, "the customer was reached", 1, 1,
                ACT("case.customer_contacted", "CASE")},
        {"pause", "CASE REASON", "until " SEND, "stop its clocks", 2, 2,
                ACT("case.paused", "CASE reason")},
        {"resume", "CASE REASON", SEND, "let its clocks run on", 2, 2,
                ACT("case.resumed", "CASE reason")},
        {"extend", "CASE CLOCK", "approved-by reason told-customer " SEND, "more time on a clock",
                2, 2, ACT("case.extended", "CASE clock")},
        {"escalate", "CASE REASON", "to " SEND, "fire the next rung, or a later one, now", 2, 2,
                ACT("case.escalated", "CASE reason")},
        {"chase", "CASE QUESTION", "answer-by unit " SEND, "ask the unit a question", 2, 2,
                ACT("case.chased", "CASE question")},
        {"answer", "CASE TEXT", "unit " SEND, "answer the question", 2, 2,
                ACT("case.answered", "CASE text")},
        {"decide", "CASE OUTCOME",
                "amount currency liable paid-for accommodation "
                "approved-by " SEND,
                "tell what was decided", 2, 2, ACT("case.decided", "CASE outcome")},
        {"close", "CASE RESOLUTION", SEND, "close a case", 2, 2,
                ACT("case.closed", "CASE resolution")},
        {"reopen", "CASE REASON", SEND, "open a closed case again", 2, 2,
                ACT("case.reopened", "CASE reason")},
        {"note", "CASE TEXT", SEND, "write something down", 2, 2, ACT("case.noted", "CASE text")},
        {"amend", "CASE KEY=VALUE…", SEND, "correct what is known of it", 2, MANY,
                ACT("case.amended", "CASE *")},
        {"defuse", "CASE", "measure " SEND, "settled before it became a complaint", 1, 1,
                ACT("case.defused", "CASE")},
        {"withdraw", "CASE", SEND, "the customer withdrew it", 1, 1, ACT("case.withdrawn", "CASE")},
        {"merge", "CASE INTO REASON", SEND, "the same matter as another case", 3, 3,
                ACT("case.merged", "CASE into reason")},
        {"reapply", "CASE REASON", SEND, "put it under the present policies", 2, 2,
                ACT("case.reapplied", "CASE reason")},
        {"surveyed", "CASE true|false", SEND,
                "tell whether the customer, called back, was satisfied", 2, 2,
                ACT("case.surveyed", "CASE satisfied")},
        {"verified", "CASE true|false", "reason " SEND, "tell whether it is a real complaint", 2, 2,
                ACT("case.verified", "CASE valid")},
        {"cause", "CASE CAUSE UNIT", SEND, "what caused it, and who must mend that", 3, 3,
                ACT("case.cause_found", "CASE cause unit")},
        {"rectified", "CASE MEASURE", SEND, "the cause was mended", 2, 2,
                ACT("case.rectified", "CASE measure")},
        {"effective", "DUTY true|false", SEND, "tell whether what was mended holds", 2, 2,
                ACT("duty.verified", "CASE effective")},
        {"notice-given", "CASE CODE", "written " SEND, "the customer was told", 2, 2,
                ACT("case.notice_given", "CASE notice")},
        {"silence create", "ATTR=VALUE…", "until reason " SEND, "withhold matching alerts", 1, MANY,
                ACT("silence.created", "~")},
        {"quarantine release", "CASE|DIGEST REASON", SEND,
                "let the timers of a case go on, or an event or a question be looked at again", 2,
                2, release, NULL},
        {"silence end", "N", SEND, "end a silence", 1, 1, ACT("silence.ended", "silence")},
        {"approve", "EVENT", SEND, "say the second yes to an event that waits for it", 1, 1,
                ACT("approval.given", "event")},
        {"clock accept", "", SEND, "believe a clock that jumped", 0, 0, ACT("clock.accepted", "")},
        {"source reset", "NAME", SEND, "forget a source's sequence", 1, 1,
                ACT("source.reset", "source")},
        {"dead requeue", "N", SEND, "a rejected event is taken again, as its sender's", 1, 1,
                ACT("dead.requeued", "number")},
        {"event", "TYPE KEY=VALUE…", "subject " SEND, "any event", 1, MANY, any_event, NULL},
};

const struct ctl_group ctl_group_write = {.title = "Writing: one event each",
        .verbs = VERBS,
        .verb_count = RD_COUNT(VERBS),
        .rules = RULES,
        .rule_count = RD_COUNT(RULES)};
