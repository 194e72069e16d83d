"""Reads a delimited text: strictly where that leaves nothing out, else row by row with what was put right recorded.

``written(path, settings, folder)`` says how a file is written; ``Written.scan()`` is how DuckDB reads it strictly.
``read_delimited`` reads it into a table of text columns; ``read_text`` does so for ``python -m core load --text``,
where an empty file and a header without rows are tables as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from core.errors import LoadError
from core.ingest.dialect import Dialect, dialect_of
from core.ingest.encoding import Encoding, as_utf8, encoding_found, open_bytes
from core.ingest.kinds import is_empty, kind_of
from core.ingest.lenient import Rewritten, rewritten
from core.ingest.scan import LONGEST, Rejection, Scan, n_trailing, overlooked, scanned, was_cut
from core.ingest.source import (
    N_REJECTED_SHOWN,
    Assumption,
    ReaderSettings,
    Rejected,
    Repaired,
    check_types,
    unique_names,
)
from core.ingest.stated import made_whole, whole_numbers, without_misfits
from core.ingest.tokens import BLANKS, NO_QUOTE
from core.scoring.prepare import quoted

_SAMPLE_BYTES = 1 << 18
# A table that comes again with this share of its rows the same is a copy, not more of it.
_SAME_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class TextTable:
    """What came of a source: a temporary table of text columns, what was assumed, put right and left out.

    ``names`` are the table's; ``header`` has them as they stand in the source, None where it has none.
    """

    settings: ReaderSettings
    names: tuple[str, ...]
    rejected: tuple[Rejected, ...]
    n_rejected: int
    notes: tuple[str, ...] = ()
    assumed: tuple[Assumption, ...] = ()
    repaired: tuple[Repaired, ...] = ()
    n_repaired: int = 0
    header: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """How a file is written.

    Attributes
    ----------
    text : the file itself when it is UTF-8, else a copy that is.
    dialect, names : its marks and where its rows begin; the columns' names, which differ and are not blank.
    settings : as used, complete, except for what B's values add.
    assumed : what nobody stated, with the evidence.
    is_strict : whether ``scan`` is worth trying: whether DuckDB's strict reader reads the beginning as it is meant.
    """

    text: Path
    dialect: Dialect
    names: tuple[str, ...]
    settings: ReaderSettings
    assumed: tuple[Assumption, ...]
    is_strict: bool

    def scan(self, types: Mapping[str, str] | None = None) -> Scan:
        """Return how DuckDB reads the rows of data; columns without a type become VARCHAR."""
        return Scan(self.dialect.marks, self.names, self.dialect.n_skipped, types or {})


def written(path: Path, settings: ReaderSettings, folder: Path, encoding: Encoding | None = None) -> Written:
    """Find out how a delimited text is written; a copy that another encoding needs goes to ``folder``.

    ``encoding`` is what is known of it already; without it the whole text is looked at.

    Raises
    ------
    LoadError
        When the settings do not go together, or the file is not in the stated encoding.
    """
    _check(settings)
    encoding = encoding or encoding_found(path, settings.encoding)
    text = path if encoding.name == "utf-8-sig" else as_utf8(path, encoding.name, folder)
    dialect = dialect_of(_sample(text), settings)
    used = replace(
        settings,
        kind="csv",
        delimiter=dialect.delimiter,
        quote=dialect.quote or NO_QUOTE,
        escape=dialect.escape if dialect.quote else "",
        comment=dialect.comment,
        encoding=encoding.name,
        header=dialect.header is not None,
        header_row=dialect.header_line,
        n_header_rows=dialect.n_header_rows or None,
    )
    names = tuple(unique_names(dialect.header or [None] * dialect.n_columns))
    seen = (Assumption("encoding", encoding.name, encoding.why),) if encoding.why else ()
    is_strict = dialect.is_plain and not encoding.is_damaged
    return Written(text, dialect, names, used, dialect.assumed + seen, is_strict)


def read_delimited(
    path: Path, connection: duckdb.DuckDBPyConnection, settings: ReaderSettings, table: str, folder: Path
) -> TextTable:
    """Read ``path`` into the temporary table ``table``, whose columns are text unless ``settings.types`` says.

    Copies that another encoding or a repair needs are written to ``folder``.

    Raises
    ------
    LoadError
        When no row has the shape of the table.
    """
    read = _read(path, connection, settings, table, folder)
    if connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchall()[0][0] == 0:
        why = " It has only a header." if read.header is not None else ""
        why = f" {read.rejected[-1].reason}" if read.rejected else why
        hint = "Check the delimiter and the row of names." if why else "Choose another file."
        raise LoadError(f"{path.name!r} has no row that fits its {len(read.names)} columns.{why}", hint=hint)
    return read


def read_text(
    path: Path,
    connection: duckdb.DuckDBPyConnection,
    settings: ReaderSettings,
    folder: Path,
    table: str = "source_text",
) -> TextTable:
    """Read a delimited text into the temporary table ``table``, every value as the text that stands in the source.

    A header without rows gives a table without rows. A file in which nothing stands has no names and gives no table.

    Raises
    ------
    LoadError
        When the file is not a delimited text; the sentence says what it is.
    """
    if is_empty(path):
        nothing = Assumption("header", "none", "Nothing stands in the file.")
        return TextTable(replace(settings, kind="csv"), (), (), 0, assumed=(nothing,))
    kind = kind_of(path)
    if (settings.kind or kind) not in ("csv", "json"):
        raise LoadError(f"{path.name!r} is not a delimited text but {kind}.", hint="Load it without --text.")
    return _read(path, connection, replace(settings, types={}), table, folder)


def _read(
    path: Path, connection: duckdb.DuckDBPyConnection, settings: ReaderSettings, table: str, folder: Path
) -> TextTable:
    found = written(path, settings, folder)
    check_types(settings.types, dict.fromkeys(found.names, "VARCHAR"))
    if _is_strictly_read(connection, found, settings.types, table):
        before = [Rejected(one.line, "", "It stands before the table.", one.text[:500]) for one in found.dialect.before]
        return _table(found, before, len(before))
    new = rewritten(found.text, found.dialect, folder / "rewritten.txt")
    longest = max(LONGEST, 4 * new.n_longest + 4)
    whole = whole_numbers(settings.types)
    scan = replace(
        found.scan(_others(settings.types, whole)),
        marks=new.marks,
        n_skipped=0,
        limit=0,
        line_end="\n",
        longest=longest,
    )
    try:
        values = scanned(connection, table, new.path, scan)
        misfits, n_misfits = without_misfits(connection, table, whole, new.marks.delimiter, N_REJECTED_SHOWN)
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        reason = str(error).split("\n", 1)[0]
        raise LoadError(f"{path.name!r} cannot be read: {reason}", hint="Check delimiter and quote.") from error
    moved = [replace(_rejected(one), line=new.source_line(one.line)) for one in values]
    moved += [Rejected(new.source_line(one.line), one.column, one.reason, one.text) for one in misfits]
    n_twice = _without_copies(connection, table, new, found.names)
    rejected = sorted([*new.rejected, *moved], key=lambda one: one.line)
    read = _table(found, rejected, new.n_rejected + len(values) + n_misfits + n_twice)
    return replace(
        read,
        assumed=read.assumed + tuple(new.assumed),
        repaired=tuple(new.repaired),
        n_repaired=new.n_repaired,
        notes=_notes(new),
    )


def _is_strictly_read(
    connection: duckdb.DuckDBPyConnection, found: Written, types: Mapping[str, str], table: str
) -> bool:
    """Read strictly; False where a row or value does not fit, or what is no row was taken for one."""
    if not found.is_strict:
        return False
    try:
        whole = whole_numbers(types)
        scanned(connection, table, found.text, replace(found.scan(_others(types, whole)), limit=None))
        if not made_whole(connection, table, whole):
            return False
    except duckdb.InterruptException:
        raise
    except duckdb.Error:
        # The other way says which rows they are, and why.
        return False
    dialect = found.dialect
    first = connection.execute(f"SELECT * FROM {quoted(table)} LIMIT 1").fetchall()
    if dialect.first_row and not types:
        # What stands before the first row may have been skipped otherwise than it was meant.
        if not first or tuple(value or "" for value in first[0]) != dialect.first_row:
            return False
    if was_cut(connection, table, found.names, n_trailing(found.text, dialect.marks)):
        return False
    return not overlooked(connection, table, found.names, dialect.header, dialect.comment)


def _others(types: Mapping[str, str], whole: Mapping[str, str]) -> dict[str, str]:
    return {name: kind for name, kind in types.items() if name not in whole}


def _table(found: Written, rejected: Sequence[Rejected], n_rejected: int) -> TextTable:
    shown = tuple(rejected[:N_REJECTED_SHOWN])
    header = found.dialect.header
    return TextTable(found.settings, found.names, shown, n_rejected, assumed=found.assumed, header=header)


def _rejected(one: Rejection) -> Rejected:
    return Rejected(one.line, one.column, one.reason, one.text[:500])


def _notes(new: Rewritten) -> tuple[str, ...]:
    if not new.n_repaired:
        return ()
    kinds = dict.fromkeys(one.what for one in new.repaired)
    return (f"Rows that were put right: {new.n_repaired:,}. {' '.join(kinds)}"[:400],)


def _without_copies(connection: duckdb.DuckDBPyConnection, table: str, new: Rewritten, names: Sequence[str]) -> int:
    """Drop the parts of a table that are the beginning of its first part once more; return how many rows that is."""
    n_rows = connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchall()[0][0]
    if not new.parts or n_rows != new.n_rows:
        return 0
    alike = " AND ".join(f"a.{quoted(name)} IS NOT DISTINCT FROM b.{quoted(name)}" for name in names)
    kept, n_dropped = ["true"], 0
    for start, stop in zip(new.parts, [*new.parts[1:], n_rows], strict=True):
        n = stop - start
        if not max(2, new.parts[0] // 2) <= n <= new.parts[0]:
            continue
        n_same = connection.execute(
            f"SELECT count(*) FROM {quoted(table)} a JOIN {quoted(table)} b ON b.rowid = a.rowid + {start} "
            f"WHERE a.rowid < {n} AND {alike}"
        ).fetchall()[0][0]
        if n_same >= _SAME_SHARE * n:
            kept.append(f"NOT rowid BETWEEN {start} AND {stop - 1}")
            n_dropped += n
            why = f"After the names come again, {n_same:,} of {n:,} rows are the table's once more; they were left out."
            new.assumed.append(Assumption("tables", "the first", why))
    if n_dropped:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS "
            f"SELECT * FROM {quoted(table)} WHERE {' AND '.join(kept)} ORDER BY rowid"
        )
    return n_dropped


def _check(settings: ReaderSettings) -> None:
    """Refuse marks that cannot be told from one another."""
    quote = "" if settings.quote == NO_QUOTE else settings.quote
    single = {"quote": quote, "escape": settings.escape}
    for name, value in single.items():
        if len(value) > 1:
            raise LoadError(f"The {name} {value!r} is more than one character.", hint="Give one, or leave it empty.")
    if settings.delimiter != BLANKS and len(settings.delimiter.encode()) > 4:
        raise LoadError(f"The delimiter {settings.delimiter!r} is too long.", hint="Give one to four characters.")
    given = [settings.delimiter, quote, settings.escape, settings.comment]
    if any(sign in value for value in given for sign in "\r\n\x00"):
        raise LoadError("A line end cannot be a delimiter, quote, escape or comment.", hint="Leave it empty.")
    if settings.delimiter and settings.delimiter in (quote, settings.escape, settings.comment):
        raise LoadError(f"{settings.delimiter!r} cannot be two things at once.", hint="Change the delimiter or quote.")


def _sample(text: Path) -> str:
    """Return whole lines from the beginning of a text."""
    with open_bytes(text) as file:
        head = file.read(_SAMPLE_BYTES)
    if len(head) == _SAMPLE_BYTES:
        end = max(head.rfind(b"\n"), head.rfind(b"\r"))
        head = head[: end + 1] if end > 0 else head
    return head.decode("utf-8", errors="replace")
