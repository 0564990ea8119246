/* Prints the JSON Schema of all events, when the project is built. Usage: make_schema > FILE */
#include <stdio.h>
#include <sysexits.h>

#include "common/wire/event.h"

enum { SCHEMA_BYTES_MAX = 1 << 20 };

int main(void)
{
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_buf_init(&buf, SCHEMA_BYTES_MAX);
    rd_event_schema(&buf);
    RD_ASSERT(buf.error == 0);
    if (fwrite(buf.ptr, 1, buf.len, stdout) != buf.len || fflush(stdout) != 0) {
        perror("make_schema");
        return EX_IOERR;
    }
    return EX_OK;
}
