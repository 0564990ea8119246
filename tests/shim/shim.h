/* tests/shim/shim.h — a library preloaded into the real daemon: it sees every call that changes or
 * syncs a file below $REDRESS_SHIM_ROOT, and what goes to ZeroMQ.
 *
 *   REDRESS_SHIM_ROOT    the folder; without it the library does nothing
 *   REDRESS_SHIM_LOG     a file that gets a record of each call (record.c): the power cut test
 *   REDRESS_SHIM_FAULT   CLASS:N[+]:WHAT, the call that fails (faults.c): the fault test.
 *                        CLASS:armed:WHAT: the next one once the file $REDRESS_SHIM_ARM is there
 *   REDRESS_SHIM_COUNTS  a file of SHIM_CLASSES u64, the calls of each class so far
 *   REDRESS_SHIM_HOLD    a folder with the FIFOs "held" and "release": where a held call waits
 *   REDRESS_SHIM_FULL    while this file exists, the disk has only the bytes left that it says
 *
 * Not sanitized itself: it is loaded before the sanitizers are. Tests alone use it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Fill: writes of SHIM_FILL_BYTES and more, and their syncs, as the journal prepares segments:
 * there are many of them, all alike. */
enum shim_class { SHIM_WRITE, SHIM_SYNC, SHIM_SIZE, SHIM_NAME, SHIM_OPEN, SHIM_FILL, SHIM_CLASSES };

enum { SHIM_FDS = 1024, SHIM_FILL_BYTES = 1024 * 1024 };

/* What is known of a descriptor below the root. */
struct shim_fd {
    uint64_t ino;   /* 0: not ours */
    bool is_synced; /* O_DSYNC */
    bool is_filled; /* by its last write */
};

/* NULL: not a file of ours. */
const struct shim_fd *shim_fd(int fd);

/* ---- faults.c ---- */
void faults_begin(void);
enum fault_kind { FAULT_NONE, FAULT_ERROR, FAULT_SHORT };
/* Counts the call and says what happens to it; of FAULT_ERROR errno is set. May wait (hold). */
enum fault_kind fault_of(enum shim_class class);
/* Is the disk full? Told by fstatvfs(); a file grows all the same while bytes are left. */
bool fault_is_full(uint64_t *ret_left_bytes);

/* ---- record.c ---- */
/* One record of the log, all numbers little-endian: op u8, a u64, b u64, c u64, length u32, bytes.
 *   L  a process begins: a its id
 *   O  a file was opened: a its inode, b its size, bytes its path below the root
 *   C  a file was made: a inode of the folder, b its own, bytes the name;  K the same of a folder
 *   W  bytes written: a inode, b offset;  Z  c zeros written: a inode, b offset
 *   T  cut or grown: a inode, b size;  A  room made: a inode, b at least so large
 *   R  renamed: a inode of the old folder, b of the new, c of the file, bytes "old\0new"
 *   U  unlinked: a inode of the folder, b of the file, bytes the name
 *   B  a sync begins: a inode, c its number;  E  it has ended well
 *   D  written through: a inode, b offset, c length
 *   M  a frame goes out: a 1 if more of the message follow, bytes the frame
 * Writes, names and sizes are logged when done, frames before they go: what a sync finds logged
 * before it begins it covers, and what a frame answers must be synced above it. */
struct shim_record {
    char op;
    uint64_t a, b, c;
    const void *bytes;
    size_t len;
};
void record_begin(void);
bool record_is_on(void);
void record_put(const struct shim_record *record);
void record_write(uint64_t ino, uint64_t offset, const void *bytes, size_t size);
uint64_t record_sync_number(void);
