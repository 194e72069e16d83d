"""Reads a text that is in good order in one pass, straight into a table with types.

The types are guessed from a sample, and the pass looks at every value: it is taken only when no row was rejected and
no value is other than its column's type says, so that what comes out is what the way over text columns gives.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from core.ingest.beside import Glance, chunks
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
from core.ingest.encoding import is_gzip
from core.ingest.forms import BIGINT, DATE, DOUBLE, TIMESTAMP, Form
from core.ingest.sampling import encoding_at_first_sight, is_text, sample_of
from core.ingest.scan import n_trailing, overlooked, was_cut
from core.ingest.source import Assumption, ReaderSettings, Rejected, check_types
from core.ingest.value_evidence import words
from core.scoring.prepare import quoted

_TABLE = "ingest_sample"
_EXACT = 2**53 - 1


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
        inner, outer, usual, exact = [], [], [], []
        direct = self._direct()
        for place, name in enumerate(self.found.names):
            form = self.forms.get(name)
            if name in direct:
                inner.append(f"{quoted(name)} AS v{place}")
                outer.append(f"v{place} AS {quoted(name)}")
                for tests in (usual, exact):
                    tests.append(f"({self._usual(DOUBLE, '', f'v{place}')})")
                continue
            said = missing(quoted(name), self.wanted.missing)
            inner.append(f"{said} AS s{place}" + (f", {self._value(form, said)} AS v{place}" if form else ""))
            outer.append(f"{'v' if form else 's'}{place} AS {quoted(name)}")
            if form:
                quick = self._usual(form, f"s{place}", f"v{place}")
                usual.append(f"({quick})")
                exact.append(f"({quick} OR coalesce({form.fits(f's{place}')}, false))")
        read = f"SELECT {', '.join(outer)} FROM (SELECT {', '.join(inner)} FROM {_rows(self.found, text, direct)})"
        if not usual:
            return read
        # Rows that are as usual in every column, nearly all, need no further look.
        said = "error('a value is not of its column''s type')"
        return f"{read} WHERE ({' AND '.join(usual)}) OR ({' AND '.join(exact)}) OR {said}"

    def _direct(self) -> dict[str, str]:
        """Return the columns that DuckDB's reader itself makes numbers: no look at the text of their values is due."""
        if self.is_careful or self.wanted.missing:
            return {}
        return {name: "DOUBLE" for name, form in self.forms.items() if form == DOUBLE}

    def _value(self, form: Form, text: str) -> str:
        """Return the SQL of a value; as a DOUBLE it fails where there is a text and no number, so that NULL is none."""
        return f"CAST({text} AS DOUBLE)" if form == DOUBLE else form.value(text)

    def _usual(self, form: Form, text: str, value: str) -> str:
        """Return SQL that holds for most values of the form and for none at all, and for no others; it is fast."""
        if form == BIGINT:
            return f"CAST({value} AS VARCHAR) IS NOT DISTINCT FROM {text}"
        if form in (DATE, TIMESTAMP):
            length = 10 if form == DATE else 19
            return f"strlen({text}) = {length} AND CAST({value} AS VARCHAR) = {text} OR {text} IS NULL"
        if form == DOUBLE and not self.is_careful:
            return f"(abs({value}) > {_EXACT}) IS DISTINCT FROM true"
        return f"{text} IS NULL"

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
            fits = reader.execute(f"SELECT {counted} FROM {_rows(self.found, self.found.text)}").fetchall()[0]
        except duckdb.InterruptException:
            raise
        except duckdb.Error:
            return None
        misfits = [name for (name, _), fit in zip(columns, fits, strict=True) if not fit]
        if not misfits:
            return None if self.is_careful else replace(self, is_careful=True)
        if any(name in self.wanted.types for name in misfits):
            return None  # the other way says which rows do not have the type that was stated
        forms = {name: form for name, form in self.forms.items() if name not in misfits}
        return replace(self, forms=forms, undecided=(*self.undecided, *misfits))

    def read_bytes(self, stopped: Callable[[], bool]) -> "Bytes":
        """Read the text's bytes for what the pass itself cannot see."""
        marks = self.found.dialect.marks
        if is_gzip(self.found.text) or not _has_short_marks(self.found):
            return Bytes(False, n_trailing(self.found.text, marks))
        glance = Glance(marks.delimiter, marks.quote, not self.is_careful and DOUBLE in self.forms.values())
        for piece in chunks(self.found.text, stopped):
            glance.add(piece)
        glance.end()
        return Bytes(glance.is_odd, glance.n_trailing)


@dataclass(frozen=True, slots=True)
class Bytes:
    """What the bytes of a text say: whether numbers have to be looked at one by one; lines that end in a delimiter."""

    is_odd: bool
    n_trailing: int


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
    encoding = encoding_at_first_sight(path, wanted.encoding) if is_text(path, wanted) else None
    if encoding is None:
        return None
    found = written(path, wanted, folder, encoding)
    if not found.is_strict or found.text != path:
        return None
    check_types(wanted.types, dict.fromkeys(found.names, "VARCHAR"))
    is_careful = is_gzip(path) or not _has_short_marks(found)
    bare = Plan(found, wanted, {}, (), is_careful)
    return bare if _sampled(bare, reader, folder) else None


def settle(plan: Plan, connection: duckdb.DuckDBPyConnection, table: str, seen: Bytes) -> tuple[Assumption, ...] | None:
    """Finish a table that was read by a plan: type what was undecided; None when the table cannot be taken.

    Parameters
    ----------
    connection : the one in which the pass ran, in the same transaction.
    """
    dialect, names = plan.found.dialect, plan.found.names
    if was_cut(connection, table, names, seen.n_trailing):
        return None
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


def is_of_a_value(error: duckdb.Error) -> bool:
    """Say whether a pass failed at a value, as far as the error tells, and not at the shape of a row."""
    return not (isinstance(error, duckdb.InvalidInputException) and "CSV Error" in str(error))


def rejected_before(found: Written) -> tuple[Rejected, ...]:
    """Return the lines before the table, which are left out."""
    return tuple(Rejected(one.line, "", "It stands before the table.", one.text[:500]) for one in found.dialect.before)


def _rows(found: Written, text: Path, types: Mapping[str, str] | None = None) -> str:
    """Return the call of DuckDB's reader; the first row that is not as it should be is an error."""
    return replace(found.scan(types), limit=None).sql(text)


def _sampled(bare: Plan, reader: duckdb.DuckDBPyConnection, folder: Path) -> bool:
    """Read a sample, all text, into a table of the reader; return whether it has rows."""
    text = sample_of(bare.found.text, (bare.found.dialect.quote or "\n").encode(), folder)
    try:
        reader.execute(f"CREATE OR REPLACE TEMP TABLE {_TABLE} AS {bare.select(text)}")
    except duckdb.InterruptException:
        raise
    except duckdb.Error:
        return False
    return bool(reader.execute(f"SELECT count(*) FROM {_TABLE}").fetchall()[0][0])


def _is_sample_odd(bare: Plan, folder: Path) -> bool:
    glance = Glance(bare.found.dialect.delimiter, bare.found.dialect.quote, True)
    for piece in chunks(folder / "sample.txt", lambda: False):
        glance.add(piece)
    return glance.is_odd


def _has_short_marks(found: Written) -> bool:
    return len(found.dialect.delimiter.encode()) == 1 and found.dialect.quote.isascii()
