#include "daemon/config/schema.h"

#include <string.h>

static const struct config_row *part_at(size_t part, size_t *ret_count)
{
    switch (part) {
    case 0:
        *ret_count = config_rows_edge_count;
        return config_rows_edge;
    case 1:
        *ret_count = config_rows_units_count;
        return config_rows_units;
    case 2:
        *ret_count = config_rows_assessment_count;
        return config_rows_assessment;
    case 3:
        *ret_count = config_rows_policies_count;
        return config_rows_policies;
    case 4:
        *ret_count = config_rows_rest_count;
        return config_rows_rest;
    case 5:
        *ret_count = config_rows_supervision_count;
        return config_rows_supervision;
    default:
        return NULL;
    }
}

size_t config_row_count(void)
{
    size_t count = 0;
    size_t of_part;
    for (size_t part = 0; part_at(part, &of_part) != NULL; part++) {
        count += of_part;
    }
    return count;
}

const struct config_row *config_row_at(size_t index)
{
    size_t of_part;
    const struct config_row *rows;
    for (size_t part = 0; (rows = part_at(part, &of_part)) != NULL; part++) {
        if (index < of_part) {
            return &rows[index];
        }
        index -= of_part;
    }
    return NULL;
}

const struct config_row *config_row_find(const char *path)
{
    size_t of_part;
    const struct config_row *rows;
    for (size_t part = 0; (rows = part_at(part, &of_part)) != NULL; part++) {
        for (size_t i = 0; i < of_part; i++) {
            if (strcmp(rows[i].path, path) == 0) {
                return &rows[i];
            }
        }
    }
    return NULL;
}

bool config_row_is_child(const struct config_row *row, const char *path, const char **ret_key)
{
    size_t len = strlen(path);
    const char *rest = row->path;
    if (len > 0) {
        if (strncmp(row->path, path, len) != 0 || row->path[len] != '.') {
            return false;
        }
        rest += len + 1;
    }
    if (*rest == '\0' || strpbrk(rest, ".[*") != NULL) {
        return false;
    }
    *ret_key = rest;
    return true;
}

const struct config_row *config_row_child(const char *path, struct rd_str key)
{
    const struct config_row *row;
    for (size_t i = 0; (row = config_row_at(i)) != NULL; i++) {
        const char *name;
        if (config_row_is_child(row, path, &name) && rd_str_is(key, name)) {
            return row;
        }
    }
    return NULL;
}
