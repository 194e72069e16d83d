import datetime
import hashlib
import pickle
import zipfile
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import LoadError
from core.ingest import Column, ReaderSettings, read_source, sha256_of, sheet_names
from core.ingest.source import unique_names


@pytest.fixture
def connection():
    with duckdb.connect() as made:
        yield made


def test_a_source_says_its_size_and_sha256_and_can_be_streamed(tmp_path, connection):
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n2\n")
    source = read_source(path, connection)
    assert source.n_bytes == 6
    assert source.sha256 == sha256_of(path) == hashlib.sha256(b"a\n1\n2\n").hexdigest()
    stream = connection.sql(f'SELECT * FROM "{source.table}"').to_arrow_reader(1)
    assert stream.read_all().to_pylist() == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        ("a.csv", b"%PDF-1.4 x", "a PDF document"),
        ("a.csv", b"\x89PNG\r\n\x1a\n", "a picture"),
        ("a.csv", b"<!DOCTYPE html><html><body>Please log in", "a web page"),
        ("a.csv", b"\n\n <html>", "a web page"),
        ("a.xlsx", b"<html><table><tr><td>1</td></tr></table>", "a web page"),
        ("a.csv", b"<?xml version='1.0'?><a/>", "XML"),
        ("a.csv", bytes(range(256)) * 20, "not text"),
        ("a.csv", pickle.dumps([1, 2]), "a Python pickle"),
        ("a.parquet", b"a,b\n1,2\n", "is text"),
        ("a.parquet", b"PAR1garbage", "not a whole Parquet file"),
        ("a.xlsx", b"PK\x03\x04garbage", "damaged zip"),
        ("a.json", b'{"a":', "not JSON"),
        ("a.json", b"[1, 2, 3]", "not JSON that holds rows"),
        ("a.csv", b"", "empty"),
    ],
)
def test_what_is_not_a_table_is_refused_by_name_with_a_next_step(tmp_path, connection, name, content, named):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(LoadError) as caught:
        read_source(path, connection)
    assert named in caught.value.problem
    assert caught.value.hint


def test_a_word_document_is_told_apart_from_a_workbook_and_from_an_archive(tmp_path, connection):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "x")
    with pytest.raises(LoadError, match="a Word document"):
        read_source(path, connection)


def test_a_file_that_is_not_there_gets_a_sentence(tmp_path, connection):
    with pytest.raises(LoadError, match="no file 'gone.csv'"):
        read_source(tmp_path / "gone.csv", connection)


def test_parquet_keeps_its_types_whatever_the_file_is_called(tmp_path, connection):
    table = pa.table({"a": pa.array([1, None], pa.int32()), "t": pa.array([datetime.date(2013, 1, 1)] * 2)})
    pq.write_table(table, tmp_path / "renamed.csv")
    source = read_source(tmp_path / "renamed.csv", connection)
    assert source.settings.kind == "parquet"
    assert source.columns == (Column("a", "INTEGER"), Column("t", "DATE"))
    assert source.n_rows == 2


def test_a_parquet_file_without_rows_is_refused(tmp_path, connection):
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), tmp_path / "a.parquet")
    with pytest.raises(LoadError, match="no rows"):
        read_source(tmp_path / "a.parquet", connection)


def test_json_is_read_as_an_array_or_one_object_per_line(tmp_path, connection):
    (tmp_path / "a.json").write_text('[{"a": 1, "b": "x"}, {"a": 2, "c": {"d": 1}}]')
    source = read_source(tmp_path / "a.json", connection)
    assert [column.name for column in source.columns] == ["a", "b", "c"]
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n{"a": 2}\nnot json\n\n{"a": 3}\n')
    source = read_source(tmp_path / "a.jsonl", connection)
    assert (source.n_rows, source.n_rejected) == (3, 1)
    assert (source.rejected[0].line, source.rejected[0].text) == (3, "not json")


def test_json_in_another_encoding_is_read(tmp_path, connection):
    (tmp_path / "a.json").write_bytes('[{"a": "Zoë"}]'.encode("utf-16"))
    source = read_source(tmp_path / "a.json", connection, folder=tmp_path)
    assert connection.execute(f'SELECT a FROM "{source.table}"').fetchall() == [("Zoë",)]


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Main"
    sheet.append([])
    sheet.append(["id", "day", "at", "x", "mix", "yes", None])
    sheet.append([1, datetime.datetime(2013, 1, 1), datetime.datetime(2013, 1, 1, 10), 1.5, "a", True, None])
    sheet.append([2, datetime.datetime(2013, 1, 2), None, 2, 3.0, False, None])
    sheet.append([])
    other = book.create_sheet("Other")
    other.append([1, 2])
    other.append([3, 4])
    book.create_sheet("Blank")
    book.save(tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


def test_excel_gives_the_first_sheet_with_its_types_and_without_blank_rows_and_columns(workbook, connection):
    source = read_source(workbook, connection)
    assert [(column.name, column.type) for column in source.columns] == [
        ("id", "BIGINT"),
        ("day", "DATE"),
        ("at", "TIMESTAMP"),
        ("x", "DOUBLE"),
        ("mix", "VARCHAR"),
        ("yes", "BOOLEAN"),
    ]
    assert connection.execute(f'SELECT id, x, mix FROM "{source.table}"').fetchall() == [(1, 1.5, "a"), (2, 2.0, "3")]


def test_another_sheet_can_be_chosen_and_a_wrong_one_lists_those_there_are(workbook, connection):
    assert sheet_names(workbook) == ("Main", "Other", "Blank")
    source = read_source(workbook, connection, ReaderSettings(sheet="Other"))
    assert (source.settings.sheet, source.settings.header, source.n_rows) == ("Other", False, 2)
    with pytest.raises(LoadError) as caught:
        read_source(workbook, connection, ReaderSettings(sheet="None"))
    assert "Main, Other, Blank" in caught.value.hint
    with pytest.raises(LoadError, match="'Blank' is empty"):
        read_source(workbook, connection, ReaderSettings(sheet="Blank"))


def test_a_stated_kind_that_the_file_is_not_is_refused(workbook, connection):
    with pytest.raises(LoadError, match="an Excel workbook, not a delimited text"):
        read_source(workbook, connection, ReaderSettings(kind="csv"))


def test_a_stated_type_makes_a_column_of_a_workbook_that(workbook, connection):
    source = read_source(workbook, connection, ReaderSettings(types={"id": "VARCHAR"}))
    assert source.columns[0] == Column("id", "VARCHAR")
    with pytest.raises(LoadError, match="cannot be made DATE"):
        read_source(workbook, connection, ReaderSettings(types={"mix": "DATE"}))


def test_names_are_made_unique_without_regard_to_case():
    assert unique_names(["a", "A", None, " ", "a_2", "b\n c"]) == ["a", "A_2", "column_3", "column_4", "a_2_2", "b c"]
