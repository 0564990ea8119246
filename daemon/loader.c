#include "daemon/loader.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

int loader_open(struct loader *loader)
{
    *loader = (struct loader){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    return loader->fd < 0 ? -errno : 0;
}

static void *run(void *arg)
{
    struct loader *loader = arg;
    loader->result = config_load(loader->path, &loader->config, &loader->errors);
    uint64_t one = 1;
    ssize_t n = write(loader->fd, &one, sizeof one);
    RD_ASSERT(n == (ssize_t)sizeof one); /* the counter was at nothing */
    return NULL;
}

int loader_start(struct loader *loader, const char *path)
{
    RD_ASSERT(!loader->is_running);
    loader->path = path;
    loader->config = NULL;
    loader->errors = (struct config_errors){0};
    int r = -pthread_create(&loader->thread, NULL, run, loader);
    loader->is_running = r == 0;
    return r;
}

bool loader_take(struct loader *loader, int *ret_result, struct config **ret_config,
        struct config_errors *ret_errors)
{
    uint64_t count;
    if (!loader->is_running || read(loader->fd, &count, sizeof count) < 0) {
        return false;
    }
    (void)pthread_join(loader->thread, NULL);
    loader->is_running = false;
    *ret_result = loader->result;
    *ret_config = loader->config;
    *ret_errors = loader->errors;
    return true;
}

void loader_close(struct loader *loader)
{
    if (loader->is_running) {
        (void)pthread_join(loader->thread, NULL);
        config_free(loader->config);
        config_errors_done(&loader->errors);
        loader->is_running = false;
    }
    if (loader->fd >= 0) {
        (void)close(loader->fd);
        loader->fd = -1;
    }
}
