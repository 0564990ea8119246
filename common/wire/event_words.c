#include "common/wire/event_words.h"

struct words {
    const char *en, *zh;
};

static const struct words WORDS[RD_EVENT_TYPE_COUNT] = {
        [RD_EVENT_CONTACT_RECEIVED] = {"first contact", "首次来访来电"},
        [RD_EVENT_COMPLAINT_REGISTERED] = {"complaint registered", "登记投诉"},
        [RD_EVENT_FORWARDED] = {"forwarded by the regulator", "监管转送"},
        [RD_EVENT_ASSIGNED] = {"assigned", "分派"},
        [RD_EVENT_ACKNOWLEDGED] = {"acknowledged", "确认接单"},
        [RD_EVENT_CUSTOMER_CONTACTED] = {"customer contacted", "联系客户"},
        [RD_EVENT_JOINED] = {"supervisor joined", "督导介入"},
        [RD_EVENT_NOTED] = {"note", "备注"},
        [RD_EVENT_AMENDED] = {"amended", "更正信息"},
        [RD_EVENT_FACTS_ADDED] = {"new facts", "补充事实"},
        [RD_EVENT_PAUSED] = {"paused", "暂停计时"},
        [RD_EVENT_RESUMED] = {"resumed", "恢复计时"},
        [RD_EVENT_EXTENDED] = {"extended", "延期"},
        [RD_EVENT_ESCALATED] = {"escalated", "提级"},
        [RD_EVENT_CHASED] = {"chased", "督办"},
        [RD_EVENT_ANSWERED] = {"answered", "督办回复"},
        [RD_EVENT_PANEL_OPENED] = {"panel opened", "发起合议"},
        [RD_EVENT_PANEL_CONCLUDED] = {"panel concluded", "合议结论"},
        [RD_EVENT_MEDIATION_CALLED] = {"mediation called for", "申请调解"},
        [RD_EVENT_MEDIATION_ACCEPTED] = {"mediation accepted", "同意调解"},
        [RD_EVENT_MEDIATION_DECLINED] = {"mediation declined", "拒绝调解"},
        [RD_EVENT_MEDIATION_SETTLED] = {"mediation settled", "调解成功"},
        [RD_EVENT_MEDIATION_FAILED] = {"mediation failed", "调解未成"},
        [RD_EVENT_MEDIATION_EXECUTED] = {"settlement executed", "调解协议履行"},
        [RD_EVENT_DECIDED] = {"decided", "作出处理决定"},
        [RD_EVENT_CLOSED] = {"closed", "结案"},
        [RD_EVENT_WITHDRAWN] = {"withdrawn", "客户撤诉"},
        [RD_EVENT_DEFUSED] = {"settled before it grew", "前置化解"},
        [RD_EVENT_MERGED] = {"merged", "并案"},
        [RD_EVENT_REOPENED] = {"reopened", "重新开启"},
        [RD_EVENT_REVIEW_REQUESTED] = {"review requested", "申请核查"},
        [RD_EVENT_REVIEW_DECIDED] = {"review decided", "核查决定"},
        [RD_EVENT_VERIFIED] = {"valid or not", "有效性认定"},
        [RD_EVENT_CAUSE_FOUND] = {"cause found", "查明成因"},
        [RD_EVENT_RECTIFIED] = {"rectified", "完成整改"},
        [RD_EVENT_SANCTIONED] = {"sanctioned", "问责"},
        [RD_EVENT_NOTICE_GIVEN] = {"notice given", "已告知"},
        [RD_EVENT_ALERT_ACKNOWLEDGED] = {"alert acknowledged", "确认提醒"},
        [RD_EVENT_SILENCE_CREATED] = {"silence begun", "静默开始"},
        [RD_EVENT_SILENCE_ENDED] = {"silence ended", "静默结束"},
        [RD_EVENT_CONTRACT_SCREENED] = {"contract screened", "合同排查"},
        [RD_EVENT_CONTRACT_CLEARED] = {"contract cleared", "风险排除"},
        [RD_EVENT_UNIT_REPORTED] = {"daily report", "每日上报"},
        [RD_EVENT_DUTY_OPENED] = {"duty opened", "下达任务"},
        [RD_EVENT_DUTY_PROGRESSED] = {"duty progressed", "任务进度"},
        [RD_EVENT_DUTY_VERIFIED] = {"duty verified", "整改复核"},
        [RD_EVENT_REAPPLIED] = {"policy applied anew", "重新适用规则"},
        [RD_EVENT_SOURCE_RESET] = {"source begins anew", "来源重新计数"},
        [RD_EVENT_CLOCK_ACCEPTED] = {"step of the clock believed", "确认时钟跳变"},
        [RD_EVENT_CUSTOMER_FORGOTTEN] = {"customer forgotten", "删除客户信息"},
        [RD_EVENT_FIGURE_GIVEN] = {"figure given", "录入外部数据"},
        [RD_EVENT_ROSTER_OVERRIDDEN] = {"turn taken over", "顶班"},
        [RD_EVENT_SURVEYED] = {"called back", "回访"},
        [RD_EVENT_APPROVAL_GIVEN] = {"approval given", "复核同意"},
        [RD_EVENT_QUARANTINE_RELEASED] = {"released from quarantine", "解除隔离"},
        [RD_EVENT_DEAD_REQUEUED] = {"dead letter taken again", "重收死信"},
};

const char *rd_event_type_words(enum rd_event_type type, bool is_zh)
{
    const struct words *words = &WORDS[type];
    return is_zh ? words->zh : words->en;
}
