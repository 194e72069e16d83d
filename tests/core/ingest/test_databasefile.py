import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager

import duckdb
import pytest

from core.errors import LoadError
from core.ingest import ReaderSettings, read_source
from core.ingest.parts import parts


@pytest.fixture
def connection():
    with duckdb.connect() as made:
        yield made


def rows(connection, source):
    return connection.execute(f'SELECT * FROM "{source.table}"').fetchall()


@contextmanager
def opened(folder):
    """Open a DuckDB that may read files, as the flow does."""
    with duckdb.connect() as made:
        yield made


@pytest.fixture
def duck(tmp_path):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as made:
        made.execute("CREATE TYPE mood AS ENUM ('a', 'b')")
        made.execute(
            "CREATE TABLE orders AS SELECT range AS id, 'a'::mood AS m, sum(1)::HUGEINT AS n FROM range(3) GROUP BY 1"
        )
        made.execute("CREATE VIEW secrets AS SELECT * FROM read_text('/etc/hostname')")
    return path


def test_the_only_table_of_a_duckdb_file_is_read_with_types_that_can_be_worked_with(duck, connection):
    source = read_source(duck, connection)
    assert [(column.name, column.type) for column in source.columns] == [
        ("id", "BIGINT"),
        ("m", "VARCHAR"),
        ("n", "BIGINT"),
    ]
    assert (source.settings.kind, source.settings.member, source.n_rows) == ("duckdb", "orders", 3)
    assert connection.execute("SELECT count(*) FROM duckdb_databases() WHERE path = ?", [str(duck)]).fetchall() == [
        (0,)
    ]


def test_views_are_not_read_and_several_tables_are_listed(duck, connection):
    with pytest.raises(LoadError, match="no table 'secrets'") as caught:
        read_source(duck, connection, ReaderSettings(member="secrets"))
    assert "Views are not read" in caught.value.hint
    with duckdb.connect(str(duck)) as made:
        made.execute('CREATE SCHEMA s; CREATE TABLE s."Two, three" AS SELECT 1 AS a')
    with pytest.raises(LoadError, match="holds 2 tables") as caught:
        read_source(duck, connection)
    assert "orders, s.Two, three" in caught.value.hint
    assert rows(connection, read_source(duck, connection, ReaderSettings(member="s.Two, three"))) == [(1,)]
    assert [(part.name, part.n_rows) for part in parts(duck, opened)] == [("orders", 3), ("s.Two, three", 1)]


def test_a_duckdb_file_that_another_program_holds_gets_a_sentence(duck, connection):
    holder = subprocess.Popen(
        [sys.executable, "-c", f"import duckdb; c = duckdb.connect({str(duck)!r}); print(1, flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        holder.stdout.readline()
        with pytest.raises(LoadError, match=f"open in another program .process {holder.pid}"):
            read_source(duck, connection)
    finally:
        holder.communicate(b"\n", timeout=10)
    with duckdb.connect(str(duck)), pytest.raises(LoadError, match="open in another program"):
        read_source(duck, connection)


def test_a_duckdb_file_that_is_newer_or_damaged_gets_a_sentence(duck, connection):
    whole = duck.read_bytes()
    newer = bytearray(whole)
    newer[12] = 250
    duck.write_bytes(bytes(newer))
    with pytest.raises(LoadError, match="shop.duckdb"):
        read_source(duck, connection)
    duck.write_bytes(whole[:9000])
    with pytest.raises(LoadError, match="damaged|cannot be read"):
        read_source(duck, connection)


@pytest.fixture
def lite(tmp_path):
    path = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(path)) as made:
        made.execute(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, x REAL, n NUMERIC, day DATE, at TEXT, mixed, paid BOOLEAN,"
            " code TEXT, raw BLOB, big, empty)"
        )
        made.executemany(
            "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            [
                (1, 0.5, 1, "2024-01-01", "2024-01-01 10:00:00", 1, 0, "007", b"\x00\xff", 2**60),
                (2, None, 2.5, None, "2024-01-02 10:00", "n/a", 1, "12", None, 1.5),
            ],
        )
        made.execute("CREATE VIEW v AS SELECT 1")
        made.commit()
    return path


def test_a_column_of_sqlite_has_the_type_of_its_values(lite, connection):
    source = read_source(lite, connection)
    assert {column.name: column.type for column in source.columns} == {
        "id": "BIGINT",
        "x": "DOUBLE",
        "n": "DOUBLE",
        "day": "DATE",
        "at": "TIMESTAMP",
        "mixed": "VARCHAR",
        "paid": "BOOLEAN",
        "code": "VARCHAR",
        "raw": "BLOB",
        "big": "VARCHAR",
        "empty": "VARCHAR",
    }
    found = rows(connection, source)
    assert [row[5] for row in found] == ["1", "n/a"]
    assert [row[9] for row in found] == [str(2**60), "1.5"]
    assert any("'mixed' holds values of several kinds" in note for note in source.notes)
    assert (source.settings.kind, source.settings.member) == ("sqlite", "t")


def test_tables_of_sqlite_are_listed_and_chosen_in_any_case(lite, connection):
    with closing(sqlite3.connect(lite)) as made:
        made.execute('CREATE TABLE "Other one" (a)')
        made.execute('INSERT INTO "Other one" VALUES (1)')
        made.commit()
    with pytest.raises(LoadError, match="holds 2 tables") as caught:
        read_source(lite, connection)
    assert "Other one, t" in caught.value.hint
    assert read_source(lite, connection, ReaderSettings(member="OTHER ONE")).n_rows == 1
    assert [part.name for part in parts(lite, opened)] == ["Other one", "t"]
    with pytest.raises(LoadError, match="no table 'v'"):
        read_source(lite, connection, ReaderSettings(member="v"))


def test_many_rows_of_sqlite_arrive_in_order(tmp_path, connection):
    with closing(sqlite3.connect(tmp_path / "a.db")) as made:
        made.execute("CREATE TABLE t (a)")
        made.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(25_000)])
        made.commit()
    source = read_source(tmp_path / "a.db", connection)
    assert [row[0] for row in rows(connection, source)] == list(range(25_000))


def test_a_damaged_sqlite_file_and_text_that_is_not_utf8_are_survived(lite, connection):
    whole = lite.read_bytes()
    lite.write_bytes(whole[:4096] + b"\xff" * 4096)
    with pytest.raises(LoadError, match="damaged"):
        read_source(lite, connection)
    with closing(sqlite3.connect(lite.with_name("b.db"))) as made:
        made.execute("CREATE TABLE t (a TEXT)")
        made.execute("INSERT INTO t VALUES (CAST(x'5A6FEB' AS TEXT))")
        made.commit()
    assert rows(connection, read_source(lite.with_name("b.db"), connection)) == [("Zo\ufffd",)]
