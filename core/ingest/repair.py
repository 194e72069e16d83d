"""Puts a row right that does not have the table's shape, where the other rows show how, and says what was done."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.ingest.dialect import Dialect
from core.ingest.evidence import sign
from core.ingest.rows import Row
from core.ingest.shapes import fits, is_missing, n_strange
from core.ingest.tokens import Cells, Marks, split, split_to

_OTHERS = (",", ";", "\t", "|", " ")
_MOST_EXTRA = 20
_LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Mended:
    """The cells of a row that was put right, and a sentence on what was wrong and what was done."""

    cells: list[str]
    what: str


def mended(row: Row, dialect: Dialect) -> Mended | None:
    """Return the row as it must have been meant, or None where that is not certain.

    In this order: a row that is quoted as a whole, cells too many or too few, quotes that are not escaped, and another
    delimiter. What was moved is accepted only where every cell then looks like the others of its column.
    """
    if len(row.text) > _LONGEST:
        return None
    whole = _unwrapped(row, dialect)
    if whole is not None:
        return Mended(whole, "It was quoted as a whole; the outer quotes were removed.")
    if row.status == "good":
        found = _aligned(Cells(row.values, row.quoted, "good"), dialect, dialect.marks)
        if found is not None:
            return found
    if dialect.quote and dialect.quote in row.text:
        found = _requoted(row, dialect)
        if found is not None:
            return found
    return _redelimited(row, dialect)


def reason(row: Row, dialect: Dialect) -> str:
    """Say why a row was left out."""
    if row.status == "open":
        return "A quote is opened and never closed."
    if row.status == "broken":
        return "A quote is opened and not closed, or closed before the end of the value."
    n = len(row.values)
    return f"It has {n} column{'s' if n != 1 else ''} where {dialect.n_columns} are expected."


def _unwrapped(row: Row, dialect: Dialect) -> list[str] | None:
    """Return the row inside, when the row is one quoted value, perhaps with blank ones after it, that holds a row."""
    if not row.quoted or not row.quoted[0] or any(cell.strip() for cell in row.values[1:]) or row.status != "good":
        return None
    if "\n" in row.values[0]:
        return None
    inner = split(row.values[0], dialect.marks)
    return inner.values if inner.status == "good" and len(inner.values) == dialect.n_columns else None


def _requoted(row: Row, dialect: Dialect) -> Mended | None:
    """Take as few quotes as can be for ordinary characters so that the row has the table's width."""
    width = dialect.n_columns
    what = "A quote is not escaped, or opened and not closed; it was taken for a character of its value."
    if row.status != "good":
        near = Cells(row.values, row.quoted, "good")
        if len(near.values) == width and n_strange(near.values, dialect.shapes) <= 1:
            return Mended(near.values, what)
    best = split_to(row.text, dialect.marks, width)
    # Where quotes are broken the cell with the odd quote may look strange; where they are not, that needs proof.
    if best is not None and n_strange(best.values, dialect.shapes) <= int(row.status != "good"):
        return Mended(best.values, what)
    return None


def _aligned(cells: Cells, dialect: Dialect, marks: Marks) -> Mended | None:
    n_extra = len(cells.values) - dialect.n_columns
    if n_extra < 0:
        return _padded(cells.values, dialect)
    if n_extra > _MOST_EXTRA:
        return None
    width = dialect.n_columns
    if not any(cell.strip() for cell in cells.values[width:]) and fits(cells.values[:width], dialect.shapes):
        return Mended(
            cells.values[:width], "It has more blank values at its end than there are columns; they were cut."
        )
    removed = _only(list(_without_blanks(cells.values, n_extra)), dialect)
    if removed is not None:
        return Mended(removed, "A delimiter stands twice; the blank value between was removed.")
    joined = _only(list(_with_joined(cells, n_extra, marks)), dialect)
    if joined is not None:
        called = sign(marks.delimiter)
        return Mended(joined, f"A value holds the delimiter, {called}, without quotes; its parts were joined.")
    return None


def _padded(values: list[str], dialect: Dialect) -> Mended | None:
    """Fill up a row whose last columns are blank in other rows too."""
    missing = dialect.shapes[len(values) :]
    padded = [*values, *[""] * len(missing)]
    if len(values) < 2 or not all(shape.has_blanks for shape in missing) or not fits(padded, dialect.shapes):
        return None
    if not any(shape.shapes for shape, cell in zip(dialect.shapes, values, strict=False) if not is_missing(cell)):
        return None
    n = len(missing)
    what = f"It ends {n} value{'s' if n > 1 else ''} early, in columns that are blank in other rows as well"
    return Mended(padded, f"{what}; blank ones were added.")


def _without_blanks(values: list[str], n_extra: int) -> Iterator[list[str]]:
    for place in range(len(values) - n_extra + 1):
        if not any(cell.strip() for cell in values[place : place + n_extra]):
            yield values[:place] + values[place + n_extra :]


def _with_joined(cells: Cells, n_extra: int, marks: Marks) -> Iterator[list[str]]:
    between = " " if marks.delimiter == "blanks" else marks.delimiter
    for place in range(len(cells.values) - n_extra):
        end = place + n_extra + 1
        if not any(cells.quoted[place:end]):
            yield [*cells.values[:place], between.join(cells.values[place:end]), *cells.values[end:]]


def _only(candidates: list[list[str]], dialect: Dialect) -> list[str] | None:
    """Return the one candidate in which every cell looks like its column, when there is exactly one."""
    fit = {tuple(one) for one in candidates if fits(one, dialect.shapes)}
    evidence = any(shape.shapes for shape in dialect.shapes)
    return list(fit.pop()) if len(fit) == 1 and evidence else None


def _redelimited(row: Row, dialect: Dialect) -> Mended | None:
    """Read a row that is written with another delimiter than the rest."""
    if len(row.values) > max(2, dialect.n_columns // 2) or sum(bool(shape.shapes) for shape in dialect.shapes) < 2:
        return None
    for other in _OTHERS:
        if other == dialect.delimiter.strip(" ") or row.text.count(other) < dialect.n_columns - 1:
            continue
        marks = Marks(other, dialect.quote, dialect.escape)
        cells = split(row.text, marks)
        what = f"It is divided by {sign(other)} where the others are by {sign(dialect.delimiter)}."
        if cells.status != "good":
            continue
        if len(cells.values) == dialect.n_columns and fits(cells.values, dialect.shapes):
            return Mended(cells.values, what)
        if len(cells.values) > dialect.n_columns:
            found = _aligned(cells, dialect, marks)
            if found is not None:
                return Mended(found.cells, f"{what} {found.what}")
    return None
