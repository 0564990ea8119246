#include "daemon/restored.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/journal/archive.h"
#include "daemon/leave.h"

/* The file that `redressctl restore` puts into the state folder. */
static bool is_restored(const struct edge *edge)
{
    char path[EDGE_STATE_PATH_MAX + 16];
    (void)snprintf(path, sizeof path, "%s/" ARCHIVE_CUT_MARK, edge->state);
    return access(path, F_OK) == 0;
}

void restored_tell(struct edge *edge)
{
    struct engine_counts counts = engine_counts(edge->engine);
    if (!is_restored(edge)) {
        return;
    }
    char detail[192];
    (void)snprintf(detail, sizeof detail,
            "restored: what came after event %" PRIu64 " and alert %" PRIu64
            " is not known here, and higher numbers are given again",
            counts.event_seq, counts.alert_seq);
    edge_tell(edge, &(struct engine_tell){.type = RD_ALERT_STATE_CHECK_FAILED,
                            .severity = RD_CRITICAL,
                            .code = ENGINE_TELL_RESTORED,
                            .detail = rd_str_of(detail)});
    log_warning("recover",
            "this state was restored without the end of its journal: what came after these numbers "
            "is not known, and they are given again",
            "event=%" PRIu64 " alert=%" PRIu64 " open_cases=%" PRIu64 " term=%" PRIu64,
            counts.event_seq, counts.alert_seq, counts.open_cases,
            engine_counts(edge->engine).term);
}

void restored_done(struct edge *edge)
{
    if (!is_restored(edge) || edge_time(edge).wall == RD_TIME_NONE) {
        return; /* a clock that has no time yet: the next start tells it */
    }
    int fd = open(edge->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd >= 0 && unlinkat(fd, ARCHIVE_CUT_MARK, 0) == 0 && fsync(fd) == 0 ? 0 : -errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (r < 0) {
        log_warning("recover",
                "the note of the restore cannot be removed: the next start tells it again",
                "file=\"%s/" ARCHIVE_CUT_MARK "\" error=\"%s\"", edge->state, strerrordesc_np(-r));
    }
}
