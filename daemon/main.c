/* redressd — takes events, keeps clocks, tells the front line. Source: redressd(8). */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/addresses.h"
#include "daemon/foresee.h"
#include "daemon/recover.h"
#include "daemon/served.h"
#include "daemon/setup.h"
#include "daemon/show.h"
#include "daemon/state.h"
#include "daemon/turn.h"
#include "daemon/verdict.h"

/* --check-config and --print-config. Errors: one a line on standard error, exit status 1. */
static int look_at_config(const struct options *options)
{
    RD_CLEANUP(config_freep)
    struct config *config = NULL;
    struct config_errors errors = {0};
    int r = config_load(options->config_path, &config, &errors);
    setup_print_errors(&errors);
    config_errors_done(&errors);
    if (r < 0) {
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < config->notes.count; i++) {
        (void)fprintf(stderr, "note: %s\n", config->notes.at[i]);
    }
    foresee_start(config, options);
    if (options->action == OPTIONS_CHECK_CONFIG) {
        return EXIT_SUCCESS;
    }
    struct rd_buf text;
    rd_buf_init(&text, CONFIG_TREE_BYTES_MAX);
    r = config_print(config, &text);
    bool is_printed =
            r == 0 && fwrite(text.ptr, 1, text.len, stdout) == text.len && fflush(stdout) == 0;
    rd_buf_done(&text);
    return is_printed ? EXIT_SUCCESS : EX_IOERR;
}

static int run_steps(struct edge *edge, const struct options *options)
{
    int status = setup_begin(edge, options);
    if (status == 0) {
        status = setup_config(edge);
    }
    if (status == 0) {
        status = state_open(edge);
    }
    if (status == 0 && (options->is_recovery || options->is_new_state)) {
        return recover_only(edge);
    }
    if (status == 0) {
        status = addresses_take(edge);
    }
    if (status == 0) {
        status = recover(edge);
    }
    if (status == 0) {
        show_publish(edge);
        status = setup_doors(edge);
    }
    if (status != 0) {
        return status;
    }
    served_note(edge);
    struct engine_counts counts = engine_counts(edge->engine);
    log_notice("main", "ready",
            "version=%s event=%" PRIu64 " alert=%" PRIu64 " open_cases=%" PRIu64, REDRESS_VERSION,
            counts.event_seq, counts.alert_seq, counts.open_cases);
    notify_send(&edge->notify, "READY=1\nSTATUS=ready");
    return turn_run(edge);
}

static int run(const struct options *options, bool *ret_again)
{
    struct edge *edge = calloc(1, sizeof *edge);
    if (edge == NULL) {
        rd_oom();
    }
    log_open(options->log_target, options->log_level);
    int status = run_steps(edge, options);
    *ret_again = status == 0 && edge->is_again;
    setup_end(edge);
    free(edge);
    log_close();
    return status;
}

/* Once, and again whenever something is to be erased on the disks, which is done before a start. */
static int run_all(const struct options *options)
{
    bool is_again = true;
    int status = 0;
    while (is_again) {
        status = run(options, &is_again);
    }
    return status;
}

/* A standard stream that is closed would be the next file that is opened. */
static void fill_streams(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) {
        (void)close(fd);
    }
}

int main(int argc, char *argv[])
{
    fill_streams();
    struct options options;
    char what[256];
    if (options_parse(argc, argv, &options, what) < 0) {
        (void)fprintf(stderr, "redressd: %s\n%s", what, options_usage);
        return EX_USAGE;
    }
    options.runtime_dir = getenv("RUNTIME_DIRECTORY");
    options.cache_dir = getenv("CACHE_DIRECTORY");
    switch (options.action) {
    case OPTIONS_HELP:
        (void)fputs(options_usage, stdout);
        return EXIT_SUCCESS;
    case OPTIONS_VERSION:
        (void)printf("redressd %s (engine %d, schema %d)\n", REDRESS_VERSION, ENGINE_NUMBER,
                STORE_SCHEMA);
        return EXIT_SUCCESS;
    case OPTIONS_CHECK_CONFIG:
    case OPTIONS_PRINT_CONFIG:
        return look_at_config(&options);
    case OPTIONS_RELOAD:
        return verdict_ask(options.runtime_dir, options.reload_pid);
    case OPTIONS_RUN:
        return run_all(&options);
    }
    return EX_SOFTWARE;
}
