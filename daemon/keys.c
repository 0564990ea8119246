#include "daemon/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/audit_log.h"

static bool is_secret(const struct stat *about)
{
    return (about->st_uid == geteuid() || about->st_uid == 0) && (about->st_mode & S_IRWXO) == 0 &&
           S_ISREG(about->st_mode);
}

const char *keys_fault(int r)
{
    return r == -EPERM ? "it must be a file of this user or of root, closed to others: chmod o= it"
           : r == -ENODATA ? "it is too short"
           : r == -EINVAL  ? "it holds no secret key: 40 characters of Z85, as redressctl keygen "
                             "writes them"
                           : strerrordesc_np(-r);
}

/* The bytes of a file that nobody else may read, at least `least` of them. How many, or -errno. */
static int read_secret(const char *path, size_t least, uint8_t *room, size_t room_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    struct stat about;
    /* Looked at here, not by its name before: that may have come to mean another file. */
    int r = fstat(fd, &about) < 0 ? -errno : is_secret(&about) ? 0 : -EPERM;
    ssize_t size = r == 0 ? read(fd, room, room_size) : 0;
    r = r < 0 ? r : size < 0 ? -errno : (size_t)size < least ? -ENODATA : (int)size;
    (void)close(fd);
    return r;
}

int keys_read_mask(struct edge *edge, const struct config *config)
{
    if (config->mask_key_file == NULL) {
        edge->mask_key_len = 0;
        return 0;
    }
    uint8_t key[EDGE_MASK_KEY_MAX];
    int r = read_secret(config->mask_key_file, EDGE_MASK_KEY_MIN, key, sizeof key);
    if (r > 0) {
        memcpy(edge->mask_key, key, (size_t)r);
        edge->mask_key_len = (size_t)r;
    }
    explicit_bzero(key, sizeof key);
    return r < 0 ? r : 0;
}

/* Of the whole file the first word is the key: redressctl writes one line. */
static int read_secret_key(const char *path, char ret_key[static DOORS_SECRET_LETTERS + 1])
{
    uint8_t room[DOORS_SECRET_LETTERS + 2];
    int r = read_secret(path, DOORS_SECRET_LETTERS, room, sizeof room);
    bool is_one = r >= DOORS_SECRET_LETTERS;
    for (int i = DOORS_SECRET_LETTERS; i < r; i++) {
        is_one = is_one && (room[i] == '\n' || room[i] == '\r');
    }
    if (is_one) {
        memcpy(ret_key, room, DOORS_SECRET_LETTERS);
        ret_key[DOORS_SECRET_LETTERS] = '\0';
    }
    explicit_bzero(room, sizeof room);
    return r < 0 ? r : is_one ? 0 : -EINVAL;
}

int keys_look_mask(const struct config *config)
{
    uint8_t key[EDGE_MASK_KEY_MAX];
    const char *path = config->mask_key_file;
    int r = path != NULL ? read_secret(path, EDGE_MASK_KEY_MIN, key, sizeof key) : 0;
    explicit_bzero(key, sizeof key);
    return r < 0 ? r : 0;
}

int keys_look_secret(const struct config *config)
{
    char key[DOORS_SECRET_LETTERS + 1] = "";
    const char *path = config->has_security ? config->security.secret_key_file : NULL;
    int r = path != NULL ? read_secret_key(path, key) : 0;
    explicit_bzero(key, sizeof key);
    return r;
}

void keys_apply(struct edge *edge)
{
    const struct config_security *security = &edge->config->security;
    if (!edge->config->has_security) {
        return;
    }
    struct doors_key *keys = calloc(security->client_count + 1, sizeof *keys);
    if (keys == NULL) {
        rd_oom();
    }
    for (size_t i = 0; i < security->client_count; i++) {
        keys[i] = (struct doors_key){.public_key = security->clients[i].public_key,
                .name = security->clients[i].name,
                .expires = security->clients[i].expires};
    }
    doors_set_time(edge->doors, edge->clock.wall);
    doors_set_keys(edge->doors, keys, security->client_count);
    free(keys);
    audit_keys_read(security->client_count);
}

int keys_open_doors(struct edge *edge)
{
    const struct config *config = edge->config;
    int r = doors_open(&edge->doors);
    if (r < 0) {
        log_err("doors", "a door cannot be opened", "error=\"%s\" what=\"%s\"", strerrordesc_np(-r),
                "ZeroMQ cannot begin");
        return EX_OSERR;
    }
    if (!config->has_security) {
        return 0;
    }
    char key[DOORS_SECRET_LETTERS + 1] = "";
    const char *path = config->security.secret_key_file;
    r = path != NULL ? read_secret_key(path, key) : 0;
    bool is_read = r == 0;
    if (is_read) {
        r = doors_secure(edge->doors, path != NULL ? key : NULL);
        explicit_bzero(key, sizeof key);
    }
    /* That its letters are no key is seen only where it is to be used. */
    if (path != NULL && (!is_read || r == -EINVAL)) {
        log_err("main", "the key of security.secret_key cannot be used", "file=\"%s\" error=\"%s\"",
                path, keys_fault(r));
        return EX_CONFIG;
    }
    if (r < 0) {
        log_err("main", "the doors cannot be secured", "error=\"%s\"", strerrordesc_np(-r));
        return EX_OSERR;
    }
    keys_apply(edge);
    return 0;
}
