#include <inttypes.h>
#include <string.h>

#include "tools/ctl/event.h"
#include "tools/ctl/print.h"

/* Every change is an event through intake: a verb says which, and which word is which key. */

struct act {
    const char *type;
    const char
            *words; /* keys of the words in order; "CASE": number or subject; "KEY=VALUE…": rest */
};

static const char envelope[] = " id time ";

static bool is_envelope(const char *name)
{
    char padded[16];
    int len = snprintf(padded, sizeof padded, " %s ", name);
    return len < (int)sizeof padded && strstr(envelope, padded) != NULL;
}

/* Options are keys of the data, but for the envelope's. A switch means true. */
static bool add_options(const struct ctl *ctl, struct event_draft *draft, char (*names)[32])
{
    for (size_t i = 0; i < ctl->option_count; i++) {
        const struct ctl_option *option = &ctl->options[i];
        if (is_envelope(option->name)) {
            continue;
        }
        if (strcmp(option->name, "subject") == 0) {
            draft->subject = option->value;
            continue;
        }
        (void)snprintf(names[i % EVENT_KEYS_MAX], 32, "%s", option->name);
        for (char *at = names[i % EVENT_KEYS_MAX]; *at != '\0'; at++) {
            *at = *at == '-' ? '_' : *at;
        }
        bool is_switch = strcmp(option->name, "told-customer") == 0;
        if (!event_add(draft, names[i % EVENT_KEYS_MAX], strlen(names[i % EVENT_KEYS_MAX]),
                    is_switch ? "true" : option->value)) {
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
                ctl_say("%s: write ATTR=VALUE", word);
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

static enum ctl_status send_draft(struct ctl *ctl, struct event_draft *draft)
{
    struct rd_buf id, event;
    rd_buf_init(&id, EVENT_BYTES_MAX);
    rd_buf_init(&event, EVENT_BYTES_MAX);
    enum ctl_status status = CTL_USAGE;
    if (event_pack(ctl, draft, &id, &event)) {
        if (event.error != 0) {
            ctl_say("the event is too long");
        } else {
            status = ctl_send(ctl, rd_buf_str(&id), rd_buf_str(&event));
        }
    }
    rd_buf_done(&id);
    rd_buf_done(&event);
    return status;
}

static enum ctl_status act(struct ctl *ctl)
{
    const struct act *act = ctl->verb->more;
    char names[EVENT_KEYS_MAX][32];
    struct event_draft draft = {.type = act->type};
    if (!add_words(ctl, act, &draft) || !add_options(ctl, &draft, names)) {
        return CTL_USAGE;
    }
    return send_draft(ctl, &draft);
}

static enum ctl_status any_event(struct ctl *ctl)
{
    static const struct act rest = {.words = "*"};
    char names[EVENT_KEYS_MAX][32];
    struct event_draft draft = {.type = ctl->words[0]};
    struct ctl shifted = *ctl;
    shifted.words++;
    shifted.word_count--;
    if (!add_words(&shifted, &rest, &draft) || !add_options(ctl, &draft, names)) {
        return CTL_USAGE;
    }
    return send_draft(ctl, &draft);
}

/* ---- dead requeue ---- */

static enum ctl_status send_letter(struct ctl *ctl, rd_node letter)
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    struct rd_str event = rd_node_bin(rd_node_find(letter, "event"));
    rd_node root = NULL;
    const char *what = "it has no id";
    int r = rd_tree_read(tree, event, &root, &what);
    struct rd_str id = rd_node_str(rd_node_find(root, "id"));
    if (r < 0 || id.len == 0) {
        ctl_say("this event can never be taken: %s", what);
        return CTL_REFUSED;
    }
    return ctl_send(ctl, id, event);
}

static enum ctl_status requeue(struct ctl *ctl)
{
    uint64_t number;
    if (!ctl_is_number(ctl->words[0], &number) || number == 0) {
        ctl_say("%s: give the number of a dead letter", ctl->words[0]);
        return CTL_USAGE;
    }
    struct rd_buf params;
    rd_buf_init(&params, 256);
    rd_pack_map(&params, 2);
    rd_pack_cstr(&params, "after");
    rd_pack_uint(&params, number - 1);
    rd_pack_cstr(&params, "limit");
    rd_pack_uint(&params, 1);
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    enum ctl_status status = ctl_ask(ctl, "dead.list", &params, &answer);
    rd_buf_done(&params);
    if (status != CTL_OK) {
        return status;
    }
    rd_node letter = rd_node_at(rd_node_find(answer.got.result, "rows"), 0);
    if (rd_node_uint(rd_node_find(letter, "number")) != number) {
        ctl_say("there is no dead letter %" PRIu64, number);
        return CTL_REFUSED;
    }
    return send_letter(ctl, letter);
}

/* ---- the table ---- */

enum { MANY = 60 };
#define ACT(type_, words_) act, (&(const struct act){.type = (type_), .words = (words_)})
#define SEND               "id=ID time=TIME"

static const struct ctl_verb VERBS[] = {
        {"ack", "ALERT", SEND, "an alert is seen to", 1, 1, ACT("alert.acknowledged", "alert")},
        {"acknowledge", "CASE", SEND, "someone works on the case", 1, 1,
                ACT("case.acknowledged", "CASE")},
        {"assign", "CASE UNIT", "handler=NAME " SEND, "hand a case to a unit", 2, 2,
                ACT("case.assigned", "CASE unit")},
        {"contacted", "CASE", "text=TEXT " SEND, "the customer was reached", 1, 1,
                ACT("case.customer_contacted", "CASE")},
        {"pause", "CASE REASON", "until=TIME " SEND, "stop the clocks", 2, 2,
                ACT("case.paused", "CASE reason")},
        {"resume", "CASE REASON", SEND, "let them run on", 2, 2,
                ACT("case.resumed", "CASE reason")},
        {"extend", "CASE CLOCK", "approved-by=NAME reason=TEXT told-customer " SEND,
                "more time on a clock", 2, 2, ACT("case.extended", "CASE clock")},
        {"escalate", "CASE REASON", "to=RUNG " SEND, "go up the ladder now", 2, 2,
                ACT("case.escalated", "CASE reason")},
        {"chase", "CASE QUESTION", "answer-by=TIME unit=PATH " SEND, "ask the unit", 2, 2,
                ACT("case.chased", "CASE question")},
        {"answer", "CASE TEXT", SEND, "answer such a question", 2, 2,
                ACT("case.answered", "CASE text")},
        {"decide", "CASE OUTCOME",
                "amount=AMOUNT currency=CODE liable=BOOL paid-for=CODE accommodation=BOOL "
                "approved-by=NAME " SEND,
                "the decision", 2, 2, ACT("case.decided", "CASE outcome")},
        {"close", "CASE RESOLUTION", SEND, "the end", 2, 2, ACT("case.closed", "CASE resolution")},
        {"reopen", "CASE REASON", SEND, "not the end", 2, 2, ACT("case.reopened", "CASE reason")},
        {"note", "CASE TEXT", SEND, "write something down", 2, 2, ACT("case.noted", "CASE text")},
        {"amend", "CASE KEY=VALUE…", SEND, "correct what is known", 2, MANY,
                ACT("case.amended", "CASE *")},
        {"defuse", "CASE", "measure=TEXT " SEND, "settled before it became a complaint", 1, 1,
                ACT("case.defused", "CASE")},
        {"withdraw", "CASE", SEND, "the customer withdrew it", 1, 1, ACT("case.withdrawn", "CASE")},
        {"merge", "CASE INTO REASON", SEND, "the same matter as another case", 3, 3,
                ACT("case.merged", "CASE into reason")},
        {"reapply", "CASE REASON", SEND, "put it under the present policies", 2, 2,
                ACT("case.reapplied", "CASE reason")},
        {"verified", "CASE true|false", "reason=TEXT " SEND, "is it a real complaint?", 2, 2,
                ACT("case.verified", "CASE valid")},
        {"notice-given", "CASE CODE", "written=BOOL " SEND, "the customer was told", 2, 2,
                ACT("case.notice_given", "CASE notice")},
        {"silence create", "ATTR=VALUE…", "until=TIME reason=TEXT " SEND,
                "withhold matching alerts", 1, MANY, ACT("silence.created", "~")},
        {"silence end", "N", SEND, "end a silence", 1, 1, ACT("silence.ended", "silence")},
        {"clock accept", "", SEND, "believe a clock that jumped", 0, 0, ACT("clock.accepted", "")},
        {"source reset", "NAME", SEND, "forget a source's sequence", 1, 1,
                ACT("source.reset", "source")},
        {"dead requeue", "N", "", "send a rejected event again", 1, 1, requeue, NULL},
        {"event", "TYPE KEY=VALUE…", "subject=TEXT " SEND, "any event", 1, MANY, any_event, NULL},
};

const struct ctl_verb *write_verbs(size_t *ret_count)
{
    *ret_count = RD_COUNT(VERBS);
    return VERBS;
}
