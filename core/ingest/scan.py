"""Reads a text that is in good order with DuckDB's own reader, and names the rows that it will not take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from core.ingest.encoding import is_gzip, open_bytes
from core.ingest.stopping import check
from core.ingest.tokens import Marks
from core.scoring.prepare import quoted

LONGEST = 2_000_000


@dataclass(frozen=True, slots=True)
class Scan:
    """How DuckDB reads a text.

    Attributes
    ----------
    marks, names : as the text is written; columns are VARCHAR unless ``types`` says.
    n_skipped : rows before the first row of data.
    limit : at most so many faults are recorded in the table ``ingest_rejects``, 0 for all; None: the first one is an
        error. A row that is thousands of values too long has as many faults, and recording even one of them takes
        minutes, so where rows may be too long nothing should be recorded.
    line_end : what lines end in; "" finds it out.
    longest : no row has more bytes than that; DuckDB's buffers are sixteen times as large.
    """

    marks: Marks
    names: tuple[str, ...]
    n_skipped: int = 0
    types: Mapping[str, str] = field(default_factory=dict)
    limit: int | None = 1
    line_end: str = ""
    longest: int = LONGEST

    def sql(self, text: Path) -> str:
        """Return the call of ``read_csv``."""
        columns = ", ".join(f"{literal(name)}: {literal(self.types.get(name, 'VARCHAR'))}" for name in self.names)
        options = {
            "auto_detect": "false",
            "header": "false",
            "skip": str(self.n_skipped),
            "delim": literal(self.marks.delimiter),
            "quote": literal(self.marks.quote),
            "escape": literal(self.marks.escape),
            "comment": "''",
            "compression": "'gzip'" if is_gzip(text) else "'none'",
            "columns": f"{{{columns}}}",
            "strict_mode": "true",
            "null_padding": "false",
            "max_line_size": str(self.longest),
            "buffer_size": "33554432",  # else sixteen times the longest line
        }
        if self.limit is not None:
            options |= {
                "store_rejects": "true",
                "rejects_table": "'ingest_rejects'",
                "rejects_scan": "'ingest_scans'",
                "rejects_limit": str(self.limit),
            }
        if self.line_end:
            options["new_line"] = literal(self.line_end.replace("\r", "\\r").replace("\n", "\\n"))
        return f"read_csv({literal(str(text))}, {', '.join(f'{key} = {value}' for key, value in options.items())})"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that DuckDB would not take: the byte where it begins, its line once that is known, and why.

    ``is_value`` says that it is a value that has not the type that was asked for, and not the row's shape.
    """

    start: int
    column: str
    reason: str
    text: str
    is_value: bool
    line: int = 0


def scanned(connection: duckdb.DuckDBPyConnection, table: str, text: Path, scan: Scan) -> list[Rejection]:
    """Read ``text`` into the temporary table ``table``; return the rows that are not in it, in their order.

    Raises
    ------
    duckdb.Error
        When DuckDB cannot make rows of it at all, as of a text with line ends of several kinds, and at the first
        fault where none is recorded.
    """
    check()
    _drop(connection)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS SELECT * FROM {scan.sql(text)}")
    if scan.limit is None:
        return []
    try:
        found = [_rejection(scan, *row) for row in connection.execute(_REJECTS).fetchall()]
    finally:
        _drop(connection)
    return _with_lines(found, text)


def overlooked(
    connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str], header: Sequence[str] | None, comment: str
) -> bool:
    """Say whether rows of a table that was scanned are comments, or the row of names come again.

    Only text columns are looked at: neither could be read as a number or a date.
    """
    types = {row[0]: row[1] for row in connection.execute(f"DESCRIBE {quoted(table)}").fetchall()}
    tests = []
    if comment and types[names[0]] == "VARCHAR":
        tests.append(f"starts_with(ltrim({quoted(names[0])}), {literal(comment)})")
    if header and any(header) and set(types.values()) == {"VARCHAR"}:
        same = [
            f"coalesce(trim({quoted(name)}), '') = {literal(said.strip())}"
            for name, said in zip(names, header, strict=True)
        ]
        tests.append(f"({' AND '.join(same)})")
    if not tests:
        return False
    row = connection.execute(f"SELECT 1 FROM {quoted(table)} WHERE {' OR '.join(tests)} LIMIT 1").fetchall()
    return bool(row)


def was_cut(connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str], n_trailing: int) -> bool:
    """Say whether rows of a table may have been longer in the text than there are columns.

    DuckDB, strict as it may be, drops blank values that are too many at the end of a row, so that ``1,,2,`` is the row
    (1, blank, 2) of three columns without a word. A row that has a value in its last column and ends in a delimiter
    is such a one; ``n_trailing`` counts the lines that end so, and those without a value there are the only others.
    (Where words mean that there is no value, this may be mistaken in rows that lack one.)
    """
    if not n_trailing:
        return False
    last = quoted(names[-1])
    n_blank = connection.execute(f"SELECT count(*) - count({last}) FROM {quoted(table)}").fetchall()[0][0]
    return n_trailing > n_blank


def n_trailing(text: Path, marks: Marks) -> int:
    """Count the lines of a text that end in a delimiter, or in an empty quoted value after one."""
    with open_bytes(text) as source:
        counter = TrailingCounter(marks)
        for chunk in iter(lambda: source.read(1 << 20), b""):
            check()
            counter.add(chunk)
        return counter.total()


class TrailingCounter:
    """Counts, chunk by chunk, the lines of a text that end in a delimiter, for who reads all its bytes anyway."""

    def __init__(self, marks: Marks) -> None:
        stem = marks.delimiter.encode()
        ends = [stem, stem + marks.quote.encode() * 2] if marks.quote else [stem]
        self._needles = [end + line_end for end in ends for line_end in (b"\n", b"\r")]
        self._ends = tuple(ends)
        self._keep = max(map(len, self._needles)) - 1
        self._n, self._last = 0, b""

    def add(self, chunk: bytes) -> None:
        """Count in the next bytes of the text."""
        seam = self._last + chunk[: self._keep]
        self._n += sum(chunk.count(needle) for needle in self._needles)
        if self._last:
            within = sum(self._last.count(one) + chunk[: self._keep].count(one) for one in self._needles)
            self._n += sum(seam.count(needle) for needle in self._needles) - within
        self._last = (self._last + chunk)[-self._keep :]

    def total(self) -> int:
        """Return the count, with the last line where it has no end."""
        return self._n + self._last.endswith(self._ends)


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


_REJECTS = """
SELECT line_byte_position, first(error_type ORDER BY error_type = 'CAST', byte_position),
       first(column_name ORDER BY error_type = 'CAST', byte_position),
       first(csv_line), min(found), max(found)
FROM (SELECT *, try_cast(regexp_extract(error_message, 'Found: (\\d+)', 1) AS INTEGER) AS found FROM ingest_rejects)
GROUP BY line_byte_position ORDER BY line_byte_position
"""


def _drop(connection: duckdb.DuckDBPyConnection) -> None:
    for name in ("ingest_rejects", "ingest_scans"):
        connection.execute(f"DROP TABLE IF EXISTS {name}")


def _rejection(
    scan: Scan, start: int, kind: str, column: str | None, text: str | None, fewest: int, most: int
) -> Rejection:
    expected = f"where {len(scan.names)} are expected"
    reasons = {
        "MISSING COLUMNS": f"It has {fewest} column{'s' if fewest != 1 else ''} {expected}.",
        "TOO MANY COLUMNS": f"It has {most} columns {expected}.",
        "UNQUOTED VALUE": "A quote is opened and not closed, or closed before the end of the value.",
        "CAST": f"Column {column!r} is not {scan.types.get(column or '', 'of its type')}.",
        "INVALID ENCODING": "Its bytes are not text in this encoding.",
        "LINE SIZE OVER MAXIMUM": "The row is too long.",
    }
    named = (column or "") if kind in ("CAST", "INVALID ENCODING") else ""
    return Rejection(start - 1, named, reasons.get(kind, kind.capitalize() + "."), text or "", kind == "CAST")


def _with_lines(rejections: list[Rejection], text: Path) -> list[Rejection]:
    """Say on which line, from 1, each of the rejections begins; they are in the order of the text."""
    numbered: list[Rejection] = []
    line, position, before = 1, 0, b""
    with open_bytes(text) as source:
        for rejection in rejections:
            while position < rejection.start:
                chunk = source.read(min(1 << 20, rejection.start - position))
                if not chunk:
                    break
                line += chunk.count(b"\n") + chunk.count(b"\r") - chunk.count(b"\r\n")
                line -= before == b"\r" and chunk[:1] == b"\n"
                position, before = position + len(chunk), chunk[-1:]
            numbered.append(replace(rejection, line=line))
    return numbered
