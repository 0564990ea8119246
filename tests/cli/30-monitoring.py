#!/usr/bin/python3
"""The shipped rules and the dashboard name metrics that there are."""
import json
import pathlib
import re
import shutil
import subprocess
import sys

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))

from harness import Daemon, complaint, run, tool

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "tools/examples"
RULES, DASHBOARD = EXAMPLES / "prometheus.rules.yaml", EXAMPLES / "grafana.json"


def metrics():
    """What a daemon writes: the names of its samples."""
    with Daemon() as daemon:
        daemon.intake().accept(complaint("m-1"))
        text = subprocess.run([tool("redressctl"), "--run", daemon.folder, "metrics", "--prometheus"],
                              capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^(redress_\w+)", text, re.M))


def named(expression):
    found = set(re.findall(r"\bredress_\w+", expression))
    assert found, expression
    return found


def test_every_metric_of_the_rules_and_the_dashboard_is_there():
    there = metrics()
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    assert len(rules) > 8
    for rule in rules:
        assert named(rule["expr"]) <= there, (rule["alert"], named(rule["expr"]) - there)
        assert rule["annotations"]["summary"] and rule["annotations"]["description"], rule
        assert rule["labels"]["severity"] in ("warning", "critical"), rule
    panels = json.loads(DASHBOARD.read_text())["panels"]
    assert len(panels) > 8
    for panel in panels:
        for target in panel["targets"]:
            assert named(target["expr"]) <= there, (panel["title"], named(target["expr"]) - there)


def test_panels_lie_beside_each_other():
    taken = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken and at["x"] + at["w"] <= 24, panel["title"]
        taken |= cells


def test_promtool_reads_the_rules():
    promtool = shutil.which("promtool")
    if promtool is None:
        print("     no promtool here: what it would say is not known")
        return
    done = subprocess.run([promtool, "check", "rules", RULES], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


run(globals())
