#!/usr/bin/python3
"""redressctl export --map: a regulator's file, a row a case; the shipped mappings."""
import csv
import io
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))

from harness import Daemon, HERE, event, run, tool  # noqa: E402

RETURNS = HERE.parent.parent / "tools/examples/returns"
RULES = """\
units:
  id: firm
  calendar: office
  units: [{id: north}, {id: south}]
calendars:
  office: {timezone: UTC, hours: [{days: mon-sun, open: ["00:00-23:59"]}]}
policies:
  - name: all
    match: {}
    clocks:
      - {name: decide, stop: decided, limit: 15d}
      - {name: respond, stop: decided, limit: 30d}
      - {name: summary, stop: closed, limit: 3d}
      - {name: final, stop: decided, limit: 8w}
codes:
  issue: {values: {late_payment: {name: 赔付慢, regulator: "0312"}, mis_sold: {name: 销售误导}}}
  product: {values: {home: {name: Home cover, regulator: "P-7"}}}
"""


class Filled:
    def __enter__(self):
        self.daemon = Daemon(units="", rules=RULES, args=["--clock", "events"])
        self.intake = self.daemon.intake()
        self.open("k-1", "01-05", issue="late_payment", product="home", amount="900", channel="phone")
        self.open("k-2", "02-10", issue="mis_sold", unit="south")
        self.send("case.decided", "k-1", "02-11", outcome="upheld", amount="700.50", currency="CNY",
                  paid_for="refund")
        self.open("k-3", "04-01", issue='a "strange", one')
        self.send("case.decided", "k-2", "04-02", outcome="rejected")
        self.send("case.closed", "k-2", "04-03", resolution="done")
        last = self.send("case.noted", "k-3", "04-04", by="li", text="x")
        self.daemon.desk().reach(last["seq"])
        return self

    def __exit__(self, kind, value, trace):
        self.daemon.close(failed=kind is not None)

    def send(self, type, subject, day, **data):
        return self.intake.accept(event(type, subject, time=f"2026-{day}T10:00:00Z", data=data))

    def open(self, subject, day, unit="north", **data):
        return self.send("complaint.registered", subject, day, **{
            "customer": "c-" + subject, "channel": "web", "unit": unit, **data})

    def told(self, path, *words):
        """What stands on standard error beside the file."""
        return self.run(path, *words, expect=0).stderr.decode("utf-8")

    def export(self, path, *words, expect=0):
        done = self.run(path, *words, expect=expect)
        return done.stdout.decode("utf-8") if expect == 0 else done.stderr.decode("utf-8")

    def run(self, path, *words, expect):
        done = subprocess.run(
            [tool("redressctl"), "--run", str(self.daemon.folder), "export", "--map", str(path), *words],
            capture_output=True, timeout=60, check=False, env={**os.environ, "TZ": "UTC"})
        assert done.returncode == expect, done
        return done

    def rows(self, name, *words):
        return list(csv.DictReader(io.StringIO(self.export(RETURNS / name, *words))))


def test_the_quarter_as_chinese_regulators_ask():
    with Filled() as filled:
        rows = filled.rows("cn-quarterly.json", "--from", "2026-Q1")
        assert [row["投诉编号"] for row in rows] == ["k-1", "k-2"], rows
        first = rows[0]
        assert (first["收到日期"], first["投诉事由"], first["投诉事由代码"]) == ("2026-01-05", "赔付慢", "0312")
        assert (first["业务类别代码"], first["诉求金额"], first["给付金额"]) == ("P-7", "900.00", "700.50")
        assert (first["处理结果"], first["处理决定日期"], first["是否按期告知"]) == ("支持", "2026-02-11", "否")
        assert rows[1]["投诉事由代码"] == "mis_sold", rows[1]  # it has no number of the regulator's
        assert rows[1]["办结日期"] == "2026-04-03" and rows[1]["是否监管转送"] == "否", rows[1]


def test_the_two_others():
    with Filled() as filled:
        rows = filled.rows("au-asic-idr.json", "--from", "2026-H1")
        assert [row["Entity's complaint unique identifier"] for row in rows] == ["k-1", "k-2", "k-3"]
        assert [row["Complaint status"] for row in rows] == ["open", "closed", "open"]
        assert rows[0]["IDR response within the limit"] == "no" and rows[0]["Monetary compensation"] == "700.50"
        assert rows[2]["Complaint issue"] == 'a "strange", one'
        rows = filled.rows("uk-fca-disp.json", "--from", "2026-04")
        assert [(row["complaint"], row["upheld"], row["within eight weeks"]) for row in rows] == [
            ("k-2", "no", "yes")], rows
        assert filled.rows("uk-fca-disp.json", "--from", "2026-01", "--to", "2026-03") == []


def ended(filled):
    """Closed the next day, closed late, withdrawn, withdrawn late after a decision, merged."""
    for subject in ("e-quick", "e-late", "e-gone", "e-gone-late", "e-merged"):
        filled.open(subject, "05-04", issue="late_payment")
    filled.send("case.decided", "e-quick", "05-05", outcome="rejected")
    filled.send("case.closed", "e-quick", "05-05", resolution="done")
    filled.send("case.withdrawn", "e-gone", "05-05", by="li", reason="asked to")
    filled.send("case.merged", "e-merged", "05-05", into="e-late", reason="the same")
    filled.send("case.decided", "e-gone-late", "05-11", outcome="partly_upheld")
    filled.send("case.withdrawn", "e-gone-late", "05-12", by="li", reason="asked to")
    filled.send("case.decided", "e-late", "05-11", outcome="upheld")
    last = filled.send("case.closed", "e-late", "05-12", resolution="done")
    filled.daemon.desk().reach(last["seq"])


def test_how_a_case_ended():
    with Filled() as filled:
        ended(filled)
        rows = {row["complaint"]: row for row in filled.rows("uk-fca-disp.json", "--from", "2026-05")}
        assert {name: (row["within three business days"], row["within eight weeks"], row["upheld"])
                for name, row in rows.items()} == {
            "e-quick": ("yes", "yes", "no"), "e-late": ("no", "yes", "yes"),
            "e-gone": ("yes", "yes", "withdrawn"), "e-gone-late": ("no", "yes", "yes")}, rows
        rows = {row["投诉编号"]: row["处理结果"] for row in filled.rows("cn-quarterly.json", "--from", "2026-05")}
        assert rows == {"e-quick": "不支持", "e-late": "支持", "e-gone": "撤诉", "e-gone-late": "部分支持"}, rows
        rows = {row["Entity's complaint unique identifier"]: (row["Closed as"], row["IDR response within the limit"])
                for row in filled.rows("au-asic-idr.json", "--from", "2026-05")}
        assert rows == {"e-quick": ("closed", "yes"), "e-late": ("closed", "yes"), "e-gone": ("withdrawn", "yes"),
                        "e-gone-late": ("withdrawn", "yes")}, rows
        filled.send("case.reopened", "e-gone", "05-13", reason="not so")
        last = filled.send("case.closed", "e-gone", "05-14", resolution="done")
        filled.daemon.desk().reach(last["seq"])
        assert filled.daemon.desk().call("case.get", subject="e-gone")["closed_as"] == "closed"
        assert "closed_as" not in filled.daemon.desk().call("case.get", subject="k-3")


def test_what_is_not_in_the_file_is_told():
    with Filled() as filled:
        ended(filled)
        told = filled.told(RETURNS / "uk-fca-disp.json", "--from", "2026-05")
        assert '1 more was merged into another and is no row; "merged": true' in told, told
        path = filled.daemon.folder / "map.json"
        made = {"source": "ours", "merged": True, "columns": [
            {"head": "n", "from": "subject"}, {"head": "x", "from": "clock.finall.state"},
            {"head": "issue", "from": "attributes.issue", "code": "regulator"}]}
        path.write_text(json.dumps(made), encoding="utf-8")
        assert "e-merged" in filled.export(path, "--from", "2026-05")
        told = filled.told(path, "--from", "2026")
        assert "columns[1] (x): empty: no row has a clock of clock.finall.state" in told, told
        assert 'columns[2] (issue): written as they are, as codes gives them no regulator: mis_sold' in told, told
        assert "late_payment" not in told and "merged" not in told, told


def test_each_says_its_source_and_what_it_leaves_out():
    found = sorted(RETURNS.glob("*.json"))
    assert len(found) == 3
    for path in found:
        mapping = json.loads(path.read_text(encoding="utf-8"))
        assert len(mapping["source"]) > 60 and len(mapping["leaves_out"]) >= 3, path


def test_units_decisions_and_forms():
    with Filled() as filled:
        path = filled.daemon.folder / "map.json"
        made = {"source": "ours", "date": "decided", "columns": [
            {"head": "n", "from": "case"}, {"head": "when", "from": "decided"},
            {"head": "due", "from": "clock.decide.due", "as": "date"}, {"head": "x", "text": "fixed"}]}
        path.write_text(json.dumps(made), encoding="utf-8")
        text = filled.export(path, "--from", "2026-02", "--bom")
        assert text == "\ufeffn,when,due,x\r\n1,2026-02-11T10:00:00Z,2026-01-21,fixed\r\n", repr(text)
        assert "2026-04-02" in filled.export(path, "--from", "2026-04-02", "--unit", "firm/south")
        assert "1 row: complaints decided in the period" in filled.told(path, "--from", "2026-04-02")
        path.write_text(json.dumps({**made, "kind": "duty", "date": "received"}), encoding="utf-8")
        assert "0 rows: duties received in the period" in filled.told(path, "--from", "2026")
        path.write_text(json.dumps(made), encoding="utf-8")
        assert filled.export(path, "--from", "2026-04-02", "--unit", "firm/north").count("\r\n") == 1
        done = json.loads(filled.export(path, "--from", "2026", "--json"))
        assert [row["n"] for row in done["rows"]] == ["1", "2"], done


def test_what_is_wrong_is_named():
    with Filled() as filled:
        path = filled.daemon.folder / "map.json"
        good = {"source": "ours", "columns": [{"head": "n", "from": "case"}]}
        for wrong, wanted in (
                ({**good, "source": ""}, "source is missing"),
                ({**good, "date": "paid"}, '"paid" is not opened, received, decided or closed'),
                ({**good, "colums": []}, "did you mean columns?"),
                ({**good, "columns": []}, "1 to 64 are wanted"),
                ({**good, "columns": [{"head": "n", "from": "subjct"}]}, "did you mean subject?"),
                ({**good, "columns": [{"head": "n"}]}, "columns[0]: wants head, and either"),
                ({**good, "columns": [{"head": "n", "from": "case", "code": "name"}]},
                 "code wants from: attributes.NAME"),
                ({**good, "columns": [{"head": "n", "from": "attributes.payed_for"}]}, "did you mean paid_for?"),
                ({**good, "columns": [{"head": "n", "from": ["case"] * 5}]}, "either from (up to 4) or text"),
                ({**good, "columns": [{"head": "n", "from": ["case", 7]}]}, "columns[0].from[1]: 7: a text"),
                ({**good, "columns": [{"head": "n", "from": "clock.decide"}]}, "clock.NAME.FIELD"),
                ({**good, "columns": [{"head": "n", "from": "case", "valus": {}}]}, "did you mean values?")):
            path.write_text(json.dumps(wrong), encoding="utf-8")
            told = filled.export(path, "--from", "2026", expect=1)
            assert wanted in told and "map.json" in told, (wanted, told)
        column = good["columns"][0]
        for changed, wanted in (
                ({"values": {"web": 3}}, "columns[0].values.web: 3: a text, in quotes, is wanted"),
                ({"values": {"web": "3", "app": None}}, "columns[0].values.app: null: a text"),
                ({"values": ["x"]}, 'columns[0].values: ["x"]: an object of texts'),
                ({"otherwise": 5}, "columns[0].otherwise: 5: a text"), ({"head": 1}, "columns[0].head: 1: a text"),
                ({"as": True}, "columns[0].as: true: a text"), ({"code": 7}, "columns[0].code: 7: a text")):
            path.write_text(json.dumps({**good, "columns": [{**column, **changed}]}), encoding="utf-8")
            told = filled.export(path, "--from", "2026", expect=1)
            assert wanted in told and "map.json" in told, (wanted, told)
        for wrong, wanted in (
                ({**good, "merged": "true"}, 'merged: "true": true or false is wanted'),
                ({**good, "leaves_out": "nothing"}, 'leaves_out: "nothing": a list of texts is wanted'),
                ({**good, "leaves_out": ["x", 1]}, "leaves_out[1]: 1: a text"), ({**good, "about": 1}, "about: 1: a text"),
                ({**good, "source": 1}, "source: 1: a text"), ({**good, "kind": 1}, "kind: 1: a text"),
                ({**good, "date": []}, "date: []: a text"), ({**good, "columns": {}}, "columns: {}: a list is wanted"),
                ({**good, "columns": [7]}, "columns[0]: 7: an object is wanted"), ([good], "an object is wanted")):
            path.write_text(json.dumps(wrong), encoding="utf-8")
            told = filled.export(path, "--from", "2026", expect=1)
            assert wanted in told and "map.json" in told, (wanted, told)
        assert "too large" in filled.export("/dev/zero", "--from", "2026", expect=1)
        assert "Is a directory" in filled.export(filled.daemon.folder, "--from", "2026", expect=1)
        path.write_text(json.dumps(good), encoding="utf-8")
        assert "write a day, month" in filled.export(path, "--from", "Q1", expect=1)


run(globals())
