/* common/plan/plan_rosters.c — who is told when an office is closed. */
#include "common/plan/plan_reader.h"

enum { ROSTERS_MAX = 64, TURNS_MAX = 1000 };

static void read_turns(struct plan_reader *r, rd_node map, struct rd_plan_roster *roster)
{
    struct rd_texts names = plan_texts(r, map, "turns", TURNS_MAX);
    int32_t *turns = RD_ARENA_ARRAY(r->arena, int32_t, names.count + 1);
    for (size_t i = 0; i < names.count; i++) {
        turns[i] = rd_plan_unit_find(r->plan, names.at[i]);
        if (turns[i] == RD_NO_INDEX) {
            size_t at = plan_enter_at(r, "turns", (uint32_t)i);
            plan_fault(r, NULL, "\"%.*s\": no such unit, or an id that several units have",
                    RD_FMT(names.at[i]));
            plan_leave(r, at);
        }
    }
    if (names.count == 0) {
        plan_fault(r, "turns", "names nobody");
    }
    roster->turns = turns;
    roster->rounds.count = (uint32_t)names.count;
}

static void read_roster(struct plan_reader *r, rd_node map, struct rd_plan_roster *roster)
{
    roster->name = plan_text(r, map, "roster");
    roster->shown = plan_text(r, map, "name");
    roster->calendar = plan_has(map, "calendar") ? plan_calendar(r, map, "calendar")
                       : r->plan->unit_count > 0 ? r->plan->units[0].calendar
                                                 : RD_NO_INDEX;
    struct rd_str hand_over = plan_text(r, map, "hand_over"), first = plan_text(r, map, "first");
    if (hand_over.len > 0 && rd_hand_over_parse(hand_over, &roster->rounds) < 0) {
        plan_fault(r, "hand_over", "\"%.*s\": not a hand-over", RD_FMT(hand_over));
    }
    if (first.len > 0 && rd_day_parse(first, &roster->rounds.first) < 0) {
        plan_fault(r, "first", "\"%.*s\": not a date", RD_FMT(first));
    }
    read_turns(r, map, roster);
}

void plan_read_rosters(struct plan_reader *r, rd_node root)
{
    rd_node list = plan_array(r, root, "rosters", ROSTERS_MAX);
    uint32_t count = rd_node_count(list);
    struct rd_plan_roster *rosters = RD_ARENA_ARRAY(r->arena, struct rd_plan_roster, count);
    for (uint32_t i = 0; i < count; i++) {
        size_t at = plan_enter_at(r, "rosters", i);
        read_roster(r, rd_node_at(list, i), &rosters[i]);
        plan_distinct(r, "roster", &rosters[0].name, sizeof *rosters, i);
        plan_leave(r, at);
    }
    r->plan->rosters = rosters;
    r->plan->roster_count = count;
}
