#include "daemon/config/receipt_cut.h"

#include "common/plan/masks.h"

void receipt_cut_cases(const struct rights *rights, struct rd_receipt *receipt,
        struct rd_open_case room[static RD_OPEN_CASES_MAX])
{
    for (size_t i = 0; i < receipt->open_case_count; i++) {
        const struct rd_open_case *whole = &receipt->open_cases[i];
        room[i] = *whole;
        if (!rights_covers(rights, whole->unit)) {
            room[i] = (struct rd_open_case){.case_number = whole->case_number,
                    .unit = whole->unit,
                    .state = whole->state,
                    .level = whole->level,
                    .opened = whole->opened,
                    .last_contact = RD_TIME_NONE,
                    .is_overdue = whole->is_overdue};
        }
    }
    receipt->open_cases = room;
}

void receipt_cut_warning(const struct rights *rights, const struct rd_event *event,
        struct rd_receipt *receipt, struct rd_arena *arena)
{
    unsigned what = rights_hidden(rights);
    if (receipt->warning == NULL || what == 0) {
        return;
    }
    struct rd_hidden hidden = rd_hidden_of(what, event->data);
    struct rd_warning *warning = RD_ARENA_ARRAY(arena, struct rd_warning, 1);
    *warning = *receipt->warning;
    warning->reasons =
            rd_mask_reasons(rights->plan, warning->reasons, warning->reason_count, &hidden, arena);
    receipt->warning = warning;
}
