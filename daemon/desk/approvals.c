/* approval.list: events that wait for a second person. */
#include "common/base/sizes.h"
#include "daemon/desk/listing.h"
#include "daemon/engine/engine.h"
#include "daemon/store/rows/approval_row.h"
#include "daemon/store/rows/name_row.h"

/* What waits for a case is shown with the case; what is about none, to whoever sees everything. */
static bool is_shown(struct method_call *call, const struct approval_row *row)
{
    struct rd_str asked = param_str(call, "unit");
    struct case_row *of_case;
    if (row->case_number == 0) {
        return asked.len == 0 && rights_is_everywhere(&call->rights);
    }
    return case_row_get(call->view, row->case_number, call->arena, &of_case) &&
           unit_is_under(name_text(call->view, of_case->unit), asked) && sees_case(call, of_case);
}

static void put_text(struct fields *fields, const char *key, struct rd_str text)
{
    if (text.len > 0) {
        field_str(fields, key, text);
    }
}

static void pack_event(
        struct method_call *call, struct fields *fields, const struct approval_row *row)
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    struct rd_event event;
    struct rd_reject reject = {0};
    if (!rd_event_decode(tree, row->event, RD_EVENT_BYTES_MAX, &event, &reject)) {
        return; /* it was decoded when it was taken */
    }
    struct rd_hidden hidden = hidden_of_case(call, row->case_number, call->arena);
    struct rd_str customer = event.data[RD_KEY_CUSTOMER].bytes;
    hidden.customer = hidden.customer.len > 0 ? hidden.customer : customer;
    field_str(fields, "id", event.id);
    put_text(fields, "by", shown_text(call, RD_KEY_BY, event.data[RD_KEY_BY].bytes, &hidden));
    put_text(fields, "clock", event.data[RD_KEY_CLOCK].bytes);
    put_text(fields, "reason",
            shown_text(call, RD_KEY_REASON, event.data[RD_KEY_REASON].bytes, &hidden));
    put_text(fields, "customer", mask_for(call, customer));
    put_text(fields, "approved_by",
            shown_text(call, RD_KEY_APPROVED_BY, event.data[RD_KEY_APPROVED_BY].bytes, &hidden));
    if (event.data[RD_KEY_UNTIL].type == RD_VALUE_TIME) {
        field_time(fields, "until", event.data[RD_KEY_UNTIL].integer);
    }
    if (event.data[RD_KEY_MATCHERS].type == RD_VALUE_MAP) {
        field_key(fields, "matchers");
        pack_masked_map(call, event.data[RD_KEY_MATCHERS].bytes);
    }
}

static bool pack_row(struct method_call *call, struct rd_str key, struct rd_str value)
{
    struct approval_row waiting;
    const struct approval_row *row = &waiting;
    uint64_t seq = approval_row_read(key, value, &waiting);
    if (!is_shown(call, row)) {
        return false;
    }
    struct fields fields = fields_begin(call->reply);
    field_uint(&fields, "event", seq);
    field_cstr(&fields, "type", rd_event_type_name((enum rd_event_type)row->type));
    if (row->case_number != 0) {
        field_uint(&fields, "case", row->case_number);
    }
    field_str(&fields, "source", row->source);
    field_str(&fields, "sender", engine_sender_of(row->sender).name);
    pack_event(call, &fields, row);
    field_time(&fields, "taken", row->taken);
    field_time(&fields, "lapses", wall_of(call, row->armed, true));
    if (row->alert != 0) {
        field_uint(&fields, "alert", row->alert);
    }
    fields_end(&fields);
    return true;
}

bool approval_list_answer(struct method_call *call)
{
    return listing_answer(call, STORE_APPROVALS, pack_row);
}
