/* common/wire/pack.h — MessagePack: a bounded scan of hostile bytes, a thin reader, a writer.
 *
 * rd_pack_scan() comes first, always: it walks the bytes without allocating. Only what it passed is
 * given to msgpack-c. Source: the MessagePack specification, extension type -1 included. */
#pragma once

#include "common/base/base.h"
#include "common/base/buf.h"
#include "common/time/utime.h"

enum { RD_PACK_DEPTH_MAX = 16, RD_PACK_PATH_MAX = 96 };
/* The head of a text of fewer bytes than that is one byte: this, and the length. */
enum { RD_PACK_SHORT = 0xa0, RD_PACK_SHORT_MAX = 32 };

/* 0 if `bytes` is exactly one object: nesting ≤ 16 (the outermost container is level 1), every
 * announced count ≤ the bytes left, every str valid UTF-8, every map key a str (or a bin that is
 * UTF-8) and distinct within its map, no trailing bytes, a timestamp extension well-formed (4, 8 or
 * 12 bytes, ns < 1e9). Else -EBADMSG, or -EILSEQ for a str that is no UTF-8 and nothing worse.
 * *ret_what, if not NULL, is set to a static text that says what is wrong. Allocates nothing, but
 * for the time of the check 16 bytes a key of a map with more than 32. */
RD_MUST_USE int rd_pack_scan(struct rd_str bytes, const char **ret_what);

/* The text under this key of the outermost map, of bytes of which nothing is known, and which may
 * end, or be no MessagePack, behind it. False: there is none, or not before the bytes go wrong. */
bool rd_pack_find_text(struct rd_str bytes, struct rd_str key, struct rd_str *ret_text);

struct rd_pack_told {
    /* On -EILSEQ where the first such text stands: the map keys that lead to it, joined by dots, as
     * far as they fit and no list comes between ("data.text"). Otherwise it is not written. */
    char bad_path[RD_PACK_PATH_MAX];
    bool has_other_forms; /* a float, a bin: rd_tree_unify() has something to look at */
};
/* As rd_pack_scan(). */
RD_MUST_USE int rd_pack_scan_telling(
        struct rd_str bytes, const char **ret_what, struct rd_pack_told *told);

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool rd_pack_is_utf8(struct rd_str text);
/* How many bytes the first object of `bytes` takes; they are part of what passed a scan (a bad text
 * does not matter). */
size_t rd_pack_span(struct rd_str bytes);

/* ---- reading: msgpack-c's objects, after the scan ----
 *
 * A tree owns the memory (msgpack-c's zone, reused from one read to the next, ≤ ~24 × the message);
 * nodes are borrowed until the next rd_tree_read() or the end of the tree; strs point into the
 * bytes that were read. Not thread-safe: a tree a thread. */
enum rd_node_type {
    RD_NODE_NONE, /* absent: what the finders give for NULL, a missing key, an index too far */
    RD_NODE_NIL,
    RD_NODE_BOOL,
    RD_NODE_UINT,
    RD_NODE_INT, /* negative */
    RD_NODE_FLOAT,
    RD_NODE_STR,
    RD_NODE_BIN,
    RD_NODE_ARRAY,
    RD_NODE_MAP,
    RD_NODE_TIME, /* timestamp extension */
    RD_NODE_EXT,
};

struct rd_tree;
struct msgpack_object;
typedef const struct msgpack_object *rd_node; /* NULL is RD_NODE_NONE */

struct rd_tree *rd_tree_new(void);
void rd_tree_free(struct rd_tree *tree);
void rd_tree_freep(struct rd_tree **tree); /* for RD_CLEANUP */
/* Scans, then reads. Errors as rd_pack_scan(); *ret_root is written on 0, and on -EILSEQ too: the
 * structure is sound then, so that who answers can still name what he answers. */
RD_MUST_USE int rd_tree_read(
        struct rd_tree *tree, struct rd_str bytes, rd_node *ret_root, const char **ret_what);

/* Where the text stands that made the last rd_tree_read() return -EILSEQ; struct rd_pack_told. */
const char *rd_tree_bad_path(const struct rd_tree *tree);

/* One form for what encoders write in several: throughout the nodes of the last read, a float that
 * has no fraction and fits 64 bits becomes a UINT or INT, a bin that is UTF-8 a STR. True: there
 * was one. */
bool rd_tree_unify(struct rd_tree *tree);

/* Memory that lives as long as the nodes do. */
void *rd_tree_alloc(struct rd_tree *tree, size_t size);

/* What a node is, for a sentence to a person: "a float", "binary", "an array". */
const char *rd_node_words(rd_node node);

/* Each accepts any node; of the wrong type it gives 0, false, the empty text, RD_TIME_NONE. */
enum rd_node_type rd_node_type(rd_node node);
bool rd_node_bool(rd_node node);
uint64_t rd_node_uint(rd_node node);
int64_t rd_node_int(rd_node node);       /* either sign; a UINT over INT64_MAX gives INT64_MAX */
struct rd_str rd_node_str(rd_node node); /* of a STR */
struct rd_str rd_node_bin(rd_node node);
struct rd_str rd_node_ext(rd_node node);   /* the body of an EXT that is no time */
uint64_t rd_node_float_bits(rd_node node); /* IEEE 754, as a double */
rd_time rd_node_time(rd_node node); /* finer than µs is cut towards the past; RD_TIME_NONE outside
                                       RD_TIME_MIN..MAX too */
uint32_t rd_node_count(rd_node node); /* of an ARRAY, or pairs of a MAP; else 0 */
rd_node rd_node_at(rd_node array, uint32_t index);
rd_node rd_node_pair(rd_node map, uint32_t index, struct rd_str *ret_key);
rd_node rd_node_find(rd_node map, const char *key);
/* The node written again, in msgpack-c's shortest forms. */
void rd_pack_node(struct rd_buf *buf, rd_node node);

/* ---- writing, at the end of a buf (sticky error there) ---- */
void rd_pack_nil(struct rd_buf *buf);
void rd_pack_bool(struct rd_buf *buf, bool value);
void rd_pack_uint(struct rd_buf *buf, uint64_t value);
void rd_pack_int(struct rd_buf *buf, int64_t value);
void rd_pack_str(struct rd_buf *buf, struct rd_str text);
/* Inline: the length of a key that stands in the code is known when it is compiled. */
static inline void rd_pack_cstr(struct rd_buf *buf, const char *text)
{
    size_t len = strlen(text);
    uint8_t *room = len < RD_PACK_SHORT_MAX ? rd_buf_extend(buf, 1 + len) : NULL;
    if (room != NULL) {
        room[0] = (uint8_t)(RD_PACK_SHORT | len);
        memcpy(room + 1, text, len);
    } else {
        rd_pack_str(buf, (struct rd_str){text, len});
    }
}
void rd_pack_bin(struct rd_buf *buf, struct rd_str bytes);
/* The shortest of the three forms. What a limit has carried out of the years 1 to 9999 (a reminder
 * days before the year 1, say) is written as the first or the last instant that peers can read. */
void rd_pack_time(struct rd_buf *buf, rd_time time);
void rd_pack_array(struct rd_buf *buf, uint32_t count);
void rd_pack_map(struct rd_buf *buf, uint32_t pairs);
/* A map or array whose count is known only at the end (always the 32 bit form): */
size_t rd_pack_map_begin(struct rd_buf *buf);
void rd_pack_map_end(struct rd_buf *buf, size_t mark, uint32_t pairs);
size_t rd_pack_array_begin(struct rd_buf *buf);
void rd_pack_array_end(struct rd_buf *buf, size_t mark, uint32_t count);
