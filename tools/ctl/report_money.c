#include "tools/ctl/report_money.h"

static bool has_currency(const struct currencies *currencies, struct rd_str currency)
{
    for (size_t i = 0; i < currencies->count; i++) {
        if (rd_str_eq(currencies->at[i], currency)) {
            return true;
        }
    }
    return false;
}

static void add(struct currencies *currencies, struct rd_str currency)
{
    if (!has_currency(currencies, currency) && currencies->count < CURRENCIES_SHOWN_MAX) {
        currencies->at[currencies->count++] = currency;
    }
}

void currencies_add(struct currencies *currencies, rd_node value)
{
    for (uint32_t i = 0; rd_node_type(value) == RD_NODE_MAP && i < rd_node_count(value); i++) {
        struct rd_str currency;
        (void)rd_node_pair(value, i, &currency);
        add(currencies, currency);
    }
}

/* As a base that was given is. */
static bool is_without_currency(rd_node value)
{
    struct rd_str currency = {0};
    if (rd_node_type(value) != RD_NODE_MAP || rd_node_count(value) != 1) {
        return false;
    }
    (void)rd_node_pair(value, 0, &currency);
    return currency.len == 0;
}

void currencies_of_row(struct currencies *ret_currencies, rd_node row)
{
    static const char *const BESIDE[] = {"before", "year_before"};
    ret_currencies->count = 0;
    currencies_add(ret_currencies, rd_node_find(row, "value"));
    for (size_t i = 0; i < RD_COUNT(BESIDE); i++) {
        rd_node value = rd_node_find(row, BESIDE[i]);
        if (!is_without_currency(value)) {
            currencies_add(ret_currencies, value);
        }
    }
    if (ret_currencies->count == 0) {
        add(ret_currencies, (struct rd_str){0});
    }
}

void put_amount(struct rd_buf *cell, rd_node value, struct rd_str currency)
{
    if (rd_node_type(value) != RD_NODE_MAP) {
        return;
    }
    for (uint32_t i = 0; i < rd_node_count(value); i++) {
        struct rd_str name;
        rd_node amount = rd_node_pair(value, i, &name);
        if (rd_str_eq(name, currency)) {
            rd_buf_put_text(cell, rd_node_str(amount));
            return;
        }
    }
    rd_buf_put_text(cell, RD_STR("0"));
}

void put_amount_of_row(struct rd_buf *cell, rd_node row, const char *key,
        const struct currencies *currencies, size_t index)
{
    rd_node value = rd_node_find(row, key);
    bool is_beside_first =
            is_without_currency(value) && !has_currency(currencies, (struct rd_str){0});
    put_amount(cell, value,
            is_beside_first && index == 0 ? (struct rd_str){0} : currencies->at[index]);
}
