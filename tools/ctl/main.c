#include <stdio.h>

#include "tools/ctl/ctl.h"

int main(int argc, char *argv[])
{
    struct ctl ctl;
    enum exit_status status = ctl_parse(argc, argv, &ctl);
    if (status == STATUS_OK && ctl.verb != NULL) {
        status = ctl.verb->run(&ctl);
    }
    if ((fflush(stdout) != 0 || ferror(stdout) != 0) && status == STATUS_OK) {
        say_error("standard output cannot be written");
        status = STATUS_USAGE;
    }
    ctl_done(&ctl);
    return (int)status;
}
