"""Loading a source again: the same one is recognised, and of another one is said what changed."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import flow
from core.errors import NotReadyError
from core.workspace import Project, home

AUTHOR = "ana"
EARLY = "id;age;city\n" + "".join(f"{n};{20 + n % 40};{'north' if n % 2 else 'south'}\n" for n in range(400))
LATE = "id;age;income\n" + "".join(f"{n};{'x' if n == 450 else 30 + n % 40};{n * 3}\n" for n in range(200, 500))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    yield flow.create("Customers", AUTHOR)
    home.close_all()


def load(project: Project, folder: Path, text: str, table: str = "customers", settings=None) -> str:
    """Load a text as a table and return the digest of the dataset."""
    path = folder / "customers.csv"
    path.write_text(text)
    flow.start_load(project, [flow.SourceFile(path, table, settings)], AUTHOR)
    view = flow.wait(project, "load")
    assert view.state == "done", f"{view.problem} {view.hint}"
    return flow.dataset(project).digest


def test_what_was_loaded_is_recorded_with_its_file_its_shape_and_its_author(project, tmp_path):
    load(project, tmp_path, EARLY)
    table = flow.dataset(project).tables[0]
    assert table.sha256 == hashlib.sha256(EARLY.encode()).hexdigest()
    assert (table.n_bytes, table.n_rows, table.author) == (len(EARLY), 400, AUTHOR)
    assert table.columns == (("id", "BIGINT"), ("age", "BIGINT"), ("city", "VARCHAR"))
    assert table.settings.delimiter == ";"
    assert table.loaded_at.endswith("+00:00")


def test_loading_the_same_source_again_makes_no_new_record(project, tmp_path):
    first = load(project, tmp_path, EARLY)
    again = load(project, tmp_path, EARLY)
    assert first == again
    assert len(flow.history(project, "dataset")) == 1
    assert len(flow.versions(project, "customers")) == 1


def test_a_source_read_in_another_way_is_another_load_of_the_same_bytes(project, tmp_path):
    first = load(project, tmp_path, EARLY)
    second = load(project, tmp_path, EARLY, settings=flow.ReaderSettings(types={"age": "VARCHAR"}))
    found = flow.changes(project, "customers", first, second)
    assert found.same_bytes
    assert found.settings == ()
    assert found.retyped == (("age", "BIGINT", "VARCHAR"),)
    assert found.rows.n_common == 400


def test_a_changed_source_makes_what_hangs_on_it_stale(project, tmp_path):
    load(project, tmp_path, EARLY)
    flow.start_prepare(project, [flow.Step("prepared", "SELECT * FROM customers")], AUTHOR)
    flow.wait(project, "prepare")
    assert flow.status(project)["prepare"] == "done"
    load(project, tmp_path, LATE)
    assert flow.status(project)["prepare"] == "stale"
    load(project, tmp_path, EARLY)
    assert flow.status(project)["prepare"] == "done"


def test_what_changed_is_told_by_columns_types_rows_and_distributions(project, tmp_path):
    first, second = load(project, tmp_path, EARLY), load(project, tmp_path, LATE)
    found = flow.changes(project, "customers", first[:12], second)
    assert (found.added, found.removed, found.retyped) == (("income",), ("city",), (("age", "BIGINT", "VARCHAR"),))
    assert not found.same_bytes
    assert (found.rows.n_before, found.rows.n_after) == (400, 300)
    same = {f"{n};{20 + n % 40}" for n in range(400)} & {f"{n};{30 + n % 40}" for n in range(200, 500)}
    assert found.rows.n_common == len(same)
    assert [column.name for column in found.rows.columns] == ["id", "age"]
    assert found.rows.columns[0].psi > 0.25


def test_settings_that_differ_are_named(project, tmp_path):
    first = load(project, tmp_path, EARLY)
    second = load(project, tmp_path, EARLY.replace(";", "|"))
    assert flow.changes(project, "customers", first, second).settings == (("delimiter", ";", "|"),)


def test_the_current_load_stands_first_and_the_others_newest_first(project, tmp_path):
    first, second = load(project, tmp_path, EARLY), load(project, tmp_path, LATE)
    load(project, tmp_path, "a,b\n1,2\n3,4\n", table="others")
    assert [version.table.n_rows for version in flow.versions(project, "customers")] == [300, 400]
    flow.use_again(project, "dataset", first, AUTHOR)
    assert [version.table.n_rows for version in flow.versions(project, "customers")] == [400, 300]
    assert flow.versions(project, "customers")[0].digest == first
    assert second


def test_rows_that_were_freed_are_not_compared_and_it_says_so(project, tmp_path):
    first, second = load(project, tmp_path, EARLY), load(project, tmp_path, LATE)
    assert flow.free_space(project, AUTHOR) == 1
    found = flow.changes(project, "customers", first, second)
    assert found.rows is None
    assert "no longer kept" in found.why_not
    assert found.added == ("income",)


def test_a_load_that_is_not_there_gets_a_sentence(project, tmp_path):
    first = load(project, tmp_path, EARLY)
    with pytest.raises(NotReadyError, match="no table 'nobody'"):
        flow.changes(project, "nobody", first, first)
    with pytest.raises(NotReadyError, match="in a dataset 'ffff'"):
        flow.changes(project, "customers", first, "ffff")
