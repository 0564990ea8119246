/* Any text is a configuration or is refused with a place; no file is read for it. */
#include <stdint.h>
#include <string.h>

#include "daemon/config/config.h"

enum { SIZE_MAX_HERE = 16 * 1024, PRINT_MAX = 16 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > SIZE_MAX_HERE) {
        return 0;
    }
    struct config *config = NULL;
    struct config_errors errors = {0};
    struct rd_str text = {(const char *)data, size};
    int r = config_parse(text, "fuzz.yaml", NULL, &config, &errors);
    RD_ASSERT((r == 0) == (errors.count == 0));
    if (r == 0) { /* what is printed loads to the same */
        struct rd_buf buf;
        rd_buf_init(&buf, PRINT_MAX);
        struct config *again = NULL;
        r = config_print(config, &buf);
        RD_ASSERT(r == 0);
        r = config_parse(rd_buf_str(&buf), "again.yaml", NULL, &again, &errors);
        RD_ASSERT(r == 0);
        RD_ASSERT(memcmp(config->hash, again->hash, sizeof config->hash) == 0);
        config_free(again);
        rd_buf_done(&buf);
    }
    config_free(config);
    config_errors_done(&errors);
    return 0;
}
