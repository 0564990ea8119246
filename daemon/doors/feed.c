#include "daemon/doors/feed.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "daemon/doors/socket.h"

enum {
    SEND_MAX = 10000, /* messages of one subscriber on their way; all subscribers share them */
    LINGER_MS = 1000,
    FRAME_BYTES_MAX = ZMTP_KEPT_MAX, /* what comes in is a byte and a topic */
    FRAMES_MAX = 16,
    UNREAD_MAX = 1024,             /* subscriptions of one peer */
    UNREAD_BYTES_MAX = 256 * 1024, /* of them */
    LISTENERS_FIRST = 16,
    TOPICS_FIRST = 4,
    REFUSED_MAX = 64, /* of one keyed peer */
};

/* Sorted by text, so that those which cover a topic are found by halving, prefix by prefix. */
struct topic {
    char *text;
    size_t len;
    uint64_t count;
};

/* A keyed peer and the topics it hears. It ends with its connection, which only the gate knows:
 * libzmq reports the end of subscriptions without saying whose they were. */
struct listener {
    int fd;
    uint64_t session;
    char name[DOORS_USER_MAX + 1];
    struct rd_str *topics; /* each of malloc() */
    size_t count, room, bytes;
    size_t refused;
};

struct feed {
    struct feed_options options;
    struct sockets sockets;
    struct listener *listeners; /* by session */
    size_t listener_count, listener_room;
    int64_t looked_us; /* for those that went */
    uint64_t refused;
    char refused_last[DOORS_USER_MAX + 1]; /* whose subscription */
    pthread_mutex_t lock;                  /* of the topics */
    struct topic *topics;
    size_t topic_count;
};

int feed_bind(struct feed *feed, struct endpoints endpoints, char ret_what[static 256])
{
    return sockets_bind(&feed->sockets, endpoints, ret_what);
}

static void lock(struct feed *feed)
{
    int r = pthread_mutex_lock(&feed->lock);
    RD_ASSERT(r == 0);
}

static void unlock(struct feed *feed)
{
    int r = pthread_mutex_unlock(&feed->lock);
    RD_ASSERT(r == 0);
}

static struct rd_str text_of(const struct topic *topic)
{
    return (struct rd_str){.ptr = topic->text, .len = topic->len};
}

/* The place of `text` in the list, or the place where it would be inserted. */
static size_t place_of(const struct feed *feed, struct rd_str text, bool *ret_is_there)
{
    size_t low = 0, high = feed->topic_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rd_str_cmp(text_of(&feed->topics[middle]), text) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *ret_is_there = low < feed->topic_count && rd_str_eq(text_of(&feed->topics[low]), text);
    return low;
}

static void count_in(struct feed *feed, struct rd_str text)
{
    bool is_there;
    size_t at = place_of(feed, text, &is_there);
    if (!is_there) {
        if (feed->topic_count == FEED_TOPICS_MAX) {
            return;
        }
        struct topic *place = &feed->topics[at];
        memmove(place + 1, place, (feed->topic_count - at) * sizeof *place);
        *place = (struct topic){.text = rd_str_dup(text), .len = text.len};
        feed->topic_count++;
    }
    feed->topics[at].count++;
}

static void count_out(struct feed *feed, struct rd_str text)
{
    bool is_there;
    size_t at = place_of(feed, text, &is_there);
    if (is_there && --feed->topics[at].count == 0) {
        struct topic *place = &feed->topics[at];
        free(place->text);
        feed->topic_count--;
        memmove(place, place + 1, (feed->topic_count - at) * sizeof *place);
    }
}

size_t feed_sockets(const struct feed *feed, const struct socket *sockets[static SOCKETS_MAX])
{
    for (size_t i = 0; i < feed->sockets.count; i++) {
        sockets[i] = &feed->sockets.at[i];
    }
    return feed->sockets.count;
}

int feed_publish(struct feed *feed, struct rd_str topic, struct rd_str body)
{
    int result = 0;
    for (size_t i = 0; i < feed->sockets.count; i++) {
        void *socket = feed->sockets.at[i].handle;
        if (zmq_send(socket, topic.ptr, topic.len, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0 ||
                zmq_send(socket, body.ptr, body.len, ZMQ_DONTWAIT) < 0) {
            result = -errno;
        }
    }
    return result;
}

static struct listener *listener_of(struct feed *feed, uint64_t session)
{
    size_t low = 0, high = feed->listener_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (feed->listeners[middle].session < session) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool is_there = low < feed->listener_count && feed->listeners[low].session == session;
    return is_there ? &feed->listeners[low] : NULL;
}

/* Session numbers grow, but an older session may send its first message after a newer one did. */
static struct listener *listener_new(struct feed *feed, const struct zap_who *who, int fd)
{
    if (feed->listener_count == feed->listener_room) {
        feed->listener_room = feed->listener_room > 0 ? 2 * feed->listener_room : LISTENERS_FIRST;
        feed->listeners = realloc(feed->listeners, feed->listener_room * sizeof feed->listeners[0]);
        if (feed->listeners == NULL) {
            rd_oom();
        }
    }
    size_t at = feed->listener_count++;
    while (at > 0 && feed->listeners[at - 1].session > who->session) {
        feed->listeners[at] = feed->listeners[at - 1];
        at--;
    }
    feed->listeners[at] = (struct listener){.fd = fd, .session = who->session};
    (void)snprintf(
            feed->listeners[at].name, sizeof feed->listeners[at].name, "%.*s", RD_FMT(who->name));
    return &feed->listeners[at];
}

/* The topic's place among those the peer hears; the count of them if it does not hear it. */
static size_t heard_at(const struct listener *listener, struct rd_str topic)
{
    size_t at = 0;
    while (at < listener->count && !rd_str_eq(topic, listener->topics[at])) {
        at++;
    }
    return at;
}

static void hear(struct feed *feed, struct listener *listener, struct rd_str topic)
{
    if (listener->count == listener->room) {
        listener->room = listener->room > 0 ? 2 * listener->room : TOPICS_FIRST;
        listener->topics = realloc(listener->topics, listener->room * sizeof listener->topics[0]);
        if (listener->topics == NULL) {
            rd_oom();
        }
    }
    listener->topics[listener->count++] = (struct rd_str){rd_str_dup(topic), topic.len};
    listener->bytes += topic.len;
    if (listener->count > GATE_TOPICS_MAX || listener->bytes > GATE_TOPIC_BYTES_MAX) {
        gate_cut_session(listener->fd, listener->session,
                "too many subscriptions, or too long together (bytes)");
    }
    lock(feed);
    count_in(feed, topic);
    unlock(feed);
}

static void listener_forget(struct feed *feed, struct listener *listener, size_t at)
{
    struct rd_str topic = listener->topics[at];
    lock(feed);
    count_out(feed, topic);
    unlock(feed);
    listener->bytes -= topic.len;
    free((void *)(uintptr_t)topic.ptr);
    listener->topics[at] = listener->topics[--listener->count];
}

static void listener_end(struct feed *feed, size_t at)
{
    struct listener *listener = &feed->listeners[at];
    while (listener->count > 0) {
        listener_forget(feed, listener, 0);
    }
    free(listener->topics);
    feed->listener_count--;
    memmove(listener, listener + 1, (feed->listener_count - at) * sizeof *listener);
}

/* Those whose connection has gone. */
static void look_for_ends(struct feed *feed)
{
    for (size_t at = feed->listener_count; at > 0; at--) {
        if (!gate_is_session(feed->listeners[at - 1].fd, feed->listeners[at - 1].session)) {
            listener_end(feed, at - 1);
        }
    }
}

void feed_review(struct feed *feed)
{
    for (size_t i = 0; i < feed->listener_count; i++) {
        struct listener *listener = &feed->listeners[i];
        bool is_good = true;
        for (size_t k = 0; is_good && k < listener->count; k++) {
            is_good = feed->options.may_hear(
                    feed->options.context, rd_str_of(listener->name), listener->topics[k]);
        }
        if (!is_good) {
            gate_cut_session(
                    listener->fd, listener->session, "it heard what its key may not hear any more");
        }
    }
}

/* ZeroMQ applies these socket options to the peer that sent the last message. */
static void grant(struct socket *socket, bool is_begin, struct rd_str topic)
{
    (void)zmq_setsockopt(
            socket->handle, is_begin ? ZMQ_SUBSCRIBE : ZMQ_UNSUBSCRIBE, topic.ptr, topic.len);
}

static void note_refused(struct feed *feed, struct rd_str user)
{
    feed->refused++;
    (void)snprintf(feed->refused_last, sizeof feed->refused_last, "%.*s", RD_FMT(user));
}

/* A keyed peer subscribes, or ends it. */
static bool take_keyed(struct feed *feed, struct socket *socket, zmq_msg_t *part, bool is_begin,
        struct rd_str topic)
{
    int fd = zmq_msg_get(part, ZMQ_SRCFD);
    struct zap_who who;
    struct rd_str user;
    if (!socket_who(socket, part, fd, &user, &who)) {
        return false; /* the end of a connection, or a key that is gone */
    }
    struct listener *listener = listener_of(feed, who.session);
    if (listener == NULL) {
        listener = listener_new(feed, &who, fd);
    }
    size_t at = heard_at(listener, topic);
    if (!is_begin) {
        if (at < listener->count) {
            grant(socket, false, topic);
            listener_forget(feed, listener, at);
        }
        return false;
    }
    if (!feed->options.may_hear(feed->options.context, user, topic)) {
        note_refused(feed, user);
        if (++listener->refused > REFUSED_MAX) { /* libzmq keeps each until the peer goes */
            gate_cut_session(fd, who.session, "it asks again and again for what it may not hear");
        }
        return false;
    }
    grant(socket, true, topic);
    if (at == listener->count) {
        hear(feed, listener, topic);
    }
    return true;
}

/* True: it begins to hear something. */
static bool take_one(struct feed *feed, struct socket *socket, zmq_msg_t *part)
{
    struct rd_str text = {.ptr = zmq_msg_data(part), .len = zmq_msg_size(part)};
    if (text.len < 1 || text.len > FEED_TOPIC_BYTES_MAX + 1 || (uint8_t)text.ptr[0] > 1) {
        return false;
    }
    bool is_begin = text.ptr[0] == 1;
    struct rd_str topic = {.ptr = text.ptr + 1, .len = text.len - 1};
    if (socket->is_keyed) {
        return take_keyed(feed, socket, part, is_begin, topic);
    }
    if (socket->is_manual) {
        if (!feed->options.may_hear(feed->options.context, rd_str_of(socket->user), topic)) {
            if (is_begin) {
                note_refused(feed, rd_str_of(socket->user));
            }
            return false;
        }
        grant(socket, is_begin, topic);
    }
    lock(feed);
    if (is_begin) {
        count_in(feed, topic);
    } else {
        count_out(feed, topic);
    }
    unlock(feed);
    return is_begin;
}

static size_t take_from(struct feed *feed, struct socket *socket, size_t max)
{
    size_t begun = 0;
    for (size_t i = 0; i < max; i++) {
        zmq_msg_t part;
        (void)zmq_msg_init(&part);
        if (zmq_msg_recv(&part, socket->handle, ZMQ_DONTWAIT) < 0) {
            (void)zmq_msg_close(&part);
            gate_drained(socket->rules);
            break;
        }
        begun += take_one(feed, socket, &part) ? 1 : 0;
        if (!zmq_msg_more(&part)) {
            gate_taken(zmq_msg_get(&part, ZMQ_SRCFD), 1, zmq_msg_size(&part));
        }
        (void)zmq_msg_close(&part);
    }
    return begun;
}

size_t feed_take_subscriptions(struct feed *feed, size_t max)
{
    size_t begun = 0;
    for (size_t i = 0; i < feed->sockets.count; i++) {
        begun += take_from(feed, &feed->sockets.at[i], max);
    }
    look_for_ends(feed);
    return begun;
}

void feed_close(struct feed *feed)
{
    if (feed == NULL) {
        return;
    }
    sockets_close(&feed->sockets);
    while (feed->listener_count > 0) {
        listener_end(feed, feed->listener_count - 1);
    }
    free(feed->listeners);
    for (size_t i = 0; i < feed->topic_count; i++) {
        free(feed->topics[i].text);
    }
    free(feed->topics);
    (void)pthread_mutex_destroy(&feed->lock);
    free(feed);
}

void feed_closep(struct feed **feed)
{
    feed_close(*feed);
}

int feed_open(struct doors *doors, const struct feed_options *options, struct feed **ret_feed,
        char ret_what[static 256])
{
    ret_what[0] = '\0';
    RD_CLEANUP(feed_closep)
    struct feed *feed = calloc(1, sizeof *feed);
    if (feed == NULL) {
        rd_oom();
    }
    feed->options = *options;
    int r = pthread_mutex_init(&feed->lock, NULL);
    RD_ASSERT(r == 0);
    feed->topics = calloc(FEED_TOPICS_MAX, sizeof *feed->topics);
    if (feed->topics == NULL) {
        rd_oom();
    }
    struct socket_options socket_options = {
            .type = ZMQ_XPUB,
            .rules = {.door = "feed",
                    .in = {.frame_bytes = FRAME_BYTES_MAX, .message_frames = FRAMES_MAX},
                    .unread_messages = UNREAD_MAX,
                    .unread_bytes = UNREAD_BYTES_MAX,
                    .has_topics = true},
            .send_max = SEND_MAX,
            .linger_ms = LINGER_MS,
            .is_manual = true,
    };
    r = sockets_open(doors, &socket_options, options->bind, &feed->sockets, ret_what);
    if (r < 0) {
        return r;
    }
    *ret_feed = feed;
    feed = NULL;
    return 0;
}

uint64_t feed_refused(const struct feed *feed, struct rd_str *ret_last)
{
    *ret_last = rd_str_of(feed->refused_last);
    return feed->refused;
}

uint64_t feed_subscribers(struct feed *feed, struct rd_str topic)
{
    uint64_t count = 0;
    lock(feed);
    for (size_t len = 0; len <= topic.len && len <= FEED_TOPIC_BYTES_MAX; len++) {
        bool is_there;
        struct rd_str prefix = {.ptr = topic.ptr, .len = len};
        size_t at = place_of(feed, prefix, &is_there);
        count += is_there ? feed->topics[at].count : 0;
    }
    unlock(feed);
    return count;
}
