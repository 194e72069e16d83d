import json
import time

import duckdb
import pytest

from core import flow
from core.workspace import Project
from core.workspace.connection import incoming_path, within_reach
from core.workspace.home import close_all


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    yield flow.create("Loading", "Mina")
    close_all()


def load(project: Project, path, table: str = "t"):
    flow.start_load(project, [flow.SourceFile(path, table)], "Mina")
    return flow.wait(project, "load")


def test_a_loaded_file_is_a_table_with_where_it_came_from(project, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,x\n2,y\n3\n")
    assert load(project, path).state == "done"
    (table,) = flow.dataset(project).tables
    assert (table.name, table.n_rows, table.n_rejected, table.n_bytes) == ("t", 2, 1, 14)
    assert table.columns == (("a", "BIGINT"), ("b", "VARCHAR"))
    assert table.author == "Mina"
    assert flow.head_rows(project, "t").to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}


def test_a_project_saved_before_there_was_evidence_of_assumptions_opens(project, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n")
    load(project, path)
    with project.transaction() as cursor:
        (text,) = cursor.execute("SELECT result FROM records WHERE kind = 'dataset'").fetchall()[0]
        result = json.loads(text)
        for name in ("assumed", "repaired", "n_repaired"):
            result["tables"]["t"].pop(name)
        cursor.execute("UPDATE records SET result = ? WHERE kind = 'dataset'", [json.dumps(result)])
    (table,) = flow.dataset(project).tables
    assert (table.assumed, table.repaired, table.n_repaired) == ((), (), 0)


def test_a_glimpse_shows_the_first_rows_their_types_and_what_is_assumed_before_anything_is_loaded(project, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "n;paid;day\n" + "".join(f"{n};{n % 900 + 1}.250,5;{n % 28 + 1}.12.2024\n" for n in range(1, 40_000))
    )
    seen = flow.glimpse(path, n=3)
    assert [(one.name, one.type) for one in seen.columns] == [("n", "BIGINT"), ("paid", "DOUBLE"), ("day", "DATE")]
    assert seen.rows["paid"].tolist() == [2250.5, 3250.5, 4250.5]
    assert seen.settings.delimiter == ";"
    assert {"delimiter", "numbers", "dates"} <= {one.what for one in seen.assumed}
    assert not seen.is_whole
    assert flow.dataset(project) is None


def test_a_glimpse_of_a_source_that_is_no_text_in_good_order_reads_it_whole(project, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("a,b\nZoë,1\n".encode("cp1252"))
    seen = flow.glimpse(path)
    assert (seen.is_whole, seen.rows.to_dict("list")) == (True, {"a": ["Zoë"], "b": [1]})


def test_a_stated_type_is_not_assumed_and_stays_in_the_settings_of_a_glimpse(project, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 100)
    seen = flow.glimpse(path, flow.ReaderSettings(types={"a": "VARCHAR"}))
    assert [one.type for one in seen.columns] == ["VARCHAR", "BIGINT"]
    assert seen.settings.types == {"a": "VARCHAR"}


def test_loading_the_same_source_again_replaces_its_table(project, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,x\n2,y\n")
    load(project, path)
    first = flow.dataset(project)
    load(project, path)
    assert flow.dataset(project) == first
    path.write_text("a,b\n1,x\n3,y\n")
    load(project, path)
    assert flow.head_rows(project, "t")["a"].tolist() == [1, 3]


def test_cancelling_a_load_ends_it_soon_and_records_nothing(project, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n" + "".join(f"{n},{n / 7:.5f},text {n}\n" for n in range(400_000)))
    job = flow.start_load(project, [flow.SourceFile(path, "t")], "Mina")
    time.sleep(0.25)
    asked = time.monotonic()
    flow.cancel(project, job)
    state = flow.wait(project, "load").state
    assert state in ("cancelled", "done")
    assert time.monotonic() - asked < 20
    if state == "cancelled":
        assert flow.dataset(project) is None
        assert project.cursor().execute("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'raw%'").fetchall()[
            0
        ] == (0,)
    assert not project.path.with_name(f"{project.path.name}.incoming").exists()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('{folder}/other.csv')",
        "SELECT * FROM read_csv('{near}/../../other.csv')",
        "SELECT * FROM glob('{folder}/*')",
        "ATTACH '{folder}/other.duckdb'",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "INSTALL json",
        "SET enable_external_access = true",
        "SET allowed_paths = ['/etc/passwd']",
        "SET allowed_directories = ['/etc']",
        "RESET allowed_paths",
    ],
)
def test_the_connection_of_a_project_reaches_no_other_file_also_while_a_source_is_near(project, tmp_path, sql):
    other = tmp_path / "other.csv"
    other.write_text("a\n1\n")
    with within_reach(project.path, other) as near:
        assert near is not None
        assert project.cursor().execute(f"SELECT * FROM read_csv('{near}')").fetchall() == [(1,)]
        with pytest.raises(duckdb.Error):
            project.cursor().execute(sql.format(folder=tmp_path, near=near)).fetchall()
    with pytest.raises(duckdb.Error):
        project.cursor().execute(f"SELECT * FROM read_csv('{near}')").fetchall()


def test_a_link_in_the_place_of_the_source_is_not_followed(project, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("a\n1\n")
    near = incoming_path(project.path)
    near.symlink_to(other)
    with pytest.raises(duckdb.PermissionException):
        project.cursor().execute(f"SELECT * FROM read_csv('{near}')").fetchall()
    near.unlink()


def test_a_source_that_cannot_be_brought_near_is_handed_over_and_gives_the_same(project, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "".join(f"{n},{n / 7:.4f}\n" for n in range(5_000)))
    load(project, path)
    first = flow.dataset(project).tables[0]
    incoming_path(project.path).write_text("taken")
    load(project, path, "u")
    second = flow.dataset(project).tables[1]
    assert (second.columns, second.settings, second.assumed) == (first.columns, first.settings, first.assumed)
    rows = [project.cursor().execute(f'SELECT * FROM "{one.physical}"').fetchall() for one in (first, second)]
    assert rows[0] == rows[1]
