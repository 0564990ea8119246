"""The README's Python producer and subscriber, run as they stand there against a real daemon."""
import pathlib
import re
import subprocess
import sys

from harness import HERE, Daemon, run

README = HERE.parent.parent / "README.md"
CONFIG = """\
units:
  id: bank
  name: The bank
  units: [{id: loans, name: Loans}, {id: cards, name: Cards}]
assessment:
  rules: [{code: regulator, match: {channel: [regulator]}, points: 60, actions: [call back]}]
"""


def script(name, folder):
    """The block that begins with `# NAME` in the README, as a file."""
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    text = next(block for block in blocks if block.startswith(f"# {name}"))
    assert len([line for line in text.splitlines() if line.strip()]) < 30, f"{name} is too long"
    path = pathlib.Path(folder) / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def produce(daemon):
    done = subprocess.run([sys.executable, script("producer.py", daemon.folder), daemon.endpoint("intake")],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_producer_and_subscriber():
    with Daemon(units=CONFIG, rules="") as daemon:
        said = produce(daemon)
        assert said.startswith("accepted"), said
        assert "60 regulator" in said and "call back" in said, said
        listener = subprocess.Popen(
            [sys.executable, script("subscriber.py", daemon.folder), daemon.endpoint("feed"),
             daemon.endpoint("desk"), "bank"], stdout=subprocess.PIPE, text=True)
        try:
            missed = listener.stdout.readline()  # sent before it was there
            assert missed.split()[2] == "warning.first_contact", missed
            intake = daemon.intake()
            intake.accept({"id": "live", "source": "test", "type": "complaint.registered",
                           "subject": "T-9", "data": {"customer": "C-9", "channel": "branch",
                                                      "unit": "bank/cards"}})
            live = listener.stdout.readline()
            assert live.split()[2] == "ladder.rung", live
        finally:
            listener.kill()
            listener.wait()


run(globals())
