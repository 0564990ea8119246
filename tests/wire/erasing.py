"""What tests of erasures share: what lies on the disk, and when one is done."""
import subprocess


def bodies(folder, *words):
    """Which of the words lie in a file below the state, and in which; also in what zstd holds."""
    hits = []
    for path in (folder / "state").rglob("*"):
        if not path.is_file():
            continue
        data = path.read_bytes()
        if path.suffix in (".snapshot", ".archive"):
            begin = data.index(b"\x28\xb5\x2f\xfd")
            data += subprocess.run(["zstd", "-dcq"], input=data[begin:], capture_output=True, check=False).stdout
        hits += [(word, path.name) for word in words if word.encode() in data]
    return hits


def erased(daemon, desk, seq):
    """The row of the erasure once it is done; `desk` opens a new one, for the daemon starts anew meanwhile."""
    for _ in range(5):
        row, = [row for row in desk().call("erasure.status", min_seq=seq)["rows"] if row["event"] == seq]
        if row["state"] == "done":
            return row
        daemon.wait_notify("READY=1")
    raise AssertionError(row)
