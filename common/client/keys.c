/* common/client/keys.c — CURVE keys of a client program. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zmq.h>

#include "common/client/inner.h"

enum { FILE_MAX = 4 * RD_KEY_LETTERS };

const char *rd_client_key_fault(int r)
{
    return r == -EPERM     ? "it must be a file that is closed to others: chmod o= it"
           : r == -EBADMSG ? "it holds no keys: a line with the secret key, and one with the "
                             "daemon's public key, as redressctl keygen writes them"
                           : strerrordesc_np(-r);
}

int rd_client_new_key(
        char ret_public[static RD_KEY_LETTERS + 1], char ret_secret[static RD_KEY_LETTERS + 1])
{
    return zmq_curve_keypair(ret_public, ret_secret) < 0 ? client_error() : 0;
}

int rd_client_public_key(const char *secret, char ret_public[static RD_KEY_LETTERS + 1])
{
    uint8_t bytes[RD_KEY_LETTERS];
    bool is_key = strlen(secret) == RD_KEY_LETTERS && zmq_z85_decode(bytes, secret) != NULL &&
                  zmq_curve_public(ret_public, secret) == 0;
    explicit_bzero(bytes, sizeof bytes);
    return is_key ? 0 : -EINVAL;
}

static int read_file(const char *path, char ret_text[static FILE_MAX + 1])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    struct stat about;
    int r = fstat(fd, &about) < 0 ? -errno : 0;
    if (r == 0 && (!S_ISREG(about.st_mode) || (about.st_mode & S_IRWXO) != 0)) {
        r = -EPERM;
    }
    ssize_t size = r == 0 ? read(fd, ret_text, FILE_MAX) : 0;
    r = size < 0 ? -errno : r;
    ret_text[size > 0 ? size : 0] = '\0';
    (void)close(fd);
    return r;
}

/* The next line, of 40 characters. */
static bool take_line(const char **at, char ret_key[static RD_KEY_LETTERS + 1])
{
    size_t len = strcspn(*at, "\r\n");
    if (len != RD_KEY_LETTERS) {
        return false;
    }
    memcpy(ret_key, *at, len);
    ret_key[len] = '\0';
    *at += len;
    *at += strspn(*at, "\r\n");
    return true;
}

int client_keys_read(const char *path, struct client_keys *ret_keys)
{
    char text[FILE_MAX + 1];
    struct client_keys keys = {.has_keys = true};
    uint8_t bytes[RD_KEY_LETTERS];
    int r = read_file(path, text);
    const char *at = text;
    if (r == 0) {
        bool is_good = take_line(&at, keys.secret_key) && take_line(&at, keys.server_key) &&
                       *at == '\0' && zmq_z85_decode(bytes, keys.server_key) != NULL &&
                       rd_client_public_key(keys.secret_key, keys.public_key) == 0;
        r = is_good ? 0 : -EBADMSG;
    }
    if (r == 0) {
        *ret_keys = keys;
    }
    explicit_bzero(text, sizeof text);
    explicit_bzero(&keys, sizeof keys);
    return r;
}

int client_keys_set(const struct client_keys *keys, void *socket)
{
    const struct {
        int option;
        const char *key;
    } options[] = {{ZMQ_CURVE_SERVERKEY, keys->server_key}, {ZMQ_CURVE_PUBLICKEY, keys->public_key},
            {ZMQ_CURVE_SECRETKEY, keys->secret_key}};
    for (size_t i = 0; i < RD_COUNT(options); i++) {
        if (zmq_setsockopt(socket, options[i].option, options[i].key, RD_KEY_LETTERS + 1) < 0) {
            return client_error();
        }
    }
    return 0;
}
