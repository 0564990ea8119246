#include "daemon/doors/feed.h"

#include <errno.h>
#include <pthread.h>
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
};

/* Sorted by text, so that those which cover a topic are found by halving, prefix by prefix. */
struct topic {
    char *text;
    size_t len;
    uint64_t count;
};

struct feed {
    struct socket socket;
    pthread_mutex_t lock; /* of the topics */
    struct topic *topics;
    size_t topic_count;
};

int feed_open(struct doors *doors, struct endpoints bind, struct feed **ret_feed,
        char ret_what[static 256])
{
    ret_what[0] = '\0';
    RD_CLEANUP(feed_closep)
    struct feed *feed = calloc(1, sizeof *feed);
    if (feed == NULL) {
        rd_oom();
    }
    int r = pthread_mutex_init(&feed->lock, NULL);
    RD_ASSERT(r == 0);
    feed->topics = calloc(FEED_TOPICS_MAX, sizeof *feed->topics);
    if (feed->topics == NULL) {
        rd_oom();
    }
    struct socket_options options = {
            .type = ZMQ_XPUB,
            .rules = {.door = "feed",
                    .in = {.frame_bytes = FRAME_BYTES_MAX, .message_frames = FRAMES_MAX},
                    .unread_messages = UNREAD_MAX,
                    .unread_bytes = UNREAD_BYTES_MAX,
                    .has_topics = true},
            .send_max = SEND_MAX,
            .linger_ms = LINGER_MS,
    };
    r = socket_open(doors, &options, &feed->socket);
    if (r == 0) {
        r = socket_bind(&feed->socket, bind, ret_what);
    }
    if (r < 0) {
        return r;
    }
    *ret_feed = feed;
    feed = NULL;
    return 0;
}

void feed_close(struct feed *feed)
{
    if (feed == NULL) {
        return;
    }
    socket_close(&feed->socket);
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

int feed_bind(struct feed *feed, struct endpoints endpoints, char ret_what[static 256])
{
    return socket_bind(&feed->socket, endpoints, ret_what);
}

void *feed_socket(const struct feed *feed)
{
    return feed->socket.handle;
}

int feed_publish(struct feed *feed, struct rd_str topic, struct rd_str body)
{
    if (zmq_send(feed->socket.handle, topic.ptr, topic.len, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0 ||
            zmq_send(feed->socket.handle, body.ptr, body.len, ZMQ_DONTWAIT) < 0) {
        return -errno;
    }
    return 0;
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

/* Where `text` stands, or would stand. */
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
        char *copy = malloc(text.len + 1);
        if (copy == NULL) {
            rd_oom();
        }
        if (text.len > 0) {
            memcpy(copy, text.ptr, text.len);
        }
        struct topic *place = &feed->topics[at];
        memmove(place + 1, place, (feed->topic_count - at) * sizeof *place);
        *place = (struct topic){.text = copy, .len = text.len};
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

size_t feed_take_subscriptions(struct feed *feed, size_t max)
{
    size_t begun = 0;
    for (size_t i = 0; i < max; i++) {
        zmq_msg_t part;
        (void)zmq_msg_init(&part);
        if (zmq_msg_recv(&part, feed->socket.handle, ZMQ_DONTWAIT) < 0) {
            (void)zmq_msg_close(&part);
            break;
        }
        struct rd_str text = {.ptr = zmq_msg_data(&part), .len = zmq_msg_size(&part)};
        if (text.len >= 1 && text.len <= FEED_TOPIC_BYTES_MAX + 1) {
            bool is_begin = text.ptr[0] == 1;
            struct rd_str topic = {.ptr = text.ptr + 1, .len = text.len - 1};
            lock(feed);
            if (is_begin) {
                count_in(feed, topic);
            } else if (text.ptr[0] == 0) {
                count_out(feed, topic);
            }
            unlock(feed);
            begun += is_begin ? 1 : 0;
        }
        if (!zmq_msg_more(&part)) {
            gate_taken(zmq_msg_get(&part, ZMQ_SRCFD), 1, text.len);
        }
        (void)zmq_msg_close(&part);
    }
    return begun;
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
