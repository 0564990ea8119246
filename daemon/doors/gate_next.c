#include "daemon/doors/gate_next.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>

#include "common/base/base.h"

static struct gate_next next;

static void find(void)
{
    *(void **)&next.accept4 = dlsym(RTLD_NEXT, "accept4");
    *(void **)&next.connect = dlsym(RTLD_NEXT, "connect");
    *(void **)&next.listen = dlsym(RTLD_NEXT, "listen");
    *(void **)&next.recv = dlsym(RTLD_NEXT, "recv");
    *(void **)&next.send = dlsym(RTLD_NEXT, "send");
    *(void **)&next.epoll_ctl = dlsym(RTLD_NEXT, "epoll_ctl");
    *(void **)&next.close = dlsym(RTLD_NEXT, "close");
    next.spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

struct gate_next *gate_next(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int r = pthread_once(&once, find);
    RD_ASSERT(r == 0 && next.accept4 != NULL && next.connect != NULL && next.listen != NULL &&
              next.recv != NULL && next.send != NULL && next.epoll_ctl != NULL &&
              next.close != NULL);
    return &next;
}
