#!/usr/bin/python3
"""Who did what (redressd(8), "AUDIT"): lines with codes and keys, nobody's data in them; and the head of the
chain, by which a journal that was written anew is known."""
import subprocess

from harness import Daemon, complaint, event, run, tool
from locked import CLIENTS, Locked, logged

SECRET = "marker-of-a-person"


def check(folder, anchors):
    return subprocess.run([tool("redressctl"), "check-journal", folder / "state/journal", "--anchor", anchors],
                          capture_output=True, text=True, timeout=60, check=False)


def test_deeds_are_told_with_the_key_and_without_the_customer():
    with Locked(clients=CLIENTS | {"two": "{name: two, roles: [operator], sources: ['*']}"},
                security="four_eyes: {for: [customer.forgotten]}") as locked:
        crm, ops, two = locked.intake("crm"), locked.intake("ops"), locked.intake("two")
        crm.accept(complaint("a", customer=SECRET, text=SECRET))
        crm.send(event("source.reset", data={"source": "x"}))
        waiting = ops.accept(event("customer.forgotten", data={"customer": SECRET}))
        two.accept(event("approval.given", data={"event": waiting["seq"], "by": "two"}))
        ops.accept(event("source.reset", data={"source": "x"}))
        for words in (("code=forbidden", "key=crm", "type=source.reset"),
                      ("code=erasure_asked", "key=ops", f"seq={waiting['seq']}", "waits=yes"),
                      ("code=approval_given", "key=two", "waits=no"),
                      ("code=source_reset", "key=ops"), ("code=keys_read", "keys=6"),
                      ("code=chain", "record=")):
            assert "mod=audit" in logged(locked.daemon, *words), words
        locked.intake("stranger").post(complaint("b"))
        logged(locked.daemon, "code=key_refused", locked.keys["stranger"][0].decode())
        assert SECRET not in locked.daemon.log(), locked.daemon.log()


def test_many_of_a_kind_are_counted_and_not_told():
    with Locked() as locked:
        crm = locked.intake("crm")
        for _ in range(50):
            assert crm.send(event("source.reset", data={"source": "x"}))["error"]["code"] == "forbidden"
        assert locked.daemon.log().count("code=forbidden") <= 10, locked.daemon.log()


def one_history(text):
    """A journal of one case, and the line of the log that tells its head after a restart."""
    daemon = Daemon()
    daemon.intake().accept(complaint("a"), event("case.noted", subject="a", data={"by": "li", "text": text}))
    assert daemon.stop() == 0
    daemon.start()
    line = logged(daemon, "code=chain", "record=")
    lines = [one for one in daemon.log().splitlines() if "code=chain" in one]
    feed = daemon.feed()
    assert set(feed.heartbeat()) >= {"seq", "term", "time", "lag"}
    assert daemon.stop() == 0
    return daemon, lines, line


def test_a_journal_that_was_written_anew_is_known_by_its_anchors():
    told, lines, _ = one_history("as it was said")
    anchors = told.folder / "anchors"
    anchors.write_text("# kept elsewhere\n" + "\n".join(lines) + "\n", encoding="utf-8")
    good = check(told.folder, anchors)
    assert good.returncode == 0 and f"{len(lines)} agree" in good.stdout, good
    other, _, _ = one_history("as it was made up")
    whole = subprocess.run([tool("redressctl"), "check-journal", other.folder / "state/journal"],
                           capture_output=True, text=True, timeout=60, check=False)
    assert whole.returncode == 0, whole  # by itself it is sound
    bad = check(other.folder, anchors)
    assert bad.returncode == 4 and "written anew" in bad.stderr, bad
    anchors.write_text("77777 " + 64 * "0" + "\n", encoding="utf-8")
    short = check(told.folder, anchors)
    assert short.returncode == 4 and "ends before it" in short.stderr, short
    number, chain = (word.split("=")[1] for word in lines[-1].split() if word.startswith(("record=", "chain=")))
    anchors.write_text(f"{number} {chain.upper()}\n", encoding="utf-8")
    assert check(told.folder, anchors).returncode == 0
    for text, why in (("nothing\n", "want a line"), (f"{number} {'z' * 64}\n", "want a line"),
                      ("", "no anchor in it"), ("# none\n\n", "no anchor in it")):
        anchors.write_text(text, encoding="utf-8")
        got = check(told.folder, anchors)
        assert got.returncode == 1 and why in got.stderr, (text, got)
    for daemon in (told, other):
        daemon.close(failed=False)


run(globals())
