#include <stdio.h>
#include <stdlib.h>

#include "tools/ctl/ctl.h"

int main(int argc, char **argv)
{
    struct ctl ctl;
    enum ctl_status status = ctl_parse(argc, argv, &ctl);
    if (status == CTL_OK && ctl.verb != NULL) {
        status = ctl.verb->run(&ctl);
    }
    if ((fflush(stdout) != 0 || ferror(stdout) != 0) && status == CTL_OK) {
        ctl_say("standard output cannot be written");
        status = CTL_USAGE;
    }
    ctl_done(&ctl);
    return (int)status;
}
