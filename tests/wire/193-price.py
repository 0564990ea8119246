#!/usr/bin/python3
"""What an event costs at most (redressd(8), "OVERLOAD"), in instructions of the engine as callgrind counts them."""
import datetime
import re

from harness import RULES, UNITS, Daemon, configuration, contact, event, run

WAIT_S = 120
MILLION = 1000000
DEAR = ["~(a+)+!!", "~(.*)(.*)(.*)(.*)!a", "~a.*a.*a.*!!", "~(?=.*a)(?=.*!).*!!", "~a.*?!!", "~.{1,200}!!",
        "~退.*退.*保", r"~\w+\s"]
TEXT = "a" * 32767 + "!"


class Priced(Daemon):
    """A daemon under callgrind, which counts while an event is applied."""

    def start(self, wait_s=WAIT_S):
        program, wrap = self.binary, self.folder / "priced"
        wrap.write_text("#!/bin/sh\nexec valgrind --tool=callgrind --toggle-collect=engine_event "
                        f"--callgrind-out-file={self.folder}/counts {program} \"$@\"\n", encoding="ascii")
        wrap.chmod(0o755)
        self.binary = str(wrap)
        super().start(wait_s)

    def price(self):
        """Of all events since the start; ends the daemon."""
        assert self.stop() == 0, self.log()
        return int(re.search(r"^summary: (\d+)", (self.folder / "counts").read_text(), re.MULTILINE)[1])


def price_of(rules, text, before=(), units=UNITS):
    with Priced(start=False) as daemon:
        daemon.write_config(configuration(daemon.folder, rules=rules, units=units))
        daemon.start()
        intake = daemon.intake()
        for one in before:
            assert intake.send(one, wait_s=WAIT_S)["status"] == "accepted"
        receipt = intake.send(contact("c", text=text, customer="c"), wait_s=WAIT_S)
        assert receipt["status"] == "accepted", receipt
        return receipt, daemon.price()


def with_rules(patterns):
    made = "".join(f"    - {{code: w{i}, match: {{text: '{one}'}}, points: 5}}\n" for i, one in enumerate(patterns))
    return RULES.replace("    - {code: elderly", made + "    - {code: elderly")


def test_one_pattern_takes_less_than_twenty_million():
    for pattern in (DEAR[3], DEAR[-1]):  # the dearest of them
        _, price = price_of(with_rules([pattern]), TEXT)
        print(f"     {pattern}: {price / MILLION:.1f} million", flush=True)
        assert price < 20 * MILLION, (pattern, price)


def test_all_rules_together_have_a_bound():
    receipt, price = price_of(with_rules(DEAR * 40), TEXT)
    print(f"     {price / MILLION:.1f} million", flush=True)
    assert "text.unread" in {reason["code"] for reason in receipt["warning"]["reasons"]}, receipt
    assert price < 300 * MILLION, price


def test_all_silences_together_have_a_bound():
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    silences = [event("silence.created", data={"by": "li", "reason": "x", "until": until, "matchers": {
        "text": [f"{one}{i}!" for i, one in enumerate(DEAR * 4)]}}) for _ in range(20)]
    _, price = price_of(RULES, TEXT, before=silences)
    print(f"     {price / MILLION:.1f} million", flush=True)
    assert price < 80 * MILLION, price


if __name__ == "__main__":
    run(globals())
