# table.awk: what became of the complaints, a line a unit; the second half is the run without answers.
# Usage: awk -f table.awk events receipts alerts receipts-idle alerts-idle
#   events    as history.awk made them: of whom a complaint is, and when it was acknowledged
#   receipts  redress-send --receipts: the level that the daemon answered with
#   alerts    redress-sub --json: rungs, and by when they asked for an acknowledgement; breaches
# Everything but `acknowledged in time` is the daemon's word; that is its ack_by beside the event's time.

# The text or number of a key, the first in the line; empty if it is not there.
function value(key,    from, text) {
    from = index($0, "\"" key "\":")
    if (from == 0) {
        return ""
    }
    text = substr($0, from + length(key) + 3)
    if (substr(text, 1, 1) == "\"") {
        match(text, /^"[^"]*/)
        return substr(text, 2, RLENGTH - 1)
    }
    match(text, /^[-0-9a-z]*/)
    return substr(text, 1, RLENGTH)
}
function once(what, subject) { # counts a complaint once, for its unit and for all
    if (subject in UNIT && !((what, subject) in SEEN)) {
        SEEN[what, subject]
        N[what, UNIT[subject]]++
        N[what, "all"]++
    }
}
function line(name, unit) {
    printf "   %-22s %10d %7d %8d %8d %9d   |%8d %9d\n", name, N["complaints", unit], N["warned", unit],
        N["in time", unit], N["climbed", unit], N["breached", unit],
        N["idle climbed", unit], N["idle breached", unit]
}

FNR == 1 {
    file++
}
file == 1 {
    subject = value("subject")
    type = value("type")
    if (type == "complaint.registered") {
        UNIT[subject] = value("unit")
        SUBJECT[value("id")] = subject
        if (!(UNIT[subject] in KNOWN)) {
            KNOWN[UNIT[subject]]
            UNITS[++units] = UNIT[subject]
        }
    } else if (type == "case.acknowledged") {
        ACKNOWLEDGED[subject] = value("time")
    }
    next
}
file == 2 || file == 4 { # a receipt
    if (value("id") in SUBJECT && value("status") ~ /^(accepted|duplicate)$/) {
        once(file == 2 ? "complaints" : "idle", SUBJECT[value("id")])
        if (file == 2 && value("level") ~ /^(watch|high|critical)$/) {
            once("warned", SUBJECT[value("id")])
        }
    }
    next
}
{ # an alert
    subject = value("subject")
    type = value("type")
    kind = file == 3 ? "" : "idle "
    if (type == "clock.breach") {
        once(kind "breached", subject)
    } else if (type == "ladder.rung" && value("rung") > 1) {
        once(kind "climbed", subject)
    } else if (file == 3 && type == "ladder.rung") {
        ASKED[subject]
        if (subject in ACKNOWLEDGED && ACKNOWLEDGED[subject] <= value("ack_by")) {
            once("in time", subject)
        }
    }
}
END {
    for (subject in ACKNOWLEDGED) { # before it was asked for: a holiday's, at whose end the rung was held
        if (!(subject in ASKED)) {
            once("in time", subject)
        }
    }
    printf "   %-22s %10s %7s %8s %8s %9s   |%8s %9s\n", "unit", "complaints", "warned", "in time",
        "climbed", "breached", "climbed", "breached"
    for (i = 1; i <= units; i++) {
        line(UNITS[i], UNITS[i])
    }
    line("all", "all")
}
