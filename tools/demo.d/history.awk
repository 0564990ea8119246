# history.awk: the CFPB's file as the events of a bank, one a line: when, a tab, the event as JSON.
# Usage: awk -v mode=acted -f history.awk units.csv channels.csv sample.csv      (the caller sorts them)
#
# What the file has of a row is sent as it is. It has the day of the complaint, not the hour: noon of
# Washington. Of the company it has whether the answer came within the 15 days, not what it did when.
# So in the mode `acted` a row that says Yes is acknowledged at 10:00 of the next weekday and answered ten
# days after the complaint; one that says No is acknowledged by nobody and answered after twenty days.
# `alone`: the complaints alone. `late`: no events, but the subjects of the rows that say No.

# Days since 1970-01-01 of a date of the Gregorian calendar, and back.
function days_of(year, month, day,    shifted) {
    shifted = month > 2 ? month - 3 : month + 9
    year -= month <= 2
    return year * 365 + int(year / 4) - int(year / 100) + int(year / 400) \
        + int((shifted * 153 + 2) / 5) + day - 719469
}
function date_of(days,    era, of_era, year, of_year, shifted) {
    days += 719468
    era = int(days / 146097)
    of_era = days - era * 146097
    year = int((of_era - int(of_era / 1460) + int(of_era / 36524) - int(of_era / 146096)) / 365)
    of_year = of_era - (365 * year + int(year / 4) - int(year / 100))
    shifted = int((5 * of_year + 2) / 153)
    return sprintf("%04d-%02d-%02d", year + era * 400 + (shifted >= 10),
        shifted < 10 ? shifted + 3 : shifted - 9, of_year - int((153 * shifted + 2) / 5) + 1)
}
function next_weekday(days) { # 1970-01-01 was a Thursday
    do {
        days++
    } while ((days + 3) % 7 >= 5)
    return days
}

# A record of CSV may go over lines: reads on until its quotes are closed. The fields come in FIELD.
function read_record(    text, more, count) {
    text = $0
    while (gsub(/"/, "\"", text) % 2 == 1 && (getline more) > 0) {
        text = text "\n" more
    }
    sub(/\r$/, "", text)
    split("", FIELD)
    for (count = 1; ; count++) {
        if (text ~ /^"/) {
            match(text, /^"([^"]|"")*"/)
            FIELD[count] = substr(text, 2, RLENGTH - 2)
            gsub(/""/, "\"", FIELD[count])
            text = substr(text, RLENGTH + 1)
        } else {
            match(text, /^[^,]*/)
            FIELD[count] = substr(text, 1, RLENGTH)
            text = substr(text, RLENGTH + 1)
        }
        if (text == "") {
            return count
        }
        text = substr(text, 2)
    }
}
function column(name) {
    if (!(name in COLUMN)) {
        print "the file has no column " name >"/dev/stderr"
        exit failed = 1
    }
    return FIELD[COLUMN[name]]
}
function quoted(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    gsub(/[\001-\037]/, " ", text)
    return "\"" text "\""
}
function event(step, type, days, hour, data,    id, time) {
    id = "cfpb-" LINE (step == "" ? "" : "-" step)
    time = date_of(days) "T" hour ":00:00Z"
    printf "%s\t{\"id\":\"%s\",\"source\":\"cfpb\",\"type\":\"%s\",\"subject\":\"CFPB-%d\"," \
        "\"time\":\"%s\",\"data\":{%s}}\n", time, id, type, LINE, time, data
}
function attribute(key, name) { # with a comma before it; nothing where the field is empty
    return column(name) == "" ? "" : ",\"" key "\":" quoted(column(name))
}
function complaint(unit,    data) {
    data = "\"customer\":\"consumer of line " LINE "\",\"unit\":" quoted(unit) \
        ",\"channel\":" quoted(CHANNEL[column("Submitted via")]) \
        attribute("product", "Product") attribute("text", "Consumer complaint narrative")
    return data ",\"attributes\":{\"older\":" \
        (column("Tags") ~ /Older American/ ? "true" : "false") \
        attribute("company", "Company") attribute("state", "State") "}"
}
function row(    unit, date, part, days, timely, by) {
    unit = UNIT[column("Product")]
    unit = unit == "" ? "bank/other" : unit
    date = column("Date sent to company") # the firm's clock starts when the complaint reaches it
    date = date == "" ? column("Date received") : date
    split(date, part, "-")
    timely = column("Timely response?") == "Yes"
    if (mode == "late") {
        if (!timely) {
            print "\tCFPB-" LINE
        }
        return
    }
    days = days_of(part[1] + 0, part[2] + 0, part[3] + 0)
    event("", "complaint.registered", days, 17, complaint(unit))
    if (mode == "alone") {
        return
    }
    by = "\"by\":" quoted("the desk of " unit)
    if (timely) {
        event("seen", "case.acknowledged", next_weekday(days), 15, by)
    }
    days += timely ? 10 : 20
    event("answered", "case.customer_contacted", days, 17, by)
    event("closed", "case.closed", days, 18, \
        "\"resolution\":" quoted(column("Company response to consumer")))
}

FNR == 1 {
    file++
}
{
    LINE = FNR # where the record begins
    count = read_record()
}
LINE == 1 {
    for (i = 1; i <= count; i++) {
        COLUMN[FIELD[i]] = i
    }
    next
}
file == 1 {
    UNIT[FIELD[1]] = FIELD[2]
    next
}
file == 2 {
    CHANNEL[FIELD[1]] = FIELD[2]
    next
}
{
    row()
}
END {
    exit failed
}
