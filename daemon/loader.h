/* daemon/loader.h — reads a configuration on a thread of its own, since that takes as long as the
 * files are large. One at a time. */
#pragma once

#include <pthread.h>

#include "daemon/config/config.h"

struct loader {
    int fd; /* readable once a load is done; -1: not opened */
    bool is_running;
    pthread_t thread;
    const char *path;
    /* Of the thread until it is done: */
    int result;
    struct config *config;
    struct config_errors errors;
};

/* 0 or -errno. */
RD_MUST_USE int loader_open(struct loader *loader);
void loader_close(struct loader *loader); /* waits for a load that runs */
/* Begins to load `path`, which is borrowed until the end; none may be running. 0 or -errno. */
RD_MUST_USE int loader_start(struct loader *loader, const char *path);
/* To call when `fd` is readable. True: the load ended; *ret_result and the rest are as
 * config_load() gave them, and the caller's. */
bool loader_take(struct loader *loader, int *ret_result, struct config **ret_config,
        struct config_errors *ret_errors);
