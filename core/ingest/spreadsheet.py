"""Reads one sheet of a workbook: Excel's .xlsx, .xlsm, .xlsb and .xls, and OpenDocument's .ods."""

import datetime
import itertools
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from core.errors import LoadError
from core.ingest.delimited import TextTable
from core.ingest.handover import store
from core.ingest.source import Assumption, ReaderSettings, unique_names
from core.ingest.spreadsheet_table import Area, Block, Cell, Merge, area_of, block_of, filled, text_of

_HEAD_ROWS = 300
_BATCH_ROWS = 5_000
_MOST_BYTES = 4 << 30
_EXACT_IN_FLOAT = 2**53
_PROBE_SECONDS, _PROBE_BYTES_PER_SECOND = 6.0, 2_000_000


def sheet_names(path: Path) -> tuple[str, ...]:
    """Return the names of a workbook's sheets, in its order, without hidden ones and charts."""
    with _damage(path):
        return tuple(name for name, is_shown in _sheets(_opened(path)) if is_shown)


def sheet_sizes(path: Path) -> tuple[tuple[str, int], ...]:
    """Return the sheets that are shown, each with how many rows it goes down to."""
    with _damage(path):
        book = _opened(path)
        ends = [(name, book.get_sheet_by_name(name).end) for name, is_shown in _sheets(book) if is_shown]
        return tuple((name, end[0] + 1 if end else 0) for name, end in ends)


def read_excel(
    path: Path, connection: duckdb.DuckDBPyConnection, settings: ReaderSettings, table: str, folder: Path
) -> TextTable:
    """Read a sheet into the temporary table ``table``: values as saved, not formulas; ``folder`` is not needed.

    The table is found: rows in front of it, blank rows and columns around it are left out. The value of merged cells
    stands in each of them; names that go over several columns or rows are joined. A column of one kind keeps it
    (numbers, dates, times, yes/no); one of several becomes text. A cell with an error has no value.

    Raises
    ------
    LoadError
        When there is no such sheet or range, or nothing in it; when the workbook is damaged or has a password.
    """
    with _damage(path):
        return _read(path, connection, settings, table)


def _read(path: Path, connection: duckdb.DuckDBPyConnection, settings: ReaderSettings, table: str) -> TextTable:
    book = _opened(path)
    area = area_of(settings.cells)
    name, sheet = _chosen(book, settings.sheet, area)
    merges = [merge for merge in sheet.merged_cell_ranges or () if area.holds(merge[0][0])]
    rows = _Rows(sheet, area, merges)
    head = list(itertools.islice(rows.plain(), _HEAD_ROWS))
    if not head:
        where = f"The range {settings.cells} of the sheet" if settings.cells else "The sheet"
        raise LoadError(f"{where} {name!r} is empty.", hint=f"Sheets: {', '.join(sheet_names(path))}.")
    block = block_of(
        head,
        rows.used(),
        merges,
        header=settings.header,
        header_row=settings.header_row,
        n_header_rows=settings.n_header_rows,
    )
    block, kinds = _kinds(rows, block)
    if not kinds:
        raise LoadError(
            f"The sheet {name!r} has only a header.", hint="Choose another sheet, or say there is no header."
        )
    names = unique_names(block.names)
    schema = pa.schema(list(zip(names, kinds, strict=True)))
    store(connection, table, schema, _batches(rows, block, schema))
    header = bool(block.header)
    used = replace(
        settings,
        kind="excel",
        sheet=name,
        header=header,
        header_row=block.header.start + 1 if header else None,
        n_header_rows=len(block.header) if header else None,
    )
    return TextTable(used, tuple(names), (), 0, _notes(merges, block), assumed=_assumed(settings, block, name, sheet))


class _Rows:
    """The rows of an area of a sheet, numbered as on the sheet, from 0; nothing is kept of them."""

    def __init__(self, sheet: CalamineSheet, area: Area, merges: Sequence[Merge]) -> None:
        self._sheet, self._area, self._merges = sheet, area, merges

    def plain(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield the rows that are not blank, as they are saved."""
        return self._numbered(self._all())

    def filled(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield them with merged values repeated."""
        return self._numbered(filled(self._all(), self._merges))

    def used(self) -> list[int]:
        """Return the columns that are not blank everywhere."""
        found: set[int] = set()
        for _, row in self.plain():
            found.update(at for at, cell in enumerate(row) if cell is not None and at not in found)
        return sorted(found)

    def _all(self) -> Iterator[list[Cell]]:
        start = self._sheet.start
        left = [None] * (start[1] if start else 0)
        for row in self._sheet.iter_rows():
            yield left + [None if cell == "" else cell for cell in row]

    def _numbered(self, rows: Iterator[list[Cell]]) -> Iterator[tuple[int, list[Cell]]]:
        area = self._area
        for number, row in enumerate(rows):
            if area.last_row is not None and number > area.last_row:
                return
            last = len(row) if area.last_column is None else area.last_column + 1
            cut = [None] * area.first_column + row[area.first_column : last]
            if area.holds(number) and any(cell is not None and not _is_blank(cell) for cell in cut):
                yield number, cut


def _is_blank(cell: Cell) -> bool:
    return isinstance(cell, str) and not cell.strip()


def _opened(path: Path) -> CalamineWorkbook:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as inside:
            if sum(info.file_size for info in inside.infolist()) > _MOST_BYTES:
                raise LoadError(f"{path.name!r} unpacks to more than 4 GB.", hint="Save the sheet as CSV.")
            is_binary = "xl/workbook.bin" in inside.namelist()
    else:
        is_binary = True
    if is_binary:
        _probe(path)
    return CalamineWorkbook.from_path(path)


def _probe(path: Path) -> None:
    """Let a process of its own read a binary workbook first: over some damaged ones calamine never comes back."""
    seconds = _PROBE_SECONDS + path.stat().st_size / _PROBE_BYTES_PER_SECOND
    command = [sys.executable, "-I", str(Path(__file__).with_name("probe.py")), str(path)]
    try:
        ended = subprocess.run(command, capture_output=True, check=False, timeout=seconds).returncode
    except subprocess.TimeoutExpired:
        ended = None
    if ended not in (0, 3):
        raise LoadError(f"{path.name!r} is a damaged workbook.", hint="Save it again as .xlsx.")


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Turn what calamine raises into a sentence; where it panics over a file, that is no ``Exception``."""
    hint = "Save it again as .xlsx."
    try:
        yield
    except PasswordError as error:
        raise LoadError(f"{path.name!r} has a password.", hint="Save it without one.") from error
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise LoadError(f"{path.name!r} is not a whole workbook of Excel or OpenDocument.", hint=hint) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise LoadError(f"{path.name!r} is a damaged workbook.", hint=hint) from error


def _sheets(book: CalamineWorkbook) -> list[tuple[str, bool]]:
    """Return the sheets that hold cells, and whether each is shown."""
    return [
        (sheet.name, sheet.visible == SheetVisibleEnum.Visible)
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet
    ]


def _chosen(book: CalamineWorkbook, wanted: str, area: Area) -> tuple[str, CalamineSheet]:
    """Return the sheet that is asked for, or the first that is shown and holds more than one row."""
    sheets = _sheets(book)
    shown = [name for name, is_shown in sheets if is_shown] or [name for name, _ in sheets]
    if not shown:
        raise LoadError("The workbook has no sheet with cells.", hint="Choose another file.")
    if wanted:
        if wanted not in [name for name, _ in sheets]:
            raise LoadError(f"There is no sheet {wanted!r}.", hint=f"Sheets: {', '.join(shown)}.")
        return wanted, book.get_sheet_by_name(wanted)
    for name in shown:
        sheet = book.get_sheet_by_name(name)
        if len(list(itertools.islice(_Rows(sheet, area, ()).plain(), 2))) == 2:
            return name, sheet
    return shown[0], book.get_sheet_by_name(shown[0])


def _kinds(rows: _Rows, block: Block) -> tuple[Block, list[pa.DataType]]:
    """Return the block without columns that have neither name nor value, and the type that each column's cells have."""
    classes: list[set[type]] = [set() for _ in block.columns]
    is_whole = [True] * len(block.columns)
    is_day = [True] * len(block.columns)
    n = 0
    for number, row in rows.filled():
        if number < block.first:
            continue
        n += 1
        for place, at in enumerate(block.columns):
            cell = row[at] if at < len(row) else None
            if cell is None:
                continue
            classes[place].add(type(cell))
            if isinstance(cell, float) and is_whole[place]:
                is_whole[place] = cell.is_integer() and abs(cell) <= _EXACT_IN_FLOAT
            elif isinstance(cell, datetime.datetime) and is_day[place]:
                is_day[place] = cell.time() == datetime.time()
    if not n:
        return block, []
    kept = [place for place in range(len(block.columns)) if classes[place] or block.names[place]]
    block = replace(
        block,
        columns=tuple(block.columns[place] for place in kept),
        names=tuple(block.names[place] for place in kept),
    )
    return block, [_type(classes[place], is_whole[place], is_day[place]) for place in kept]


def _type(classes: set[type], is_whole: bool, is_day: bool) -> pa.DataType:
    if classes == {bool}:
        return pa.bool_()
    if classes and classes <= {int, float}:
        return pa.int64() if is_whole else pa.float64()
    if classes and classes <= {datetime.datetime, datetime.date}:
        return pa.date32() if is_day else pa.timestamp("us")
    return pa.time64("us") if classes == {datetime.time} else pa.string()


def _batches(rows: _Rows, block: Block, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    body = (row for number, row in rows.filled() if number >= block.first)
    while some := list(itertools.islice(body, _BATCH_ROWS)):
        arrays = [
            _array([row[at] if at < len(row) else None for row in some], kind)
            for at, kind in zip(block.columns, schema.types, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(cells: Sequence[Cell], kind: pa.DataType) -> pa.Array:
    if pa.types.is_string(kind):
        return pa.array([text_of(cell) for cell in cells], kind)
    if pa.types.is_int64(kind):
        return pa.array([None if cell is None else int(cell) for cell in cells], kind)
    if pa.types.is_date32(kind):
        return pa.array([cell.date() if isinstance(cell, datetime.datetime) else cell for cell in cells], kind)
    if pa.types.is_timestamp(kind):
        midnight = datetime.time()
        moments = [
            cell if cell is None or isinstance(cell, datetime.datetime) else datetime.datetime.combine(cell, midnight)
            for cell in cells
        ]
        return pa.array(moments, kind)
    return pa.array(cells, kind)


def _notes(merges: Sequence[Merge], block: Block) -> tuple[str, ...]:
    n = sum(merge[1][0] >= block.first for merge in merges)
    return (f"Merged cells whose value was given to every row that they cover: {n:,}.",) if n else ()


def _assumed(settings: ReaderSettings, block: Block, name: str, sheet: CalamineSheet) -> tuple[Assumption, ...]:
    found = []
    if not settings.sheet:
        found.append(Assumption("sheet", name, "It is the first that is shown and holds a table."))
    if settings.header is None and settings.header_row is None:
        rows = [number + 1 for number in block.header]
        shown = f"row {rows[0]}" if len(rows) == 1 else f"rows {rows[0]} to {rows[-1]}" if rows else "none"
        why = "Merged cells go over them." if len(rows) > 1 else "It names what stands below it." if rows else ""
        found.append(Assumption("header", shown, why or "The first row holds values like those below it."))
        if block.before:
            why = "They are not as wide as the table below them."
            found.append(Assumption("preamble", ", ".join(f"row {number + 1}" for number in block.before[:5]), why))
    return tuple(found)
