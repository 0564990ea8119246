/* One complaint from a program in C, and what its receipt says: libredress(3).
 *
 *   cc send.c $(pkg-config --cflags --libs redress) -o send
 *   ./send ipc:///run/redress/intake ipc:///run/redress/desk B-2026-17 c-1029 xj/urumqi/d3
 *
 * Status 0: taken, now or before; 2: refused; 3: nobody answered in ten seconds. */
#include <redress/client/producer.h>
#include <redress/pack.h>
#include <stdio.h>
#include <string.h>

#define PATIENCE_US INT64_C(10000000)

enum { STATUS_TAKEN = 0, STATUS_USAGE = 1, STATUS_REFUSED = 2, STATUS_SILENT = 3 };

static void put_text(struct rd_buf *buf, const char *key, const char *value)
{
    rd_pack_cstr(buf, key);
    rd_pack_cstr(buf, value);
}

/* The event as redress-protocol(7) has it. Its id is the complaint's, so that sending it again is a
 * duplicate and not a second complaint. */
static void make_event(
        struct rd_buf *buf, const char *complaint, const char *customer, const char *unit)
{
    rd_pack_map(buf, 5);
    put_text(buf, "id", complaint);
    put_text(buf, "source", "sample");
    put_text(buf, "type", "complaint.registered");
    put_text(buf, "subject", complaint);
    rd_pack_cstr(buf, "data");
    rd_pack_map(buf, 3);
    put_text(buf, "customer", customer);
    put_text(buf, "channel", "web");
    put_text(buf, "unit", unit);
}

static void settled(void *context, uint64_t tag, const struct rd_receipt *receipt)
{
    int *status = context;
    (void)tag;
    *status = receipt->status == RD_REJECTED ? STATUS_REFUSED : STATUS_TAKEN;
    (void)printf("%s", rd_status_name(receipt->status));
    if (receipt->error != NULL) {
        (void)printf(": %s: %s\n", receipt->error->code, receipt->error->message);
        return;
    }
    (void)printf(": case %llu", (unsigned long long)receipt->case_number);
    if (receipt->warning != NULL) {
        (void)printf(", level %s", rd_level_name(receipt->warning->level));
    }
    (void)printf("\n");
}

int main(int argc, char *argv[])
{
    int status = STATUS_SILENT;
    if (argc != 6) {
        (void)fprintf(stderr, "usage: send INTAKE DESK COMPLAINT CUSTOMER UNIT\n");
        return STATUS_USAGE;
    }
    struct rd_client *client RD_CLEANUP(rd_client_closep)
    = NULL;
    struct rd_producer *producer RD_CLEANUP(rd_producer_closep)
    = NULL;
    struct rd_producer_options options = {
            .endpoint = argv[1], .desk = argv[2], .context = &status, .settled = settled};
    int r = rd_client_open(&client);
    r = r < 0 ? r : rd_producer_open(client, &options, &producer);
    if (r < 0) {
        (void)fprintf(stderr, "%s: %s\n", argv[1], strerror(-r));
        return STATUS_USAGE;
    }
    struct rd_buf event;
    rd_buf_init(&event, 4096);
    make_event(&event, argv[3], argv[4], argv[5]);
    struct rd_str id = {.ptr = argv[3], .len = strlen(argv[3])};
    r = event.error != 0 ? event.error : rd_producer_put(producer, id, rd_buf_str(&event), 1);
    rd_buf_done(&event);
    while (r >= 0 && rd_producer_in_flight(producer) > 0 &&
            rd_producer_silent_us(producer) < PATIENCE_US) {
        r = rd_producer_turn(producer, PATIENCE_US / 10);
    }
    if (r < 0) {
        (void)fprintf(stderr, "%s: %s\n", argv[1], strerror(-r));
    }
    return status;
}
