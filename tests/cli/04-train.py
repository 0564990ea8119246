#!/usr/bin/python3
"""redress-train(1): what it learns, what it refuses, and that the daemon scores as it does."""
import csv
import datetime
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import UNITS, Daemon, complaint, contact, event, run  # noqa: E402

TRAIN = os.path.join(os.environ["REDRESS_TOOLS"], "redress-train")
SAMPLE = HERE.parent / "data/cfpb-sample.csv"
MAPPING = HERE.parent.parent / "tools/examples/cfpb.json"
LABEL = "Consumer disputed?=Yes"
OK, USAGE, REFUSED = range(3)

ROWS_MAP = {"event": {
    "id": "r-{row}", "subject": "r-{row}", "source": "t", "type": "contact.received",
    "time": {"column": "at"},
    "data": {"customer": "c-{row}", "channel": {"column": "channel"}, "unit": "xj/yining",
             "age": {"column": "age"}, "text": {"column": "text"},
             "attributes": {"answer": {"column": "answer", "after": True},
                            "guess": {"column": "guess"}, "again": {"column": "end"}}}}}


def train(*words, expect=OK):
    done = subprocess.run([TRAIN, *map(str, words)], capture_output=True, text=True, timeout=100)
    assert done.returncode == expect, (words, done)
    return done


def report(*words):
    return json.loads(train("--json", *words).stdout)


def made_rows(count=4000, seed=7):
    """Those of a branch, of the old, and who name a lawyer, end badly more often; nobody else."""
    rng = random.Random(seed)
    for i in range(count):
        channel, age = rng.choice(["web", "phone", "branch"]), rng.randint(18, 90)
        words = rng.sample(["hello", "bill", "card", "please", "lawyer", "refund", "投诉", "谢谢"], 3)
        odds = 0.1 + 0.3 * (channel == "branch") + 0.2 * (age >= 60) + 0.3 * ("lawyer" in words)
        bad = rng.random() < odds
        yield {"at": f"2025-{i * 12 // count + 1:02}-{i % 28 + 1:02}", "channel": channel, "age": age,
               "text": " ".join(words), "answer": "late" if bad else "fine",
               "guess": ("x" if rng.random() < 0.9 else "y") if bad else "y",
               "end": "bad" if bad else "good"}


def write_rows(folder, rows):
    rows = list(rows)
    (folder / "map.json").write_text(json.dumps(ROWS_MAP), encoding="utf-8")
    with open(folder / "rows.csv", "w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, rows[0].keys())
        table.writeheader()
        table.writerows(rows)
    return ["--map", folder / "map.json", "--label", "end=bad", folder / "rows.csv"]


def test_it_learns_what_is_there():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        words = write_rows(folder, made_rows())
        said = report("--features", "channel,age,text", *words)
        figures = said["figures"]
        assert figures["rows"] + said["learned"]["rows"] == 4000, said
        assert 0.70 < figures["auc"] < 0.85 and abs(figures["auc"] - said["learned"]["model_auc"]) < 0.01
        assert figures["lift"] > 1.6 and figures["average_precision"] > figures["base_rate"] + 0.15
        told = [row["feature"] for row in said["strongest"]]
        assert "lawyer" in told[:4] and any("channel" in one for one in told[:4]), told
        assert not {"hello", "please", "谢谢"} & set(told[:4]), told
        shares = [band["yes"] / band["rows"] for band in figures["deciles"]]
        assert sum(band["rows"] for band in figures["deciles"]) == figures["rows"]
        assert shares[-1] > 2 * shares[0] + 0.1, shares
        for level in figures["levels"]:
            assert sum(level[key] for key in level if key != "from") == figures["rows"], level
            assert level["true_warned"] + level["missed"] == figures["yes"], level


def test_the_same_rows_give_the_same_card():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        words = write_rows(folder, made_rows(1500))
        cards = []
        for out in ("a.yaml", "b.yaml"):
            train("--features", "channel,age,text", "--out", folder / out, *words)
            cards.append((folder / out).read_bytes())
        assert cards[0] == cards[1] and b"checksum" in cards[0]


def test_it_learns_from_the_older_rows_alone():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        rows = list(made_rows(2000))
        cards = []
        for turn in range(2):
            words = write_rows(folder, rows)
            train("--features", "channel,age,text", "--test-from", "2025-10-01", "--out",
                  folder / "card.yaml", *words)
            lines = (folder / "card.yaml").read_text(encoding="utf-8").splitlines()
            cards.append([line for line in lines if not line.startswith("figures")])
            for row in rows:  # another future, and in another order
                if row["at"] >= "2025-10-01":
                    row.update(channel="web", text="lawyer", end="good" if row["age"] > 50 else "bad")
            rows.reverse()
        # the customer and the id are the row's number; neither is learned from
        assert cards[0] == cards[1]


def test_what_is_known_only_afterwards_is_refused():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        words = write_rows(folder, made_rows(1500))
        said = train("--features", "channel,attributes.answer", *words, expect=REFUSED).stderr
        assert '"attributes.answer" is known only after the first contact' in said, said
        said = train("--features", "attributes.again", *words, expect=REFUSED).stderr
        assert "is made of the column that is to be foretold" in said, said
        said = train("--features", "product", *words, expect=REFUSED).stderr
        assert 'the mapping makes no "product"' in said, said
        for wrong in ("contacts", "received", "colour"):
            said = train("--features", wrong, *words, expect=REFUSED).stderr
            assert "no attribute that a scorecard can use" in said, said
        # left to itself it takes neither, and warns of what looks like it
        said = report(*words)
        assert [row["feature"] for row in said["too_strong"]] == ["attributes.guess"], said
        assert said["too_strong"][0]["auc"] > 0.9, said
        train("--out", folder / "card.yaml", *words)
        card = (folder / "card.yaml").read_text(encoding="utf-8")
        assert "attributes.guess" in card and "answer" not in card and "again" not in card
        assert "customer" not in card


def test_real_complaints():
    said = report("--map", MAPPING, "--label", LABEL, "--min-rows", "10", "--features-max", "12", SAMPLE)
    figures = said["figures"]
    assert figures["rows"] + said["learned"]["rows"] == 2000, said
    assert 0 < said["features"] <= 12, said
    assert 0.5 < figures["auc"] < 0.7 and not said["too_strong"], said
    text = train("--map", MAPPING, "--label", LABEL, "--min-rows", "10", SAMPLE).stdout
    for word in ("ROC-AUC", "average precision", "lift, top tenth", "calibration", "levels", "strongest"):
        assert word in text, text


def test_the_daemon_scores_as_it_was_tried():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        rows = list(made_rows(1500))
        words = write_rows(folder, rows)
        card = folder / "card.yaml"
        train("--features", "channel,age,text", "--code", "learned", "--cap", "90", "--out", card, *words)
        rules = f"assessment: {{scorecard: {{file: {card}}}, open_case_at: critical}}\n"
        with Daemon(rules=rules) as daemon:
            intake = daemon.intake()
            for number in (1, 17, 400, 1499):
                row = rows[number - 1]
                tried = report("--try", card, "--explain", number, *words)
                assert tried["outcome"] == ("yes" if row["end"] == "bad" else "no")
                total = tried["base"] + sum(hit["points"] for hit in tried["features"])
                assert tried["points"] == min(90, max(0, total)), tried
                warning = intake.accept(contact(f"k-{number}", unit="xj/yining", channel=row["channel"],
                                                age=row["age"], text=row["text"]))["warning"]
                assert warning["score"] == tried["points"], (warning, tried)
                if tried["points"] > 0:
                    reason, = warning["reasons"]
                    assert reason["code"] == "learned" and reason["points"] == tried["points"]
                    best = max(tried["features"], key=lambda hit: abs(hit["points"]))
                    assert f"{best['points']:+}" in reason["detail"].split(", ")[0], (reason, tried)


def test_a_card_that_was_changed_is_refused():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        words = write_rows(folder, made_rows(1500))
        card = folder / "card.yaml"
        train("--features", "channel", "--out", card, *words)
        text = card.read_text(encoding="utf-8")
        card.write_text(text.replace("cap: 100", "cap: 99"), encoding="utf-8")
        said = train("--try", card, *words, expect=USAGE).stderr
        assert "card.yaml:" in said and "the card is another than the one written" in said, said
        card.write_text("".join(line + "\n" for line in text.splitlines() if "checksum" not in line),
                        encoding="utf-8")
        assert report("--try", card, *words)["figures"]["rows"] == 1500


def test_a_daemons_own_past():
    with tempfile.TemporaryDirectory() as name, Daemon(
            args=["--clock", "events"], units=UNITS,
            rules="assessment: {follow_up: 30d}\n") as daemon:
        intake = daemon.intake()
        # who writes "lawyer" complains later that day
        batch = []
        for i in range(360):
            angry = i % 4 == 0 or i % 37 == 0
            at = f"2025-{i // 30 + 1:02}-{i % 28 + 1:02}T08:00:00Z"
            batch.append((at, contact(f"k-{i}", customer=f"C-{i}", channel="web",
                                      text="my lawyer and the bill" if angry else "the bill please"), i))
        batch.sort(key=lambda one: one[0])
        for at, one, i in batch:
            one["time"] = at
            intake.accept(one)
            if i % 4 == 0:
                grown = complaint(f"g-{i}", customer=f"C-{i}", channel="web", text="as I said")
                intake.accept({**grown, "time": at.replace("T08", "T10")})
        intake.accept(event("duty.opened", subject="end", time="2026-01-31T00:00:00Z",
                            data={"duty": "training", "unit": "xj", "due": "2026-03-01"}))
        daemon.stop()
        card = pathlib.Path(name, "card.yaml")
        said = report("--state", daemon.folder / "state", "--ending", "grown", "--min-rows", "5",
                      "--features", "channel,text", "--out", card)
        assert said["learned"]["rows"] + said["figures"]["rows"] == 360, said
        assert said["figures"]["auc"] > 0.9, said
        assert said["strongest"][0]["feature"] in ("lawyer", "my", "and", "please")
        assert said["too_strong"], said  # here a word does say it all
        none = train("--state", daemon.folder / "state", "--ending", "breached", expect=REFUSED)
        assert "no row has an outcome" in none.stderr or "both need both" in none.stderr, none


ENDINGS = """\
assessment: {follow_up: 30d}
policies:
  - name: default
    match: {}
    clocks: [{name: answer, start: received, stop: decided, limit: 2d}]
    ladder:
      until: acknowledged
      rungs:
        - {after: 0m, notify: [unit], severity: info}
        - {after: 4h, notify: [parent], severity: warning}
"""
# What the customer writes, and what becomes of the case: each ending has its word.
WORDS = {"disputed": "unfair", "escalated": "forgotten", "breached": "complicated"}


def life(i, words):
    """One complaint of day i, and what becomes of it as its words foretell."""
    day = datetime.date(2025, 1, 1) + datetime.timedelta(days=i)
    late = day + datetime.timedelta(days=4 if "complicated" in words else 1)
    subject = f"k-{i}"
    yield {**complaint(subject, customer=f"C-{i}", channel="web", text=" ".join(words)),
           "time": f"{day}T08:00:00Z"}
    steps = [("case.decided", late, "08", {"outcome": "rejected"}),
             ("case.closed", late, "09", {"resolution": "done"})]
    if "forgotten" not in words:
        steps.append(("case.acknowledged", day, "09", {"by": "li"}))
    if "unfair" in words:
        steps += [("case.reopened", late, "10", {"reason": "again"}),
                  ("case.closed", late, "11", {"resolution": "done"})]
    for type, date, hour, data in steps:
        yield event(type, subject=subject, time=f"{date}T{hour}:00:00Z", data=data)


def test_endings_of_cases():
    with tempfile.TemporaryDirectory() as name, Daemon(
            args=["--clock", "events"], units=UNITS, rules=ENDINGS) as daemon:
        intake = daemon.intake()
        told = [one for i in range(240) for one in life(i, ["the bill"] + [
            word for number, word in enumerate(WORDS.values()) if i // 3 ** number % 3 == 1])]
        told.append({**complaint("open", customer="C-open"), "time": "2025-12-01T00:00:00Z"})
        for one in sorted(told, key=lambda one: one["time"]):
            intake.accept(one)
        daemon.stop()
        state = ["--state", daemon.folder / "state", "--min-rows", "5", "--features", "text"]
        for ending, word in WORDS.items():
            said = report(*state, "--ending", ending)
            assert said["learned"]["rows"] + said["figures"]["rows"] == 240, (ending, said)
            assert said["unknown"] == 1, (ending, said)  # the one that is open
            assert said["figures"]["auc"] > 0.99, (ending, said)
            assert said["strongest"][0]["feature"] == word, (ending, said["strongest"])
        anything = report(*state, "--ending", "any")
        assert {one["feature"] for one in anything["strongest"][:3]} == set(WORDS.values()), anything
        few = report(*state, "--ending", "disputed", "--max-words", "3")
        assert few["learned"]["words_left_out"] > 0, few["learned"]
        said = train(*state, "--ending", "disputed", "--max-words", "2", expect=REFUSED).stderr
        assert "more than 2 different words (--max-words)" in said, said
        card = pathlib.Path(name, "card.yaml")
        train(*state, "--ending", "breached", "--out", card)
        assert "complicated" in card.read_text(encoding="utf-8")


def test_wrong_command_lines():
    for words in ([], ["--map", MAPPING, SAMPLE], ["--map", MAPPING, "--label", "x", SAMPLE],
                  ["--map", MAPPING, "--label", "No such=1", SAMPLE],
                  ["--map", MAPPING, "--label", LABEL, "-"], ["--state", "/nonexistent"],
                  ["--state", "/nonexistent", "--ending", "grown", "extra"],
                  ["--map", MAPPING, "--label", LABEL, "--levels", "30,20,10", SAMPLE],
                  ["--map", MAPPING, "--label", LABEL, "--test-from", "soon", SAMPLE],
                  ["--map", MAPPING, "--label", LABEL, "--cap", "0", SAMPLE],
                  ["--map", MAPPING, "--label", LABEL, "--try", "a", "--out", "b", SAMPLE],
                  ["--no-such"]):
        done = subprocess.run([TRAIN, *map(str, words)], capture_output=True, text=True, timeout=100)
        assert done.returncode in (USAGE, REFUSED) and done.stderr, (words, done)
    assert "usage:" in train("--help").stdout


run(globals())
