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
      - {name: summary, stop: decided, limit: 3d}
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

    def export(self, path, *words, expect=0):
        done = subprocess.run(
            [tool("redressctl"), "--run", str(self.daemon.folder), "export", "--map", str(path), *words],
            capture_output=True, timeout=60, check=False, env={**os.environ, "TZ": "UTC"})
        assert done.returncode == expect, done
        return done.stdout.decode("utf-8") if expect == 0 else done.stderr.decode("utf-8")

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
                ({**good, "columns": [{"head": "n", "from": "clock.decide"}]}, "clock.NAME.FIELD"),
                ({**good, "columns": [{"head": "n", "from": "case", "valus": {}}]}, "did you mean values?")):
            path.write_text(json.dumps(wrong), encoding="utf-8")
            told = filled.export(path, "--from", "2026", expect=1)
            assert wanted in told and "map.json" in told, (wanted, told)
        path.write_text(json.dumps(good), encoding="utf-8")
        assert "write a day, month" in filled.export(path, "--from", "Q1", expect=1)


run(globals())
