/* daemon/config/print.h — nodes as YAML text. Internal to the room. */
#pragma once

#include "daemon/config/node.h"

void config_node_print(struct rd_buf *buf, const struct config_node *root);
