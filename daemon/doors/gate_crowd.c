/* daemon/doors/gate_crowd.c — how many handshakes a second are begun with one address. */
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "daemon/doors/gate_peer.h"

enum {
    HOSTS_MAX = 1024,       /* addresses that are counted; a new one replaces an old one */
    HANDSHAKES_PER_S = 200, /* of an address */
};

static _Atomic int64_t now_s;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct newcomers {
    uint64_t hash; /* of the address */
    int64_t second;
    uint32_t count;
} hosts[HOSTS_MAX];

static struct rd_str host_of(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        return (struct rd_str){.ptr = (const char *)&in->sin_addr, .len = sizeof in->sin_addr};
    }
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
    return (struct rd_str){.ptr = (const char *)&in6->sin6_addr, .len = sizeof in6->sin6_addr};
}

void gate_crowd_at(int64_t now_us)
{
    atomic_store(&now_s, now_us / RD_SECOND_US);
}

bool gate_is_crowded(int fd)
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t size = sizeof address;
    int64_t second = atomic_load(&now_s);
    if (getpeername(fd, (struct sockaddr *)&address, &size) < 0 ||
            (address.ss_family != AF_INET && address.ss_family != AF_INET6)) {
        return false;
    }
    struct rd_str host = host_of(&address);
    uint64_t hash = gate_hash(host);
    int r = pthread_mutex_lock(&lock);
    RD_ASSERT(r == 0);
    struct newcomers *of_host = &hosts[hash % HOSTS_MAX];
    if (of_host->hash != hash || of_host->second != second) {
        *of_host = (struct newcomers){.hash = hash, .second = second};
    }
    bool is_too_many = ++of_host->count > HANDSHAKES_PER_S;
    r = pthread_mutex_unlock(&lock);
    RD_ASSERT(r == 0);
    return is_too_many;
}
