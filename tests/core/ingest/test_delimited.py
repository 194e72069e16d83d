import csv
import gzip
import json
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from core.errors import LoadError
from core.ingest import Column, ReaderSettings, Source, read_source


@pytest.fixture
def connection(tmp_path: Path):
    with duckdb.connect(config={"temp_directory": str(tmp_path / "spill")}) as made:
        yield made


@pytest.fixture
def read(connection: duckdb.DuckDBPyConnection, tmp_path: Path):
    def reading(content: str | bytes, name: str = "file.csv", **settings: object) -> Source:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_source(path, connection, ReaderSettings(**settings) if settings else None, folder=tmp_path)

    return reading


def rows(connection: duckdb.DuckDBPyConnection, source: Source) -> list[tuple[object, ...]]:
    return connection.execute(f'SELECT * FROM "{source.table}"').fetchall()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~", ", "])
def test_the_delimiter_is_found_out(read, connection, delimiter: str):
    body = "".join(delimiter.join((f"n{i}", str(i), f"{i}.5")) + "\n" for i in range(20))
    source = read(delimiter.join(("name", "n", "x")) + "\n" + body)
    assert source.settings.delimiter == delimiter
    assert source.columns == (Column("name", "VARCHAR"), Column("n", "BIGINT"), Column("x", "DOUBLE"))
    assert rows(connection, source)[3] == ("n3", 3, 3.5)


def test_decimal_commas_do_not_pass_for_delimiters(read):
    assert read("a;b;c\n1,5;2,5;x\n3,25;4,5;y\n").settings.delimiter == ";"


def test_a_text_of_sentences_is_one_column_and_not_words_between_blanks(read, connection):
    source = read("text\nhello there, world\nfoo bar baz\nthe quick brown fox, and so on\n")
    assert [row[0] for row in rows(connection, source)] == [
        "hello there, world",
        "foo bar baz",
        "the quick brown fox, and so on",
    ]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_found_out_and_rows_are_the_same(read, connection, encoding: str, found: str):
    text = "name,price,note\n" + "".join(f"Zoë {i},{i},5 % off the lot\n" for i in range(30))
    source = read(text.encode(encoding))
    assert source.settings.encoding == found
    assert rows(connection, source)[2] == ("Zoë 2", 2, "5 % off the lot")


def test_a_byte_that_cp1252_leaves_open_means_latin_1_and_a_euro_sign_means_cp1252(read, connection):
    assert read(b"a,b\n\x81\xe9,1\n").settings.encoding == "latin-1"
    source = read("a,b\nfor 5 €,1\n".encode("cp1252"))
    assert rows(connection, source) == [("for 5 €", 1)]


def test_a_stated_encoding_is_used_or_refused(read):
    assert read("a,b\né,1\n".encode("latin-1"), encoding="latin-1").settings.encoding == "iso8859-1"
    with pytest.raises(LoadError, match="not in the encoding ascii"):
        read("a,b\né,1\n", encoding="ascii")
    with pytest.raises(LoadError, match="no encoding 'klingon'"):
        read("a,b\n1,2\n", encoding="klingon")


def test_a_gzip_file_is_read_like_what_is_inside(read, connection):
    source = read(gzip.compress(b"a,b\n1,2\n"), "file.csv.gz")
    assert rows(connection, source) == [(1, 2)]
    with pytest.raises(LoadError, match="damaged gzip"):
        read(gzip.compress(b"a,b\n1,2\n" * 1000)[:40], "cut.csv.gz")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,b\n1,2\n3,4\n", ["a", "b"]),
        ("1,2\n3,4\n", ["column_1", "column_2"]),
        ("39, State-gov, x\n50, Private, y\n", ["column_1", "column_2", "column_3"]),
        ("city,country\nRome,Italy\nParis,France\n", ["city", "country"]),
        ("Rome,Italy\nParis,France\nRome,Italy\nMilan,Italy\n", ["column_1", "column_2"]),
        ("a,A,,b\n1,2,3,4\n", ["a", "A_2", "column_3", "b"]),
        ("a,b,c\n1,2,3,\n4,5,6,\n", ["a", "b", "c", "column_4"]),
        ('"two\nlines",b\n1,2\n', ["two lines", "b"]),
    ],
)
def test_a_header_is_found_or_made(read, text: str, names: list[str]):
    assert [column.name for column in read(text).columns] == names


def test_a_stated_header_is_not_questioned(read, connection):
    assert rows(connection, read("a,b\n1,2\n", header=False)) == [("a", "b"), ("1", "2")]
    assert [column.name for column in read("1,2\n3,4\n", header=True).columns] == ["1", "2"]


def test_ragged_rows_are_counted_with_line_and_reason_and_do_not_make_one_column_of_the_file(read, connection):
    good = "".join(f"{i},n{i},{i}\n" for i in range(50))
    source = read(f"id,name,v\n{good}7,8\n9,1,2,3\n{good}")
    assert (source.n_rows, source.n_rejected, len(source.columns)) == (100, 2, 3)
    assert [(one.line, one.reason, one.text) for one in source.rejected] == [
        (52, "It has 2 columns where 3 are expected.", "7,8"),
        (53, "It has 4 columns where 3 are expected.", "9,1,2,3"),
    ]


def test_lines_are_counted_as_an_editor_does_when_values_hold_line_ends(read):
    source = read('a,b\n1,"x\ny"\n\n2,z\n3\n4,"p\nq"\n5,6,7\n')
    assert [one.line for one in source.rejected] == [6, 9]


def test_a_quote_that_never_closes_costs_its_own_row_only(read, connection):
    good = "".join(f"{i},n{i},{i}\n" for i in range(50))
    source = read(f'id,name,v\n1,a,1\n7,"oops,3\n{good}8,"again,x,y,3\n2,b,2\n')
    assert source.n_rows == 53
    assert rows(connection, source)[1] == (7, '"oops', 3)
    assert [(one.line, one.before) for one in source.repaired] == [(3, '7,"oops,3')]
    assert [(one.line, one.text) for one in source.rejected] == [(54, '8,"again,x,y,3')]


def test_rows_quoted_as_a_whole_are_unwrapped_and_noted(read, connection):
    source = read('id,name,v\n1,a,2\n"2,""b, c"",3"\n3,c,4\n')
    assert rows(connection, source) == [(1, "a", 2), (2, "b, c", 3), (3, "c", 4)]
    assert source.n_rejected == 0
    assert "quoted as a whole" in source.notes[0]


def test_line_ends_of_several_kinds_are_made_one(read, connection):
    source = read("a,b\n1,2\r\n3,4\n5,6\r\n")
    assert rows(connection, source) == [(1, 2), (3, 4), (5, 6)]
    assert [one.value for one in source.assumed if one.what == "line ends"] == ["several kinds"]


def test_odd_characters_inside_values_do_not_end_a_line(read, connection):
    source = read("a,b\nx\u2028y,1\nx\x0cy,2\nx\x85y,3\n")
    assert [row[1] for row in rows(connection, source)] == [1, 2, 3]
    assert source.n_rejected == 0


def test_lines_before_the_table_are_left_out_and_counted(read):
    source = read("Report of 2013\n\nid,name,v\n1,a,2\n2,b,3\n")
    assert [column.name for column in source.columns] == ["id", "name", "v"]
    assert [(one.line, one.text) for one in source.rejected] == [(1, "Report of 2013")]


def test_types_are_found_from_every_value_and_codes_stay_text(read):
    late = "".join("1,1,2013-01-01,true,01234,1.5,2013-01-01 10:00\n" for _ in range(12_000))
    source = read(f"n,mixed,day,flag,zip,x,at\n{late}2,one,2013-01-02,false,12345,2,2013-01-02\n")
    assert [column.type for column in source.columns] == [
        "BIGINT",
        "VARCHAR",
        "DATE",
        "BOOLEAN",
        "VARCHAR",
        "DOUBLE",
        "TIMESTAMP",
    ]


def test_words_for_no_value_stay_text_and_only_the_empty_field_is_missing(read, connection):
    source = read('a,b,c\nNULL,1,\nNA,2,\n"",3,\n ,4,\n')
    assert rows(connection, source) == [("NULL", 1, None), ("NA", 2, None), (None, 3, None), (" ", 4, None)]


def test_a_stated_type_rejects_the_rows_that_do_not_have_it(read, connection):
    source = read("zip,n\n01234,1\n12345,x\n3,4\n", types={"zip": "VARCHAR", "n": "INTEGER"})
    assert rows(connection, source) == [("01234", 1), ("3", 4)]
    assert [(one.line, one.column, one.text) for one in source.rejected] == [(3, "n", "12345,x")]


@pytest.mark.parametrize("types", [{"a": "BIGINT); DROP TABLE x"}, {"nothing": "BIGINT"}, {"a": "BIGINT USING 1"}])
def test_a_type_that_is_none_or_a_column_that_is_not_there_is_refused(read, types: dict[str, str]):
    with pytest.raises(LoadError):
        read("a,b\n1,2\n", types=types)


def test_reading_again_with_the_settings_as_used_gives_the_same(read, connection):
    text = "Report\nid;when;v;flag\n1;2013-01-01;x;true\n2;2013-01-02;y;false\n3;oops\n"
    first = read(text)
    before = rows(connection, first)
    again = read(text, **{name: getattr(first.settings, name) for name in first.settings.__dataclass_fields__})
    assert replace(again, assumed=first.assumed) == first
    assert [one.what for one in again.assumed] == ["preamble"]
    assert rows(connection, again) == before


def test_only_the_first_hundred_rejected_rows_are_kept_and_all_are_counted(read):
    source = read("a,b\n" + "1,2\n" * 500 + "3\n" * 150)
    assert (source.n_rejected, len(source.rejected), source.n_rows) == (150, 100, 500)


@pytest.mark.parametrize(
    ("text", "named"), [("a,b,c\n", "only a header"), ("", "empty"), ("\n  \n", "empty"), ("\ufeff", "empty")]
)
def test_a_file_without_rows_gets_a_sentence(read, text: str, named: str):
    with pytest.raises(LoadError, match=named) as caught:
        read(text)
    assert caught.value.hint


REAL = {
    "bank_marketing/bank-additional-full.csv": (41_188, 21, ";", True),
    "telco_churn/Telco-Customer-Churn.csv": (7_043, 21, ",", True),
    "adult/adult.data": (32_561, 15, ", ", False),
    "adult/adult.test": (16_281, 15, ", ", False),
    "lead_scoring/Leads.csv": (9_240, 37, ",", True),
    "hotel_bookings/hotel_bookings.csv.gz": (119_390, 32, ",", True),
}


@pytest.mark.parametrize(("name", "expected"), REAL.items())
def test_real_files_are_read_whole(shared_data: Path, connection, name: str, expected: tuple[int, int, str, bool]):
    source = read_source(shared_data / name, connection)
    used = source.settings
    assert (source.n_rows, len(source.columns), used.delimiter, used.header) == expected
    assert source.n_rejected == 0


@pytest.mark.parametrize(
    "name", ["adult/adult.data", "lead_scoring/Leads.csv", "bank_marketing/bank-additional-full.csv"]
)
def test_cells_of_real_files_are_those_that_pythons_reader_finds(shared_data: Path, connection, name: str):
    source = read_source(shared_data / name, connection)
    with (shared_data / name).open(encoding="utf-8", newline="") as file:
        delimiter = source.settings.delimiter
        wanted = [row for row in csv.reader(file, delimiter=delimiter[0], skipinitialspace=len(delimiter) > 1) if row]
    wanted = wanted[1:] if source.settings.header else wanted
    texts = [column.name for column in source.columns if column.type == "VARCHAR"]
    places = [[column.name for column in source.columns].index(text) for text in texts]
    selected = ", ".join(f'"{text}"' for text in texts)
    found = connection.execute(f'SELECT {selected} FROM "{source.table}"').fetchall()
    assert found == [tuple(row[place] or None for place in places) for row in wanted]


def test_small_files_of_csv_spectrum_mean_what_their_json_says(shared_data: Path, connection):
    for path in sorted((shared_data / "csv-spectrum" / "csvs").glob("*.csv")):
        source = read_source(path, connection)
        names = [column.name for column in source.columns]
        found = [
            {name: "" if value is None else str(value) for name, value in zip(names, row, strict=True)}
            for row in rows(connection, source)
        ]
        # The copies of the files there have plain line ends throughout, their JSON has not.
        meant = (shared_data / "csv-spectrum" / "json" / f"{path.stem}.json").read_text()
        wanted = json.loads(meant.replace("\\r\\n", "\\n"))
        assert [list(row.values()) for row in found] == [list(row.values()) for row in wanted], path.name
