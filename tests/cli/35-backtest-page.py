#!/usr/bin/python3
"""redress-backtest --html: a run, and two side by side, as a page."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent / "wire")]
import browser  # noqa: E402
from harness import run, tool  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EXAMPLES = ROOT / "tools/examples"


class Folder:
    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="redress-page-"))
        text = (EXAMPLES / "cfpb.yaml").read_text(encoding="utf-8")
        (self.path / "a<b>.yaml").write_text(text, encoding="utf-8")
        (self.path / "b.yaml").write_text(text.replace("high: 30", "high: 20"), encoding="utf-8")
        for one in (EXAMPLES / "cfpb-history.json", ROOT / "tests/data/cfpb-sample.csv", EXAMPLES / "product-units.csv",
                    EXAMPLES / "channels.csv"):
            shutil.copy(one, self.path)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def page(self, *args):
        out = self.path / "page.html"
        done = subprocess.run([tool("redress-backtest"), "--config", "a<b>.yaml", "--map", "cfpb-history.json", "--json",
                               "--html", str(out), *args, "cfpb-sample.csv"], capture_output=True, text=True,
                              timeout=120, cwd=self.path, check=False)
        assert done.returncode == 0, done.stderr
        text = out.read_text(encoding="utf-8")
        browser.stands_alone(text)
        return out, text, json.loads(done.stdout)


def test_the_page_says_what_the_report_says():
    with Folder() as folder:
        _, text, told = folder.page()
        assert "a&lt;b&gt;.yaml" in text
        assert f"<b>{told['run']['accepted']['count']}</b>" in text
        clock, = told["clocks"].values()
        parts = re.findall(r"<s class=p\d></s>([a-z_]+) (\d+)<", text)
        assert dict(parts) == {name: str(clock[name]) for name in ("in_time", "late", "breached", "running", "waiting")}
        # the heat map has each event and each alert once
        heats = [sum(map(int, re.findall(r"<title>\w+ \d\d: (\d+)</title>", one))) for one in text.split("<figure>")
                 if "<title>" in one and "Mon 00" in one]
        assert heats == [told["run"]["accepted"]["count"], told["run"]["alerts"]["count"]], heats
        hours = {}
        for hour, count in re.findall(r"<title>\w+ (\d\d): (\d+)</title>", next(
                one for one in text.split("<figure>") if "Mon 00" in one)):
            hours[hour] = hours.get(hour, 0) + int(count)
        assert hours == {hour: row["events"] for hour, row in told["hours"].items()}
        # precision with its interval, of each rule of which anything is known
        shown = re.findall(r"(\d+\.\d\d) % \((\d+)–(\d+) %\), (\d+)/(\d+)", text)
        known = [row for row in told["outcome_codes"].values() if row["true"] + row["false"]]
        assert len(shown) >= len(known) > 2
        for (share, low, high, hits, of), row in zip(shown, known):
            assert (int(hits), int(of)) == (row["true"], row["true"] + row["false"])
            assert round(float(share) * 100) == row["precision"] and int(low) <= float(share) <= int(high)


def test_wilson_by_the_book():
    with Folder() as folder:
        _, text, _ = folder.page()
        for share, low, high, hits, of in re.findall(r"(\d+\.\d\d) % \((\d+)–(\d+) %\), (\d+)/(\d+)", text):
            n, p, z = int(of), int(hits) / int(of), 1.959964
            middle, half = (p + z * z / (2 * n)) / (1 + z * z / n), z / (1 + z * z / n) * (
                p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
            assert abs(int(low) - 100 * (middle - half)) <= 1 and abs(int(high) - 100 * (middle + half)) <= 1, (
                share, low, high, hits, of)


def test_two_configurations_in_chinese():
    with Folder() as folder:
        _, text, told = folder.page("--against", "b.yaml", "--lang", "zh-CN")
        for words in ("规则回测", "A: a&lt;b&gt;.yaml", "B: b.yaml", "时钟结果", "事件 · A", "告警 · B", "按时", "周一"):
            assert words in text, words
        left, right = told["run"]["accepted"]["count"]
        assert f"<b>A {left}</b><b>B {right}</b>" in text
        cells = re.search(r"<td>关注</td>.*", text)
        watch = told["warnings"]["watch"]["complaints"]
        assert cells and f"{watch[0]} | {watch[1]}" in cells.group(), (cells, watch)
        english = re.findall(r"<h2>[A-Z][^<]*</h2>", text)
        assert english == [], english


def test_a_browser_shows_it_whole():
    found = browser.find()
    if found is None:
        return
    with Folder() as folder:
        page, _, _ = folder.page("--against", "b.yaml", "--lang", "zh-CN")
        browser.look(found, page)


def test_a_page_that_cannot_be_written_is_said():
    with Folder() as folder:
        done = subprocess.run([tool("redress-backtest"), "--config", "b.yaml", "--map", "cfpb-history.json",
                               "--html", "no/x.html", "cfpb-sample.csv"], capture_output=True, text=True, timeout=120,
                              cwd=folder.path, check=False)
        assert done.returncode == 1 and "no/x.html" in done.stderr, done


run(globals())
