import json

import pytest

from core import flow
from core.workspace import Project
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
