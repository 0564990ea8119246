/* daemon/config/titles.c — one line for a person, for every type of alert, in every language. */
#include <string.h>

#include "common/alert.h"
#include "daemon/config/build.h"

enum { LANGUAGES = 2 };

static const char *const LANGUAGE_NAMES[LANGUAGES] = {"en", "zh-CN"};

/* clang-format off */
static const char *const TITLE_OF[RD_ALERT_TYPE_COUNT][LANGUAGES] = {
    [RD_ALERT_FIRST_CONTACT] = {
        "First contact at risk: {subject} {reasons}",
        "首问高风险:{subject} {reasons}"},
    [RD_ALERT_LADDER_RUNG] = {
        "Please take on {kind} {subject} (rung {rung})",
        "请处理 {subject}(第 {rung} 级)"},
    [RD_ALERT_LADDER_RENOTIFY] = {
        "Still unacknowledged: {kind} {subject} (rung {rung})",
        "仍未确认:{subject}(第 {rung} 级)"},
    [RD_ALERT_CLOCK_REMINDER] = {
        "{clock} of {subject} runs out at {due}",
        "{subject} 的时限 {clock} 将于 {due} 届满"},
    [RD_ALERT_CLOCK_BREACH] = {
        "Overdue: {clock} of {subject} ran out at {due}",
        "逾期:{subject} 的时限 {clock} 已于 {due} 届满"},
    [RD_ALERT_CLOCK_MOVED] = {
        "{clock} of {subject} now runs out at {due}",
        "{subject} 的时限 {clock} 改为 {due} 届满"},
    [RD_ALERT_CLOCK_CORRECTED] = {
        "Corrected: {clock} of {subject} was met in time",
        "更正:{subject} 的时限 {clock} 实际已按时完成"},
    [RD_ALERT_CASE_ASSIGNED] = {
        "Assigned to you: {kind} {subject}",
        "已转办给贵单位:{subject}"},
    [RD_ALERT_CASE_GROWN] = {
        "Contact {subject} has become a complaint",
        "来访 {subject} 已升级为投诉"},
    [RD_ALERT_CASE_REOPENED] = {
        "Reopened: {kind} {subject}",
        "已重新开启:{subject}"},
    [RD_ALERT_CASE_RESUMED] = {
        "A pause of {subject} has ended",
        "{subject} 的暂停已结束"},
    [RD_ALERT_CASE_PAUSE_LONG] = {
        "{subject} has been on hold for long: resume it, or say why it waits",
        "{subject} 已暂停很久:请恢复办理或说明原因"},
    [RD_ALERT_CASE_FORWARDED] = {
        "A regulator forwarded {subject}",
        "监管转送:{subject}"},
    [RD_ALERT_CASE_CHASED] = {
        "An answer is owed on {subject} by {due}",
        "督办:{subject} 须于 {due} 前答复"},
    [RD_ALERT_CASE_UNANSWERED] = {
        "No answer on {subject}; it was owed by {due}",
        "督办未答复:{subject} 应于 {due} 前答复"},
    [RD_ALERT_CASE_OUTCOME] = {
        "What became of {subject}, first heard by you",
        "首问反馈:{subject} 的处理结果"},
    [RD_ALERT_CASE_BOUNCED] = {
        "{subject} has changed units {count} times",
        "{subject} 已转办 {count} 次"},
    [RD_ALERT_CASE_RECUSAL] = {
        "{subject} is handled by someone it concerns",
        "须回避:{subject} 的经办人与投诉有关"},
    [RD_ALERT_CASE_OVER_AUTHORITY] = {
        "Beyond authority: {subject}",
        "超出权限:{subject}"},
    [RD_ALERT_NOTICE_OWED] = {
        "A notice is owed to the customer of {subject}",
        "尚未告知客户:{subject}"},
    [RD_ALERT_DUTY_OWED] = {
        "Owed by {due}: {subject}",
        "应于 {due} 前完成:{subject}"},
    [RD_ALERT_PATTERN_DETECTED] = {
        "A pattern: {key} counts {count} in {days} days",
        "发现异常:{key} 在 {days} 天内达 {count}"},
    [RD_ALERT_UNIT_REPORT_MISSING] = {
        "Daily report missing: {unit}, {key}",
        "日报未报送:{unit},{key}"},
    [RD_ALERT_UNIT_UNREAD] = {
        "Unread at {unit} since {key}: {count} alerts without an acknowledgement",
        "{unit} 自 {key} 起有 {count} 条预警无人确认"},
    [RD_ALERT_DIGEST_DAILY] = {
        "The day at {unit}",
        "{unit} 当日小结"},
    [RD_ALERT_DIGEST_TAKEOVER] = {
        "Taken over by {unit}: {count} open cases",
        "{unit} 接管未结案件 {count} 件"},
    [RD_ALERT_STORM_BUNDLE] = {
        "{count} alerts in one",
        "合并预警 {count} 条"},
    [RD_ALERT_SOURCE_GAP] = {
        "Events of a source are missing",
        "来源事件序号有缺口"},
    [RD_ALERT_SOURCE_SILENT] = {
        "A source is silent",
        "来源无事件上报"},
    [RD_ALERT_SOURCE_SKEWED] = {
        "The clock of a source is wrong",
        "来源时钟有偏差"},
    [RD_ALERT_TIME_STEPPED] = {
        "The clock of this machine was set",
        "本机时钟发生跳变"},
    [RD_ALERT_CALENDAR_HORIZON] = {
        "A limit reaches beyond the calendar's data",
        "时限超出日历数据范围"},
    [RD_ALERT_CONFIG_REFUSED] = {
        "A configuration was refused",
        "配置未被接受"},
    [RD_ALERT_STATE_CHECK_FAILED] = {
        "The self-check of the state failed",
        "状态自检失败"},
    [RD_ALERT_STORAGE_LOW] = {
        "Storage is running out",
        "存储空间不足"},
    [RD_ALERT_STANDBY_LAG] = {
        "The standby lags behind",
        "备机落后"},
    [RD_ALERT_DEAD_LETTER] = {
        "Events are being refused",
        "有事件被拒收"},
    [RD_ALERT_LADDER_EXHAUSTED] = {
        "Nobody above answers for {subject}",
        "{subject} 已无上级可升级"},
    [RD_ALERT_SILENCE_CREATED] = {
        "A silence was created: alerts are withheld",
        "已设置静默，部分预警不再发送"},
    [RD_ALERT_EVENT_POISONED] = {
        "An event ended the daemon, and is refused",
        "有事件导致程序中止,已拒收"},
    [RD_ALERT_CASE_QUARANTINED] = {
        "A timer ended the daemon, its case is set aside",
        "有定时任务导致程序中止,案件已隔离"},
    [RD_ALERT_CASE_RECONTACT] = {
        "The customer of {subject} has called again",
        "{subject} 的客户再次来电"},
    [RD_ALERT_WARNING_RAISED] = {
        "At risk now: {subject} {reasons}",
        "风险升级:{subject} {reasons}"},
};
/* clang-format on */

static const char *const FIELDS[] = {"subject", "case", "kind", "unit", "clock", "due", "rung",
        "reasons", "severity", "count", "late", "key", "days"};

static bool is_field(struct rd_str name, struct rd_nearest *nearest)
{
    for (size_t i = 0; i < RD_COUNT(FIELDS); i++) {
        if (rd_str_is(name, FIELDS[i])) {
            return true;
        }
        rd_nearest_try(nearest, rd_str_of(FIELDS[i]));
    }
    return false;
}

bool config_check_title(struct config_load *load, const struct config_node *node)
{
    struct rd_str rest = node->text;
    const char *open;
    while (rest.len > 0 && (open = memchr(rest.ptr, '{', rest.len)) != NULL) {
        size_t before = (size_t)(open + 1 - rest.ptr);
        rest = (struct rd_str){open + 1, rest.len - before};
        const char *close = rest.len > 0 ? memchr(rest.ptr, '}', rest.len) : NULL;
        struct rd_str name = {rest.ptr, close != NULL ? (size_t)(close - rest.ptr) : rest.len};
        struct rd_nearest nearest = rd_nearest_of(name);
        if (close == NULL || !is_field(name, &nearest)) {
            config_fault_at(load, node, "\"{%.*s\": no field of a title%s", CONFIG_QUOTED(name),
                    config_nearest_hint(load, &nearest));
            return false;
        }
        rest = (struct rd_str){close + 1, rest.len - name.len - 1};
    }
    return true;
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
