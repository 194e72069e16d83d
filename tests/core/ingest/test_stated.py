"""A type that a person states holds for every value, or the row is left out and named."""

import pytest

from core.ingest import ReaderSettings, read_source
from core.workspace.connection import open_reader


@pytest.fixture
def read(tmp_path):
    reader = open_reader(tmp_path / "reader")

    def reading(text: str, types: dict[str, str], **settings):
        path = tmp_path / "a.csv"
        path.write_text(text)
        source = read_source(path, reader, ReaderSettings(types=types, **settings), folder=tmp_path)
        return source, reader.execute(f'SELECT * FROM "{source.table}" ORDER BY rowid').fetchall()

    yield reading
    reader.close()


@pytest.mark.parametrize("kind", ["TINYINT", "INTEGER", "BIGINT", "HUGEINT", "UBIGINT"])
@pytest.mark.parametrize("value", ["1.5", "1e1", "1.0", "0x10", "1_0", "+-5", "x", "-"])
def test_a_value_that_is_no_whole_number_is_left_out_with_its_line(read, kind, value):
    source, rows = read(f"a,b\n7,x\n{value},y\n 8 ,z\n", {"a": kind})
    assert rows == [(7, "x"), (8, "z")]
    assert (source.columns[0].type, source.n_rejected) == (kind, 1)
    (row,) = source.rejected
    assert (row.line, row.column, row.reason) == (3, "a", f"Column 'a' is not {kind}.")
    assert row.text == f"{value},y"


def test_a_whole_number_that_is_too_large_for_the_type_is_left_out(read):
    source, rows = read("a,b\n127,x\n128,y\n", {"a": "TINYINT"})
    assert rows == [(127, "x")]
    assert [one.line for one in source.rejected] == [3]


def test_lines_are_those_of_the_file_beside_ragged_rows_and_values_of_several_lines(read):
    text = 'a,b,c\n1,"x\ny",2024-01-01\n2,z\n3.5,"p\nq",2024-01-02\n4,"r\n\ns",2024-01-03\n5,t,2024-01-05\n1.25,u,\n'
    source, rows = read(text, {"a": "BIGINT"})
    assert [row[0] for row in rows] == [1, 2, 4, 5]
    assert [(one.line, one.column) for one in source.rejected] == [(5, "a"), (11, "a")]


def test_many_misfits_are_counted_and_the_first_hundred_named(read):
    source, rows = read("a,b\n" + "1,x\n1.5,y\n" * 500, {"a": "BIGINT"})
    assert rows == [(1, "x")] * 500
    assert (source.n_rejected, len(source.rejected)) == (500, 100)
    assert [one.line for one in source.rejected[:3]] == [3, 5, 7]


def test_codes_with_zeros_before_them_are_numbers_where_somebody_says_so(read):
    source, rows = read("a,b\n007,x\n12,y\n", {"a": "BIGINT"})
    assert (rows, source.n_rejected) == ([(7, "x"), (12, "y")], 0)


def test_marks_of_thousands_and_words_for_nothing_are_no_misfits(read):
    source, rows = read('a,b\n"1,234",x\nN/A,y\n17,z\n', {"a": "BIGINT"}, missing=("N/A",), thousands=",")
    assert (rows, source.n_rejected) == ([(1234, "x"), (None, "y"), (17, "z")], 0)
