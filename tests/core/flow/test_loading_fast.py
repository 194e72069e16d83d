"""The pass straight into a table with types gives what the way over text columns gives, value by value."""

import math
import random
from pathlib import Path

import duckdb
import pytest

from core import flow
from core.ingest import ReaderSettings, read_source
from core.ingest.beside import Glance, chunks
from core.ingest.delimited import written as written_as
from core.ingest.forms import PLAIN
from core.ingest.scan import n_trailing
from core.ingest.strict import Plan, plan
from core.ingest.tokens import Marks
from core.workspace.connection import open_reader
from core.workspace.home import close_all

WORDS = ["red", "blue", "7a", "N/A", "true", "x y", " lead", "007", "1_000", "31/12/2024", "12.5%"]
ODD = [
    *(
        "007",
        "-07",
        "+5",
        " 5",
        "5 ",
        "+-5",
        "1_000",
        "1__0",
        "0x10",
        "nan",
        "inf",
        "-inf",
        "1e400",
        "1e-400",
        "1.",
        ".5",
    ),
    *(
        "-0",
        "00",
        "1e3",
        "1E+02",
        "1.0",
        "12345678901234567890",
        "9007199254740993",
        "9223372036854775807",
        "",
        "-",
        ".",
    ),
    *("True", "FALSE", "t", "yes", "2024-02-30", "2024-1-5", "infinity", "epoch", "2024-01-05 (BC)", "10000-01-01"),
    *(
        "2024-01-05 10:00",
        "2024-01-05T10:00:00",
        "2024-01-05 10:00:00.5",
        "2024-01-05 10:00:00Z",
        "2024/01/05 10:00:00",
    ),
    *(
        "2024-01-05 10:00+02",
        "2024-01-05 24:00:00",
        "0044-03-15 10:00:00",
        "1,5",
        "1.234,5",
        "12:30",
        "$5",
        "5 %",
        "NULL",
    ),
]


def column(chance: random.Random, n: int) -> list[str]:
    """A column of one kind, now and then with a value of another where a sample hardly sees it."""
    kinds = {
        "int": lambda: str(chance.randint(-(10 ** chance.randint(1, 18)), 10**9)),
        "float": lambda: f"{chance.gauss(0, 100):.{chance.randint(1, 6)}f}",
        "small": lambda: f"{chance.random():.3f}",
        "exp": lambda: f"{chance.gauss(0, 1):.3e}",
        "date": lambda: f"20{chance.randint(10, 29)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        "time": lambda: f"2024-03-{chance.randint(1, 28):02} {chance.randint(0, 23):02}:00:{chance.randint(0, 59):02}",
        "zone": lambda: f"2024-03-{chance.randint(1, 28):02}T{chance.randint(0, 23):02}:00:00+02:00",
        "bool": lambda: chance.choice(["true", "false"]),
        "day": lambda: f"{chance.randint(1, 28)}.{chance.randint(1, 12)}.2024",
        "comma": lambda: f"{chance.randint(1, 10**6)},{chance.randint(0, 99):02}",
        "text": lambda: chance.choice(WORDS),
        "odd": lambda: chance.choice(ODD),
        "empty": lambda: "",
    }
    make = kinds[chance.choice(list(kinds))]
    values = ["" if chance.random() < 0.05 else make() for _ in range(n)]
    if chance.random() < 0.4:
        values[chance.randrange(n)] = chance.choice(ODD + WORDS)
    return values


def written(folder: Path, seed: int) -> Path:
    """A text of a random table."""
    chance = random.Random(seed)
    n, delimiter = chance.choice([3, 50, 400, 30_000 if seed % 10 == 0 else 200]), chance.choice(",;\t|")
    columns = [column(chance, n) for _ in range(chance.randint(2, 6))]
    is_quoted = chance.random() < 0.3

    def cell(value: str) -> str:
        needs = any(sign in value for sign in (delimiter, '"'))
        return f'"{value}"' if needs or (is_quoted and value) else value

    lines = [delimiter.join(f"column {place}" for place in range(len(columns)))]
    lines += [delimiter.join(map(cell, row)) for row in zip(*columns, strict=True)]
    path = folder / f"{seed}.csv"
    path.write_bytes((chance.choice(["\n", "\r\n"]).join(lines) + "\n").encode())
    return path


def rows(cursor: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, ...]]:
    """All values as text with their types, in the table's order; -0.0 is told from 0.0."""
    names = [row[0] for row in cursor.execute(f'DESCRIBE "{table}"').fetchall()]
    shown = ", ".join(f'"{name}"::VARCHAR' for name in names)
    return cursor.execute(f'SELECT {shown} FROM "{table}" ORDER BY rowid').fetchall()


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    yield flow.create("Loading", "Mina")
    close_all()


def both(project, path: Path, settings: ReaderSettings, folder: Path):
    """Load a file on both ways; return (source, rows) of each."""
    flow.start_load(project, [flow.SourceFile(path, "t", settings)], "Mina")
    view = flow.wait(project, "load")
    assert view.state == "done", (path, view.problem)
    (fast,) = flow.dataset(project).tables
    reader = open_reader(folder)
    try:
        slow = read_source(path, reader, settings, folder=folder)
        return (fast, rows(project.cursor(), fast.physical)), (slow, rows(reader, slow.table))
    finally:
        reader.close()


@pytest.mark.parametrize("seed", range(24))
def test_a_random_table_is_the_same_on_both_ways(project, tmp_path, seed):
    path = written(tmp_path, seed)
    settings = ReaderSettings(missing=("N/A", "-") if seed % 3 == 0 else ())
    (fast, fast_rows), (slow, slow_rows) = both(project, path, settings, tmp_path / "reader")
    assert fast.columns == tuple((one.name, one.type) for one in slow.columns)
    assert fast_rows == slow_rows
    assert (fast.settings, fast.assumed, fast.sha256) == (slow.settings, slow.assumed, slow.sha256)
    assert (fast.n_rows, fast.n_rejected, fast.rejected) == (slow.n_rows, slow.n_rejected, slow.rejected)


@pytest.mark.parametrize("form", PLAIN, ids=lambda form: form.type)
def test_a_value_passes_where_its_column_has_a_form_exactly_when_it_is_of_that_form(tmp_path, form):
    path = tmp_path / "a.csv"
    reader = open_reader(tmp_path / "reader")
    for odd in [*ODD, *WORDS, "5", "-12.5", "2024-01-05", "2024-01-05 10:00:00"]:
        path.write_text(f'a,b\n"{odd}",x\n,y\n')
        found = written_as(path, ReaderSettings(), tmp_path)
        for is_careful in (False, True):
            plan = Plan(found, ReaderSettings(), {"a": form}, (), is_careful)
            try:
                got = reader.execute(f"SELECT a::VARCHAR FROM ({plan.select(path)})").fetchall()
            except duckdb.Error:
                got = None
            if plan.read_bytes(lambda: False).is_odd:
                got = None
            told = f"SELECT {form.fits('s')}, {form.value('s')}::VARCHAR FROM (SELECT CAST($1 AS VARCHAR) AS s)"
            fits, value = reader.execute(told, [odd or None]).fetchall()[0]
            if fits or not odd:
                assert got == [(value,), (None,)] or (got is None and not is_careful), odd
            else:
                assert got is None, odd
    reader.close()


def test_texts_in_good_order_take_the_one_pass_and_others_do_not(tmp_path):
    reader = open_reader(tmp_path / "reader")
    good = tmp_path / "good.csv"
    good.write_text("a,b\n" + "".join(f"{n},{n / 7:.4f}\n" for n in range(500)))
    found = plan(good, reader, ReaderSettings(), tmp_path)
    assert {name: form.type for name, form in found.forms.items()} == {"a": "BIGINT", "b": "DOUBLE"}
    assert (found.undecided, found.is_careful) == ((), False)
    latin = tmp_path / "latin.csv"
    latin.write_bytes("a,b\nZoë,1\n".encode("cp1252"))
    assert plan(latin, reader, ReaderSettings(), tmp_path) is None
    reader.close()


def test_a_value_that_no_sample_sees_costs_its_column_only(project, tmp_path):
    path = tmp_path / "late.csv"
    lines = [f"{n},{n / 7:.4f},{n % 50}" for n in range(60_000)]
    lines[41_234] = "41234,0.5,N/A"
    path.write_text("a,b,c\n" + "\n".join(lines) + "\n")
    flow.start_load(project, [flow.SourceFile(path, "t")], "Mina")
    assert flow.wait(project, "load").state == "done"
    (table,) = flow.dataset(project).tables
    assert [kind for _, kind in table.columns] == ["BIGINT", "DOUBLE", "VARCHAR"]
    assert "'N/A' (1)" in next(one.why for one in table.assumed if one.what == "missing")


@pytest.mark.parametrize(
    ("text", "is_odd"),
    [
        ("1,2.5\n0.5,-0.25\n0,1e5\n", False),
        ("a_b,c_1\nx1_y,_5\n", False),
        ("2024-01-05 05:06:07,10\n", False),
        ("1,007\n", True),
        ("007,1\n", True),
        ('1,"007"\n', True),
        ("1,-07\n", True),
        ("1,+7\n", True),
        ("1, 7\n", True),
        ("1,1_000\n", True),
        ("x" * (1 << 18) + ",01\n", True),
        ("x" * ((1 << 18) - 1) + ",01\n", True),
        ("x" * ((1 << 18) - 2) + ",01\n", True),
        ("x" * ((1 << 18) - 3) + ",-01\n", True),
        ("x" * ((1 << 18) - 1) + "1_1\n", True),
    ],
)
def test_signs_of_odd_numbers_are_found_wherever_they_stand(tmp_path, text, is_odd):
    path = tmp_path / "a.csv"
    path.write_text(text)
    glance = Glance(",", '"', True)
    for piece in chunks(path, lambda: False):
        glance.add(piece)
    assert glance.is_odd is is_odd


def test_lines_that_end_in_a_delimiter_are_counted_as_the_careful_counter_does(tmp_path):
    chance, path = random.Random(3), tmp_path / "a.csv"
    for _ in range(200):
        path.write_bytes(b"".join(chance.choice([b",", b'""', b"\n", b"\r\n", b"x"]) for _ in range(30)))
        glance = Glance(",", '"', False)
        content = path.read_bytes()
        for start in range(0, len(content), 7):
            glance.add(content[start : start + 7])
        glance.end()
        assert glance.n_trailing == n_trailing(path, Marks(",", '"', '"')), content


def test_values_that_are_too_many_are_not_dropped_without_a_word(project, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n" + "1,2,3\n" * 1_000 + "1,,2,\n" + "1,2,3\n" * 1_000)
    (fast, fast_rows), (slow, slow_rows) = both(project, path, ReaderSettings(), tmp_path / "reader")
    assert fast_rows == slow_rows
    assert (fast.rejected, fast.repaired) == (slow.rejected, slow.repaired)


def test_numbers_are_those_that_python_reads(project, tmp_path):
    chance = random.Random(5)
    values = [repr(chance.gauss(0, 1) * 10 ** chance.randint(-12, 12)) for _ in range(5_000)]
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "\n".join(f"{value},x" for value in values) + "\n")
    flow.start_load(project, [flow.SourceFile(path, "t")], "Mina")
    assert flow.wait(project, "load").state == "done"
    (table,) = flow.dataset(project).tables
    found = project.cursor().execute(f'SELECT a FROM "{table.physical}" ORDER BY rowid').fetchall()
    assert all(math.isclose(got, float(said), rel_tol=0) for (got,), said in zip(found, values, strict=True))


def test_a_pass_that_was_not_taken_leaves_nothing_beside_the_project(project, tmp_path):
    path = tmp_path / "late.csv"
    path.write_text("a,b\n" + "1,2\n" * 200_000 + "x,2\n" + "1,2\n" * 10)
    flow.start_load(project, [flow.SourceFile(path, "t")], "Mina")
    assert flow.wait(project, "load").state == "done"
    tables = [row[0] for row in project.cursor().execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    assert not [name for name in tables if name.startswith("incoming")]
    assert not project.path.with_name(f"{project.path.name}.incoming").exists()


def test_a_stated_whole_number_is_never_rounded_however_late_the_value_stands(project, tmp_path):
    path = tmp_path / "late.csv"
    path.write_text("a,b\n" + "1,2\n" * 40_000 + "1.5,2\n" + "1,2\n" * 40_000)
    flow.start_load(project, [flow.SourceFile(path, "t", ReaderSettings(types={"a": "BIGINT"}))], "Mina")
    assert flow.wait(project, "load").state == "done"
    (table,) = flow.dataset(project).tables
    assert (table.n_rows, table.n_rejected) == (80_000, 1)
    assert (table.rejected[0].line, table.rejected[0].reason) == (40_002, "Column 'a' is not BIGINT.")
