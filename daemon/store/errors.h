/* daemon/store/errors.h — LMDB's codes as -errno: they are not seen above this room. */
#pragma once

/* 0 stays 0. MAP_FULL → -ENOSPC, NOTFOUND → -ENOENT, damage → -EBADMSG, a file format of another
 * LMDB → -EPROTO, a failed meta page write (PANIC) → -ENOTRECOVERABLE, positive errno → -errno. */
int store_errno(int mdb_code);
