/* Files of terms: any bytes are a lexicon or are refused with a place. Law: what is taken is the
 * same when all of it stands in the configuration itself, as it is printed. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/config/config.h"
#include "tests/scratch.h"

enum { SIZE_MAX_HERE = 8 * 1024, PRINT_MAX = 16 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char config_text[] =
        "redress: 1\n"
        "state: /var/lib/redress\n"
        "listen: {intake: [\"ipc:///i\"], feed: [\"ipc:///f\"], desk: [\"ipc:///d\"]}\n"
        "units: {id: xj, name: Xinjiang, calendar: office}\n"
        "calendars:\n"
        "  office: {timezone: UTC, hours: [{days: mon-fri, open: [\"09:00-18:00\"]}]}\n"
        "assessment:\n"
        "  lexicons: [{code: words, file: lexicon.txt, cap: 40}]\n"
        "policies: [{name: default, match: {}}]\n";

static struct scratch folder;

static void leave(void)
{
    scratch_remove(&folder);
}

static void write_lexicon(const uint8_t *data, size_t size)
{
    char path[SCRATCH_PATH_MAX + 16];
    if (folder.path[0] == '\0') {
        folder = scratch_make();
        RD_ASSERT(atexit(leave) == 0);
    }
    const struct scratch here = folder;
    (void)snprintf(path, sizeof path, "%s/lexicon.txt", here.path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    RD_ASSERT(fd >= 0);
    ssize_t n = write(fd, data, size);
    RD_ASSERT(n == (ssize_t)size);
    (void)close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > SIZE_MAX_HERE) {
        return 0;
    }
    write_lexicon(data, size);
    struct config *config = NULL;
    struct config_errors errors = {0};
    int r = config_parse(rd_str_of(config_text), "fuzz.yaml", folder.path, &config, &errors);
    RD_ASSERT((r == 0) == (errors.count == 0));
    if (r == 0) {
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
