#include "tools/shared/words.h"

#include <string.h>

#include "common/plan/plan.h"
#include "common/wire/alert.h"
#include "common/wire/event_words.h"
#include "tools/shared/text.h"

struct word {
    const char *code, *zh;
    const char *beside; /* a key that stands in the same map; NULL: anywhere */
};

/* Of two rows for a key the first whose `beside` is there counts. */
/* clang-format off */
static const struct word KEYS[] = {
    /* beside others */
    {"attributes", "其他信息", "channel"},
    {"first", "最早", "screened"}, {"source", "来源", "taken"},
    {"screened", "排查时间", "contract"}, {"cleared", "排除时间", "contract"},
    {"opened", "发起时间", "participants"},
    /* of a case */
    {"case", "案件"}, {"cases", "案件数"}, {"subject", "编号"}, {"kind", "类型"}, {"state", "状态"},
    {"unit", "机构"}, {"unit_name", "机构名称"}, {"unit_label", "机构全称"},
    {"respondent", "被投诉机构"}, {"customer", "客户"}, {"opened", "登记时间"},
    {"received", "受理时间"}, {"closed", "结案时间"}, {"handler", "经办人"}, {"policy", "适用规则"},
    {"policy_name", "适用规则"}, {"rung", "升级级数"}, {"level", "风险等级"}, {"score", "分值"},
    {"paused", "暂停中"}, {"paused_for", "暂停原因"}, {"clock", "时限"}, {"clock_name", "时限"},
    {"due", "到期时间"}, {"last_day", "最后一日"}, {"overdue", "逾期"},
    {"overdue_since", "逾期起始"}, {"last", "最近办理"}, {"first", "首接机构"},
    {"decided", "决定时间"}, {"transfers", "转办次数"}, {"reopened", "重开次数"},
    {"contacts", "来电来访"}, {"recontacts", "重复来电来访"}, {"last_contact", "最近联系客户"},
    {"last_contact_by", "联系人"}, {"regulator", "涉及监管"}, {"closed_as", "结案方式"},
    {"grown_into", "升级为案件"}, {"merged_into", "并入案件"}, {"attributes", "登记信息"},
    {"clocks", "各项时限"}, {"pauses", "暂停记录"}, {"ladder", "逐级升级"}, {"notices", "告知事项"},
    {"warning", "风险预警"}, {"alerts", "预警"}, {"history", "办理经过"},
    /* of its clocks, pauses, ladder, history */
    {"class", "性质"}, {"start", "起算时间"}, {"remaining", "剩余秒数"},
    {"due_if_resumed", "现在恢复则到期"}, {"provisional", "暂定"}, {"extensions", "延期次数"},
    {"stopped", "停止时间"}, {"source", "依据"}, {"begin", "开始"}, {"end", "结束"},
    {"until", "截止"}, {"started", "启动时间"}, {"next", "下次升级"}, {"code", "代码"},
    {"given", "已告知"}, {"what", "记录"}, {"type", "事项"}, {"time", "时间"},
    {"taken", "录入时间"}, {"seq", "序号"}, {"by", "办理人"}, {"sender", "报送方"},
    {"note", "说明"}, {"reason", "原因"}, {"data", "内容"}, {"error", "错误"}, {"number", "编号"},
    /* of alerts and warnings */
    {"alert", "预警号"}, {"severity", "级别"}, {"title", "标题"}, {"term", "任期"},
    {"prev", "上一条"}, {"late_by", "迟发秒数"}, {"holder", "承办机构"}, {"skipped", "跳过级数"},
    {"repeated", "第几次催告"}, {"digest", "汇总"}, {"reasons", "理由"}, {"actions", "处置建议"},
    {"ack_by", "确认期限"}, {"cause", "问题原因"}, {"supersedes", "取代预警"},
    {"grouped", "合并预警"}, {"count", "数量"}, {"bundled", "已合并"}, {"points", "分值"},
    {"detail", "详情"}, {"acked", "已确认"}, {"acked_by", "确认人"}, {"id", "标识"},
    {"timer", "定时"}, {"text", "内容"}, {"written", "书面"}, {"name", "名称"},
    {"words", "客户原话"}, {"assessed", "已评估"}, {"open", "未了结"}, {"complained", "已投诉"},
    {"came_true", "应验"}, {"relapsed", "再次投诉"}, {"preempted", "已化解"}, {"tended", "已跟进"},
    {"quiet", "无后续"}, {"disputed", "已争议"}, {"escalated", "已升级"}, {"breached", "已超时"},
    {"false_alarms", "误报"}, {"precision", "准确率"}, {"recall", "覆盖率"}, {"lift", "提升倍数"},
    {"complained_acted_on", "跟进后仍投诉"}, {"complained_left_alone", "未跟进而投诉"},
    {"complaints", "投诉"},
    /* of duties, chases, panels, rosters, rounds, contracts */
    {"duty", "任务"}, {"duties", "任务数"},
    {"period", "期间"}, {"done", "已完成"}, {"covered", "已覆盖"}, {"of", "应覆盖"},
    {"total", "总数"}, {"owed", "待完成"}, {"late", "逾期完成"}, {"dropped", "已撤销"},
    {"asker", "督办机构"}, {"asked", "督办时间"}, {"question", "督办事项"},
    {"answer_by", "答复期限"}, {"participants", "参加机构"}, {"roster", "值班表"}, {"from", "自"},
    {"overridden", "顶班"}, {"date", "日期"}, {"working", "工作日"}, {"hours", "营业时间"}, {"round", "排查批次"},
    {"screened", "已排查"}, {"at_risk", "有风险"}, {"cleared", "已排除"}, {"newest", "最近"},
    {"contract", "合同号"}, {"risk", "风险"}, {"notice", "告知"}, {"open_cases", "未结案件"},
    {"unacked", "待确认"}, {"attribute", "字段"}, {"value", "值"},
    /* of attributes */
    {"channel", "渠道"}, {"product", "产品"}, {"seller", "销售人员"}, {"phone", "电话"},
    {"age", "年龄"}, {"birth_year", "出生年份"}, {"amount", "金额"}, {"currency", "币种"},
    {"issue", "问题"}, {"tags", "标签"}, {"contact", "首问编号"}, {"regulator_ref", "监管转送号"},
    {"people", "涉及人数"}, {"body", "外部机构"}, {"ref", "文号"}, {"outcome", "处理结果"},
    {"accommodation", "通融处理"}, {"paid_for", "款项性质"}, {"liable", "公司担责"},
    {"resolution", "结案说明"}, {"valid", "投诉有效"}, {"satisfied", "客户满意"},
    {"effective", "整改有效"}, {"decided_amount", "决定金额"}, {"decided_currency", "决定币种"},
    {"settled_amount", "调解金额"}, {"settled_currency", "调解币种"},
    {"mediation_body", "调解机构"}, {"measure", "措施"}, {"approved_by", "批准人"},
    {"told_customer", "已告知客户"}, {"into", "并入"}, {"matchers", "范围"}, {"to", "升至级数"},
    {"required", "必须调解"}, {"person", "责任人"}, {"role", "岗位"}, {"opinion", "合议意见"},
    {"measures", "措施"}, {"silence", "静默号"}, {"event", "事件号"}, {"figure", "指标"},
    {"as", "用途"}, {"acted", "已跟进"}, {"complained_at", "投诉时间"}, {"lapses", "失效时间"},
    {"created", "设置时间"}, {"contract.screened", "合同已排查"},
};
/* clang-format on */

/* Codes, by the key that they stand under; of two rows for a code the first whose `beside` stands
 * in the same map counts. */
static const struct {
    const char *key, *code, *zh, *beside; /* NULL: anywhere */
} CODES[] = {
        {"kind", "contact", "首问", NULL},
        {"kind", "complaint", "投诉", NULL},
        {"kind", "duty", "任务", NULL},
        {"state", "open", "待分派", NULL},
        {"state", "assigned", "已分派", NULL},
        {"state", "handling", "处理中", NULL},
        {"state", "decided", "已决定", NULL},
        {"state", "closed", "已结案", NULL},
        {"state", "grown", "已升级为投诉", NULL},
        {"state", "waiting", "待答复", "asker"},
        {"state", "answered", "已答复", NULL},
        {"state", "missed", "未按期答复", NULL},
        {"state", "dropped", "已撤销", NULL},
        {"state", "owed", "待完成", NULL},
        {"state", "overdue", "已逾期", NULL},
        {"state", "done", "按时完成", NULL},
        {"state", "late", "逾期完成", "duty"},
        {"state", "waiting", "未开始", NULL},
        {"state", "running", "运行中", NULL},
        {"state", "paused", "暂停中", NULL},
        {"state", "stopped", "按时停止", "class"},
        {"state", "stopped", "已停止", NULL},
        {"state", "ended", "按时结束", NULL},
        {"state", "late", "超时后停止", NULL},
        {"state", "breached", "已超时", NULL},
        {"state", "none", "无", NULL},
        {"class", "statutory", "法定", NULL},
        {"class", "service", "内部", NULL},
        {"time", "working", "按营业时间计", NULL},
        {"time", "elapsed", "连续计算", NULL},
        {"roll", "none", "不顺延", NULL},
        {"roll", "restday", "遇休息日顺延", NULL},
        {"roll", "statutory_holiday", "遇法定节假日顺延", NULL},
        {"end", "midnight", "至当日24时", NULL},
        {"end", "closing", "至当日营业结束", NULL},
        {"closed_as", "closed", "办结", NULL},
        {"closed_as", "withdrawn", "客户撤诉", NULL},
        {"closed_as", "merged", "并案", NULL},
        {"outcome", "upheld", "支持客户诉求", NULL},
        {"outcome", "partly_upheld", "部分支持客户诉求", NULL},
        {"outcome", "rejected", "不支持客户诉求", NULL},
        {"outcome", "settled", "协商解决", NULL},
        {"outcome", "complained", "已投诉", NULL},
        {"outcome", "open", "未了结", NULL},
        {"outcome", "preempted", "已化解", NULL},
        {"outcome", "tended", "已跟进", NULL},
        {"outcome", "quiet", "无后续", NULL},
        {"as", "base", "基数", NULL},
        {"as", "target", "目标", NULL},
        {"as", "denominator", "分母", NULL},
        {"as", "rank", "排名", NULL},
        {"role", "seller", "销售人员", NULL},
        {"role", "supervisor", "主管", NULL},
        {"role", "manager", "管理人员", NULL},
        {"paid_for", "agreed_termination", "协议解约", NULL},
        {"paid_for", "refund", "退款", NULL},
        {"paid_for", "compensation", "赔偿", NULL},
        {"paid_for", "goodwill", "善意补偿", NULL},
        {"part", "level", "风险等级", NULL},
        {"part", "rule", "规则", NULL},
        {"part", "lexicon", "词库", NULL},
        {"part", "window", "异常模式", NULL},
        {"part", "external", "外部评分", NULL},
        {"part", "scorecard", "评分卡", NULL},
        {"what", "event", "事件", NULL},
        {"what", "alert", "预警", NULL},
        {"what", "withheld", "预警未发", NULL},
        {"what", "resumed", "暂停到期", NULL},
        {"what", "joined", "并入", NULL},
        {"what", "clock", "时限变动", NULL},
        {"what", "policy", "适用规则", NULL},
        {"what", "late", "结案后补录", NULL},
        {"what", "moved", "机构撤并", NULL},
        {"what", "received", "更正受理日期", NULL},
        {"what", "recontact", "再次来电来访", NULL},
        {"what", "limit", "达到上限", NULL},
        {"what", "scheduled", "按计划下达", NULL},
        {"reason", "mediation", "调解", NULL},
        {"paused_for", "mediation", "调解", NULL},
        {"unit", "~ops", "运维人员", NULL},
        {"asker", "~ops", "运维人员", NULL},
        {"duty", "screening", "合同风险排查", NULL},
        {"duty", "rectification", "溯源整改", NULL},
        {"reason", "inhibited", "已有更高级别预警待确认", "what"},
        {"reason", "silenced", "静默期内", "what"},
        {"by", "customer", "客户", NULL},
        {"by", "firm", "公司", NULL},
        {"by", "body", "调解机构", NULL},
};

/* What people read instead of a code. */
static const struct {
    const char *code, *name;
} NAMED[] = {{"clock", "clock_name"}, {"policy", "policy_name"}, {"code", "name"}};

static bool stands(rd_node map, const char *beside)
{
    return beside == NULL || rd_node_find(map, beside) != NULL;
}

/* "?screened" names it, too. */
static bool is_column(const char *columns, const char *key)
{
    size_t len = strlen(key);
    for (const char *at = columns; *at != '\0'; at += strspn(at, " ")) {
        at += *at == '?' ? 1 : 0;
        size_t found = strcspn(at, " ");
        if (found == len && memcmp(at, key, len) == 0) {
            return true;
        }
        at += found;
    }
    return false;
}

static struct rd_str key_word(rd_node map, const char *columns, struct rd_str key)
{
    for (size_t i = 0; i < RD_COUNT(KEYS); i++) {
        if (rd_str_is(key, KEYS[i].code) &&
                (stands(map, KEYS[i].beside) || is_column(columns, KEYS[i].beside))) {
            return rd_str_of(KEYS[i].zh);
        }
    }
    return key;
}

struct rd_str word_of_key(rd_node map, struct rd_str key)
{
    return key_word(map, "", key);
}

struct rd_str word_of_column(const char *columns, struct rd_str key)
{
    return key_word(NULL, columns, key);
}

struct rd_str word_column(struct rd_str key)
{
    for (size_t i = 0; i < RD_COUNT(NAMED); i++) {
        if (rd_str_is(key, NAMED[i].code)) {
            return rd_str_of(NAMED[i].name);
        }
    }
    return key;
}

struct rd_str word_code_of(struct rd_str column)
{
    for (size_t i = 0; i < RD_COUNT(NAMED); i++) {
        if (rd_str_is(column, NAMED[i].name)) {
            return rd_str_of(NAMED[i].code);
        }
    }
    return (struct rd_str){0};
}

static struct rd_str text_in(rd_node map, const char *key)
{
    return rd_node_str(rd_node_find(map, key));
}

/* An alert's, where the row is one or tells of one; else an event's. Empty: it is neither. */
static struct rd_str type_word(rd_node map, struct rd_str code)
{
    enum rd_event_type event;
    enum rd_alert_type alert;
    struct rd_str what = text_in(map, "what");
    bool is_alert = rd_str_is(what, "alert") || rd_str_is(what, "withheld") ||
                    rd_node_find(map, "severity") != NULL;
    if (!is_alert && rd_event_type_parse(code, &event) == 0) {
        return rd_str_of(rd_event_type_words(event, true));
    }
    return rd_alert_type_parse(code, &alert) == 0 ? rd_str_of(rd_alert_type_words(alert, true))
                                                  : (struct rd_str){0};
}

/* Of a warning, of an alert, of a contract's screening; empty: it is none. */
static struct rd_str level_word(struct rd_str key, struct rd_str code)
{
    enum rd_level level;
    enum rd_severity severity;
    bool is_level = rd_str_is(key, "level") || rd_str_is(key, "risk");
    if (is_level && rd_level_parse(code, &level) == 0) {
        return rd_str_of(rd_level_zh(level));
    }
    return rd_str_is(key, "severity") && rd_severity_parse(code, &severity) == 0
                   ? rd_str_of(rd_severity_zh(severity))
                   : (struct rd_str){0};
}

static struct rd_str code_word(rd_node map, struct rd_str key, struct rd_str code)
{
    for (size_t i = 0; i < RD_COUNT(CODES); i++) {
        bool is_it = rd_str_is(key, CODES[i].key) && rd_str_is(code, CODES[i].code);
        if (is_it && stands(map, CODES[i].beside)) {
            return rd_str_of(CODES[i].zh);
        }
    }
    return level_word(key, code);
}

/* What people call a clock of the answer's case. */
static struct rd_str clock_shown(rd_node answer, struct rd_str code)
{
    rd_node clocks = rd_node_find(answer, "clocks");
    for (uint32_t i = 0; i < rd_node_count(clocks); i++) {
        struct rd_str shown = text_in(rd_node_at(clocks, i), "clock_name");
        if (rd_str_eq(text_in(rd_node_at(clocks, i), "clock"), code) && shown.len > 0) {
            return shown;
        }
    }
    return code;
}

static bool cut_lead(struct rd_str *text, const char *lead)
{
    struct rd_str begin = rd_str_of(lead);
    if (!rd_str_starts(*text, begin)) {
        return false;
    }
    text->ptr += begin.len;
    text->len -= begin.len;
    return true;
}

/* "more than 256 alerts wait for an acknowledgement: the oldest, 17, is given up" */
static void put_limit(struct rd_buf *buf, struct rd_str note)
{
    static const char *const WORDS[] = {"待确认预警超过", "条，最早的第", "号不再等待"};
    size_t numbers = 0;
    for (size_t i = 0; i < note.len; i++) {
        bool is_digit = note.ptr[i] >= '0' && note.ptr[i] <= '9';
        bool was_digit = i > 0 && note.ptr[i - 1] >= '0' && note.ptr[i - 1] <= '9';
        if (is_digit && !was_digit && numbers < RD_COUNT(WORDS) - 1) {
            rd_buf_printf(buf, "%s", WORDS[numbers++]);
        }
        if (is_digit) {
            rd_buf_put_u8(buf, (uint8_t)note.ptr[i]);
        }
    }
    rd_buf_printf(buf, "%s", WORDS[RD_COUNT(WORDS) - 1]);
}

/* A time that the daemon wrote in UTC. */
static void put_local(struct rd_buf *buf, struct rd_str note)
{
    rd_time time;
    char text[RD_TIME_TEXT_MAX];
    if (rd_time_parse(note, &time) == 0) {
        rd_time_format_at(time, local_offset(time), text);
        note = rd_str_of(text);
    }
    put_text(buf, note);
}

/* What the daemon itself has written beside an entry of a history. False: it has not. */
static bool put_note(struct rd_buf *buf, const struct word_place *place, struct rd_str note)
{
    struct rd_str what = text_in(place->map, "what"), type = text_in(place->map, "type");
    if (rd_str_is(what, "clock")) {
        const char *word = cut_lead(&note, "extended ")           ? "延期："
                           : cut_lead(&note, "calendar-changed ") ? "日历数据变更："
                                                                  : "";
        rd_buf_printf(buf, "%s", word);
        put_text(buf, clock_shown(place->answer, note));
    } else if (rd_str_is(what, "policy") && rd_str_eq(note, text_in(place->answer, "policy"))) {
        struct rd_str shown = text_in(place->answer, "policy_name");
        put_text(buf, shown.len > 0 ? shown : note);
    } else if (rd_str_is(what, "received")) {
        put_local(buf, note);
    } else if (rd_str_is(what, "resumed") && rd_str_is(note, "mediation")) {
        rd_buf_printf(buf, "调解");
    } else if (rd_str_is(what, "limit")) {
        put_limit(buf, note);
    } else if (rd_str_is(type, "case.merged") &&
               (cut_lead(&note, "into case ") || cut_lead(&note, "from case "))) {
        rd_buf_printf(buf, "%s", rd_str_is(what, "event") ? "并入案件 " : "并自案件 ");
        put_text(buf, note);
    } else {
        struct rd_str outcome =
                rd_str_is(type, "case.decided") || rd_str_is(type, "case.review_decided")
                        ? code_word(NULL, RD_STR("outcome"), note)
                        : (struct rd_str){0};
        put_text(buf, outcome);
        return outcome.len > 0;
    }
    return true;
}

/* "facts_added or recontact", or an attribute. */
static void put_starts(struct rd_buf *buf, struct rd_str text)
{
    static const struct rd_str OR = {" or ", 4};
    while (text.len > 0) {
        enum rd_moment moment;
        struct rd_str one = text;
        for (size_t at = 0; at + OR.len <= text.len && one.len == text.len; at++) {
            if (memcmp(text.ptr + at, OR.ptr, OR.len) == 0) {
                one.len = at;
            }
        }
        if (rd_moment_parse(one, &moment) == 0) {
            rd_buf_printf(buf, "%s", rd_moment_words(moment, true));
        } else {
            put_text(buf, word_of_key(NULL, one));
        }
        size_t used = one.len < text.len ? one.len + OR.len : one.len;
        text = (struct rd_str){text.ptr + used, text.len - used};
        rd_buf_printf(buf, "%s", text.len > 0 ? "或" : "");
    }
}

void word_put(struct rd_buf *buf, const struct word_place *place, struct rd_str value)
{
    if (rd_str_is(place->key, "starts_on") || rd_str_is(place->key, "due_by")) {
        put_starts(buf, value);
        return;
    }
    if (rd_str_is(place->key, "note") && put_note(buf, place, value)) {
        return;
    }
    struct rd_str word = rd_str_is(place->key, "type") ? type_word(place->map, value)
                                                       : code_word(place->map, place->key, value);
    put_text(buf, word.len > 0 ? word : value);
}
