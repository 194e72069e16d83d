"""A process that is killed in the middle of a load leaves a project in which nothing is half-done."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core import flow
from core.workspace import Job
from core.workspace.connection import incoming_path
from core.workspace.home import cache, close_all

ROOT = Path(__file__).resolve().parents[3]
CODE = """
import sys
from pathlib import Path
from core import flow
project = flow.create("Killed", "Mina")
flow.start_load(project, [flow.SourceFile(Path(sys.argv[1]), "first")], "Mina")
assert flow.wait(project, "load").state == "done"
print(project.path, flush=True)
flow.start_load(project, [flow.SourceFile(Path(sys.argv[2]), "second")], "Mina")
flow.wait(project, "load")
"""
N_ROWS = 600_000


@pytest.fixture
def killed(tmp_path, monkeypatch):
    """The project of a process that was killed while it read its second source."""
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("a,b\n1,x\n2,y\n")
    second.write_text("a,b,c\n" + "".join(f"{n},{n / 7:.4f},level {n % 50}\n" for n in range(N_ROWS)))
    child = subprocess.Popen(
        [sys.executable, "-c", CODE, str(first), str(second)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    path = Path(child.stdout.readline().strip())
    began = time.monotonic()
    while not incoming_path(path).exists() and child.poll() is None and time.monotonic() - began < 60:
        time.sleep(0.001)
    assert incoming_path(path).exists(), "the load was not seen at work"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    yield path, second
    close_all()


def test_nothing_is_half_done_after_a_kill_and_the_load_can_be_started_again(killed):
    path, second = killed
    assert incoming_path(path).exists()
    project = flow.open_project(path.stem)
    assert not incoming_path(path).exists()
    (table,) = flow.dataset(project).tables
    assert (table.name, table.n_rows) == ("first", 2)
    assert flow.head_rows(project, "first").to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}
    names = project.cursor().execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert [name for (name,) in names if name.startswith(("incoming", "raw_"))] == [table.physical]
    states = project.cursor().execute("SELECT state FROM jobs WHERE kind = 'load' ORDER BY started_at").fetchall()
    assert states == [("done",), ("failed",)]
    flow.start_load(project, [flow.SourceFile(second, "second")], "Mina")
    assert flow.wait(project, "load").state == "done"
    assert {one.name: one.n_rows for one in flow.dataset(project).tables} == {"first": 2, "second": N_ROWS}
    assert second.stat().st_nlink == 1


def test_copies_that_a_killed_load_left_are_removed_by_a_later_one(tmp_path, monkeypatch):
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    project = flow.create("Later", "Mina")
    old, new = cache() / "reading-old", cache() / "reading-new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "copy.txt").write_text("x")
    days = time.time() - 3 * 24 * 3600
    os.utime(old, (days, days))
    (tmp_path / "a.csv").write_text("a,b\n1,x\n")
    flow.start_load(project, [flow.SourceFile(tmp_path / "a.csv", "t")], "Mina")
    assert flow.wait(project, "load").state == "done"
    assert [folder.name for folder in cache().glob("reading-*")] == ["reading-new"]
    close_all()


def test_cancelling_what_has_just_ended_is_no_fault(tmp_path, monkeypatch):
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    project = flow.create("Ended", "Mina")
    job = Job(project, "load", "", "Mina")
    job.interruptible(project.cursor()).close()
    job.cancel()
    assert job.cancelled()
    close_all()
