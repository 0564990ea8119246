"""Faults of the engine that are known and reported: True, the model makes the same one, so that it
does not hide others. Each goes when the engine is mended."""

# The receipt's warning.alert is the first alert of any type to the case's unit in that record.
WARNING_ALERT_IS_ANY = False
# A lease is renewed by each event for as long again, and a pause does not shift it.
LEASE_RENEWS = False
# open_case_at: none opens no case at all.
NONE_OPENS_NOTHING = False
# A known sequence under another id is answered before unknown_unit and unknown_case.
SEQUENCE_CONFLICT_FIRST = False
# Only the contact that a complaint names (or the newest) has its due timers fired before it grows.
OTHERS_GROW_UNFIRED = False
# Without `contact`, only the customer's very newest contact case is looked at.
NEWEST_CONTACT_ONLY = False
# An integer in data.into ends the daemon: the generator sends texts.
MERGE_INTO_NUMBER_CRASHES = False
# A duty decided by its progress tells no case.outcome.
DUTY_HAS_NO_OUTCOME = False
# ladder.exhausted never says late_by.
EXHAUSTED_IS_NEVER_LATE = False
# A complaint opened by case.forwarded grew from no contact: `first` is its own unit.
FORWARDED_HAS_NO_CONTACT = False
# restart_on works with facts_added only: the due instant is not derived anew for other moments.
RESTARTS_ON_FACTS_ONLY = False
# case.rectified on a duty decides and closes it, whatever the duty.
RECTIFIED_ENDS_DUTY = False
# A second case.forwarded that changes answer_by tells no clock.moved.
FORWARDED_MOVES_SILENTLY = False
# source.gap never says late_by.
GAP_IS_NEVER_LATE = False
# While one alert of a rung is held, the ack_within of its others does not run; when it goes out, they
# begin anew, and re-notification with them.
HELD_HOLDS_OTHERS = False
# A clock with due: ATTRIBUTE neither reminds nor breaches while a pause is open.
DUE_CLOCKS_PAUSE = False
# The last rung, sent again by hand after ladder.exhausted, waits for its answer but tells nobody.
EXHAUSTED_ONCE = False
# With `distinct`, the count before an event leaves out members of the event's own value: the latch
# of a pattern clears although the key is still over the count.
DISTINCT_BEFORE_WITHOUT_OWN = False
# ack_within and renotify count in the ladder's calendar, not in the case unit's when it was sent.
ACK_CALENDAR_IS_LADDERS = False
# A due that changes while its clock is paused, other than by the pause, is never told.
MOVED_IN_PAUSE_IS_UNTOLD = False
# The 60 s of a gap are counted on the wall, not on the steady scale.
GAP_ON_WALL = False
# Amending `received` moves the start also of a clock that new facts had restarted.
AMENDING_MOVES_RESTARTED = True
# case.merged looks at its own state before it looks for `into`.
INTO_AFTER_LIFECYCLE = False
# After a transfer the re-notification of the old unit's alerts stays armed, and fires without a word.
DROPPED_RENOTIFY_IS_ARMED = False
# A clock that starts at `assigned` takes the calendar of the unit that had the case before.
ASSIGNED_CLOCK_HAS_OLD_CALENDAR = False
# Open alerts of the ladder's run before a reopening of a decided case count as the new run's.
REOPENING_MIXES_RUNS = True
# A breach found by a late stop, or by closing, never says late_by.
BREACH_BY_STOP_IS_NEVER_LATE = False
# case.resumed is refused on a decided case.
RESUMED_IS_REFUSED_WHEN_DECIDED = True
# A rung's alert that was held says no `skipped`.
HELD_LOSES_SKIPPED = True
# A duty decided by its progress was neither acknowledged nor its customer contacted.
DUTY_DECIDES_ALONE = True
# A correction is sent for each breach that the clock ever told, also before a restart.
CORRECTS_ALL_BREACHES = False
# Of two instants of one owner that are equal, a tick loses the second: the row is gone, armed says
# it is there. So of alerts held for one opening only the first goes out: rungs that hold tell one.
SECOND_HELD_IS_LOST = True
# A policy matched anew: until and ack_within of the new ladder are not looked at for what has
# happened already, a new clock runs although its stop has come. --off, for the generator.
OFF = ["forwarded", "amended", "reapplied"]
