/* daemon/engine/event_rows.h — what the engine does with each type of event: a row each, and the
 * functions that the rows name. events.c has the words of the rows; its users ask events.h. */
#pragma once

#include "daemon/engine/take.h"

/* type, find, take, kinds of cases, cells of the lifecycle, moment, keeps, flags. Openings and
 * amendments keep whatever attributes they bring. */
#define ENGINE_EVENT_ROWS(X)                                                                       \
    X(CONTACT_RECEIVED, find_opening, take_contact, NO, NULL, NONE, 0, 0)                          \
    X(COMPLAINT_REGISTERED, find_opening, take_complaint, NO, NULL, NONE, 0, 0)                    \
    X(FORWARDED, find_named, take_forwarded, COMPLAINT, "====O-", FORWARDED,                       \
            K(BODY) | K(REF) | K(ANSWER_BY), 0)                                                    \
    X(ASSIGNED, find_named, take_assigned, ALL, "AAA=--", ASSIGNED, K(HANDLER), 0)                 \
    X(ACKNOWLEDGED, find_named, take_acknowledged, ALL, CELLS_ACKNOWLEDGED, ACKNOWLEDGED, 0,       \
            RELIEF | NO_WORK)                                                                      \
    X(CUSTOMER_CONTACTED, find_named, take_customer_contacted, ALL, CELLS_ACKNOWLEDGED,            \
            CUSTOMER_CONTACTED, 0, RELIEF | TEXT)                                                  \
    X(JOINED, find_named, take_plain, ALL, "====--", JOINED, 0, 0)                                 \
    X(NOTED, find_named, take_plain, ALL, "======", NONE, 0, TEXT)                                 \
    X(AMENDED, find_named, take_amended, ALL, "======", NONE, 0, 0)                                \
    X(FACTS_ADDED, find_named, take_facts_added, ALL, "====--", FACTS_ADDED, 0, TEXT)              \
    X(PAUSED, find_named, take_paused, ALL, "===---", NONE, 0, 0)                                  \
    X(RESUMED, find_named, take_resumed, ALL, "====--", NONE, 0, RELIEF)                           \
    X(EXTENDED, find_named, take_extended, ALL, "=====-", NONE, 0, 0)                              \
    X(ESCALATED, find_named, take_escalated, ALL, "====--", NONE, 0, 0)                            \
    X(CHASED, find_named, take_chased, ALL, "====--", NONE, 0, 0)                                  \
    X(ANSWERED, find_named, take_answered, ALL, "====--", NONE, 0, RELIEF)                         \
    X(PANEL_OPENED, find_named, take_panel_opened, ALL, "====--", PANEL_OPENED, K(PARTICIPANTS),   \
            MATCHED)                                                                               \
    X(PANEL_CONCLUDED, find_named, take_panel_concluded, ALL, "====--", PANEL_CONCLUDED, 0, 0)     \
    X(MEDIATION_CALLED, find_named, take_mediation_called, COMPLAINT, "====--", MEDIATION_CALLED,  \
            K(BODY) | K(REQUIRED), MATCHED)                                                        \
    X(MEDIATION_ACCEPTED, find_named, take_mediation_accepted, COMPLAINT, "====--",                \
            MEDIATION_ACCEPTED, 0, 0)                                                              \
    X(MEDIATION_DECLINED, find_named, take_mediation_declined, COMPLAINT, "====--", NONE, 0, 0)    \
    X(MEDIATION_SETTLED, find_named, take_mediation_settled, COMPLAINT, "====--",                  \
            MEDIATION_SETTLED, K(AMOUNT) | K(CURRENCY) | K(DUE), MATCHED)                          \
    X(MEDIATION_FAILED, find_named, take_mediation_failed, COMPLAINT, "=====-", NONE, 0, 0)        \
    X(MEDIATION_EXECUTED, find_named, take_mediation_executed, COMPLAINT, "=====-",                \
            MEDIATION_EXECUTED, 0, 0)                                                              \
    X(DECIDED, find_named, take_decided, COMPLAINT | DUTY, "DDD=l-", DECIDED, DECISION,            \
            RELIEF | MATCHED)                                                                      \
    X(CLOSED, find_named, take_closed, ALL, "CCCC--", CLOSED, K(RESOLUTION), RELIEF | MATCHED)     \
    X(WITHDRAWN, find_named, take_closed, ALL, "CCCC--", CLOSED, 0, RELIEF)                        \
    X(DEFUSED, find_named, take_defused, CONTACT, "CCC---", CLOSED, 0, RELIEF)                     \
    X(MERGED, find_named, take_merged, ALL, "CCCC--", CLOSED, 0, RELIEF)                           \
    X(REOPENED, find_named, take_reopened, ALL, "---OO-", REOPENED, 0, TEXT)                       \
    X(REVIEW_REQUESTED, find_named, take_review_requested, ALL, "---OO-", REVIEW_REQUESTED, 0,     \
            TEXT)                                                                                  \
    X(REVIEW_DECIDED, find_named, take_review_decided, ALL, "====--", REVIEW_DECIDED, 0, 0)        \
    X(VERIFIED, find_named, take_plain, ALL, "======", NONE, K(VALID), MATCHED)                    \
    X(SURVEYED, find_named, take_surveyed, CONTACT | COMPLAINT, "---==-", NONE, K(SATISFIED),      \
            MATCHED)                                                                               \
    X(CAUSE_FOUND, find_named, take_cause_found, ALL, "======", CAUSE_FOUND, K(CAUSE), MATCHED)    \
    X(RECTIFIED, find_rectified, take_rectified, ALL, "======", RECTIFIED, 0, 0)                   \
    X(SANCTIONED, find_named, take_plain, ALL, "======", SANCTIONED, 0, 0)                         \
    X(NOTICE_GIVEN, find_named, take_notice_given, ALL, "======", NOTICE_GIVEN, 0, RELIEF)         \
    X(REAPPLIED, find_named, take_reapplied, ALL, "======", NONE, 0, 0)                            \
    X(DUTY_OPENED, find_duty_opened, take_duty_opened, NO, NULL, NONE, 0, 0)                       \
    X(DUTY_PROGRESSED, find_duty_progressed, take_duty_progressed, DUTY, "====--", NONE,           \
            K(DONE) | K(TOTAL) | K(MEASURES), MATCHED)                                             \
    X(ALERT_ACKNOWLEDGED, find_alert, take_alert_acknowledged, ALL, CELLS_ACKNOWLEDGED, NONE, 0,   \
            RELIEF | NO_WORK)                                                                      \
    X(SILENCE_CREATED, NULL, take_silence_created, NO, NULL, NONE, 0, 0)                           \
    X(SILENCE_ENDED, find_silence, take_silence_ended, NO, NULL, NONE, 0, 0)                       \
    X(CONTRACT_SCREENED, find_screened, take_screened, DUTY, "=====-", NONE, 0, 0)                 \
    X(UNIT_REPORTED, NULL, take_unit_reported, NO, NULL, NONE, 0, 0)                               \
    X(SOURCE_RESET, NULL, take_source_reset, NO, NULL, NONE, 0, 0)                                 \
    X(CLOCK_ACCEPTED, NULL, take_for_edge, NO, NULL, NONE, 0, RELIEF)                              \
    X(CUSTOMER_FORGOTTEN, NULL, take_forgotten, NO, NULL, NONE, 0, 0)                              \
    X(FIGURE_GIVEN, NULL, take_figure, NO, NULL, NONE, 0, 0)                                       \
    X(ROSTER_OVERRIDDEN, find_roster, take_roster_overridden, NO, NULL, NONE, 0, 0)                \
    X(CONTRACT_CLEARED, find_cleared, take_cleared, DUTY, "====--", NONE, 0, RELIEF)               \
    X(APPROVAL_GIVEN, find_approval, take_approval, NO, NULL, NONE, 0, RELIEF)                     \
    X(DUTY_VERIFIED, find_named, take_duty_verified, DUTY, "---==-", NONE, K(EFFECTIVE), 0)        \
    X(QUARANTINE_RELEASED, NULL, take_for_edge, NO, NULL, NONE, 0, 0)                              \
    X(DEAD_REQUEUED, NULL, take_for_edge, NO, NULL, NONE, 0, 0)

take_fn take_contact, take_complaint, take_forwarded, take_duty_opened;
take_fn take_plain, take_assigned, take_acknowledged, take_customer_contacted, take_facts_added,
        take_escalated, take_chased, take_answered, take_panel_opened, take_panel_concluded;
take_fn take_mediation_called, take_mediation_accepted, take_mediation_declined,
        take_mediation_settled, take_mediation_failed, take_mediation_executed;
take_fn take_paused, take_resumed, take_extended, take_amended, take_reapplied;
take_fn take_decided, take_closed, take_defused, take_merged, take_reopened, take_review_requested,
        take_review_decided;
take_fn take_surveyed, take_notice_given, take_duty_progressed;
take_fn take_alert_acknowledged, take_silence_created, take_silence_ended, take_screened,
        take_unit_reported, take_source_reset, take_for_edge, take_forgotten, take_figure,
        take_roster_overridden, take_cleared, take_approval;
