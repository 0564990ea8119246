#include <string.h>
#include <strings.h>

#include "tools/send/draft.h"

/* What the columns of registers are called. The first word that is the whole name wins, then one
 * that is part of it, the longest; within a list, the earlier one. One behind "=" is the whole name
 * or nothing: it occurs in too many others. */

enum { WORDS_MAX = 32, WHOLE = 1 << 20 };

static const struct {
    const char *key;
    const char *words[WORDS_MAX];
} USES[DRAFT_USES] = {
        [USE_NUMBER] = {"subject",
                {"投诉编号", "投诉单号", "工单编号", "工单号", "案件编号", "案件号", "案号", "编号",
                        "流水号", "受理编号", "受理单号", "受理号", "登记编号", "登记号",
                        "信访编号", "投诉id", "投诉件号", "=单号", "=件号", "complaint id",
                        "complaint no", "complaint number", "case id", "case no", "case number",
                        "ticket", "=reference", "number", "=id"}},
        [USE_TIME] = {"time",
                {"投诉时间", "投诉日期", "登记时间", "登记日期", "来电时间", "来电日期", "来访时间",
                        "来信时间", "反映时间", "提交时间", "录入时间", "创建时间", "=时间",
                        "=日期", "complaint date", "date of complaint", "registered", "opened",
                        "created", "=time", "=date"}},
        [USE_RECEIVED] = {"received",
                {"受理时间", "受理日期", "收到日期", "收到时间", "收件日期", "收件时间", "接收时间",
                        "接收日期", "received", "receipt date"}},
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
        [USE_TEXT] = {"text",
                {"投诉内容", "投诉事项", "投诉事由", "内容描述", "问题描述", "诉求内容", "诉求",
                        "内容", "描述", "备注", "complaint text", "description", "narrative",
                        "details", "complaint", "comment"}},
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

/* Without regard to case; "case_id" and "case-id" are "case id". */
static bool is_at(struct rd_str name, size_t from, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i < len; i++) {
        char c = from + i < name.len ? name.ptr[from + i] : '\0';
        c = c == '_' || c == '-' ? ' ' : c;
        if (strncasecmp(&c, &word[i], 1) != 0) {
            return false;
        }
    }
    return true;
}

static bool holds(struct rd_str name, const char *word)
{
    for (size_t i = 0; i < name.len; i++) {
        if (is_at(name, i, word)) {
            return true;
        }
    }
    return false;
}

/* A date of something else: of the contract, of the customer, of what came of the complaint. A
 * statutory clock that started there would be years early, or at its end. */
static bool is_of_something_else(struct rd_str name)
{
    static const char *const words[] = {"投保", "承保", "保单", "合同", "出生", "生日", "销售",
            "购买", "交易", "签单", "签约", "生效", "到期", "满期", "缴费", "开户", "发生", "事发",
            "出险", "办结", "结案", "完成", "关闭", "处理", "截止", "应", "期限", "回复", "答复",
            "回访", "更新", "修改", "派单", "转办", "导出", "打印", "birth", "due", "clos", "resol",
            "complet", "updat", "modif", "purchas", "bought", "policy", "account", "sale", "sold",
            "sign", "expir", "effective", "deadline", "respon", "repl", "answer", "pay", "export",
            "print", "incident"};
    for (size_t i = 0; i < RD_COUNT(words); i++) {
        if (holds(name, words[i])) {
            return true;
        }
    }
    return false;
}

/* Whether the column may be that, by what it holds. */
static bool may_be(const struct draft_column *column, enum draft_use use)
{
    if (column->is_twice || column->name.len == 0) {
        return false;
    }
    if (use != USE_TIME && use != USE_RECEIVED) {
        return column->filled == 0 || column->moments < column->filled; /* dates are no number */
    }
    return !is_of_something_else(column->name) && (column->filled == 0 || column->dates > 0);
}

/* How well the column's name says the use; 0: not at all. */
static unsigned fit_of(const struct draft_column *column, enum draft_use use)
{
    struct rd_str name = column->name;
    unsigned best = 0;
    for (unsigned i = 0; i < WORDS_MAX && USES[use].words[i] != NULL && may_be(column, use); i++) {
        const char *word = USES[use].words[i];
        bool must_be_whole = word[0] == '=';
        word += must_be_whole ? 1 : 0;
        unsigned early = WORDS_MAX - i;
        bool is_whole = name.len == strlen(word) && is_at(name, 0, word);
        bool is_part = !is_whole && !must_be_whole && holds(name, word);
        is_part &= use != USE_NUMBER || !column->repeats;           /* a number of something else */
        unsigned part = (unsigned)strlen(word) * WORDS_MAX + early; /* a longer one says more */
        unsigned fit = is_whole ? WHOLE + early : is_part ? part : 0;
        best = fit > best ? fit : best;
    }
    return best;
}

/* Of those that no name tells: the first whose values are all different, each with a digit in it.
 */
static void guess_number(struct draft *draft, const bool *is_taken)
{
    size_t rows = draft->rows - draft->bad_rows;
    for (size_t i = 0; i < draft->count && rows > 1; i++) {
        const struct draft_column *column = &draft->columns[i];
        bool is_number = column->codes == rows && !column->repeats && !column->is_counter &&
                         column->moments == 0;
        if (is_number && !is_taken[i]) {
            draft->of[USE_NUMBER] = i;
            draft->is_number_guessed = true;
            return;
        }
    }
}

/* The best pair of a use and a column first, then the best of what is left. */
void draft_guess(struct draft *draft)
{
    bool is_taken[DRAFT_COLUMNS_MAX] = {false};
    for (size_t i = 0; i < DRAFT_USES; i++) {
        draft->of[i] = DRAFT_COLUMNS_MAX;
    }
    for (size_t round = 0; round < DRAFT_USES; round++) {
        unsigned best = 0;
        size_t best_use = 0, best_column = 0;
        for (size_t use = 0; use < DRAFT_USES; use++) {
            for (size_t i = 0; i < draft->count && draft->of[use] == DRAFT_COLUMNS_MAX; i++) {
                unsigned fit = is_taken[i] ? 0 : fit_of(&draft->columns[i], (enum draft_use)use);
                if (fit > best) {
                    best = fit;
                    best_use = use;
                    best_column = i;
                }
            }
        }
        if (best == 0) {
            break;
        }
        draft->of[best_use] = best_column;
        is_taken[best_column] = true;
    }
    if (draft->of[USE_NUMBER] == DRAFT_COLUMNS_MAX) {
        guess_number(draft, is_taken);
    }
}
