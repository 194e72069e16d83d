"""Reads every column once: texts in the database, numbers beside it while the next column is being read."""

from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from core.quality.describe import has_top, scale_of
from core.quality.groups import batches
from core.quality.levels import Levels, levels, relate
from core.quality.numbers import Numbers, is_wide, numbers, reading_of
from core.quality.rowcodes import Rows
from core.scoring.prepare import quoted

# Columns of numbers that are held at a time, two of them being sorted.
_N_HELD = 3


def scanned(rows: Rows, columns: Mapping[str, tuple[str, str]], rate: float | None) -> dict[str, Numbers | Levels]:
    """Tally every column; ``columns`` is a name to its type and kind.

    Columns too long to be held are read in parts and one after the other. ``rate`` as ``levels.relate`` takes it.
    """
    found: dict[str, Numbers | Levels] = {}
    texts = [name for name, (_, kind) in columns.items() if kind in ("text", "other")]
    n_workers = min(2, int(rows.cursor.execute("SELECT current_setting('threads')").fetchall()[0][0]))
    with ThreadPoolExecutor(n_workers) as workers:
        pending: deque[tuple[str, Future[Numbers]]] = deque()
        for name in [name for name in columns if name not in texts]:
            reading = reading_of(name, columns[name][0])
            if rows.n_rows > rows.part_rows:
                found[name] = numbers(rows, reading, None)
                continue
            if len(pending) >= _N_HELD:
                done, future = pending.popleft()
                found[done] = future.result()
            pending.append((name, workers.submit(numbers, rows, reading, list(batches(rows, reading)))))
        for name in texts:
            found[name] = _levels(rows, name, columns[name][1] == "text", rate)
        found |= {name: future.result() for name, future in pending}
    for name, one in found.items():
        if isinstance(one, Numbers) and is_wide(columns[name][0]):
            one.exact = _levels(rows, name, False, rate)
    if rows.n_rows > rows.part_rows:
        _count_far(rows, [one for one in found.values() if isinstance(one, Numbers) and one.tally.n])
    return found


def _levels(rows: Rows, name: str, is_text: bool, rate: float | None) -> Levels:
    found = levels(rows, name, is_text)
    relate(rows, found, rate)
    return found


def _count_far(rows: Rows, columns: list[Numbers]) -> None:
    """Count what lies beyond the fences of all columns, which are known only when all parts were seen."""
    if not columns:
        return
    counted = []
    for one in columns:
        low, high = (f"{fence!r}::DOUBLE" for fence in one.fences)
        value = one.reading.sql
        finite = f"isfinite({quoted(one.reading.column)})" if one.reading.endless or not one.reading.whole else "true"
        counted += [f"count(*) FILTER ({value} {sign} AND {finite})" for sign in (f"< {low}", f"> {high}")]
    n = rows.cursor.execute(f"SELECT {', '.join(counted)} FROM {quoted(rows.table)}").fetchall()[0]
    for place, one in enumerate(columns):
        one.far = int(n[2 * place]), int(n[2 * place + 1])


def written(rows: Rows, found: Mapping[str, Numbers | Levels], types: Mapping[str, str]) -> dict[str, dict[float, str]]:
    """Write the frequent values of numbers, times and booleans as the database writes them; one query for all."""
    texts: dict[str, dict[float, str]] = {}
    asked: dict[str, str] = {}
    for name, one in found.items():
        if not isinstance(one, Numbers) or not one.tally.n:
            continue
        values = list(one.tally.few or ()) + (
            [value for value, *_ in one.tally.top] if has_top(one, rows.n_rows) else []
        )
        texts[name] = dict.fromkeys(values, "")
        if texts[name]:
            listed = ", ".join(repr(value) for value in texts[name])
            held = "BIGINT" if one.reading.whole else "DOUBLE"
            asked[name] = (
                f"list_transform([{listed}]::{held}[], lambda x: CAST({_as_type(one, types[name])} AS VARCHAR))"
            )
    if asked:
        row = rows.cursor.execute(f"SELECT {', '.join(asked.values())}").fetchall()[0]
        for name, values in zip(asked, row, strict=True):
            texts[name] = dict(zip(texts[name], values, strict=True))
    return texts


def _as_type(found: Numbers, type_name: str) -> str:
    if scale_of(found) == 1:
        return f"CAST(x AS {type_name})"
    zoned = "WITH TIME ZONE" in type_name.upper() or type_name.upper() == "TIMESTAMPTZ"
    return f"CAST({'make_timestamptz' if zoned else 'make_timestamp'}(x) AS {type_name})"
