#include <stdio.h>
#include <string.h>

#include "tools/ctl/ctl.h"
#include "tools/shared/json.h"

/* Also where the line was refused before its options were read. */
static bool wants_json(int argc, char *argv[])
{
    bool is_found = false;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        is_found = is_found || strcmp(argv[i], "--json") == 0;
    }
    return is_found;
}

/* A program that reads --json gets one document whatever went wrong. */
static void print_what_failed(enum exit_status status)
{
    const char *code = status == STATUS_REFUSED       ? "refused"
                       : status == STATUS_UNREACHABLE ? "unreachable"
                                                      : "usage";
    const char *message = say_last();
    if (message[0] == '\0') {
        message = "the command line is wrong: redressctl help VERB tells how it is written";
    }
    json_print(stdout,
            json_pack("{s:{s:s, s:o}}", "error", "code", code, "message",
                    json_text(rd_str_of(message))),
            false);
}

int main(int argc, char *argv[])
{
    struct ctl ctl;
    enum exit_status status = ctl_parse(argc, argv, &ctl);
    if (status == STATUS_OK && ctl.verb != NULL) {
        status = ctl.verb->run(&ctl);
    }
    bool has_failed = status != STATUS_OK && status != STATUS_FINDING;
    if (has_failed && wants_json(argc, argv) && !json_has_printed()) {
        print_what_failed(status);
    }
    if ((fflush(stdout) != 0 || ferror(stdout) != 0) && status == STATUS_OK) {
        say_error("standard output cannot be written");
        status = STATUS_USAGE;
    }
    ctl_done(&ctl);
    return (int)status;
}
