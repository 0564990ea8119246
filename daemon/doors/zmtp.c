#include "daemon/doors/zmtp.h"

#include <string.h>

enum { FLAG_MORE = 1, FLAG_LONG = 2, FLAG_COMMAND = 4, VERSION_AT = 10, VERSION_MIN = 3 };

uint64_t zmtp_framed(uint64_t size)
{
    return size + (size > UINT8_MAX ? 9 : 2);
}

static size_t follow_greeting(struct zmtp *zmtp, struct rd_str bytes)
{
    size_t i = 0;
    for (; i < bytes.len && zmtp->bytes_of_greeting < ZMTP_GREETING_BYTES; i++) {
        uint8_t byte = (uint8_t)bytes.ptr[i];
        uint64_t at = zmtp->bytes_of_greeting++;
        if ((at == 0 && byte != 0xFF) || (at == 9 && (byte & 1) == 0) ||
                (at == VERSION_AT && byte < VERSION_MIN)) {
            zmtp->fault = ZMTP_NOT_SPOKEN;
            break;
        }
    }
    return i;
}

/* The header is whole: a frame begins. */
static void begin_part(struct zmtp *zmtp, const struct zmtp_limits *limits)
{
    zmtp->size = 0;
    for (size_t i = 1; i < zmtp->bytes_of_header; i++) {
        zmtp->size = zmtp->size << 8 | zmtp->header[i];
    }
    zmtp->left = zmtp->size;
    zmtp->kept_size = 0;
    bool is_command = (zmtp->header[0] & FLAG_COMMAND) != 0;
    if (zmtp->size > (limits->frame_bytes > 0 ? limits->frame_bytes : INT64_MAX)) {
        zmtp->fault = ZMTP_FRAME_SIZE;
    } else if (!is_command) {
        zmtp->bytes += zmtp->bytes_of_header;
        zmtp->frames++;
        zmtp->under_way++;
        zmtp->under_way_bytes += zmtp->bytes_of_header + zmtp->size;
        if (limits->message_frames > 0 && zmtp->under_way > limits->message_frames) {
            zmtp->fault = ZMTP_FRAME_COUNT;
        } else if (limits->message_bytes > 0 && zmtp->under_way_bytes > limits->message_bytes) {
            zmtp->fault = ZMTP_MESSAGE_SIZE;
        }
    }
}

/* True once the header is whole. */
static bool follow_header(struct zmtp *zmtp, const struct zmtp_limits *limits, uint8_t byte)
{
    zmtp->header[zmtp->bytes_of_header++] = byte;
    bool is_long = (zmtp->header[0] & FLAG_LONG) != 0;
    if (zmtp->bytes_of_header < (is_long ? 9U : 2U)) {
        return false;
    }
    begin_part(zmtp, limits);
    return true;
}

static void end_part(struct zmtp *zmtp, struct zmtp_part *part)
{
    *part = (struct zmtp_part){
            .is_command = (zmtp->header[0] & FLAG_COMMAND) != 0,
            .has_more = (zmtp->header[0] & FLAG_MORE) != 0,
            .start = {.ptr = (const char *)zmtp->kept, .len = zmtp->kept_size},
            .size = zmtp->size,
    };
    zmtp->bytes_of_header = 0;
    if (part->is_command) {
        zmtp->commands++;
    } else if (!part->has_more) {
        zmtp->messages++;
        zmtp->under_way = 0;
        zmtp->under_way_bytes = 0;
    }
}

size_t zmtp_follow(struct zmtp *zmtp, const struct zmtp_limits *limits, struct rd_str bytes,
        bool *ret_has_part, struct zmtp_part *ret_part)
{
    *ret_has_part = false;
    size_t at = follow_greeting(zmtp, bytes);
    while (at < bytes.len && zmtp->fault == ZMTP_FINE) {
        if (zmtp->bytes_of_header == 0 || zmtp->left == UINT64_MAX) {
            zmtp->left = UINT64_MAX; /* the header is not whole */
            if (!follow_header(zmtp, limits, (uint8_t)bytes.ptr[at++])) {
                continue;
            }
        } else {
            size_t size = bytes.len - at < zmtp->left ? bytes.len - at : (size_t)zmtp->left;
            size_t room = zmtp->kept != NULL ? ZMTP_KEPT_MAX - zmtp->kept_size : 0;
            size_t kept = size < room ? size : room;
            if (kept > 0) {
                memcpy(zmtp->kept + zmtp->kept_size, bytes.ptr + at, kept);
                zmtp->kept_size += kept;
            }
            zmtp->left -= size;
            zmtp->bytes += (zmtp->header[0] & FLAG_COMMAND) == 0 ? size : 0;
            at += size;
        }
        if (zmtp->left == 0 && zmtp->fault == ZMTP_FINE) {
            end_part(zmtp, ret_part);
            *ret_has_part = true;
            break;
        }
    }
    return at;
}

/* Takes `size` bytes off the front; false: they are not there. */
static bool cut(struct rd_str *rest, uint64_t size, struct rd_str *ret_cut)
{
    if (size > rest->len) {
        return false;
    }
    *ret_cut = (struct rd_str){.ptr = rest->ptr, .len = (size_t)size};
    rest->ptr += size;
    rest->len -= (size_t)size;
    return true;
}

static bool cut_sized(struct rd_str *rest, size_t size_bytes, struct rd_str *ret_cut)
{
    struct rd_str number;
    if (!cut(rest, size_bytes, &number)) {
        return false;
    }
    uint64_t size = 0;
    for (size_t i = 0; i < size_bytes; i++) {
        size = size << 8 | (uint8_t)number.ptr[i];
    }
    return cut(rest, size, ret_cut);
}

struct rd_str zmtp_identity(const struct zmtp_part *command)
{
    struct rd_str rest = command->start, name, value;
    if (!command->is_command || !cut_sized(&rest, 1, &name) || !rd_str_is(name, "READY")) {
        return RD_STR("");
    }
    while (cut_sized(&rest, 1, &name) && cut_sized(&rest, 4, &value)) {
        if (name.len == 8 && strncasecmp(name.ptr, "Identity", name.len) == 0) {
            return value;
        }
    }
    return RD_STR("");
}
