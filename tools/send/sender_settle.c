#include <errno.h>
#include <string.h>

#include "tools/send/sender_inner.h"
#include "tools/shared/json.h"

void sender_lose(struct sender *sender, const char *path, int error)
{
    if (!sender->has_lost && error != -EEXIST) { /* that is said where it is found */
        say_error("%s: %s", path, strerror(-error));
    }
    sender->has_lost = true;
}

void sender_reject(
        struct sender *sender, uint64_t line, const struct rd_reject *why, struct rd_str raw)
{
    int r = sender->has_lost ? 0 : rejects_put(&sender->rejects, line, why, raw);
    if (r < 0) {
        sender_lose(sender, sender->options->rejects_path, r);
    }
}

/* The receipt as a line of JSON, by way of its own wire form. */
static void keep_receipt(struct sender *sender, uint64_t line, const struct rd_receipt *receipt)
{
    struct rd_tree *tree RD_CLEANUP(rd_tree_freep)
    = rd_tree_new();
    rd_node node = NULL;
    rd_buf_reset(&sender->packed);
    rd_receipt_pack(&sender->packed, receipt);
    if (rd_tree_read(tree, rd_buf_str(&sender->packed), &node, NULL) < 0) {
        return;
    }
    json_t *object = json_of_node(node);
    (void)json_object_set_new(object, "line", json_integer((json_int_t)line));
    errno = 0;
    json_print(sender->receipts, object, false);
    if (ferror(sender->receipts) != 0) {
        sender_lose(sender, sender->options->receipts_path, errno != 0 ? -errno : -EIO);
    }
}

static bool is_differing(const struct rd_receipt *receipt)
{
    return receipt->error != NULL && strcmp(receipt->error->code, "conflict") == 0 &&
           strcmp(receipt->error->field, "id") == 0;
}

/* The row was taken before: what it was said to be then must be known. True: it waits for that. */
static bool is_to_be_judged(
        struct sender *sender, const struct row_kept *row, const struct rd_receipt *receipt)
{
    bool is_same = receipt->status == RD_DUPLICATE;
    if (sender->corrector == NULL || row->is_corrected || (!is_same && !is_differing(receipt))) {
        return false;
    }
    rd_buf_put_u64(&sender->corrections, row->mark.row);
    rd_buf_put_u8(&sender->corrections, is_same ? 1 : 0);
    return true;
}

void sender_refuse(struct sender *sender, const struct row_kept *row, const struct rd_reject *why,
        bool is_otherwise)
{
    sender->tally->differing += is_otherwise ? 1 : 0;
    sender->tally->rejected++;
    if (why != NULL) {
        sender_reject(sender, row->mark.line, why, row->raw);
    }
    rows_settle(sender->rows, row->mark.row, false);
}

/* It was said once, but not last. */
static bool is_corrected_back(const struct sender *sender, const struct row_kept *row)
{
    return sender->state != NULL && sender->corrector == NULL &&
           state_differs(sender->state, &row->print, &row->id);
}

void sender_settle(void *context, uint64_t tag, const struct rd_receipt *receipt)
{
    struct sender *sender = context;
    struct row_kept row = rows_get(sender->rows, tag);
    if (receipt->warning != NULL && receipt->warning->level != RD_LEVEL_NONE) {
        sender->tally->warned++;
    }
    if (sender->receipts != NULL) {
        keep_receipt(sender, row.mark.line, receipt);
    }
    if (is_to_be_judged(sender, &row, receipt)) {
        return;
    }
    switch (receipt->status) {
    case RD_ACCEPTED:
        sender->tally->accepted++;
        sender->tally->corrected += row.is_corrected ? 1 : 0;
        break;
    case RD_DUPLICATE:
        if (is_corrected_back(sender, &row)) {
            struct rd_reject why = {0};
            (void)rd_reject_set(&why, "conflict", "id",
                    "it says again what it said before it was corrected, and the case does not");
            sender_refuse(sender, &row, &why, true);
            return;
        }
        sender->tally->duplicate++;
        break;
    case RD_REJECTED:
        sender_refuse(sender, &row, receipt->error, is_differing(receipt) && !row.is_corrected);
        return;
    case RD_BUSY:
        RD_UNREACHABLE("the producer keeps what is busy");
    }
    rows_settle(sender->rows, tag, true);
}
