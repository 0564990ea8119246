#include "daemon/doors/endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/base/num.h"

static int refuse(struct rd_str text, const char *why, char ret_what[static 256])
{
    struct rd_str shown = {.ptr = text.ptr, .len = text.len < 120 ? text.len : 120};
    (void)snprintf(ret_what, 256, "endpoint \"%.*s\": %s", RD_FMT(shown), why);
    return -EINVAL;
}

static struct rd_str rest_of(struct rd_str text, size_t skipped)
{
    return (struct rd_str){.ptr = text.ptr + skipped, .len = text.len - skipped};
}

static bool is_loopback(struct rd_str host)
{
    return rd_str_is(host, "localhost") || rd_str_is(host, "[::1]") ||
           rd_str_starts(host, RD_STR("127."));
}

static const char *check_ipc(struct rd_str path)
{
    if (path.len == 0 || (path.ptr[0] != '/' && path.ptr[0] != '@')) {
        return "give an absolute path, or @ and a name";
    }
    if (path.len < 2) {
        return "the path or name is missing";
    }
    if (path.len > ENDPOINT_IPC_MAX - (path.ptr[0] == '@' ? 1U : 0U)) {
        return "a socket's path has at most 107 bytes";
    }
    return NULL;
}

static const char *check_tcp(struct rd_str rest, bool *ret_is_local)
{
    const char *colon = rest.len > 0 ? memrchr(rest.ptr, ':', rest.len) : NULL;
    if (colon == NULL || colon == rest.ptr) {
        return "give tcp://HOST:PORT";
    }
    struct rd_str host = {.ptr = rest.ptr, .len = (size_t)(colon - rest.ptr)};
    struct rd_str port = rest_of(rest, host.len + 1);
    if (host.ptr[0] != '[' && memchr(host.ptr, ':', host.len) != NULL) {
        return "write an IPv6 address in brackets: tcp://[::1]:7710";
    }
    if (host.ptr[0] == '[' && host.ptr[host.len - 1] != ']') {
        return "the bracket of the IPv6 address is not closed";
    }
    uint64_t number;
    if (!rd_str_is(port, "*") &&
            (rd_u64_parse(port, &number) < 0 || number == 0 || number > UINT16_MAX)) {
        return "the port is a number from 1 to 65535, or * for any";
    }
    *ret_is_local = is_loopback(host);
    return NULL;
}

int endpoint_parse(struct rd_str text, struct endpoint *ret_endpoint, char ret_what[static 256])
{
    if (text.len >= ENDPOINT_TEXT_MAX ||
            (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL)) {
        return refuse(text, "it is too long, or holds a NUL", ret_what);
    }
    bool is_ipc = rd_str_starts(text, RD_STR("ipc://"));
    if (!is_ipc && !rd_str_starts(text, RD_STR("tcp://"))) {
        return refuse(text, "give ipc:// or tcp://", ret_what);
    }
    struct rd_str rest = rest_of(text, 6);
    bool is_local = true;
    const char *why = is_ipc ? check_ipc(rest) : check_tcp(rest, &is_local);
    if (why != NULL) {
        return refuse(text, why, ret_what);
    }
    *ret_endpoint = (struct endpoint){.is_local = is_local};
    memcpy(ret_endpoint->text, text.ptr, text.len);
    ret_endpoint->path = is_ipc && rest.ptr[0] == '/' ? ret_endpoint->text + 6 : NULL;
    return 0;
}
