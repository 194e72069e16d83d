"""Runs alone in a process: profiles and checks a table under a memory limit, or times ydata-profiling on a file.

``python profiled_table.py limited FILE MEGABYTES`` prints the peak of the process's memory in megabytes and seconds;
``python profiled_table.py ydata FILE`` prints seconds, and needs ydata-profiling only.
"""

import resource
import sys
import time
from pathlib import Path


def limited(file: str, megabytes: int) -> tuple[float, float]:
    """Profile and check table t of a database; return the process's peak memory in megabytes, and seconds.

    DuckDB is given 45 % of the limit; the rest is for Python, its libraries and the columns that are sorted.
    """
    import duckdb

    from core.ingest.column_types import columns_of
    from core.quality import Context, TargetExpr, check, profile

    config = {"memory_limit": f"{megabytes * 9 // 20}MB", "threads": 2, "temp_directory": f"{file}.tmp"}
    with duckdb.connect(file, read_only=True, config=config) as connection:
        started = time.perf_counter()
        target = TargetExpr("y", "y = 1")
        looked = profile(connection, "t", columns_of(connection, "t"), target=target, order="ts")
        check(looked, Context(connection, "t", target, unit_key=("id",), order_column="ts"))
        seconds = time.perf_counter() - started
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, seconds


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
