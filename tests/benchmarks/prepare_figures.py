"""What preparing costs: against bare SQL, in memory, and for histories in either form."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb

from core import flow
from core.prepare import ready_made
from core.scoring.engine import scratch
from core.workspace import home
from tests.benchmarks.figure import Figure

N_ROWS = 1_000_000
LIMIT_MB = 256
STEPS = [
    flow.Step("kept", "SELECT *, c1 + c2 AS total FROM cases WHERE c3 > 0.01"),
    flow.Step("prepared", "SELECT k.*, w.mean FROM kept k LEFT JOIN means w ON w.who = k.who"),
]


def figures() -> Iterator[Figure]:
    """Yield one line per measurement."""
    with tempfile.TemporaryDirectory() as folder:
        yield _against_bare_sql(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        yield _memory(Path(folder))
    for n_decisions, n_events, n_keys in ((N_ROWS, N_ROWS, 100_000), (20_000, 26_000, 3)):
        yield _history(n_decisions, n_events, n_keys)


def _made(folder: Path, n_rows: int) -> Path:
    columns = ", ".join(f"(hash(range * {n}) % 1000003) / 1000003 AS c{n}" for n in range(1, 19))
    rows = f"SELECT range AS id, range % 5000 AS who, {columns} FROM range({n_rows})"
    duckdb.sql(f"COPY ({rows}) TO '{folder / 'cases.parquet'}'")
    duckdb.sql(f"COPY (SELECT range AS who, range / 7.0 AS mean FROM range(4000)) TO '{folder / 'means.parquet'}'")
    return folder


def _loaded(folder: Path) -> object:
    os.environ["TOUCHSTONE_HOME"] = str(folder / "home")
    project = flow.create("measured", "bench")
    flow.start_load(
        project, [flow.SourceFile(folder / f"{name}.parquet", name) for name in ("cases", "means")], "bench"
    )
    flow.wait(project, "load")
    return project


def _against_bare_sql(folder: Path) -> Figure:
    project = _loaded(_made(folder, N_ROWS))
    started = time.perf_counter()
    flow.start_prepare(project, STEPS, "bench")
    view = flow.wait(project, "prepare")
    ours = time.perf_counter() - started
    bare = duckdb.connect(str(folder / "bare.duckdb"), config={"threads": "1"})
    for name in ("cases", "means"):
        bare.execute(f"CREATE TABLE {name} AS FROM '{folder / name}.parquet'")
    started = time.perf_counter()
    for step in STEPS:
        bare.execute(f"CREATE TABLE {step.name} AS {step.sql}")
    alone = time.perf_counter() - started
    bare.close()
    home.close_all()
    said = f"{ours:.1f} s ({view.state}); bare SQL on one thread into a file {alone:.1f} s"
    return Figure("Two steps over 1,000,000 × 20 saved, every step counted and traced", said)


def _memory(folder: Path) -> Figure:
    n_rows = 3 * LIMIT_MB * 1_000_000 // (20 * 8)
    _made(folder, n_rows)
    environment = {**os.environ, "TOUCHSTONE_MEMORY": f"{LIMIT_MB}MB", "PYTHONPATH": "."}
    command = [sys.executable, "-m", "tests.benchmarks.prepare_figures", str(folder)]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()
    state, base, peak = told[-3], int(told[-2]), int(told[-1])
    said = f"{state}; {peak - base:,} MB on top of the {base:,} MB that the program takes"
    return Figure(f"Memory while {n_rows:,} × 20 are prepared, three times a limit of {LIMIT_MB} MB", said)


def _history(n_decisions: int, n_events: int, n_keys: int) -> Figure:
    engine = scratch()
    tables = {"decisions": ("at", n_decisions), "events": ("seen", n_events)}
    for name, (moment, n_rows) in tables.items():
        engine.execute(
            f"CREATE TABLE {name} AS SELECT hash(range) % {n_keys} AS who, (hash(range) % 1000) / 7.0 AS paid,"
            f" TIMESTAMP '2024-01-01' + INTERVAL (range * 31536000 // {n_rows}) SECONDS AS {moment}"
            f" FROM range({n_rows})"
        )
    schemas = {name: {one[0]: one[1] for one in engine.execute(f"DESCRIBE {name}").fetchall()} for name in tables}
    asked = {
        "source": "decisions",
        "keys": ["who"],
        "time": "at",
        "events": "events",
        "event_keys": ["who"],
        "event_time": "seen",
        "what": ["count", "sum", "last", "days_since_last"],
        "measures": ["paid"],
        "windows": [30],
    }
    seconds = {}
    for form in ("plain", "running"):
        sql = ready_made("history").sql({**asked, "form": form}, schemas)
        started = time.perf_counter()
        engine.execute(f"CREATE OR REPLACE TABLE made AS {sql}")
        seconds[form] = time.perf_counter() - started
    said = f"plain {seconds['plain']:.1f} s, running totals {seconds['running']:.1f} s"
    return Figure(f"History of {n_decisions:,} decisions over {n_events:,} events of {n_keys:,} keys", said)


def _resident_mb() -> int:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) // 1_000


def _child(folder: Path) -> None:
    """Load and prepare under a memory limit, and print how it ended, what the program takes, and the most it took."""
    _loaded(folder)
    home.close_all()
    project = flow.open_project("measured")
    base = peak = _resident_mb()
    flow.start_prepare(project, STEPS, "bench")
    while flow.job(project, "prepare").state == "running":
        peak = max(peak, _resident_mb())
        time.sleep(0.05)
    print(flow.job(project, "prepare").state, base, peak)


if __name__ == "__main__":
    _child(Path(sys.argv[1]))
