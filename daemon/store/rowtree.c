#include "daemon/store/rowtree.h"

#include <endian.h>
#include <string.h>

enum { NODE_ITEMS = 32, HEAD_BYTES = 16 };

struct rowtree_node {
    uint32_t count;
    bool is_leaf;
    struct rowtree_item items[NODE_ITEMS]; /* inner: the least of the child to the right */
    struct rowtree_node *links[];          /* leaf: previous, next; inner: count + 1 children */
};

enum { LEAF_PREVIOUS = 0, LEAF_NEXT = 1, LEAF_LINKS = 2, INNER_LINKS = NODE_ITEMS + 1 };

struct probe {
    uint64_t high, low;
    const uint8_t *key;
    size_t len;
};

static struct probe probe_of(const uint8_t *key, size_t len)
{
    uint64_t head[2] = {0, 0};
    if (len >= HEAD_BYTES) {
        memcpy(head, key, HEAD_BYTES);
    } else if (len > 0) {
        memcpy(head, key, len);
    }
    return (struct probe){
            .high = be64toh(head[0]), .low = be64toh(head[1]), .key = key, .len = len};
}

/* Equal heads: where one key ends within its head, the other has zeros there or ends too, so the
 * shorter is its prefix. */
static int tail_cmp(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    size_t common = a_len < b_len ? a_len : b_len;
    int order =
            common > HEAD_BYTES ? memcmp(a + HEAD_BYTES, b + HEAD_BYTES, common - HEAD_BYTES) : 0;
    return order != 0 ? order : (a_len > b_len) - (a_len < b_len);
}

static inline int probe_cmp(const struct rowtree_item *item, const struct probe *probe)
{
    if (item->high != probe->high) {
        return item->high < probe->high ? -1 : 1;
    }
    if (item->low != probe->low) {
        return item->low < probe->low ? -1 : 1;
    }
    return tail_cmp(item->row->key, item->row->key_len, probe->key, probe->len);
}

struct rowtree_item rowtree_item_of(struct row *row)
{
    struct probe probe = probe_of(row->key, row->key_len);
    return (struct rowtree_item){.high = probe.high, .low = probe.low, .row = row};
}

int rowtree_item_cmp(const void *a, const void *b)
{
    const struct rowtree_item *left = a;
    const struct rowtree_item *right = b;
    struct probe probe = {.high = right->high,
            .low = right->low,
            .key = right->row->key,
            .len = right->row->key_len};
    return probe_cmp(left, &probe);
}

/* How many items are < the probe, or ≤ it if is_after. */
static uint32_t node_rank(const struct rowtree_node *node, const struct probe *probe, bool is_after)
{
    int least = is_after ? 1 : 0; /* of an item that is behind */
    uint32_t low = 0;
    uint32_t high = node->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (probe_cmp(&node->items[middle], probe) < least) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct rowtree_node *node_new(struct slab *slab, bool is_leaf)
{
    size_t links = is_leaf ? LEAF_LINKS : INNER_LINKS;
    struct rowtree_node *node =
            slab_alloc(slab, sizeof *node + links * sizeof(struct rowtree_node *));
    node->count = 0;
    node->is_leaf = is_leaf;
    if (is_leaf) {
        node->links[LEAF_PREVIOUS] = node->links[LEAF_NEXT] = NULL;
    }
    return node;
}

/* Moves the upper part of a full leaf to a new one behind it; *ret_least: its first item. */
static struct rowtree_node *leaf_split(
        struct slab *slab, struct rowtree_node *leaf, uint32_t keep, struct rowtree_item *ret_least)
{
    struct rowtree_node *right = node_new(slab, true);
    right->count = leaf->count - keep;
    memcpy(right->items, leaf->items + keep, right->count * sizeof leaf->items[0]);
    leaf->count = keep;
    right->links[LEAF_PREVIOUS] = leaf;
    right->links[LEAF_NEXT] = leaf->links[LEAF_NEXT];
    if (right->links[LEAF_NEXT] != NULL) {
        right->links[LEAF_NEXT]->links[LEAF_PREVIOUS] = right;
    }
    leaf->links[LEAF_NEXT] = right;
    *ret_least = right->items[0];
    return right;
}

/* The item at `keep` goes up, what is above it to a new node. */
static struct rowtree_node *inner_split(
        struct slab *slab, struct rowtree_node *node, uint32_t keep, struct rowtree_item *ret_least)
{
    struct rowtree_node *right = node_new(slab, false);
    *ret_least = node->items[keep];
    right->count = node->count - keep - 1;
    memcpy(right->items, node->items + keep + 1, right->count * sizeof node->items[0]);
    memcpy(right->links, node->links + keep + 1,
            (right->count + 1) * sizeof(struct rowtree_node *));
    node->count = keep;
    return right;
}

static void item_insert(struct rowtree_node *node, uint32_t at, struct rowtree_item item)
{
    memmove(node->items + at + 1, node->items + at, (node->count - at) * sizeof item);
    node->items[at] = item;
    node->count++;
}

/* Splits the full child `at` of a node with room. Where the new item goes behind all of the child,
 * the left one stays nearly full: keys that only grow then fill their nodes. */
static void child_split(
        struct slab *slab, struct rowtree_node *parent, uint32_t at, const struct probe *probe)
{
    struct rowtree_node *child = parent->links[at];
    uint32_t keep = NODE_ITEMS / 2;
    if (probe_cmp(&child->items[child->count - 1], probe) < 0) {
        keep = child->is_leaf ? NODE_ITEMS - 1 : NODE_ITEMS - 2;
    }
    struct rowtree_item least;
    struct rowtree_node *right = child->is_leaf ? leaf_split(slab, child, keep, &least)
                                                : inner_split(slab, child, keep, &least);
    memmove(parent->links + at + 2, parent->links + at + 1,
            (parent->count - at) * sizeof(struct rowtree_node *));
    parent->links[at + 1] = right;
    item_insert(parent, at, least);
}

void rowtree_insert(struct rowtree *tree, struct slab *slab, struct row *row)
{
    struct probe probe = probe_of(row->key, row->key_len);
    if (tree->root == NULL) {
        tree->root = node_new(slab, true);
    }
    if (tree->root->count == NODE_ITEMS) {
        struct rowtree_node *root = node_new(slab, false);
        root->links[0] = tree->root;
        child_split(slab, root, 0, &probe);
        tree->root = root;
        tree->height++;
    }
    struct rowtree_node *node = tree->root;
    while (!node->is_leaf) {
        uint32_t at = node_rank(node, &probe, true);
        if (node->links[at]->count == NODE_ITEMS) {
            child_split(slab, node, at, &probe);
            at += probe_cmp(&node->items[at], &probe) <= 0;
        }
        node = node->links[at];
    }
    item_insert(node, node_rank(node, &probe, false),
            (struct rowtree_item){.high = probe.high, .low = probe.low, .row = row});
}

struct rowtree_at rowtree_seek(const struct rowtree *tree, struct rd_str key, bool is_after)
{
    if (tree->root == NULL) {
        return (struct rowtree_at){0};
    }
    struct probe probe = probe_of((const uint8_t *)key.ptr, key.len);
    struct rowtree_node *node = tree->root;
    while (!node->is_leaf) {
        node = node->links[node_rank(node, &probe, true)];
    }
    struct rowtree_at at = {.leaf = node, .index = node_rank(node, &probe, is_after)};
    if (at.index == node->count) {
        at = (struct rowtree_at){.leaf = node->links[LEAF_NEXT]};
    }
    return at;
}

struct row *rowtree_row(struct rowtree_at at)
{
    return at.leaf != NULL ? at.leaf->items[at.index].row : NULL;
}

struct rowtree_at rowtree_step(struct rowtree_at at)
{
    if (at.index + 1 < at.leaf->count) {
        return (struct rowtree_at){.leaf = at.leaf, .index = at.index + 1};
    }
    return (struct rowtree_at){.leaf = at.leaf->links[LEAF_NEXT]};
}

struct row *rowtree_before(const struct rowtree *tree, struct rd_str key)
{
    if (tree->root == NULL) {
        return NULL;
    }
    struct probe probe = probe_of((const uint8_t *)key.ptr, key.len);
    struct rowtree_node *node = tree->root;
    while (!node->is_leaf) {
        node = node->links[key.len > 0 ? node_rank(node, &probe, true) : node->count];
    }
    uint32_t index = key.len > 0 ? node_rank(node, &probe, false) : node->count;
    if (index == 0) {
        node = node->links[LEAF_PREVIOUS];
        return node != NULL ? node->items[node->count - 1].row : NULL;
    }
    return node->items[index - 1].row;
}
