/* daemon/engine/rectification.h — from the cause of a case to the check that it was mended. */
#pragma once

#include "daemon/engine/take.h"

/* case.cause_found: the unit that must mend owes a duty, one for each case and unit; where the same
 * was mended there not long ago, unit and parent hear that it came again. */
take_fn take_cause_found;
/* case.rectified decides the duty; duty.verified closes it, or opens it again. */
take_fn find_rectified, take_rectified, take_duty_verified;
