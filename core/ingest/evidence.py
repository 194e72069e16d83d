"""Says in words what was found out about a delimited text that nobody stated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.ingest.source import Assumption
from core.ingest.tokens import BLANKS

if TYPE_CHECKING:
    from core.ingest.dialect import Dialect
    from core.ingest.dialect_score import Scored
    from core.ingest.header import Head
    from core.ingest.source import ReaderSettings

_SIGNS = {"\t": "tab", " ": "blank", BLANKS: "runs of blanks", ", ": "comma and blank", "": "none", "\x1f": "0x1F"}
_LINE_ENDS = {"\n": "LF", "\r\n": "CR LF", "\r": "CR", "mixed": "several kinds"}


def sign(text: str) -> str:
    """Return a delimiter, quote or escape as a person would write it."""
    return _SIGNS.get(text, text)


def assumptions(
    dialect: Dialect, wanted: ReaderSettings, found: Sequence[Scored], head: Head, said: bool
) -> tuple[Assumption, ...]:
    """Return what was found out: delimiter, quote, escape, comment, line ends, preamble and header."""
    made = []
    if not wanted.delimiter:
        made.append(Assumption("delimiter", sign(dialect.delimiter), _why_delimiter(dialect, found, said)))
    made += _quoting(dialect, wanted, found[0])
    if dialect.comment and not wanted.comment:
        made.append(Assumption("comment", dialect.comment, "The lines before the table begin with it."))
    if dialect.line_end in ("\r", "mixed"):
        why = "Lines end in a carriage return alone, as on old Macintoshes."
        why = why if dialect.line_end == "\r" else "Lines end in more than one way; each of them ends a row."
        made.append(Assumption("line ends", _LINE_ENDS[dialect.line_end], why))
    if dialect.before:
        first, last = dialect.before[0].line, dialect.header_line - 1
        lines = f"line {first}" if first == last else f"lines {first} to {last}"
        why = (
            f"The table of {dialect.n_columns} columns begins at line {dialect.header_line}; these lines do not fit it."
        )
        made.append(Assumption("preamble", lines, why))
    if wanted.header is None and wanted.header_row is None:
        value = "none" if dialect.header is None else f"line {dialect.header_line}"
        value += f", {head.n_rows} rows" if head.n_rows > 1 else ""
        made.append(Assumption("header", value, head.why))
    return tuple(made)


def _why_delimiter(dialect: Dialect, found: Sequence[Scored], said: bool) -> str:
    if said:
        return "The first line says so."
    best = found[0]
    if dialect.n_columns == 1:
        return "No sign divides the rows into the same number of values, so the text is one column."
    n = sum(len(row.values) == dialect.n_columns for row in best.rows)
    why = f"With it {n} of the first {len(best.rows)} rows have {dialect.n_columns} values"
    other = next((one for one in found if one.marks.delimiter != dialect.delimiter and one.score > 0), None)
    if other is None or other.width == 1:
        return why + "; no other sign divides them."
    m = sum(len(row.values) == other.width for row in other.rows)
    return why + f"; with {sign(other.marks.delimiter)!r}, the next best, {m} have {other.width}."


def _quoting(dialect: Dialect, wanted: ReaderSettings, best: Scored) -> list[Assumption]:
    n_quoted = sum(sum(row.quoted) for row in best.rows)
    made = []
    if not wanted.quote:
        why = f"{n_quoted} values of the first {len(best.rows)} rows stand within it."
        made.append(Assumption("quote", sign(dialect.quote), why if n_quoted else "The first rows quote no value."))
    if not wanted.escape and dialect.quote and dialect.escape != dialect.quote:
        made.append(
            Assumption("escape", dialect.escape, "It stands before the quotes within values, which are not doubled.")
        )
    return made
