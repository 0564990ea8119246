/* daemon/upgrade_10.h — from engine 9 to engine 10, both of schema 6. */
#pragma once

#include "daemon/upgrade_row.h"

int upgrade_10_row(struct upgrade_row *row);
