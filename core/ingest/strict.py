"""Reads a text that is in good order in one pass, straight into a table with types.

The types are guessed from a sample, and the pass looks at every value: it is taken only when no row was rejected and
no value is other than its column's type says, so that what comes out is what the way over text columns gives.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from core.errors import LoadError
from core.ingest.beside import has_odd_numbers
from core.ingest.column_types import (
    N_SAMPLED,
    columns_of,
    first_candidates,
    fitting,
    missing,
    open_texts,
    typed,
)
from core.ingest.delimited import Written, written
from core.ingest.encoding import Encoding, is_gzip, open_bytes
from core.ingest.forms import BIGINT, DATE, DOUBLE, TIMESTAMP, Form
from core.ingest.kinds import first_bytes, kind_of, looks_like_utf16
from core.ingest.scan import overlooked
from core.ingest.source import Assumption, ReaderSettings, Rejected, check_types
from core.ingest.value_evidence import words
from core.scoring.prepare import quoted

_TABLE = "ingest_sample"
_HEAD, _PART, _N_PARTS = 1 << 18, 1 << 14, 24
_EXACT = 2**53 - 1
_REJECTS, _SCANS = "ingest_rejects", "ingest_scans"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a text is read in one pass.

    Attributes
    ----------
    found : how the text is written.
    wanted : the settings as a person gave them.
    forms : column to the form that all its values must have; columns without one are read as text.
    undecided : the text columns whose type the whole table has to tell.
    is_careful : whether numbers are looked at value by value, instead of the text's bytes at once.
    """

    found: Written
    wanted: ReaderSettings
    forms: Mapping[str, Form]
    undecided: tuple[str, ...]
    is_careful: bool

    def select(self, text: Path) -> str:
        """Return the SELECT that reads the rows; it fails at a value that has not the form of its column."""
        inner, outer, tests = [], [], []
        for place, name in enumerate(self.found.names):
            form = self.forms.get(name)
            said = missing(quoted(name), self.wanted.missing)
            inner.append(f"{said} AS s{place}" + (f", {form.value(said)} AS v{place}" if form else ""))
            outer.append(f"{'v' if form else 's'}{place} AS {quoted(name)}")
            if form:
                tests.append(self._test(form, f"s{place}", f"v{place}"))
        where = f" WHERE ({' AND '.join(tests)}) OR error('a value is not of its column''s type')" if tests else ""
        return f"SELECT {', '.join(outer)} FROM (SELECT {', '.join(inner)} FROM {self.found.scan().sql(text)}){where}"

    def _test(self, form: Form, text: str, value: str) -> str:
        """Return SQL that holds for a value of the form and for none at all, the usual cases first and fast."""
        if form == BIGINT:
            usual = f"CAST({value} AS VARCHAR) IS NOT DISTINCT FROM {text}"
        elif form in (DATE, TIMESTAMP):
            length = 10 if form == DATE else 19
            usual = f"strlen({text}) = {length} AND CAST({value} AS VARCHAR) = {text} OR {text} IS NULL"
        elif form == DOUBLE and not self.is_careful:
            usual = f"{value} BETWEEN -{_EXACT} AND {_EXACT} OR {text} IS NULL"
        else:
            usual = f"{text} IS NULL"
        return f"({usual} OR coalesce({form.fits(text)}, false))"

    def relaxed(self, reader: duckdb.DuckDBPyConnection) -> "Plan | None":
        """Return a plan in which the columns that the pass failed at are text; None when there is no such column."""
        columns = [(name, form) for name, form in self.forms.items()]
        counted = ", ".join(
            f"count({said}) = count(CASE WHEN {form.fits(said)} THEN 1 END)"
            for name, form in columns
            for said in [missing(quoted(name), self.wanted.missing)]
        )
        if not columns:
            return None
        try:
            fits = reader.execute(f"SELECT {counted} FROM {self.found.scan().sql(self.found.text)}").fetchall()[0]
        except duckdb.InterruptException:
            raise
        except duckdb.Error:
            return None
        finally:
            drop_rejects(reader)
        misfits = [name for (name, _), fit in zip(columns, fits, strict=True) if not fit]
        if not misfits:
            return None if self.is_careful else replace(self, is_careful=True)
        forms = {name: form for name, form in self.forms.items() if name not in misfits}
        return replace(self, forms=forms, undecided=(*self.undecided, *misfits))

    def looks_odd(self, stopped: Callable[[], bool]) -> bool:
        """Say whether the bytes hold signs of numbers that have to be looked at one by one."""
        if self.is_careful or DOUBLE not in self.forms.values():
            return False
        return has_odd_numbers(self.found.text, self.found.dialect.delimiter, self.found.dialect.quote, stopped)


def plan(path: Path, reader: duckdb.DuckDBPyConnection, wanted: ReaderSettings, folder: Path) -> Plan | None:
    """Return how to read ``path`` in one pass, or None when it is not a text in good order.

    Parameters
    ----------
    reader : a connection that may read files; a sample is read with it.
    folder : where the sample goes.

    Raises
    ------
    LoadError
        When the settings do not go together.
    """
    bare = _bare(path, reader, wanted, folder)
    if bare is None:
        return None
    found, is_careful = bare.found, bare.is_careful
    names = [name for name in found.names if wanted.types.get(name) != "VARCHAR"]
    possible = first_candidates(reader, _TABLE, names, wanted)
    for name, kind in wanted.types.items():
        if name in possible:
            possible[name] = [form for form in possible[name] if form.type == kind]
    possible = fitting(reader, _TABLE, possible, N_SAMPLED)
    forms = {name: fit[0] for name, fit in possible.items() if fit and fit[0].is_plain}
    if any(name not in forms for name, kind in wanted.types.items() if kind != "VARCHAR"):
        return None
    undecided = tuple(name for name in names if name not in forms and possible.get(name, True))
    odd = any(DOUBLE == form for form in forms.values()) and not is_careful and _is_sample_odd(bare, folder)
    return replace(bare, forms=forms, undecided=undecided, is_careful=is_careful or odd)


def _bare(path: Path, reader: duckdb.DuckDBPyConnection, wanted: ReaderSettings, folder: Path) -> Plan | None:
    """Return a plan that reads everything as text, having read a sample by it."""
    encoding = _at_first_sight(path, wanted.encoding) if _is_text(path, wanted) else None
    if encoding is None:
        return None
    found = written(path, wanted, folder, encoding)
    if not found.is_strict or found.text != path:
        return None
    check_types(wanted.types, dict.fromkeys(found.names, "VARCHAR"))
    is_careful = is_gzip(path) or len(found.dialect.delimiter.encode()) != 1 or not found.dialect.quote.isascii()
    bare = Plan(found, wanted, {}, (), is_careful)
    return bare if _sampled(bare, reader, folder) else None


def settle(plan: Plan, connection: duckdb.DuckDBPyConnection, table: str) -> tuple[Assumption, ...] | None:
    """Finish a table that was read by a plan: type what was undecided; None when the table cannot be taken.

    Parameters
    ----------
    connection : the one in which the pass ran, in the same transaction.
    """
    dialect, names = plan.found.dialect, plan.found.names
    if overlooked(connection, table, names, dialect.header, dialect.comment):
        return None
    assumed = typed(connection, table, plan.undecided, plan.wanted, is_temporary=False)
    return assumed + words(connection, table, open_texts(connection, table, plan.wanted.types))


@dataclass(frozen=True, slots=True)
class Sample:
    """What a sample of a text shows: the table with its rows, the first of the text first, and what is assumed."""

    table: str
    settings: ReaderSettings
    columns: tuple[...]
    assumed: tuple[Assumption, ...]


def glimpse_of(path: Path, reader: duckdb.DuckDBPyConnection, wanted: ReaderSettings, folder: Path) -> Sample | None:
    """Return what a sample of a text shows, or None where it takes more than that to know how the text is written.

    Raises
    ------
    LoadError
        When the settings do not go together.
    """
    bare = _bare(path, reader, wanted, folder)
    if bare is None:
        return None
    names = bare.found.names
    assumed = typed(reader, _TABLE, [name for name in names if wanted.types.get(name) != "VARCHAR"], wanted)
    found = columns_of(reader, _TABLE)
    if any(wanted.types.get(one.name, one.type) != one.type for one in found):
        return None
    assumed += words(reader, _TABLE, open_texts(reader, _TABLE, wanted.types))
    settings = replace(bare.found.settings, types=dict(wanted.types))
    return Sample(_TABLE, settings, found, bare.found.assumed + assumed)


def rejected_any(connection: duckdb.DuckDBPyConnection) -> bool:
    """Say whether the pass that has just run in a connection rejected a row, and forget what."""
    n = connection.execute(f"SELECT count(*) FROM temp.{_REJECTS}").fetchall()[0][0]
    drop_rejects(connection)
    return bool(n)


def rejected_before(found: Written) -> tuple[Rejected, ...]:
    """Return the lines before the table, which are left out."""
    return tuple(Rejected(one.line, "", "It stands before the table.", one.text[:500]) for one in found.dialect.before)


def drop_rejects(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what DuckDB's reader has stored beside the table."""
    for name in (_REJECTS, _SCANS):
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")


def _is_text(path: Path, wanted: ReaderSettings) -> bool:
    try:
        return wanted.kind in ("", "csv") and not wanted.member and kind_of(path) == "csv"
    except LoadError:
        return False  # an archive perhaps; the other way says what it is


def _at_first_sight(path: Path, stated: str) -> Encoding | None:
    """Return the encoding where it is UTF-8 by its beginning; what follows is DuckDB's to refuse."""
    head = first_bytes(path)
    if head.startswith(b"\xef\xbb\xbf"):
        name, why = "utf-8-sig", "The file begins with the mark of UTF-8."
    else:
        name, why = "utf-8", "All its bytes are UTF-8."
    if looks_like_utf16(head) or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    try:
        head[: max(head.rfind(b"\n"), 0)].decode("utf-8")
    except UnicodeError:
        return None
    if stated:
        return Encoding(stated) if stated == name else None
    return Encoding(name, why)


def _sampled(bare: Plan, reader: duckdb.DuckDBPyConnection, folder: Path) -> bool:
    """Read a sample, all text, into a table of the reader; return whether it has rows."""
    text = _sample(bare.found.text, (bare.found.dialect.quote or "\n").encode(), folder)
    try:
        reader.execute(f"CREATE OR REPLACE TEMP TABLE {_TABLE} AS {bare.select(text)}")
    except duckdb.InterruptException:
        raise
    except duckdb.Error:
        return False
    finally:
        drop_rejects(reader)
    return bool(reader.execute(f"SELECT count(*) FROM {_TABLE}").fetchall()[0][0])


def _is_sample_odd(bare: Plan, folder: Path) -> bool:
    dialect = bare.found.dialect
    return has_odd_numbers(folder / "sample.txt", dialect.delimiter, dialect.quote, lambda: False)


def _sample(text: Path, quote: bytes, folder: Path) -> Path:
    """Write the beginning of a text and parts from all over it, of whole lines, to a file; return that."""
    target = folder / "sample.txt"
    size = text.stat().st_size
    with open_bytes(text) as source, target.open("wb") as out:
        head = source.read(_HEAD)
        out.write(head[: head.rfind(b"\n") + 1] if len(head) == _HEAD and b"\n" in head else head)
        if size <= 2 * _HEAD or is_gzip(text):
            return target
        for number in range(1, _N_PARTS + 1):
            source.seek(number * (size - _PART) // _N_PARTS)
            part = source.read(_PART).split(b"\n", 1)[-1]
            lines = part[: part.rfind(b"\n") + 1]
            # A line with an odd number of quotes is part of a value that goes over several.
            if all(line.count(quote) % 2 == 0 for line in lines.split(b"\n")):
                out.write(lines)
    return target
