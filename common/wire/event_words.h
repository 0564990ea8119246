/* common/wire/event_words.h — what an event is, in words for people. */
#pragma once

#include "common/wire/event.h"

/* A few words, in Chinese or English. Static. */
const char *rd_event_type_words(enum rd_event_type type, bool is_zh);
