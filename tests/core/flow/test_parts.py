import gzip
import sqlite3
import zipfile
from contextlib import closing

import duckdb
import openpyxl
import pytest

from core import flow
from core.errors import LoadError
from core.workspace import home as homes

TEXT = "id,s\n1,a\n2,b\n"


@pytest.fixture
def project(home):
    yield flow.create("Shop", "ana")
    homes.close_all()


@pytest.fixture
def sources(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x.csv", TEXT)
        archive.writestr("y.csv", TEXT)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    (tmp_path / "folder").mkdir()
    for name in ("x.csv", "y.csv"):
        (tmp_path / "folder" / name).write_text(TEXT)
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as made:
        made.execute("CREATE TABLE one AS SELECT 1 AS id, 'a' AS s UNION ALL SELECT 2, 'b'")
        made.commit()
    with duckdb.connect(str(tmp_path / "a.duckdb")) as made:
        made.execute("CREATE TABLE one AS SELECT 1 AS id, 'a' AS s, uuid() AS u UNION ALL SELECT 2, 'b', NULL")
    book = openpyxl.Workbook()
    for row in (["id", "s"], [1, "a"], [2, "b"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "n_rows", "inside"),
    [
        ("a.csv.gz", 2, []),
        ("a.zip", 4, ["x.csv", "y.csv"]),
        ("folder", 4, ["x.csv", "y.csv"]),
        ("a.sqlite", 2, ["one"]),
        ("a.duckdb", 2, ["one"]),
        ("a.xlsx", 2, ["Sheet"]),
    ],
)
def test_a_source_of_every_kind_becomes_a_table_and_says_what_it_holds(project, sources, name, n_rows, inside):
    assert [part.name for part in flow.parts(sources / name)] == inside
    flow.start_load(project, [flow.SourceFile(sources / name, "t")], "ana")
    view = flow.wait(project, "load")
    assert view.state == "done", f"{view.problem} {view.hint}"
    info = flow.dataset(project).tables[0]
    assert info.n_rows == n_rows
    stored = project.cursor().execute(f'DESCRIBE "{info.physical}"').fetchall()
    assert [(row[0], row[1]) for row in stored] == list(info.columns)
    assert flow.head_rows(project, "t")["s"].tolist() == ["a", "b"] * (n_rows // 2)


def test_a_pattern_can_be_loaded_and_one_that_fits_nothing_gets_a_sentence(project, sources):
    flow.start_load(project, [flow.SourceFile(sources / "folder" / "x*.csv", "t")], "ana")
    assert flow.wait(project, "load").state == "done"
    flow.start_load(project, [flow.SourceFile(sources / "folder" / "z*.csv", "t")], "ana")
    assert "no 'z*.csv' in the folder" in flow.wait(project, "load").problem
    with pytest.raises(LoadError, match="no file"):
        flow.start_load(project, [flow.SourceFile(sources / "gone.csv", "t")], "ana")
