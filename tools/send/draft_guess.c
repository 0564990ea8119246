#include <string.h>
#include <strings.h>

#include "tools/send/draft.h"

/* What the columns of registers are called. The first word that is the whole name wins, then one
 * that is part of it; within a list, the earlier one. */

enum { WORDS_MAX = 16 };

static const struct {
    const char *key;
    const char *words[WORDS_MAX];
} USES[DRAFT_USES] = {
        [USE_NUMBER] = {"subject",
                {"投诉编号", "工单编号", "工单号", "案件编号", "案件号", "编号", "流水号", "受理号",
                        "complaint id", "complaint no", "case id", "case no", "ticket", "reference",
                        "number", "id"}},
        [USE_TIME] = {"time",
                {"投诉时间", "投诉日期", "登记时间", "登记日期", "来电时间", "发生时间", "发生日期",
                        "时间", "日期", "complaint date", "date of complaint", "registered",
                        "opened", "created", "time", "date"}},
        [USE_RECEIVED] = {"received", {"受理时间", "受理日期", "收到日期", "收件日期", "接收时间",
                                              "received", "date received", "receipt date"}},
        [USE_CUSTOMER] = {"customer", {"客户号", "客户编号", "客户姓名", "投诉人", "客户", "姓名",
                                              "customer id", "customer no", "customer", "client",
                                              "complainant", "account holder", "name"}},
        [USE_CHANNEL] = {"channel", {"投诉渠道", "受理渠道", "来电渠道", "来源渠道", "渠道", "来源",
                                            "channel", "received via", "came by", "source"}},
        [USE_UNIT] = {"unit",
                {"受理机构", "被投诉机构", "所属机构", "承办机构", "机构", "分公司", "支公司",
                        "网点", "部门", "单位", "unit", "branch", "office", "department", "team"}},
        [USE_PHONE] = {"phone",
                {"联系电话", "手机号码", "手机号", "电话号码", "来电号码", "手机", "电话",
                        "phone number", "phone", "mobile", "telephone", "tel"}},
        [USE_CONTRACT] = {"contract", {"保单号码", "保单号", "合同号", "合同编号", "账号", "卡号",
                                              "policy number", "policy no", "contract no",
                                              "contract", "account number", "account", "policy"}},
        [USE_PRODUCT] = {"product",
                {"产品名称", "险种名称", "产品", "险种", "product name", "product", "service"}},
        [USE_SELLER] = {"seller", {"销售人员", "业务员", "代理人", "客户经理", "销售员",
                                          "salesperson", "seller", "agent", "adviser", "advisor"}},
        [USE_AMOUNT] = {"amount", {"涉诉金额", "投诉金额", "涉及金额", "金额", "保费",
                                          "amount claimed", "amount", "sum", "premium"}},
        [USE_ISSUE] = {"issue", {"投诉类型", "投诉类别", "投诉原因", "问题类型", "业务类型", "类型",
                                        "类别", "issue", "category", "reason", "type"}},
        [USE_TEXT] = {"text", {"投诉内容", "投诉事项", "内容描述", "问题描述", "诉求内容", "诉求",
                                      "内容", "描述", "备注", "complaint text", "description",
                                      "narrative", "details", "complaint", "comment"}},
        [USE_HANDLER] = {"handler", {"经办人", "处理人", "承办人", "坐席", "handler", "handled by",
                                            "assigned to", "owner"}},
        [USE_AGE] = {"age", {"客户年龄", "年龄", "age"}},
        [USE_REGULATOR_REF] = {"regulator_ref",
                {"监管编号", "转办编号", "转送编号", "regulator ref", "regulator reference"}},
};

const char *draft_key(enum draft_use use)
{
    return USES[use].key;
}

static bool holds(struct rd_str name, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= name.len; i++) {
        if (strncasecmp(name.ptr + i, word, len) == 0) {
            return true;
        }
    }
    return false;
}

/* How well the column's name says the use; 0: not at all. */
static unsigned fit_of(struct rd_str name, enum draft_use use)
{
    unsigned best = 0;
    for (unsigned i = 0; i < WORDS_MAX && USES[use].words[i] != NULL; i++) {
        const char *word = USES[use].words[i];
        unsigned early = WORDS_MAX - i;
        bool is_whole = name.len == strlen(word) && strncasecmp(name.ptr, word, name.len) == 0;
        bool is_part = !is_whole && strlen(word) > 2 && holds(name, word);
        unsigned fit = is_whole ? 2 * WORDS_MAX + early : is_part ? early : 0;
        best = fit > best ? fit : best;
    }
    return best;
}

/* The best pair of a use and a column first, then the best of what is left. */
void draft_guess(const struct draft_column *columns, size_t count, size_t ret_of[static DRAFT_USES])
{
    bool is_taken[DRAFT_COLUMNS_MAX] = {false};
    for (size_t i = 0; i < DRAFT_USES; i++) {
        ret_of[i] = DRAFT_COLUMNS_MAX;
    }
    for (size_t round = 0; round < DRAFT_USES; round++) {
        unsigned best = 0;
        size_t best_use = 0, best_column = 0;
        for (size_t use = 0; use < DRAFT_USES; use++) {
            for (size_t i = 0; i < count && ret_of[use] == DRAFT_COLUMNS_MAX; i++) {
                bool may = !is_taken[i] && !columns[i].is_twice && columns[i].name.len > 0;
                unsigned fit = may ? fit_of(columns[i].name, (enum draft_use)use) : 0;
                if (fit > best) {
                    best = fit;
                    best_use = use;
                    best_column = i;
                }
            }
        }
        if (best == 0) {
            return;
        }
        ret_of[best_use] = best_column;
        is_taken[best_column] = true;
    }
}
