"""What a file is read with, and what reading it gave."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from core.errors import LoadError

Kind = Literal["csv", "parquet", "json", "excel", "arrow", "duckdb", "sqlite", "database"]


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """How a source is read; what is left empty is found out.

    Attributes
    ----------
    kind : "csv" (any delimiter), "parquet", "json" (an array or one object per line), "excel", "arrow", "duckdb",
        "sqlite" or "database" (a connection to a server).
    delimiter, quote, escape : for csv; ``quote`` "none" means that quotes are ordinary characters, ``escape`` is the
        quote itself (doubled), a backslash or another character.
    comment : for csv; lines that begin with it are left out.
    encoding : Python's name of it, for csv and json.
    header : whether a row holds the columns' names.
    header_row : for csv and excel; which row of the source holds the names, from 1, blank ones counted; rows before
        it are a preamble.
    n_header_rows : how many rows the names go over; those of one column are joined by a blank.
    decimal, thousands : the marks within numbers, for csv.
    day_first : whether 3/4/2025 is in April, for csv.
    missing : words, besides nothing at all, that mean no value.
    sheet, cells : for excel; which sheet (empty: the first that holds a table) and which range, as B3:F200.
    member : the file within an archive or a folder, or a pattern that several fit; the table within a database file;
        the list within a JSON object. Empty means the only one, or all files.
        For "database" the name of the connection.
    query : for "database", the SELECT or the table that was asked for.
    types : column to DuckDB type, for those that shall not be found out; a value that is not of that type rejects
        its row.
    """

    kind: Kind | Literal[""] = ""
    delimiter: str = ""
    quote: str = ""
    escape: str = ""
    comment: str = ""
    encoding: str = ""
    header: bool | None = None
    header_row: int | None = None
    n_header_rows: int | None = None
    decimal: str = ""
    thousands: str = ""
    day_first: bool | None = None
    missing: tuple[str, ...] = ()
    sheet: str = ""
    cells: str = ""
    member: str = ""
    query: str = ""
    types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name and its type in DuckDB's words."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row of the file that is not in the table.

    Attributes
    ----------
    line : where it begins in the file, from 1.
    column : the column at fault, or "" when it is the row as a whole.
    reason : a sentence.
    text : the row as it stands in the file, cut at 500 characters.
    """

    line: int
    column: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something that nobody stated and that reading found out.

    Attributes
    ----------
    what : "delimiter", "quote", "escape", "comment", "encoding", "line ends", "header", "preamble", "footer", "tables",
        "width", "numbers", "dates", "missing" or another word that stands before a colon on a page.
    value : what was assumed, as a person would write it: ``;``, ``tab``, ``cp1252``, ``lines 1 to 3``.
    why : a sentence with the evidence.
    """

    what: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class Repaired:
    """One row of the file that is in the table otherwise than it stands in the file.

    Attributes
    ----------
    line : where it begins in the file, from 1.
    what : a sentence: what was wrong and what was done.
    before, after : the row as it stands in the file and as it was read, each cut at 500 characters.
    """

    line: int
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read into a temporary table.

    Attributes
    ----------
    settings : as used, complete, so that reading again with them gives the same.
    n_bytes, sha256 : of the file as it is on disk.
    rejected : the first hundred of the ``n_rejected`` rows that are left out.
    table : the temporary table's name in the connection; rows are in the order of the file.
    notes : what was put right on the way, a sentence each.
    assumed : what nobody stated, with its evidence.
    repaired : the first hundred of the ``n_repaired`` rows that are in the table, but not as they stand in the file.
    """

    settings: ReaderSettings
    columns: tuple[Column, ...]
    n_rows: int
    n_bytes: int
    sha256: str
    rejected: tuple[Rejected, ...]
    n_rejected: int
    table: str
    notes: tuple[str, ...] = ()
    assumed: tuple[Assumption, ...] = ()
    repaired: tuple[Repaired, ...] = ()
    n_repaired: int = 0


N_REJECTED_SHOWN = 100


def unique_names(names: Sequence[str | None]) -> list[str]:
    """Return names that are not empty and differ, without regard to case; what is missing becomes ``column_3``.

    A column ``rowid`` becomes ``rowid_2``: that is DuckDB's own name for a row's place in a table.
    """
    result: list[str] = []
    taken = {"rowid"}
    for position, name in enumerate(names, start=1):
        base = " ".join((name or "").replace("\x00", "").split()) or f"column_{position}"
        candidate, n = base, 2
        while candidate.lower() in taken:
            candidate, n = f"{base}_{n}", n + 1
        taken.add(candidate.lower())
        result.append(candidate)
    return result


_TYPES = (
    "BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT, HUGEINT, UTINYINT, USMALLINT, UINTEGER, UBIGINT, FLOAT, DOUBLE, "
    "VARCHAR, DATE, TIME, TIMESTAMP, TIMESTAMP WITH TIME ZONE, UUID"
).split(", ")
_DECIMAL = re.compile(r"DECIMAL\(\d{1,2}, ?\d{1,2}\)")


def check_types(types: Mapping[str, str], found: Mapping[str, str]) -> None:
    """Check the types that somebody asked for against the columns ``found``, name to type.

    Raises
    ------
    LoadError
        For a column that is not there, or a type that is neither the column's own nor one of the plain ones.
    """
    for name, kind in types.items():
        if name not in found:
            raise LoadError(f"There is no column {name!r}.", hint=f"Columns: {', '.join(list(found)[:20])}.")
        if kind != found[name] and kind not in _TYPES and not _DECIMAL.fullmatch(kind):
            raise LoadError(
                f"{kind!r} is not a type that column {name!r} can have.", hint=f"Types: {', '.join(_TYPES)}."
            )
