"""PostgreSQL: a million rows into a project, the memory that takes, and how long cancel waits."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figure import Figure
from tests.postgres import ABSENT, running

ROOT = Path(__file__).resolve().parents[2]
N_ROWS = 1_000_000
_TABLE = f"""
CREATE TABLE orders AS SELECT i AS id, (i::bigint * 7919 % 1000)::int AS shop, random() AS score,
       (random() * 1000)::numeric(10, 2) AS amount, 'customer ' || i AS customer, date '2020-01-01' + i % 1000 AS day,
       timestamp '2020-01-01' + i * interval '1 second' AS at, now() AS loaded, i % 3 = 0 AS paid, md5(i::text) AS code
FROM generate_series(1, {N_ROWS}) i
"""
# Runs by itself, so that its memory is that of loading and of nothing else.
_LOAD = """
import json, sys, threading, time
from core import flow
from core.flow.connections import connection_of, start_load_database

def rss():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6

def loaded(asked):
    start_load_database(project, shop, asked, "t", "bench")
    return flow.wait(project, "load")

project, shop = flow.create("Bench", "bench"), connection_of("shop", sys.argv[1])
assert loaded("SELECT 1 AS a").state == "done"
before, peak, ended = rss(), [0.0], threading.Event()

def watch():
    while not ended.wait(0.01):
        peak[0] = max(peak[0], rss())

threading.Thread(target=watch, daemon=True).start()
began = time.perf_counter()
view = loaded("orders")
seconds = time.perf_counter() - began
ended.set()
assert view.state == "done", view.problem
n_rows = flow.dataset(project).tables[0].n_rows
waits = []
for asked, pause in (("SELECT pg_sleep(60)", 1.0), ("SELECT i, pg_sleep(0.01) FROM generate_series(1, 100000) i", 1.0),
                     ("orders", 1.0), ("SELECT count(*) FROM orders a, orders b WHERE a.code < b.code", 1.0)):
    job = start_load_database(project, shop, asked, "t2", "bench")
    time.sleep(pause)
    began = time.perf_counter()
    flow.cancel(project, job)
    state = flow.wait(project, "load").state
    assert state == "cancelled", state
    waits.append(time.perf_counter() - began)
print(json.dumps({"n_rows": n_rows, "seconds": seconds, "growth_mb": peak[0] - before, "cancel_seconds": max(waits)}))
"""


def figures() -> Iterator[Figure]:
    """Load from a server of this run's own; nothing where PostgreSQL is not installed."""
    with running() as server, tempfile.TemporaryDirectory() as home:
        if server is None:
            print(ABSENT)
            return
        server.execute(_TABLE, "ANALYZE")
        done = subprocess.run(
            [sys.executable, "-c", _LOAD, server.url()],
            cwd=ROOT,
            env={**os.environ, "TOUCHSTONE_HOME": home, "PYTHONPATH": str(ROOT), "OMP_WAIT_POLICY": "PASSIVE"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        left = server.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
        )
    found = json.loads(done.stdout)
    assert found["n_rows"] == N_ROWS
    growth, cancel, seconds = found["growth_mb"], found["cancel_seconds"], found["seconds"]
    yield Figure(
        f"PostgreSQL, {N_ROWS:,} rows of 10 columns: memory growth", f"{growth:.0f} MB", "< 200 MB", growth < 200
    )
    yield Figure(f"PostgreSQL, {N_ROWS:,} rows of 10 columns: time into the project", f"{seconds:.1f} s")
    yield Figure(
        "PostgreSQL: cancel, the longest of four queries", f"{cancel:.2f} s", "< 2 s", cancel < 2 and left == [(0,)]
    )
