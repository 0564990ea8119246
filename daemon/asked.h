/* daemon/asked.h — what of a question tells it from others, for the crash guard: who asks the same
 * with another msgid, page or place to wait for asks the same. */
#pragma once

#include "common/base/base.h"

struct asked;

struct asked_question {
    uint32_t msgid;       /* 0: it has none that can be read */
    struct rd_str method; /* empty: it is no request */
    struct rd_str text;   /* the method and the parameters that say what is asked for; of what is no
                           * request all of it */
};

struct asked *asked_new(void);
void asked_free(struct asked *asked); /* NULL is fine */
/* Borrowed until the next call, and from `request`. */
void asked_read(struct asked *asked, struct rd_str request, struct asked_question *ret_question);
