"""Reads one sheet of an Excel workbook."""

import datetime
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
from openpyxl.utils.exceptions import InvalidFileException

from core.errors import LoadError
from core.ingest.delimited import TextTable
from core.ingest.header import has_header
from core.ingest.source import ReaderSettings, unique_names
from core.scoring.prepare import quoted

_Cell = str | int | float | bool | datetime.datetime | datetime.date | datetime.time | datetime.timedelta | None


def sheet_names(path: Path) -> tuple[str, ...]:
    """Return the names of a workbook's sheets, in its order."""
    return tuple(_opened(path).sheetnames)


def read_excel(
    path: Path, connection: duckdb.DuckDBPyConnection, settings: ReaderSettings, table: str, folder: Path
) -> TextTable:
    """Read a sheet into the temporary table ``table``: values as saved, not formulas; ``folder`` is not needed.

    Blank rows and columns around the table are left out. A column of one kind keeps it (numbers, dates, yes/no);
    one of several becomes text.

    Raises
    ------
    LoadError
        When there is no such sheet, or nothing on it.
    """
    book = _opened(path)
    if settings.sheet and settings.sheet not in book.sheetnames:
        raise LoadError(f"There is no sheet {settings.sheet!r}.", hint=f"Sheets: {', '.join(book.sheetnames)}.")
    name = settings.sheet or book.sheetnames[0]
    rows = [list(row) for row in book[name].iter_rows(values_only=True)]
    book.close()
    rows = _trimmed(rows)
    if not rows:
        raise LoadError(f"The sheet {name!r} is empty.", hint=f"Sheets: {', '.join(book.sheetnames)}.")
    texts = [[_text(cell) or "" for cell in row] for row in rows[:300]]
    header = settings.header if settings.header is not None else has_header(texts[0], texts[1:])
    body = rows[1:] if header else rows
    if not body:
        raise LoadError(f"The sheet {name!r} has only a header.", hint="Choose another sheet.")
    names = unique_names(texts[0] if header else [None] * len(rows[0]))
    arrays = [_array([row[index] for row in body]) for index in range(len(names))]
    connection.register("incoming_sheet", pa.table(arrays, names=names))
    try:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS SELECT * FROM incoming_sheet")
    finally:
        connection.unregister("incoming_sheet")
    return TextTable(replace(settings, kind="excel", sheet=name, header=header), tuple(names), (), 0, ())


def _opened(path: Path) -> openpyxl.Workbook:
    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise LoadError(f"{path.name!r} is not a whole Excel file.", hint="Save it again as .xlsx.") from error


def _trimmed(rows: list[list[_Cell]]) -> list[list[_Cell]]:
    """Leave out blank rows, and columns that are blank everywhere; make all rows the same length."""
    kept = [row for row in rows if any(cell is not None and cell != "" for cell in row)]
    width = max((len(row) for row in kept), default=0)
    padded = [row + [None] * (width - len(row)) for row in kept]
    used = [index for index in range(width) if any(row[index] is not None for row in padded)]
    return [[row[index] for index in used] for row in padded]


def _array(cells: Sequence[_Cell]) -> pa.Array:
    kinds = {type(cell) for cell in cells if cell is not None}
    if not kinds or kinds - {bool, int, float, datetime.datetime, datetime.date}:
        return pa.array([_text(cell) for cell in cells], pa.string())
    if kinds == {bool}:
        return pa.array(cells, pa.bool_())
    if kinds == {int} and all(abs(cell) < 2**63 for cell in cells if cell is not None):
        return pa.array(cells, pa.int64())
    if kinds <= {int, float}:
        return pa.array([None if cell is None else float(cell) for cell in cells], pa.float64())
    if kinds <= {datetime.datetime, datetime.date}:
        return _dates(cells)
    return pa.array([_text(cell) for cell in cells], pa.string())


def _dates(cells: Sequence[_Cell]) -> pa.Array:
    moments = [
        cell
        if cell is None or isinstance(cell, datetime.datetime)
        else datetime.datetime.combine(cell, datetime.time())
        for cell in cells
    ]
    if all(moment is None or moment.time() == datetime.time() for moment in moments):
        return pa.array([None if moment is None else moment.date() for moment in moments], pa.date32())
    return pa.array(moments, pa.timestamp("us"))


def _text(cell: _Cell) -> str | None:
    if cell is None or cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
