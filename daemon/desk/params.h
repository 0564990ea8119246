/* daemon/desk/params.h — the parameters of a question: which a method takes, of which type, and how
 * it reads them. This room only. */
#pragma once

#include "daemon/desk/method.h"

enum { DESK_LIMIT_MAX = 10000 }; /* of a list, and of an array that is asked with */

/* Every key that a question has must be one of the method's, or one that all methods take; its
 * value must be of its type, and one of the list where the type has a list. nil is absent. False:
 * bad_params is set, with the nearest name where one is near. */
RD_MUST_USE bool params_check(struct method_call *call, const struct method *method);

/* The same of one parameter: for a list that tells more than the type in the table. */
RD_MUST_USE bool param_check(struct method_call *call, const char *key, enum param_type type);

/* To be called after params_check(): absent is 0, false or empty. */
bool param_has(const struct method_call *call, const char *key);
uint64_t param_uint(const struct method_call *call, const char *key);
bool param_bool(const struct method_call *call, const char *key);
struct rd_str param_str(const struct method_call *call, const char *key);
rd_time param_time(const struct method_call *call, const char *key); /* RD_TIME_NONE: absent */

/* `text` is none of some names: sets bad_params, "WHAT "text": did you mean NEAREST?". Returns
 * false. */
bool param_refuse(struct method_call *call, const char *what, const struct rd_nearest *nearest);
