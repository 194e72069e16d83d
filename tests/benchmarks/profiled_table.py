"""Runs alone in a process: profiles and checks a table under a memory limit, or times ydata-profiling on a file.

``python profiled_table.py limited FILE MEGABYTES`` prints megabytes before and at the peak, and seconds;
``python profiled_table.py ydata FILE`` prints seconds, and needs ydata-profiling only.
"""

import sys
import time
from pathlib import Path


def limited(file: str, megabytes: int) -> tuple[float, float, float]:
    """Profile and check table t of a database in so much memory, of which DuckDB is given two thirds.

    Returns
    -------
    Megabytes that the process took before, with all libraries loaded and the file open; at its peak; and seconds.
    """
    import duckdb

    from core.ingest.column_types import columns_of
    from core.quality import Context, TargetExpr, check, profile

    config = {"memory_limit": f"{megabytes * 2 // 3}MB", "threads": 2, "temp_directory": f"{file}.tmp"}
    with duckdb.connect(file, read_only=True, config=config) as connection:
        columns = columns_of(connection, "t")
        connection.sql("SELECT 1").to_arrow_table()
        base = _peak()
        started = time.perf_counter()
        target = TargetExpr("y", "y = 1")
        looked = profile(connection, "t", columns, target=target, order="ts")
        check(looked, Context(connection, "t", target, unit_key=("id",), order_column="ts"))
        seconds = time.perf_counter() - started
    return base, _peak(), seconds


def _peak() -> float:
    # What getrusage says begins with the memory of the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def ydata(file: str) -> float:
    """Return the seconds that ydata-profiling's minimal report on a Parquet file takes, with its page of HTML."""
    import pandas as pd
    from ydata_profiling import ProfileReport

    table = pd.read_parquet(file)
    started = time.perf_counter()
    ProfileReport(table, minimal=True, progress_bar=False).to_html()
    return time.perf_counter() - started


if __name__ == "__main__":
    what, path, *rest = sys.argv[1:]
    print(*(limited(str(Path(path)), int(rest[0])) if what == "limited" else (ydata(path),)))
