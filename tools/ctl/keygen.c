/* tools/ctl/keygen.c — a pair of keys: the secret one into a file, the public one for a person. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/ctl/ctl.h"
#include "tools/shared/json.h"

/* Synced before the public key is printed, since the user will enter that one elsewhere. */
static int write_file(const char *path, const char *secret, const char *server)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (fd < 0) {
        return -errno;
    }
    const char *end = server[0] != '\0' ? "\n" : "";
    int r = dprintf(fd, "%s\n%s%s", secret, server, end) < 0 || fsync(fd) < 0 ? -errno : 0;
    if (close(fd) < 0 && r == 0) {
        r = -errno;
    }
    if (r < 0) {
        (void)unlink(path);
    }
    return r;
}

enum exit_status ctl_keygen(struct ctl *ctl)
{
    const char *path = ctl->words[0];
    const char *server = ctl->word_count > 1 ? ctl->words[1] : "";
    char public_key[RD_KEY_LETTERS + 1], secret_key[RD_KEY_LETTERS + 1];
    if (server[0] != '\0' && strlen(server) != RD_KEY_LETTERS) {
        say_error("%.60s: no public key of a daemon: give 40 characters of Z85", server);
        return STATUS_USAGE;
    }
    int r = rd_client_new_key(public_key, secret_key);
    r = r < 0 ? r : write_file(path, secret_key, server);
    explicit_bzero(secret_key, sizeof secret_key);
    if (r == -EEXIST) {
        say_error("%s: is there already, and is left as it is", path);
        return STATUS_USAGE;
    }
    if (r < 0) {
        say_error("%s: %s", path, strerror(-r));
        return STATUS_USAGE;
    }
    if (ctl->is_json) {
        json_print(stdout, json_pack("{s:s}", "public_key", public_key), false);
    } else {
        (void)printf("%s\n", public_key);
    }
    return STATUS_OK;
}
