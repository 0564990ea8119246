/* daemon/config/titles.c — one line for a person, for every type of alert, in every language. */
#include <string.h>

#include "common/text/title.h"
#include "common/wire/alert.h"
#include "daemon/config/build.h"

enum { LANGUAGES = 2 };

static const char *const LANGUAGE_NAMES[LANGUAGES] = {"en", "zh-CN"};

/* clang-format off */
static const char *const TITLE_OF[RD_ALERT_TYPE_COUNT][LANGUAGES] = {
    [RD_ALERT_FIRST_CONTACT] = {
        "First contact at risk: {subject}{? ({reasons})}{?, words found: {words}"
        "}; {holder}, please acknowledge{? by {ack_by}} and call the customer{?: "
        "{actions}}",
        "首问高风险：{subject}{?（{reasons}）}{?，客户提到：{words}}；"
        "请{holder}{?于{ack_by}前}确认并联系客户{?：{actions}}"},
    [RD_ALERT_LADDER_RUNG] = {
        "{?{stands_in} is closed, you stand in: }{?Escalated, {why}: }Please take on the {kind} "
        "{subject} of {holder}{? ({rung_name})}{?, sent by the regulator ({letter})}{?, grown from "
        "first contact {origin}}: {unit}, acknowledge{? by {ack_by}}{?: {actions}}",
        "{?{stands_in}已下班，由贵部门代班：}{?升级（{why}，请督促办理）：}请处理{kind} {subject}"
        "（承办：{holder}{?，{rung_name}}{?，监管转送：{letter}}{?，由首问 {origin} 升级}）：请{unit}"
        "{?于{ack_by}前}确认{?：{actions}}"},
    [RD_ALERT_LADDER_RENOTIFY] = {
        "Still unacknowledged: the {kind} {subject} of {holder}{?, sent by the regulator "
        "({letter})}; {unit}, please "
        "acknowledge{? (it was wanted by {ack_by})}",
        "仍未确认：{kind} {subject}（承办：{holder}{?，监管转送：{letter}}）；请{unit}尽快确认{?（应于{ack_by}"
        "前确认）}"},
    [RD_ALERT_CLOCK_REMINDER] = {
        "{clock_name} of the {kind} {subject} is due{? by {due}}: {holder}, please "
        "see to it",
        "{kind} {subject} 的{clock_name}{?须于{due}前完成}，请{holder}抓紧办理"},
    [RD_ALERT_CLOCK_BREACH] = {
        "{?{stands_in} is closed, you stand in: }Overdue: {clock_name} of the {kind} {subject} ran "
        "out{? at {due}}{?, {over} ago}; {holder}, please act now",
        "{?{stands_in}已下班，由贵部门代班：}逾期：{kind} {subject} 的{clock_name}{?已于{due}到期}"
        "仍未完成{?，已逾期{over}}，请{holder}立即办理"},
    [RD_ALERT_CLOCK_MOVED] = {
        "{clock_name} of the {kind} {subject} has moved{?: it is due by {due} now}"
        "; {holder}, please keep to it",
        "{kind} {subject} 的{clock_name}时限已调整{?，现须于{due}前完成}"
        "，请{holder}按新时限办理"},
    [RD_ALERT_CLOCK_CORRECTED] = {
        "Corrected: {clock_name} of the {kind} {subject} is not overdue{? (due "
        "by {due})}; please disregard what was told before",
        "更正：{kind} {subject} 的{clock_name}并未逾期{?（时限{due}）}，"
        "此前的逾期提醒作废"},
    [RD_ALERT_CASE_ASSIGNED] = {
        "Assigned to {unit}: the {kind} {subject}{?, sent by the regulator ({letter})}; please "
        "acknowledge and take it on{?: {next}}",
        "{kind} {subject}{?（监管转送：{letter}）} 已转办给{unit}，请确认并处理{?，{next}}"},
    [RD_ALERT_CASE_GROWN] = {
        "First contact {subject} has become a complaint{?, {into}}: {unit} need not settle "
        "it any more, please tell who has the complaint what the customer said",
        "首问 {subject} 已升级为投诉{? {into}}，{unit}的首问处理就此结束，"
        "请把客户所说的情况转告投诉承办单位"},
    [RD_ALERT_CASE_REOPENED] = {
        "Reopened: the {kind} {subject}{?, as {going_on}}{?: {reason}}; {holder}, please go on "
        "with it{?: {next}}",
        "{kind} {subject} 已重新开启{?（{going_on}）}{?：{reason}}；请{holder}继续处理{?，{next}}"},
    [RD_ALERT_CASE_RESUMED] = {
        "The pause of the {kind} {subject} has ended and its limits run again: "
        "{holder}, please go on with it",
        "{kind} {subject} 的暂停已到期，时限恢复计算，请{holder}"
        "继续处理"},
    [RD_ALERT_CASE_FORWARDED] = {
        "The regulator{? ({body})} forwarded the {kind} {subject}: {holder}, please "
        "answer{? by {due}}",
        "监管转送：{kind} {subject}{?（{body}）}，请{holder}{?于{due}前}"
        "答复"},
    [RD_ALERT_CASE_CHASED] = {
        "{unit} owes an answer on the {kind} {subject}{? by {due}}{?: {question}"
        "}",
        "督办：请{unit}{?于{due}前}就{kind} {subject} 作出答复{?：{question}"
        "}"},
    [RD_ALERT_CASE_ANSWERED] = {
        "Answered on the {kind} {subject}{?: {answer}}",
        "督办已答复：{kind} {subject}{?：{answer}}"},
    [RD_ALERT_CASE_PANEL] = {
        "You take part in the joint decision on the {kind} {subject} of {holder}",
        "请参加合议：{holder}的{kind} {subject}"},
    [RD_ALERT_CASE_UNANSWERED] = {
        "No answer{? from {asked}} on the {kind} {subject} of {holder}{?; it was owed by {due}"
        "}{?: {question}}",
        "督办未答复：{?{asked}}{?应于{due}前}就{holder}承办的{kind} {subject} 作出答复{?："
        "{question}}"},
    [RD_ALERT_CASE_OUTCOME] = {
        "What became of the {kind} {subject}, which {unit} heard first{?: {outcome}"
        "}{?, {amount}}; for information",
        "首问反馈：{kind} {subject}{?的处理结果：{outcome}}{?，金额{amount}"
        "}；请首问单位{unit}知悉"},
    [RD_ALERT_CASE_BOUNCED] = {
        "The {kind} {subject} has changed units {count} times and is with {holder}"
        " now: {unit}, please say who keeps it",
        "{kind} {subject} 已转办{count}次，现由{holder}承办，请{unit}"
        "明确承办单位"},
    [RD_ALERT_CASE_RECUSAL] = {
        "The {kind} {subject} of {holder} is handled by the person it is about: "
        "{unit}, please name another",
        "须回避：{holder}的{kind} {subject} 由被投诉人经办，请{unit}"
        "另派经办人"},
    [RD_ALERT_CASE_OVER_AUTHORITY] = {
        "Beyond authority: {holder} on the {kind} {subject}{?, extension of {clock_name}"
        "}{?, {amount}}; {unit}, please look at it",
        "超出权限：{holder}办理{kind} {subject}{?，延长{clock_name}}{?，"
        "金额{amount}}；请{unit}核查"},
    [RD_ALERT_NOTICE_OWED] = {
        "The customer of the {kind} {subject} has not been told yet{?: {notice}"
        "}; {holder}, please tell the customer and note it",
        "{kind} {subject} 的客户尚未被告知{?：{notice}}；请{holder}告知客户并登记"},
    [RD_ALERT_DUTY_OWED] = {
        "{unit} owes{? by {due}}: {duty}{? (cause: {cause})}",
        "{unit}须{?于{due}前}完成：{duty}{?（问题原因：{cause}）}"},
    [RD_ALERT_CAUSE_RECURRED] = {
        "A cause that was mended has come again at {unit}{?: {cause}} ({kind} {subject}): "
        "please see why the measure did not hold",
        "整改后问题再次发生：{unit}{?，{cause}}（{kind} {subject}），请核查整改措施"
        "为何未奏效"},
    [RD_ALERT_PATTERN_DETECTED] = {
        "A pattern{?: {reasons}}{? ({key})}: {count} in {days} days; {unit}, please "
        "look into it",
        "发现异常{?：{reasons}}{?（{key}）}，{days}天内达{count}；请{unit}"
        "核查"},
    [RD_ALERT_UNIT_REPORT_MISSING] = {
        "The daily report of {unit} is missing{? ({key})}: please send it",
        "{unit}未报送日报{?（{key}）}，请尽快补报"},
    [RD_ALERT_UNIT_UNREAD] = {
        "Nobody at {unit} has acknowledged{? since {since}}{?, waiting: {count}}"
        ": please see that somebody does",
        "{unit}{?自{since}起}无人确认预警{?，待确认{count}条}，请督促处理"},
    [RD_ALERT_DIGEST_DAILY] = {
        "{unit}, {key}: {opened} opened, {closed} closed, {open} open, {overdue} overdue{? (no "
        "digest was made of {missed})}",
        "{unit}日报（{key}）：新增{opened}件，办结{closed}件，在办{open}件，逾期{overdue}件{?"
        "（{missed}未生成日报）}"},
    [RD_ALERT_DIGEST_WEEKLY] = {
        "{unit}, week {key}: {opened} opened, {closed} closed, {open} open, {overdue} overdue{? "
        "(no digest was made of {missed})}",
        "{unit}周报（{key}）：新增{opened}件，办结{closed}件，在办{open}件，逾期{overdue}件{?"
        "（{missed}未生成周报）}"},
    [RD_ALERT_DIGEST_MONTHLY] = {
        "{unit}, month {key}: {opened} opened, {closed} closed, {open} open, {overdue} overdue{? "
        "(no digest was made of {missed})}",
        "{unit}月报（{key}）：新增{opened}件，办结{closed}件，在办{open}件，逾期{overdue}件{?"
        "（{missed}未生成月报）}"},
    [RD_ALERT_DIGEST_TAKEOVER] = {
        "Taken over by {unit}: {count} open cases; please check who handles each, "
        "and until when",
        "{unit}接管未结案件{count}件，请逐件核对经办人和时限"},
    [RD_ALERT_DIGEST_SILENCED] = {
        "A silence has ended; of these open cases {unit} was not told: {count}{? ({subject})}; "
        "please look at each and acknowledge",
        "静默已结束：{unit}有{count}件未结案件未获通知{?（{subject}）}，请查看并确认"},
    [RD_ALERT_STORM_BUNDLE] = {
        "{unit} has {count} alerts in one: please look at each (redressctl unacked, alerts)",
        "{unit}短时间内有{count}条预警，已合并为一条，请逐条查看（redressctl unacked、alerts）"},
    [RD_ALERT_SOURCE_GAP] = {
        "Events {key} of source {source} are missing: please have them sent again",
        "来源 {source} 的事件 {key} 缺失，请重新发送"},
    [RD_ALERT_SOURCE_SILENT] = {
        "Source {source} has sent nothing{? since {since}}: please look at its "
        "connection",
        "来源 {source} {?自{since}起}没有上报事件，请检查接口"},
    [RD_ALERT_SOURCE_SKEWED] = {
        "The clock of source {source} is wrong{? ({key})}: please set it",
        "来源 {source} 的时钟有偏差{?（{key}）}，请校准"},
    [RD_ALERT_TIME_STEPPED] = {
        "The clock of this machine was set{? ({error})}: please check it",
        "本机时钟发生跳变{?（{error}）}，请核对"},
    [RD_ALERT_CALENDAR_HORIZON] = {
        "A limit reaches beyond the calendar's data{?: {clock_name}}{? of {subject}"
        "}{?, {due}}; please add the holidays",
        "时限超出日历数据范围{?：{clock_name}}{?（{subject}）}{?，{due}"
        "}；请补充节假日数据"},
    [RD_ALERT_CONFIG_REFUSED] = {
        "A configuration was refused, the one before goes on{?: {error}}",
        "新配置未被接受，仍按原配置运行{?：{error}}"},
    [RD_ALERT_STATE_CHECK_FAILED] = {
        "The self-check of the state failed{?: {error}}",
        "状态自检失败{?：{error}}"},
    [RD_ALERT_STORAGE_LOW] = {
        "The daemon's storage needs looking after{?: {error}}",
        "本机存储需要处理{?：{error}}"},
    [RD_ALERT_STANDBY_LAG] = {
        "The standby lags behind{?: {error}}",
        "备机落后{?：{error}}"},
    [RD_ALERT_DEAD_LETTER] = {
        "Events are refused{?: {error}}",
        "有事件被拒收{?：{error}}"},
    [RD_ALERT_LADDER_EXHAUSTED] = {
        "Nobody above answers for the {kind} {subject} of {holder}: please name "
        "somebody",
        "{holder}的{kind} {subject} 已无上级可升级，请指定人员处理"},
    [RD_ALERT_SILENCE_CREATED] = {
        "A silence{? by {by}} withholds alerts{? until {since}}{?: {reason}}",
        "{?{by}}设置了静默，{?{since}前}部分预警不再发送{?：{reason}"
        "}"},
    [RD_ALERT_APPROVAL_OWED] = {
        "{error}: another person must approve it (redressctl approvals, approve)",
        "{error}：需另一人批准（redressctl approvals、approve）"},
    [RD_ALERT_EVENT_POISONED] = {
        "An event ended the daemon and is refused from now on{?: {error}}",
        "有事件导致程序中止，已拒收{?：{error}}"},
    [RD_ALERT_CASE_QUARANTINED] = {
        "A timer ended the daemon, its case is set aside{?: {error}}",
        "有定时任务导致程序中止，案件已隔离{?：{error}}"},
    [RD_ALERT_CASE_MERGED] = {
        "{key} is the same matter as the {kind} {subject} and was merged into it: "
        "{holder}, please go on with both as one",
        "{key} 与{kind} {subject} 为同一事项，已并入本件，请{holder}一并处理"},
    [RD_ALERT_CASE_DISSATISFIED] = {
        "Not satisfied: the customer of the {kind} {subject} said so when called back; {holder}, "
        "please call again and see whether it is to be reopened",
        "回访不满意：{kind} {subject} 的客户对处理结果不满意，请{holder}再次回访，研究是否重新办理"},
    [RD_ALERT_CASE_PAUSE_LONG] = {
        "The {kind} {subject} has been paused for long{? ({key})}: {holder}, please "
        "see whether it can go on",
        "{kind} {subject} 已暂停较久{?（{key}）}，请{holder}核实能否恢复办理"},
    [RD_ALERT_CASE_RECONTACT] = {
        "The customer of the {kind} {subject} has come again (number {count}): "
        "{holder}, please call back{?: {actions}}",
        "{kind} {subject} 的客户第{count}次再来联系，请{holder}尽快回复客户{?："
        "{actions}}"},
    [RD_ALERT_WARNING_RAISED] = {
        "Risk has risen ({severity}): the {kind} {subject}{? ({reasons})}{?, words "
        "found: {words}}; {holder}, please act{?: {actions}}",
        "风险升级（{severity}）：{kind} {subject}{?（{reasons}）}{?，客户提到："
        "{words}}；请{holder}尽快处理{?：{actions}}"},
};
/* clang-format on */

bool config_check_title(struct config_load *load, const struct config_node *node)
{
    struct rd_title_reader reader = {.form = node->text};
    struct rd_str text = {0};
    enum rd_title_part part;
    while ((part = rd_title_next(&reader, &text)) != RD_TITLE_END) {
        enum rd_title_field field;
        struct rd_nearest nearest = rd_nearest_of(text);
        bool is_good = part != RD_TITLE_FIELD || rd_title_field_parse(text, &field) == 0;
        for (int i = 0; i < RD_TITLE_FIELD_COUNT && !is_good; i++) {
            rd_nearest_try(&nearest, rd_str_of(rd_title_field_name((enum rd_title_field)i)));
        }
        if (part == RD_TITLE_TEXT && text.len > 0 && text.ptr[0] == '{') {
            is_good = false; /* nothing closes it */
            text = (struct rd_str){text.ptr + 1, text.len - 1};
        }
        if (!is_good) {
            config_fault_at(load, node, "\"{%.*s\": no field of a title%s", CONFIG_QUOTED(text),
                    config_nearest_hint(load, &nearest));
            return false;
        }
    }
    if (reader.is_in_part) {
        config_fault_at(load, node, "\"{?\" begins a part that no \"}\" ends");
    }
    return !reader.is_in_part;
}

/* What the operator wrote instead. */
static void check_overrides(struct config_load *load, const struct config_node *titles)
{
    for (uint32_t i = 0; titles != NULL && i < titles->count; i++) {
        enum rd_alert_type type;
        if (rd_alert_type_parse(titles->keys[i], &type) == 0) {
            (void)config_check_title(load, titles->items[i]);
            continue;
        }
        struct rd_nearest nearest = rd_nearest_of(titles->keys[i]);
        for (int k = 0; k < RD_ALERT_TYPE_COUNT; k++) {
            rd_nearest_try(&nearest, rd_str_of(rd_alert_type_name((enum rd_alert_type)k)));
        }
        config_fault_mark(load, titles->key_marks[i], titles->items[i]->path, "no type of alert%s",
                config_nearest_hint(load, &nearest));
    }
}

struct config_node *config_build_titles(struct config_load *load, const struct config_node *alerts)
{
    const struct config_node *titles = config_node_find(alerts, "titles");
    struct config_node *out = config_node_new(load->arena, CONFIG_MAP, alerts);
    size_t language = rd_str_is(config_node_text(alerts, "language"), LANGUAGE_NAMES[1]) ? 1 : 0;
    check_overrides(load, titles);
    for (int i = 0; i < RD_ALERT_TYPE_COUNT; i++) {
        const char *name = rd_alert_type_name((enum rd_alert_type)i);
        struct config_node *own = config_node_find(titles, name);
        config_node_put(load->arena, out, name,
                own != NULL
                        ? own
                        : config_node_str(load->arena, rd_str_of(TITLE_OF[i][language]), alerts));
    }
    return out;
}
