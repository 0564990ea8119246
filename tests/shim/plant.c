/* tests/shim/plant.c — faults in the middle of the daemon's work, for tests/wire/29-guard.py.
 * Linked around the functions themselves (ld --wrap): the program under test is the program.
 *
 * An event whose id, and a question whose bytes, hold "plant-abort", "plant-segv" or "plant-kill"
 * ends the process so; a clock of case $REDRESS_PLANT_CASE aborts it when it fires. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/num.h"
#include "daemon/desk/desk.h"
#include "daemon/engine/clocks.h"
#include "daemon/engine/engine.h"
#include "daemon/store/rows/case_row.h"

void __real_engine_event(struct engine *engine, const struct engine_time *at,
        const struct engine_sender *sender, const struct rd_event *event,
        struct rd_receipt *ret_receipt);
void __wrap_engine_event(struct engine *engine, const struct engine_time *at,
        const struct engine_sender *sender, const struct rd_event *event,
        struct rd_receipt *ret_receipt);
int __real_desk_answer(struct desk *desk, struct rd_str user, struct rd_str request,
        bool is_last_chance, struct rd_buf *reply);
int __wrap_desk_answer(struct desk *desk, struct rd_str user, struct rd_str request,
        bool is_last_chance, struct rd_buf *reply);
void __real_clock_fire(struct engine *engine, struct work *work, uint16_t slot);
void __wrap_clock_fire(struct engine *engine, struct work *work, uint16_t slot);

static bool holds(struct rd_str text, const char *word)
{
    return memmem(text.ptr, text.len, word, strlen(word)) != NULL;
}

static void end_over(struct rd_str text)
{
    if (holds(text, "plant-abort")) {
        abort();
    }
    if (holds(text, "plant-segv")) {
        (void)raise(SIGSEGV);
    }
    if (holds(text, "plant-kill")) {
        (void)raise(SIGKILL);
    }
}

void __wrap_engine_event(struct engine *engine, const struct engine_time *at,
        const struct engine_sender *sender, const struct rd_event *event,
        struct rd_receipt *ret_receipt)
{
    end_over(event->id);
    __real_engine_event(engine, at, sender, event, ret_receipt);
}

int __wrap_desk_answer(struct desk *desk, struct rd_str user, struct rd_str request,
        bool is_last_chance, struct rd_buf *reply)
{
    end_over(request);
    return __real_desk_answer(desk, user, request, is_last_chance, reply);
}

void __wrap_clock_fire(struct engine *engine, struct work *work, uint16_t slot)
{
    const char *text = getenv("REDRESS_PLANT_CASE");
    uint64_t number;
    if (text != NULL && rd_u64_parse(rd_str_of(text), &number) == 0 &&
            work->row->number == number) {
        abort();
    }
    __real_clock_fire(engine, work, slot);
}
