#!/usr/bin/python3
"""A file without a mark is read in the encoding that it is in, or not at all: no guess turns the
names of customers into others."""
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import Daemon, run, unpack  # noqa: E402

TOOLS = pathlib.Path(os.environ.get("REDRESS_TOOLS") or HERE.parent.parent / "build/dev/tools")
MAP = {"event": {"id": "e-{number}", "source": "e", "type": "contact.received", "subject": "{number}",
                 "data": {"customer": {"column": "customer"}, "channel": "web", "unit": "xj/yining",
                          "text": {"column": "text"}}}}
FRENCH = [("F%d" % i, "clé%d" % i, "réclamation très grave été") for i in range(5)]
CHINESE = [("Z%d" % i, "张三%d" % i, "多次来电, 无人回复, 要求退保") for i in range(40)]


def rows(cells, encoding):
    return [",".join(f'"{cell}"' if "," in cell else cell for cell in row).encode(encoding) + b"\n"
            for row in cells]


def send(folder, lines, *args, status=0, pipe=False):
    (folder / "map.json").write_text(json.dumps(MAP))
    content = b"number,customer,text\n" + b"".join(lines)
    (folder / "in.csv").write_bytes(content)
    done = subprocess.run([TOOLS / "redress-send", "--run", folder, "--json", "--map", folder / "map.json",
                           *args, "-" if pipe else folder / "in.csv"],
                          input=content if pipe else None, capture_output=True, timeout=60)
    assert done.returncode == status, done
    return json.loads(done.stdout.splitlines()[-1]) if done.stdout else None, done.stderr.decode()


def customers(daemon):
    return [unpack(row["event"])["data"]["customer"] for row in daemon.desk().rows("journal.read")]


def test_utf8_with_one_bad_byte_is_named():
    with Daemon() as daemon:
        bad = rows(FRENCH, "utf-8") + [b"F9,cl\xe99,x\n"]
        for pipe in (False, True):
            _, said = send(daemon.folder, bad, status=1, pipe=pipe)
            assert "line 7, byte 6 (0xe9) is no character of UTF-8" in said and "--encoding utf-8" in said, said
        assert not customers(daemon)
        told, said = send(daemon.folder, bad, "--encoding", "utf-8", status=2)
        assert (told["accepted"], told["bad"] + told["rejected"]) == (5, 1), (told, said)
        assert customers(daemon) == [row[1] for row in FRENCH]


def test_a_bad_byte_behind_the_first_blocks_is_named_too():
    with Daemon() as daemon:
        many = rows([("F%d" % i, "clé%d" % i, "réclamation très grave été " * 20) for i in range(4000)],
                    "utf-8")
        _, said = send(daemon.folder, many + [b"F9,x,\xff\n"], "--check", status=1)
        assert "line 4002, byte 6 (0xff)" in said, said


def test_latin_letters_are_no_chinese():
    with Daemon() as daemon:
        for text in ([("N1", "Núñez1", "x")], FRENCH, [("N2", "x", "Beschwerde über Gebühren, Straße")]):
            _, said = send(daemon.folder, rows(text, "latin-1"), status=1)
            assert "neither UTF-8 nor GB 18030 nor UTF-16: line 2, byte" in said, said
        assert not customers(daemon)


def test_chinese_is():
    with Daemon() as daemon:
        rare = [("R1", "㐀丂", "龦 𠀀 𬺰 €")]  # characters of two bytes that few use, and of four
        for encoding, text in (("gbk", CHINESE), ("gb18030", CHINESE + rare), ("gb2312", CHINESE[:1]),
                               ("utf-8", CHINESE + rare), ("utf-16-le", CHINESE)):
            before = len(customers(daemon))
            marked = [(f"{encoding}-{row[0]}",) + row[1:] for row in text]
            content = "number,customer,text\n" + b"".join(rows(marked, "utf-8")).decode()
            (daemon.folder / "map.json").write_text(json.dumps(MAP))
            (daemon.folder / "in.csv").write_bytes(content.encode(encoding))
            done = subprocess.run([TOOLS / "redress-send", "--run", daemon.folder, "--map",
                                   daemon.folder / "map.json", daemon.folder / "in.csv"],
                                  capture_output=True, timeout=60)
            assert done.returncode == 0, done
            assert customers(daemon)[before:] == [row[1] for row in text], encoding


run(globals())
