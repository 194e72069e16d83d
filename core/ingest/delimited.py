"""Reads a delimited text strictly; what does not fit is put right where that is certain, else set aside."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from core.errors import LoadError
from core.ingest.dialect import NO_QUOTE, Dialect, dialect_of
from core.ingest.encoding import as_utf8, encoding_of, open_bytes
from core.ingest.source import (
    N_REJECTED_SHOWN,
    Assumption,
    ReaderSettings,
    Rejected,
    Repaired,
    check_types,
    unique_names,
)
from core.scoring.prepare import quoted

_SAMPLE_BYTES = 1 << 18
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class TextTable:
    """What came of a source: a temporary table of text columns, what was assumed, put right and left out."""

    settings: ReaderSettings
    names: tuple[str, ...]
    rejected: tuple[Rejected, ...]
    n_rejected: int
    notes: tuple[str, ...] = ()
    assumed: tuple[Assumption, ...] = ()
    repaired: tuple[Repaired, ...] = ()
    n_repaired: int = 0


@dataclass(frozen=True, slots=True)
class _Reject:
    """A row that DuckDB would not take: the byte where it begins, its line once that is known, and why."""

    start: int
    column: str
    reason: str
    text: str
    is_short: bool
    is_unclosed: bool
    line: int = 0


def read_delimited(
    path: Path, connection: duckdb.DuckDBPyConnection, settings: ReaderSettings, table: str, folder: Path
) -> TextTable:
    """Read ``path`` into the temporary table ``table``, whose columns are text unless ``settings.types`` says.

    Rows that are quoted as a whole are unwrapped, and a row whose quote never closes is set aside instead of
    swallowing those after it; both are noted. Copies that this needs are written to ``folder``.

    Raises
    ------
    LoadError
        When no row has the shape of the table.
    """
    encoding = encoding_of(path, settings.encoding)
    text = as_utf8(path, encoding, folder)
    with open_bytes(text) as file:
        sample = file.read(_SAMPLE_BYTES).decode("utf-8", errors="replace")
    dialect = dialect_of(sample, delimiter=settings.delimiter, quote=settings.quote, header=settings.header)
    names = tuple(unique_names(dialect.header if dialect.header else [None] * dialect.n_columns))
    check_types(settings.types, dict.fromkeys(names, "VARCHAR"))
    used = replace(
        settings,
        kind="csv",
        delimiter=dialect.delimiter,
        quote=dialect.quote or NO_QUOTE,
        encoding=encoding,
        header=dialect.header is not None,
    )
    reader = _Reader(connection, table, dialect, names, dict(settings.types), folder)
    rejects, notes, aside = reader.read(text)
    if dialect.header is not None:
        rejects = reader.drop_header(rejects)
    left_out = sorted([*rejects, *aside], key=lambda reject: reject.line)
    rejected = tuple(
        Rejected(reject.line, reject.column, reject.reason, reject.text[:500]) for reject in left_out[:N_REJECTED_SHOWN]
    )
    if connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchall()[0][0] == 0:
        why = f" {rejected[0].reason}" if rejected else " It has only a header." if dialect.header else ""
        raise LoadError(
            f"{path.name!r} has no row that fits its {len(names)} columns.{why}", hint="Check the delimiter."
        )
    return TextTable(used, names, rejected, len(left_out), tuple(notes))


@dataclass(frozen=True, slots=True)
class _Reader:
    connection: duckdb.DuckDBPyConnection
    table: str
    dialect: Dialect
    names: tuple[str, ...]
    types: Mapping[str, str]
    folder: Path

    def read(self, text: Path) -> tuple[list[_Reject], list[str], list[_Reject]]:
        """Return what DuckDB left out, notes, and what was set aside before DuckDB read."""
        notes: list[str] = []
        try:
            rejects = self._load(text)
        except duckdb.InvalidInputException:
            # Line ends of several kinds in one file are the usual reason why nothing can be read at all.
            text, notes = self._with_one_line_end(text), ["Line ends of several kinds were made the same."]
            rejects = self._load_or_explain(text)
        aside: list[_Reject] = []
        n_unwrapped = 0
        rejects = _with_lines(rejects, text)
        for _ in range(_ROUNDS):
            edits: dict[int, bytes] = {}
            for reject in rejects:
                whole = self._unwrapped(reject)
                if whole is not None:
                    edits[reject.start] = whole
                    n_unwrapped += 1
                elif reject.is_unclosed and "\n" in reject.text.rstrip("\n"):
                    first = reject.text.split("\n", 1)[0]
                    aside.append(replace(reject, text=first))
                    edits[reject.start] = b""
            if not edits:
                break
            text = self._edited(text, edits)
            rejects = _with_lines(self._load_or_explain(text), text)
        if n_unwrapped:
            notes.append(f"Rows quoted as a whole, whose outer quotes were removed: {n_unwrapped:,}.")
        return rejects, notes, aside

    def _load_or_explain(self, text: Path) -> list[_Reject]:
        try:
            return self._load(text)
        except duckdb.Error as error:
            reason = str(error).split("\n", 1)[0]
            raise LoadError(f"The file cannot be read: {reason}", hint="Check delimiter and quote.") from error

    def _load(self, text: Path) -> list[_Reject]:
        columns = ", ".join(f"{_literal(name)}: {_literal(self.types.get(name, 'VARCHAR'))}" for name in self.names)
        options = {
            "auto_detect": "false",
            "header": "false",
            "delim": _literal(self.dialect.delimiter),
            "quote": _literal(self.dialect.quote),
            "escape": _literal(self.dialect.escape),
            "columns": f"{{{columns}}}",
            "strict_mode": "true",
            "null_padding": "false",
            "store_rejects": "true",
            "rejects_table": "'ingest_rejects'",
            "rejects_scan": "'ingest_scans'",
            "max_line_size": "33554432",
        }
        told = ", ".join(f"{key} = {value}" for key, value in options.items())
        self._drop_rejects()
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {quoted(self.table)} AS "
            f"SELECT * FROM read_csv({_literal(str(text))}, {told})"
        )
        try:
            return [self._reject(*row) for row in self.connection.execute(_REJECTS).fetchall()]
        finally:
            self._drop_rejects()

    def _drop_rejects(self) -> None:
        for name in ("ingest_rejects", "ingest_scans"):
            self.connection.execute(f"DROP TABLE IF EXISTS {name}")

    def _reject(self, start: int, kind: str, column: str | None, text: str | None, fewest: int, most: int) -> _Reject:
        expected = f"where {len(self.names)} are expected"
        reasons = {
            "MISSING COLUMNS": f"It has {fewest} column{'s' if fewest != 1 else ''} {expected}.",
            "TOO MANY COLUMNS": f"It has {most} columns {expected}.",
            "UNQUOTED VALUE": "A quote is opened and not closed, or closed before the end of the value.",
            "CAST": f"Column {column!r} is not {self.types.get(column or '', 'of its type')}.",
            "INVALID ENCODING": "Its bytes are not text in this encoding.",
            "LINE SIZE OVER MAXIMUM": "The row is longer than 32 MB.",
        }
        short, unclosed = kind == "MISSING COLUMNS", kind == "UNQUOTED VALUE"
        named = (column or "") if kind in ("CAST", "INVALID ENCODING") else ""
        return _Reject(start - 1, named, reasons.get(kind, kind.capitalize() + "."), text or "", short, unclosed)

    def _unwrapped(self, reject: _Reject) -> bytes | None:
        """Return the row inside, when the row is one quoted value that holds a row of the right width."""
        mark, text = self.dialect.quote, reject.text.strip("\r\n")
        if not (reject.is_short and mark and text.startswith(mark) and text.rstrip().endswith(mark) and len(text) > 2):
            return None
        options = {"delimiter": self.dialect.delimiter[0], "quotechar": mark}
        outer = next(csv.reader(io.StringIO(text), **options), [])
        if len(outer) != 1 or "\n" in outer[0]:
            return None
        inner = next(csv.reader(io.StringIO(outer[0]), **options), [])
        return outer[0].encode() if len(inner) == len(self.names) else None

    def _with_one_line_end(self, text: Path) -> Path:
        target = self.folder / "lines.txt"
        with io.TextIOWrapper(open_bytes(text), encoding="utf-8", newline=None) as source:
            with target.open("w", encoding="utf-8", newline="\n") as out:
                out.writelines(source)
        return target

    def _edited(self, text: Path, edits: Mapping[int, bytes]) -> Path:
        """Copy the text with the lines that begin at these bytes replaced, each padded with nothing but itself.

        Lines stay lines, so their numbers stay true; a line set aside becomes blank, which DuckDB skips.
        """
        target = self.folder / ("edited-b.txt" if text.name == "edited-a.txt" else "edited-a.txt")
        position = 0
        with open_bytes(text) as source, target.open("wb") as out:
            for line in source:
                replacement = edits.get(position)
                position += len(line)
                out.write(line if replacement is None else replacement.rstrip(b"\r\n") + b"\n")
        return target

    def drop_header(self, rejects: list[_Reject]) -> list[_Reject]:
        """Take the row of names out of the table, or out of what was left out when it did not fit the types."""
        header = list(self.dialect.header or ())
        first = self.connection.execute(f"SELECT * FROM {quoted(self.table)} WHERE rowid = 0").fetchall()[0]
        is_row = first is not None and [value or "" for value in first] == header
        place = self.dialect.n_before
        if not is_row and place < len(rejects) and (self.types or self.dialect.is_header_ragged):
            return rejects[:place] + rejects[place + 1 :]
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {quoted(self.table)} AS SELECT * FROM {quoted(self.table)} WHERE rowid > 0"
        )
        return rejects


_REJECTS = """
SELECT line_byte_position, first(error_type ORDER BY error_type = 'CAST', byte_position),
       first(column_name ORDER BY error_type = 'CAST', byte_position),
       first(csv_line), min(found), max(found)
FROM (SELECT *, try_cast(regexp_extract(error_message, 'Found: (\\d+)', 1) AS INTEGER) AS found FROM ingest_rejects)
GROUP BY line_byte_position ORDER BY line_byte_position
"""


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _with_lines(rejects: list[_Reject], text: Path) -> list[_Reject]:
    """Say on which line, from 1, each of the rejects begins; they are in the order of the text."""
    numbered: list[_Reject] = []
    line, position = 1, 0
    with open_bytes(text) as source:
        for reject in rejects:
            while position < reject.start:
                chunk = source.read(min(1 << 20, reject.start - position))
                if not chunk:
                    break
                line += chunk.count(b"\n")
                position += len(chunk)
            numbered.append(replace(reject, line=line))
    return numbered
