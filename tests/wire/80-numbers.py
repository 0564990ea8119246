#!/usr/bin/python3
"""A state of other numbers is told as what it is, and left as it is."""
import pathlib
import subprocess

from harness import Daemon, Gone, binary, complaint, run

RENUMBER = pathlib.Path(binary()).parent.parent / "tests/renumber"
SCHEMA, ENGINE = 6, 13


def stopped(daemon):
    """A daemon with a case, stopped in order."""
    daemon.intake().accept(complaint("n-1"))
    assert daemon.stop() == 0, daemon.log()
    return daemon.folder / "state"


def renumber(state, schema, engine):
    subprocess.run([RENUMBER, state / "store", str(schema), str(engine)], check=True)


def refused(daemon, status):
    """What a start that must be refused logs."""
    before = len(daemon.log())
    daemon.launch()
    try:
        daemon.wait_notify("READY=1")
    except Gone:
        assert daemon.process.returncode == status, (daemon.process.returncode, daemon.log())
        return daemon.log()[before:]
    raise AssertionError("it started")


def test_a_newer_state_is_refused_with_its_number():
    for schema, engine in ((SCHEMA + 1, ENGINE + 1), (SCHEMA, ENGINE + 1), (SCHEMA + 1, 0)):
        with Daemon() as daemon:
            state = stopped(daemon)
            renumber(state, schema, engine)
            data = (state / "store/data.mdb").read_bytes()
            told = refused(daemon, 78)
            assert "written by a newer redress" in told and "damaged" in told, told
            assert f"engine={engine or ENGINE} schema={schema}" in told, told
            assert f"this_engine={ENGINE} this_schema={SCHEMA}" in told, told
            assert (state / "store/data.mdb").read_bytes() == data


def test_a_damaged_store_is_told_as_damaged():
    with Daemon() as daemon:
        state = stopped(daemon)
        path = state / "store/data.mdb"
        data = bytearray(path.read_bytes())
        data[0:4096] = bytes(4096)
        path.write_bytes(data)
        told = refused(daemon, 65)
        assert "damaged" in told and "another version" not in told, told


run(globals())
