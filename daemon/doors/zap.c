#include "daemon/doors/zap.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "common/base/num.h"

enum { REFUSALS_MAX = 64, FRAMES = 7, FRAME_MAX = 256, KEY_BYTES = 32, NAME_MAX = 64 };
enum frame { VERSION, REQUEST_ID, DOMAIN, ADDRESS, IDENTITY, MECHANISM, CREDENTIALS };

struct key {
    char text[ZAP_KEY_LETTERS + 1];
    char name[NAME_MAX + 1];
    rd_time expires;
};

struct zap {
    void *socket;
    pthread_t thread;
    _Atomic rd_time now;
    pthread_mutex_t lock; /* of what follows */
    struct key *keys;     /* sorted by text */
    size_t count;
    uint64_t sessions;                           /* given out */
    struct doors_refusal refusals[REFUSALS_MAX]; /* a ring; what does not fit is only counted */
    size_t refusals_from, refusals_count;
    uint64_t left_out;
};

struct request {
    char frames[FRAMES][FRAME_MAX];
    size_t sizes[FRAMES];
};

static void lock(struct zap *zap)
{
    int r = pthread_mutex_lock(&zap->lock);
    RD_ASSERT(r == 0);
}

static void unlock(struct zap *zap)
{
    int r = pthread_mutex_unlock(&zap->lock);
    RD_ASSERT(r == 0);
}

static int compare_keys(const void *a, const void *b)
{
    return memcmp(((const struct key *)a)->text, ((const struct key *)b)->text, ZAP_KEY_LETTERS);
}

static bool is_expired(const struct zap *zap, const struct key *key)
{
    rd_time now = atomic_load(&zap->now);
    return key->expires != RD_TIME_NONE && now != RD_TIME_NONE && now >= key->expires;
}

void zap_set_time(struct zap *zap, rd_time wall)
{
    atomic_store(&zap->now, wall);
}

/* Locked. */
static const struct key *find(const struct zap *zap, struct rd_str text)
{
    struct key wanted;
    if (text.len != ZAP_KEY_LETTERS || zap->count == 0) {
        return NULL;
    }
    memcpy(wanted.text, text.ptr, ZAP_KEY_LETTERS);
    return bsearch(&wanted, zap->keys, zap->count, sizeof wanted, compare_keys);
}

static void note_refusal(
        struct zap *zap, const struct request *request, const char *key, const char *why)
{
    if (zap->refusals_count == REFUSALS_MAX) {
        zap->left_out++;
        return;
    }
    size_t at = (zap->refusals_from + zap->refusals_count++) % REFUSALS_MAX;
    struct doors_refusal *one = &zap->refusals[at];
    *one = (struct doors_refusal){.why = why};
    (void)snprintf(one->peer, sizeof one->peer, "%.79s", request->frames[ADDRESS]);
    (void)snprintf(one->key, sizeof one->key, "%s", key);
}

/* True: the peer may come in, under the User-Id in ret_user. */
static bool judge(struct zap *zap, const struct request *request, char ret_user[static FRAME_MAX])
{
    char text[ZAP_KEY_LETTERS + 1] = "";
    if (strcmp(request->frames[MECHANISM], "CURVE") == 0 &&
            request->sizes[CREDENTIALS] == KEY_BYTES) {
        (void)zmq_z85_encode(text, (const uint8_t *)request->frames[CREDENTIALS], KEY_BYTES);
    }
    lock(zap);
    const struct key *key = find(zap, rd_str_of(text));
    const char *why = key == NULL            ? "its key is not among the clients"
                      : is_expired(zap, key) ? "its key has expired"
                                             : NULL;
    if (why != NULL) {
        note_refusal(zap, request, text, why);
    } else {
        (void)snprintf(ret_user, FRAME_MAX, "%s %" PRIu64 " %s", text, ++zap->sessions, key->name);
    }
    unlock(zap);
    return why == NULL;
}

/* False: the context has ended. A request of another form is left unanswered: it is not libzmq's.
 */
static bool read_request(struct zap *zap, struct request *ret_request, bool *ret_is_whole)
{
    int more = 1;
    size_t count = 0, size = sizeof more;
    *ret_is_whole = true;
    while (more != 0) {
        char *frame = ret_request->frames[count < FRAMES ? count : FRAMES - 1];
        int r = zmq_recv(zap->socket, frame, FRAME_MAX - 1, 0);
        if (r < 0 && zmq_errno() == EINTR) {
            continue;
        }
        if (r < 0 || zmq_getsockopt(zap->socket, ZMQ_RCVMORE, &more, &size) < 0) {
            return false;
        }
        *ret_is_whole = *ret_is_whole && r < FRAME_MAX && count < FRAMES;
        if (*ret_is_whole) {
            ret_request->sizes[count] = (size_t)r;
            frame[r] = '\0';
        }
        count++;
    }
    *ret_is_whole = *ret_is_whole && count == FRAMES;
    return true;
}

/* 300 ends the connection and lets the peer try again by itself; after a 400 its libzmq never
 * would, and whoever is taken in again by a reload would have to be started anew by hand. */
static void answer(struct zap *zap, const struct request *request, bool is_let_in, const char *user)
{
    const struct rd_str frames[] = {RD_STR("1.0"),
            {.ptr = request->frames[REQUEST_ID], .len = request->sizes[REQUEST_ID]},
            is_let_in ? RD_STR("200") : RD_STR("300"), is_let_in ? RD_STR("OK") : RD_STR("no"),
            rd_str_of(user), RD_STR("")};
    for (size_t i = 0; i < RD_COUNT(frames); i++) {
        int flags = i + 1 < RD_COUNT(frames) ? ZMQ_SNDMORE : 0;
        if (zmq_send(zap->socket, frames[i].ptr, frames[i].len, flags) < 0) {
            return; /* the context has ended */
        }
    }
}

static void *run(void *context)
{
    struct zap *zap = context;
    struct request request;
    bool is_whole;
    while (read_request(zap, &request, &is_whole)) {
        char user[FRAME_MAX] = "";
        bool is_let_in = is_whole && judge(zap, &request, user);
        if (!is_whole) {
            request.sizes[REQUEST_ID] = 0;
        }
        answer(zap, &request, is_let_in, user);
    }
    (void)zmq_close(zap->socket);
    return NULL;
}

int zap_open(void *context, struct zap **ret_zap)
{
    struct zap *zap = calloc(1, sizeof *zap);
    if (zap == NULL) {
        rd_oom();
    }
    int r = pthread_mutex_init(&zap->lock, NULL);
    RD_ASSERT(r == 0);
    zap->now = RD_TIME_NONE;
    zap->socket = zmq_socket(context, ZMQ_REP);
    if (zap->socket == NULL || zmq_bind(zap->socket, "inproc://zeromq.zap.01") < 0) {
        r = -zmq_errno();
    }
    if (r == 0) {
        r = -pthread_create(&zap->thread, NULL, run, zap);
    }
    if (r < 0) {
        if (zap->socket != NULL) {
            (void)zmq_close(zap->socket);
        }
        free(zap);
        return r;
    }
    *ret_zap = zap;
    return 0;
}

void zap_close(struct zap *zap)
{
    if (zap != NULL) {
        int r = pthread_join(zap->thread, NULL);
        RD_ASSERT(r == 0);
        (void)pthread_mutex_destroy(&zap->lock);
        free(zap->keys);
        free(zap);
    }
}

void zap_set_keys(struct zap *zap, const struct doors_key *keys, size_t count)
{
    struct key *copies = calloc(count + 1, sizeof *copies);
    if (copies == NULL) {
        rd_oom();
    }
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(copies[i].text, sizeof copies[i].text, "%s", keys[i].public_key);
        (void)snprintf(copies[i].name, sizeof copies[i].name, "%s", keys[i].name);
        copies[i].expires = keys[i].expires;
    }
    qsort(copies, count, sizeof *copies, compare_keys);
    lock(zap);
    struct key *before = zap->keys;
    zap->keys = copies;
    zap->count = count;
    unlock(zap);
    free(before);
}

bool zap_is_good(struct zap *zap, struct rd_str text)
{
    lock(zap);
    const struct key *key = find(zap, text);
    bool is_good = key != NULL && !is_expired(zap, key);
    unlock(zap);
    return is_good;
}

bool zap_next_refusal(struct zap *zap, struct doors_refusal *ret_refusal)
{
    lock(zap);
    bool is_there = zap->refusals_count > 0;
    if (is_there) {
        *ret_refusal = zap->refusals[zap->refusals_from];
        zap->refusals_from = (zap->refusals_from + 1) % REFUSALS_MAX;
        zap->refusals_count--;
        ret_refusal->left_out = zap->left_out;
        zap->left_out = 0;
    }
    unlock(zap);
    return is_there;
}

bool zap_who_of(const char *user_id, struct zap_who *ret_who)
{
    struct rd_str text = rd_str_of(user_id);
    if (text.len < ZAP_KEY_LETTERS + 4 || text.ptr[ZAP_KEY_LETTERS] != ' ') {
        return false;
    }
    struct rd_str rest = {
            .ptr = text.ptr + ZAP_KEY_LETTERS + 1, .len = text.len - ZAP_KEY_LETTERS - 1};
    const char *space = memchr(rest.ptr, ' ', rest.len);
    if (space == NULL) {
        return false;
    }
    struct rd_str number = {.ptr = rest.ptr, .len = (size_t)(space - rest.ptr)};
    ret_who->key = (struct rd_str){.ptr = text.ptr, .len = ZAP_KEY_LETTERS};
    ret_who->name = (struct rd_str){.ptr = space + 1, .len = rest.len - number.len - 1};
    return rd_u64_parse(number, &ret_who->session) == 0;
}
