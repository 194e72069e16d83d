"""Texts that are not in order: what is put right, what is left out, and what is said about it."""

from pathlib import Path

import duckdb
import pytest

from core.errors import LoadError
from core.ingest.delimited import TextTable, read_text
from core.ingest.kinds import kind_of
from core.ingest.source import ReaderSettings

GOOD = [f"{i},n{i},{i}.5,{'x' if i % 3 else ''}" for i in range(1, 31)]
NAMES = "id,name,amount,flag"


@pytest.fixture
def read(tmp_path: Path):
    def reading(content: str | bytes, **settings: object) -> tuple[TextTable, list[list[str]]]:
        path = tmp_path / "file.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with duckdb.connect() as connection:
            found = read_text(path, connection, ReaderSettings(**settings), tmp_path)
            rows = connection.execute("SELECT * FROM source_text").fetchall() if found.names else []
        return found, [[value or "" for value in row] for row in rows]

    return reading


def text(*lines: str, end: str = "\n") -> str:
    return "".join(line + end for line in lines)


def cells(lines: list[str]) -> list[list[str]]:
    return [line.split(",") for line in lines]


def said(found: TextTable, what: str) -> list[str]:
    return [one.value for one in found.assumed if one.what == what]


def test_lines_may_end_in_a_carriage_return_alone(read):
    found, rows = read(text(NAMES, *GOOD, end="\r"))
    assert rows == cells(GOOD)
    assert said(found, "line ends") == ["CR"]


def test_line_ends_that_were_converted_twice_make_no_rows_of_their_own(read):
    found, rows = read(text(NAMES, *GOOD, end="\r\r\n"))
    assert (rows, found.n_rejected) == (cells(GOOD), 0)


def test_line_ends_may_change_far_behind_the_sample(read):
    many = GOOD * 700
    found, rows = read(text(NAMES, *many) + text(*GOOD, end="\r\n") + text(*GOOD, end="\r"))
    assert rows == cells(many + GOOD + GOOD)
    assert found.n_rejected == 0


@pytest.mark.parametrize("before", [["Sales of May", ""], ["Sales,,,", ",,,"], ["From: here", "To: there, or so"]])
def test_what_stands_before_the_names_is_left_out_and_named(read, before: list[str]):
    found, rows = read(text(*before, NAMES, *GOOD))
    assert (found.header, rows) == (tuple(NAMES.split(",")), cells(GOOD))
    assert said(found, "header") == [f"line {len(before) + 1}"]
    assert all(one.reason == "It stands before the table." for one in found.rejected)


def test_names_over_two_rows_are_joined_and_those_over_several_columns_carried(read):
    assert read(text(NAMES, "no,text,EUR,y/n", *GOOD))[0].header == ("id no", "name text", "amount EUR", "flag y/n")
    spanned, rows = read(text(",Spring,,Autumn,", "Town,In,Out,In,Out", *(f"T{i},{i},2,3,4" for i in range(9))))
    assert spanned.header == ("Town", "Spring In", "Spring Out", "Autumn In", "Autumn Out")
    assert len(rows) == 9


def test_a_stated_row_of_names_is_taken(read):
    found, rows = read(text(NAMES, *GOOD), header_row=4, n_header_rows=2)
    assert found.header == ("3 4", "n3 n4", "3.5 4.5", "x")
    assert rows == cells(GOOD[4:])
    assert [one.line for one in found.rejected] == [1, 2, 3]


def test_lines_after_the_table_are_left_out(read):
    found, rows = read(text(NAMES, *GOOD, "", "(30 rows)", "Source: somewhere"))
    assert rows == cells(GOOD)
    assert said(found, "footer") == ["lines 33 to 34"]
    assert [one.reason for one in found.rejected] == ["It stands after the table."] * 2


def test_a_second_table_of_another_width_is_left_out(read):
    second = ["town,people", *(f"T{i},{i}" for i in range(5))]
    found, rows = read(text(NAMES, *GOOD, "", *second))
    assert rows == cells(GOOD)
    assert (said(found, "tables"), found.n_rejected) == (["the first"], 6)


def test_a_row_of_names_that_comes_again_goes_on_with_the_table_unless_its_rows_come_again_too(read):
    more = [line.replace("n", "m") for line in GOOD]
    assert read(text(NAMES, *GOOD, NAMES, *more))[1] == cells(GOOD + more)
    found, rows = read(text(NAMES, *GOOD, NAMES, *GOOD))
    assert (rows, found.n_rejected) == (cells(GOOD), 30)


@pytest.mark.parametrize("sign", ["\\", "^"])
def test_a_quote_may_be_escaped_by_another_sign(read, sign: str):
    found, rows = read(text("id,said,n", *(f'{i},"he {sign}"said{sign}", twice",{i}' for i in range(20))))
    assert rows[3] == ["3", 'he "said", twice', "3"]
    assert (found.settings.escape, found.n_repaired, found.n_rejected) == (sign, 0, 0)


def test_single_quotes_are_quotes_where_values_need_them(read):
    found, rows = read(text("id,note", *(f"{i},'it's red, or blue'" for i in range(9)), "9,'plain'"))
    assert rows[0] == ["0", "it's red, or blue"]
    assert (rows[9], found.settings.quote, found.n_repaired) == (["9", "plain"], "'", 9)


@pytest.mark.parametrize(
    ("delimiter", "found_as"), [("||", "||"), ("   ", "blanks"), ("\x1f", "\x1f"), ("~|~", "~|~"), (" ", " ")]
)
def test_delimiters_may_be_of_several_characters_or_blanks(read, delimiter: str, found_as: str):
    found, rows = read(text(*(delimiter.join(line.split(",")[:3]) for line in [NAMES, *GOOD])))
    assert rows == [row[:3] for row in cells(GOOD)]
    assert found.settings.delimiter == found_as


@pytest.mark.parametrize(
    ("odd", "meant", "what"),
    [
        ("31,n31,3.5", ["31", "n31", "3.5", ""], "ends 1 value early"),
        ("31,n31,3.5,x,,", ["31", "n31", "3.5", "x"], "blank values at its end"),
        ("31,,n31,3.5,x", ["31", "n31", "3.5", "x"], "stands twice"),
        ("31,,n31,3.5,", ["31", "n31", "3.5", ""], "stands twice"),
        ("31;n31;3.5;x", ["31", "n31", "3.5", "x"], "divided by ;"),
        ('"31,n31,3.5,x"', ["31", "n31", "3.5", "x"], "quoted as a whole"),
        ('31,"n31,3.5,x', ["31", '"n31', "3.5", "x"], "quote"),
        ('31,"n"3"1",3.5,x', ["31", 'n"3"1', "3.5", "x"], "quote"),
    ],
)
def test_a_row_is_put_right_where_the_others_show_how(read, odd: str, meant: list[str], what: str):
    found, rows = read(text(NAMES, *GOOD, odd, *GOOD))
    assert rows == [*cells(GOOD), meant, *cells(GOOD)]
    assert [(one.line, one.before, what in one.what) for one in found.repaired] == [(32, odd, True)]


def test_a_value_with_an_unquoted_delimiter_is_joined_where_only_one_column_holds_free_text(read):
    towns = ["Ulm", "Bad Tölz", "St. Gallen", "Aix-en-Provence", "Rom", "'s-Hertogenbosch", "Ham (Sud)", "Y"]
    lines = [f"{i},{town} & c{'o' * i}.,{i}.5" for i, town in enumerate(towns)]
    found, rows = read(text("id,firm,amount", *lines, "9,Smith, Sons & co.,3.5"))
    assert rows[-1] == ["9", "Smith, Sons & co.", "3.5"]
    assert found.n_repaired == 1


@pytest.mark.parametrize("odd", ["31,n31", "31,n31,3.5,x,y", "a,b,c,d,e", "31 n31", "n31,31,x,3.5,,7"])
def test_a_row_that_could_be_meant_in_more_than_one_way_is_left_out(read, odd: str):
    found, rows = read(text(NAMES, *GOOD, odd, *GOOD))
    assert (rows, [(one.line, one.text) for one in found.rejected]) == (cells(GOOD + GOOD), [(32, odd)])


def test_a_text_whose_rows_are_all_quoted_as_a_whole_is_unwrapped(read):
    found, rows = read(text(f'"{NAMES}"', *(f'"{line}"' for line in GOOD), '"31,""n, 31"",3.5,x"'))
    assert (found.header, rows) == (tuple(NAMES.split(",")), [*cells(GOOD), ["31", "n, 31", "3.5", "x"]])
    assert (said(found, "rows"), found.n_repaired) == (["quoted as a whole"], 31)


def test_a_quote_that_never_closes_swallows_no_row_and_values_over_lines_stay_whole(read):
    lines = [NAMES, *GOOD, '31,"open,3.5,x', *GOOD, '32,"two\nlines",3.5,x', *GOOD]
    found, rows = read(text(*lines))
    assert len(rows) == 92
    assert rows[61] == ["32", "two\nlines", "3.5", "x"]
    assert [one.line for one in found.repaired] == [32]


def test_comments_bytes_of_zero_and_a_stated_separator_are_left_out(read):
    found, rows = read(text("# made by hand", "# in May", NAMES, *GOOD, "# half of it", *GOOD))
    assert (rows, said(found, "comment")) == (cells(GOOD + GOOD), ["#", "1 left out"])
    assert read(text(NAMES, *GOOD[:-1], GOOD[-1].replace("n", "n\x00")))[1] == cells(GOOD)
    found, rows = read(text("sep=;", "a;b", "1,5;2", "3,5;4"))
    assert (found.header, rows) == (("a", "b"), [["1,5", "2"], ["3,5", "4"]])


def test_a_few_damaged_bytes_do_not_change_the_encoding_of_a_text(read):
    good = text("id,name", *(f"{i},Zoë" for i in range(20))).encode()
    found, rows = read(good + b"21,Zo\xff\n")
    assert (rows[0], rows[-1]) == (["0", "Zoë"], ["21", "Zo\ufffd"])
    assert found.settings.encoding == "utf-8"
    assert "1 are damaged" in next(one.why for one in found.assumed if one.what == "encoding")


def test_a_header_alone_is_a_table_without_rows_and_an_empty_file_has_no_names(read):
    assert read(text(NAMES))[0].header == tuple(NAMES.split(","))
    assert read("")[0].names == ()


def test_lines_are_those_of_the_source_far_behind_the_sample(read):
    found, rows = read(text(NAMES, *GOOD * 1000, '5,"n5,3.5', *GOOD, "7,n7", *GOOD))
    assert len(rows) == 31_060 - 1000
    assert [one.line for one in found.rejected] == [30_002, 30_033]


@pytest.mark.parametrize(
    ("content", "settings", "rows"),
    [
        ("a;b,c\n1;2,3\n", {"delimiter": ";"}, [["1", "2,3"]]),
        ('a,b\n1,"2\n3,4"\n', {"quote": "none"}, [["1", '"2'], ["3", '4"']]),
        ("a,b\n1,'2,3'\n", {"quote": "'"}, [["1", "2,3"]]),
        ('a,b\n1,"2!",3"\n', {"escape": "!"}, [["1", '2",3']]),
        ("a,b\n;1,2\n3,4\n", {"comment": ";"}, [["3", "4"]]),
        ("a,b\n1,2\n", {"header": False}, [["a", "b"], ["1", "2"]]),
        ("1,2\n3,4\n", {"header": True}, [["3", "4"]]),
        ("x,y\na,b\n1,2\n", {"header_row": 2}, [["1", "2"]]),
        ("a,b\nc,d\n1,2\n", {"n_header_rows": 2}, [["1", "2"]]),
        ("a,b\n\xe9,2\n".encode("latin-1"), {"encoding": "cp1250"}, [["é", "2"]]),
    ],
)
def test_what_is_stated_is_not_questioned(read, content: str | bytes, settings: dict, rows: list[list[str]]):
    found, got = read(content, **settings)
    assert got == rows
    assert not {one.what for one in found.assumed} & set(settings)


def test_a_row_that_is_thousands_of_values_too_long_takes_no_longer_than_another(read):
    found, rows = read(text(NAMES, *GOOD, ",".join("x" * 30_000), *GOOD))
    assert (len(rows), found.n_rejected) == (60, 1)


def test_a_value_of_several_million_characters_is_read_whole(read):
    found, rows = read(text(NAMES, *GOOD, f'31,"{"long, " * 500_000}",3.5,x'))
    assert (len(rows[-1][1]), found.n_rejected, found.n_repaired) == (3_000_000, 0, 0)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"delimiter": ",", "quote": ","}, "two things"),
        ({"quote": "ab"}, "more than one character"),
        ({"delimiter": "\n"}, "line end"),
        ({"delimiter": "12345"}, "too long"),
    ],
)
def test_marks_that_cannot_be_are_refused(read, settings: dict[str, str], named: str):
    with pytest.raises(LoadError, match=named):
        read(text(NAMES, *GOOD), **settings)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"<!-- x -->\n<!DOCTYPE html><html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS"),
        (b"%PDF-1.7\n%\xe2", "PDF"),
        (b"\x7fELF\x02\x01\x01\x00", "program"),
        (b"MZ\x90\x00\x03\x00", "program"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"RIFF\x00\x00\x00\x00WEBP", "picture"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"-- MySQL dump 10.13\n", "SQL script"),
        (bytes(range(256)) * 8, "not text"),
    ],
)
def test_what_is_no_table_is_refused_by_name(tmp_path: Path, content: bytes, named: str):
    (tmp_path / "table.csv").write_bytes(content)
    with pytest.raises(LoadError, match=named):
        kind_of(tmp_path / "table.csv")


@pytest.mark.parametrize("names", ["MZ,ORC", "PK,name", "<ticker>,<date>", "ID3,x", "create date,x"])
def test_a_text_that_begins_like_something_else_is_a_text(tmp_path: Path, names: str):
    (tmp_path / "table.csv").write_text(f"{names}\n1,2\n")
    assert kind_of(tmp_path / "table.csv") == "csv"
