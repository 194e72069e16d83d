import datetime
import zipfile

import duckdb
import openpyxl
import pytest
import xlwt

from core.errors import LoadError
from core.ingest import ReaderSettings, read_source, sheet_names
from core.ingest.parts import parts
from core.ingest.spreadsheet_table import Area, area_of


@pytest.fixture
def connection():
    with duckdb.connect() as made:
        yield made


def rows(connection, source):
    return connection.execute(f'SELECT * FROM "{source.table}"').fetchall()


def workbook(path, lines, merged=(), **sheets):
    """Write a workbook whose first sheet holds some lines, and others by name."""
    book = openpyxl.Workbook()
    for title, content in {"Main": lines, **sheets}.items():
        sheet = book.active if title == "Main" else book.create_sheet(title)
        sheet.title = title
        for line in content:
            sheet.append(line)
    for cells in merged:
        book["Main"].merge_cells(cells)
    book.save(path)
    return path


def names(source):
    return [column.name for column in source.columns]


REPORT = [
    ["Sales of 2024", None, None, None],
    ["Printed", "2025-01-01", None, None],
    [],
    ["Region", "Q1", None, "Total"],
    [None, "n", "EUR", None],
    ["North", 1, 1.5, 2.5],
    [None, 2, 2.5, 4.5],
    [],
    ["South", 3, 3.5, 6.5],
]
MERGED = ("A1:D1", "A4:A5", "B4:C4", "D4:D5", "A6:A7")


def test_the_table_is_found_below_a_preamble_with_names_over_several_rows_and_columns(tmp_path, connection):
    source = read_source(workbook(tmp_path / "a.xlsx", REPORT, MERGED), connection)
    assert names(source) == ["Region", "Q1 n", "Q1 EUR", "Total"]
    assert rows(connection, source) == [("North", 1, 1.5, 2.5), ("North", 2, 2.5, 4.5), ("South", 3, 3.5, 6.5)]
    assert (source.settings.header_row, source.settings.n_header_rows, source.settings.sheet) == (4, 2, "Main")
    assert {one.what: one.value for one in source.assumed}["preamble"] == "row 1, row 2"
    assert source.notes == ("Merged cells whose value was given to every row that they cover: 1.",)
    assert rows(connection, read_source(tmp_path / "a.xlsx", connection, source.settings))[0] == ("North", 1, 1.5, 2.5)


def test_a_name_over_several_columns_that_stands_alone_is_no_title(tmp_path, connection):
    lines = [[None, "Visits", None], ["id", "web", "shop"], [1, 2, 3], [4, 5, 6]]
    source = read_source(workbook(tmp_path / "a.xlsx", lines, ["B1:C1"]), connection)
    assert names(source) == ["id", "Visits web", "Visits shop"]
    source = read_source(workbook(tmp_path / "b.xlsx", [["All visits", None, None], *lines[1:]], ["A1:C1"]), connection)
    assert names(source) == ["id", "web", "shop"]


def test_header_and_range_can_be_stated(tmp_path, connection):
    path = workbook(tmp_path / "a.xlsx", REPORT, MERGED)
    source = read_source(path, connection, ReaderSettings(header_row=5))
    assert names(source)[1:3] == ["n", "EUR"]
    source = read_source(path, connection, ReaderSettings(cells="B5:C7"))
    assert (names(source), rows(connection, source)) == (["n", "EUR"], [(1, 1.5), (2, 2.5)])
    source = read_source(path, connection, ReaderSettings(cells="B6:C9", header=False))
    assert (names(source), source.n_rows) == (["column_1", "column_2"], 3)
    source = read_source(path, connection, ReaderSettings(header_row=4, n_header_rows=1))
    assert rows(connection, source)[0] == ("Region", "n", "EUR", "Total")
    with pytest.raises(LoadError, match="'Q' is not|range Q of the sheet 'Main' is empty"):
        read_source(path, connection, ReaderSettings(cells="Q"))


@pytest.mark.parametrize(
    ("cells", "area"),
    [
        ("B3:F200", Area(2, 1, 199, 5)),
        ("b3", Area(2, 1, None, None)),
        ("B:AA", Area(0, 1, None, 26)),
        ("3:200", Area(2, 0, 199, None)),
        ("$A$1:$C$2", Area(0, 0, 1, 2)),
        ("", Area()),
    ],
)
def test_a_range_is_written_as_excel_does(cells, area):
    assert area_of(cells) == area


@pytest.mark.parametrize("cells", ["3B", "B3:", "A1:B2:C3", "Sheet!A1", "F9:B3", "1,2"])
def test_what_is_no_range_gets_a_sentence(cells):
    with pytest.raises(LoadError, match="range"):
        area_of(cells)


def test_every_kind_of_cell_keeps_its_kind(tmp_path, connection):
    day, moment = datetime.datetime(2024, 2, 29), datetime.datetime(2024, 2, 29, 10, 30)
    lines = [
        ["day", "at", "time", "n", "x", "yes", "code", "mix", "none"],
        [day, moment, datetime.time(9, 15), 1, 1, True, "007", 5],
        [None, day, None, 2**40, 0.1, False, "n/a", "n/a"],
        [day, None, datetime.time(0, 0, 1), -3, None, None, "1", moment],
    ]
    source = read_source(workbook(tmp_path / "a.xlsx", lines), connection)
    assert [column.type for column in source.columns] == [
        "DATE",
        "TIMESTAMP",
        "TIME",
        "BIGINT",
        "DOUBLE",
        "BOOLEAN",
        "VARCHAR",
        "VARCHAR",
        "VARCHAR",
    ]
    assert [row[-2] for row in rows(connection, source)] == ["5", "n/a", "2024-02-29 10:30:00"]
    assert rows(connection, source)[1][:4] == (None, day, None, 2**40)


def test_the_first_sheet_that_holds_a_table_is_taken_and_hidden_ones_are_not_listed(tmp_path, connection):
    path = workbook(tmp_path / "a.xlsx", [["Only a title"]], Data=[["a", "b"], [1, 2]], Hidden=[["x"], [1]])
    book = openpyxl.load_workbook(path)
    book["Hidden"].sheet_state = "hidden"
    book.save(path)
    assert sheet_names(path) == ("Main", "Data")
    assert read_source(path, connection).settings.sheet == "Data"
    assert read_source(path, connection, ReaderSettings(sheet="Hidden")).n_rows == 1
    assert [(part.name, part.n_rows) for part in parts(path, None)] == [("Main", 1), ("Data", 2)]


def test_many_rows_arrive_in_order_from_wherever_the_table_begins(tmp_path, connection):
    lines = [[], [], *([None, None, n, f"t{n}"] for n in range(12_000))]
    source = read_source(workbook(tmp_path / "a.xlsx", lines), connection)
    assert [row[0] for row in rows(connection, source)] == list(range(12_000))


def test_an_old_workbook_is_read_with_its_dates_and_merged_names(tmp_path, connection):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Old")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    sheet.write_merge(0, 0, 1, 2, "Sales")
    for row, cells in enumerate([("when", "n", "EUR"), (datetime.date(2024, 1, 31), 3, 1.5), (None, 4, 2.5)], start=1):
        for column, cell in enumerate(cells):
            if cell is not None:
                sheet.write(row, column, cell, day) if row > 1 and column == 0 else sheet.write(row, column, cell)
    book.save(str(tmp_path / "a.xls"))
    source = read_source(tmp_path / "a.xls", connection)
    assert names(source) == ["when", "Sales n", "Sales EUR"]
    assert rows(connection, source) == [(datetime.date(2024, 1, 31), 3, 1.5), (None, 4, 2.5)]
    assert sheet_names(tmp_path / "a.xls") == ("Old",)


def test_an_open_document_spreadsheet_is_read(tmp_path, connection):
    cells = [["id", "name"], [1, "a"], [2, "b"]]
    lines = "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in cells)
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    spaces = " ".join(f'xmlns:{name}="{office}{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f'<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="S">{lines}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = f'<manifest:manifest xmlns:manifest="{office}manifest:1.0"></manifest:manifest>'
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    source = read_source(tmp_path / "a.ods", connection)
    assert (source.settings.sheet, rows(connection, source)) == ("S", [(1, "a"), (2, "b")])


def ods_cell(value):
    """Return a cell in OpenDocument's XML."""
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value}"/>'


@pytest.mark.parametrize("content", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, b"PK\x03\x04garbage"])
def test_a_damaged_workbook_gets_a_sentence(tmp_path, connection, content):
    (tmp_path / "a.xls").write_bytes(content)
    with pytest.raises(LoadError, match="not a whole workbook|damaged"):
        read_source(tmp_path / "a.xls", connection)


def test_a_workbook_whose_sheet_is_damaged_gets_a_sentence(tmp_path, connection):
    whole = workbook(tmp_path / "a.xlsx", REPORT)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[: len(content) // 2] if "sheet1" in name else content)
    with pytest.raises(LoadError, match="damaged|not a whole"):
        read_source(tmp_path / "b.xlsx", connection)


def test_a_sheet_with_only_a_header_or_nothing_gets_a_sentence(tmp_path, connection):
    path = workbook(tmp_path / "a.xlsx", [["a", "b"]], Blank=[])
    with pytest.raises(LoadError, match="only a header|no rows") as caught:
        read_source(path, connection, ReaderSettings(header=True))
    assert caught.value.hint
    with pytest.raises(LoadError, match="'Blank' is empty"):
        read_source(path, connection, ReaderSettings(sheet="Blank"))
