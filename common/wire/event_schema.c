#include <inttypes.h>

#include "common/wire/event_table.h"

/* Shapes that JSON has of what comes as MessagePack: a timestamp is text there. */
#define INSTANT "\"type\": \"string\", \"format\": \"date-time\""

static void put_names(struct rd_buf *buf, const char *head, rd_key_set set)
{
    const char *comma = "";
    rd_buf_printf(buf, "%s[", head);
    for (unsigned i = 0; i < RD_EVENT_KEY_COUNT; i++) {
        if (rd_key_in(set, (enum rd_event_key)i)) {
            rd_buf_printf(buf, "%s\"%s\"", comma, rd_event_key_name((enum rd_event_key)i));
            comma = ", ";
        }
    }
    rd_buf_printf(buf, "]");
}

static void put_text(struct rd_buf *buf, uint32_t limit)
{
    rd_buf_printf(buf, "\"type\": \"string\", \"minLength\": 1, \"maxLength\": %" PRIu32, limit);
}

static void put_uint(struct rd_buf *buf, enum rd_event_key key)
{
    struct rd_key_range range = rd_key_range(key);
    rd_buf_printf(buf, "\"type\": \"integer\", \"minimum\": %" PRIu64 ", \"maximum\": %" PRIu64,
            range.min, range.max);
}

static void put_scalar(struct rd_buf *buf)
{
    rd_buf_printf(buf,
            "\"type\": [\"string\", \"integer\", \"boolean\"], \"minLength\": 1, "
            "\"maxLength\": %d, \"minimum\": %" PRId64 ", \"maximum\": %" PRId64,
            RD_ITEM_BYTES_MAX, INT64_MIN, INT64_MAX);
}

static void put_map(struct rd_buf *buf, uint32_t limit, bool is_match)
{
    rd_buf_printf(buf,
            "\"type\": \"object\", \"maxProperties\": %" PRIu32 ", \"propertyNames\": "
            "{\"minLength\": 1, \"maxLength\": %d}, \"additionalProperties\": {",
            limit, RD_NAME_BYTES_MAX);
    if (is_match) {
        rd_buf_printf(buf, "\"anyOf\": [{");
        put_scalar(buf);
        rd_buf_printf(buf, "}, {\"type\": \"array\", \"minItems\": 1, \"items\": {");
    }
    put_scalar(buf);
    rd_buf_printf(buf, "%s}", is_match ? "}}]" : "");
}

static void put_money(struct rd_buf *buf, bool is_signed)
{
    int64_t units_max = INT64_MAX / 100;
    rd_buf_printf(buf,
            "\"type\": [\"string\", \"integer\"], \"pattern\": "
            "\"^%s[0-9]+([.][0-9]{1,2})?$\", \"minimum\": %" PRId64 ", \"maximum\": %" PRId64,
            is_signed ? "-?" : "", is_signed ? -units_max : 0, units_max);
}

static void put_key(struct rd_buf *buf, enum rd_event_key key)
{
    const struct rd_key_rule *rule = rd_key_rule(key);
    switch (rule->kind) {
    case RD_KIND_STR:
    case RD_KIND_CODE:
        if (rd_key_takes_number(key)) {
            rd_buf_printf(buf, "\"anyOf\": [{");
            put_uint(buf, key);
            rd_buf_printf(buf, "}, {");
            put_text(buf, rule->limit);
            rd_buf_printf(buf, "}]");
            return;
        }
        put_text(buf, rule->limit);
        return;
    case RD_KIND_UINT:
        put_uint(buf, key);
        return;
    case RD_KIND_BOOL:
        rd_buf_printf(buf, "\"type\": \"boolean\"");
        return;
    case RD_KIND_TIME:
        rd_buf_printf(buf, INSTANT);
        return;
    case RD_KIND_DUE:
        rd_buf_printf(buf, "\"anyOf\": [{" INSTANT "}, "
                           "{\"type\": \"string\", \"format\": \"date\"}]");
        return;
    case RD_KIND_DATE:
        rd_buf_printf(buf, "\"type\": \"string\", \"format\": \"date\"");
        return;
    case RD_KIND_MONEY:
        put_money(buf, rd_key_is_signed(key));
        return;
    case RD_KIND_STRS:
        rd_buf_printf(
                buf, "\"type\": \"array\", \"maxItems\": %" PRIu32 ", \"items\": {", rule->limit);
        put_text(buf, RD_ITEM_BYTES_MAX);
        rd_buf_printf(buf, "}");
        return;
    case RD_KIND_ATTRS:
        put_map(buf, rule->limit, false);
        return;
    case RD_KIND_MATCH:
        put_map(buf, rule->limit, true);
        return;
    }
    RD_UNREACHABLE("the kinds are all named");
}

/* What one type asks of one key, beyond the key's own shape. */
static void put_property(struct rd_buf *buf, enum rd_event_type type, enum rd_event_key key)
{
    const struct rd_key_rule *rule = rd_key_rule(key);
    const char *const *codes = rd_key_codes(type, key);
    bool is_required = rd_key_in(rd_type_rule(type)->required, key);
    rd_buf_printf(buf, "\"%s\": {\"$ref\": \"#/$defs/data.%s\"", rule->name, rule->name);
    for (size_t i = 0; codes != NULL && codes[i] != NULL; i++) {
        rd_buf_printf(buf, "%s\"%s\"", i == 0 ? ", \"enum\": [" : ", ", codes[i]);
    }
    rd_buf_printf(buf, "%s", codes != NULL ? "]" : "");
    if (is_required && rule->kind == RD_KIND_STRS) {
        rd_buf_printf(buf, ", \"minItems\": 1");
    }
    if (is_required && rule->kind == RD_KIND_MATCH) {
        rd_buf_printf(buf, ", \"minProperties\": 1");
    }
    rd_buf_printf(buf, "}");
}

static void put_type(struct rd_buf *buf, enum rd_event_type type)
{
    const struct rd_type_rule *rule = rd_type_rule(type);
    bool needs_subject = rule->needs == RD_NEEDS_SUBJECT, needs_data = rule->required != 0;
    rd_buf_printf(buf, "    \"%s\": {\n", rd_event_type_name(type));
    if (rule->needs == RD_NEEDS_CASE) {
        rd_buf_printf(buf, "      \"anyOf\": [{\"required\": [\"subject\"]}, {\"required\": "
                           "[\"data\"], \"properties\": {\"data\": {\"required\": "
                           "[\"case\"]}}}],\n");
    }
    rd_buf_printf(buf, "      \"required\": [%s%s%s],\n", needs_subject ? "\"subject\"" : "",
            needs_subject && needs_data ? ", " : "", needs_data ? "\"data\"" : "");
    put_names(buf, "      \"properties\": {\"data\": {\"required\": ", rule->required);
    rd_buf_printf(buf, ", \"properties\": {");
    const char *comma = "";
    for (unsigned i = 0; i < RD_EVENT_KEY_COUNT; i++) {
        if (rd_key_in(rule->allowed, (enum rd_event_key)i)) {
            rd_buf_printf(buf, "%s\n        ", comma);
            put_property(buf, type, (enum rd_event_key)i);
            comma = ",";
        }
    }
    rd_buf_printf(buf, "}}}\n    }");
}

static void put_envelope(struct rd_buf *buf)
{
    rd_buf_printf(buf, "  \"required\": [\"id\", \"source\", \"type\"],\n  \"properties\": {\n"
                       "    \"specversion\": {\"const\": \"1.0\"},\n");
    static const char *const ids[] = {"id", "source", "subject"};
    for (size_t i = 0; i < RD_COUNT(ids); i++) {
        rd_buf_printf(buf, "    \"%s\": {", ids[i]);
        put_text(buf, RD_ID_BYTES_MAX);
        rd_buf_printf(buf, "},\n");
    }
    rd_buf_printf(buf, "    \"type\": {\"enum\": [");
    for (unsigned i = 0; i < RD_EVENT_TYPE_COUNT; i++) {
        rd_buf_printf(buf, "%s\n      \"%s\"", i > 0 ? "," : "",
                rd_event_type_name((enum rd_event_type)i));
    }
    rd_buf_printf(buf,
            "]},\n"
            "    \"time\": {" INSTANT "},\n"
            "    \"sequence\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": %" PRIu64 "},\n"
            "    \"quiet\": {\"type\": \"boolean\"},\n"
            "    \"data\": {\"type\": \"object\"}\n"
            "  },\n",
            UINT64_MAX);
}

void rd_event_schema(struct rd_buf *buf)
{
    rd_buf_printf(buf,
            "{\n"
            "  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
            "  \"$id\": \"urn:redress:events:1\",\n"
            "  \"title\": \"redress events, version 1\",\n"
            "  \"description\": \"Events as JSON has them: on the wire they are MessagePack, where "
            "an instant may be a timestamp too. Lengths count characters here, bytes there. "
            "Unknown keys are ignored. One form of each value: redress-protocol(7) says what else "
            "is taken for the same, null for a key that is not there for one. Source: "
            "redress-events(7).\",\n"
            "  \"type\": \"object\",\n");
    put_envelope(buf);
    rd_buf_printf(buf, "  \"allOf\": [");
    for (unsigned i = 0; i < RD_EVENT_TYPE_COUNT; i++) {
        const char *name = rd_event_type_name((enum rd_event_type)i);
        rd_buf_printf(buf,
                "%s\n    {\"if\": {\"properties\": {\"type\": {\"const\": \"%s\"}}, \"required\": "
                "[\"type\"]}, \"then\": {\"$ref\": \"#/$defs/%s\"}}",
                i > 0 ? "," : "", name, name);
    }
    rd_buf_printf(buf, "],\n  \"$defs\": {\n");
    for (unsigned i = 0; i < RD_EVENT_TYPE_COUNT; i++) {
        put_type(buf, (enum rd_event_type)i);
        rd_buf_printf(buf, ",\n");
    }
    for (unsigned i = 0; i < RD_EVENT_KEY_COUNT; i++) {
        enum rd_event_key key = (enum rd_event_key)i;
        rd_buf_printf(buf, "    \"data.%s\": {", rd_event_key_name(key));
        put_key(buf, key);
        rd_buf_printf(buf, "}%s\n", i + 1 < RD_EVENT_KEY_COUNT ? "," : "");
    }
    rd_buf_printf(buf, "  }\n}\n");
}
