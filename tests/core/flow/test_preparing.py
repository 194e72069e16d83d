"""What saving a recipe records, where a fault is told, and that it can be cancelled."""

import time
from dataclasses import replace

import pyarrow as pa
import pytest

from core import flow
from core.errors import SqlError
from core.flow import sampling
from core.prepare import ColumnEdge
from core.workspace.sandbox import forget, share_of_memory
from tests.core.flow.conftest import AUTHOR, Make, finish, load


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("SELECT * FROM cases", "SELECT nothing FROM first", "Step 'second': "),
        ("SELECT *\nFROM cases", "SELECT id,\n  nothing\nFROM first", "Step 'second': Line 2: "),
        ("SELECT *,\n nothing\nFROM cases", "SELECT * FROM first", "Step 'first': Line 2: "),
    ],
)
def test_a_column_that_is_not_there_is_told_at_its_step_and_line(
    make: Make, first: str, second: str, told: str
) -> None:
    project = make()
    steps = [flow.Step("first", first), flow.Step("second", second)]
    with pytest.raises(SqlError) as caught:
        flow.preview(project, steps, "second")
    assert caught.value.problem.startswith(told)
    assert caught.value.token == "nothing"
    assert caught.value.line == (2 if "Line 2" in told else 1)
    before = flow.recipe(project)
    flow.start_prepare(project, steps, AUTHOR)
    view = flow.wait(project, "prepare")
    assert view.state == "failed"
    assert view.problem.startswith(told)
    assert flow.recipe(project) == before, "nothing is lost"


def test_the_record_holds_what_each_step_did_and_where_every_column_comes_from(make: Make) -> None:
    project = make(n=600)
    steps = [
        flow.Step("kept", "SELECT * EXCLUDE (b) FROM cases WHERE id >= 100"),
        flow.Step("final", "SELECT *, a * 2 AS twice FROM kept"),
    ]
    flow.start_prepare(project, steps, AUTHOR)
    finish(project, "prepare")
    found = flow.prepared(project)
    assert found.step_rows == {"kept": 500, "final": 500}
    assert [change.warning for change in found.changes] == [
        "kept drops 100 of 600 units, such as 0, 1, 10, 11, 12.",
        "",
    ]
    assert found.changes[0].dropped == ("b",)
    assert found.changes[1].added == ("twice",)
    assert ColumnEdge("kept", "a", "final", "twice") in found.lineage.columns
    assert found.changes == tuple(
        replace(change, seconds=found.changes[n].seconds) for n, change in enumerate(flow.step_changes(project, steps))
    )


def test_saving_can_be_cancelled_while_a_step_runs(make: Make) -> None:
    project = make()
    before = flow.recipe(project)
    endless = flow.Step("endless", "SELECT c.*, r.range AS n FROM cases c, range(100000000) AS r")
    job_id = flow.start_prepare(project, [endless], AUTHOR)
    deadline = time.monotonic() + 20
    while "Counting" not in flow.job(project, "prepare").message and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.3)
    started = time.monotonic()
    flow.cancel(project, job_id)
    view = flow.wait(project, "prepare")
    assert time.monotonic() - started < 2
    assert (view.state, flow.recipe(project)) == ("cancelled", before)


def test_a_preview_of_a_very_large_table_is_a_sample_and_what_is_saved_is_not(
    make: Make, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "PREVIEW_ROWS", 20_000)
    monkeypatch.setattr(sampling, "SAMPLE_ROWS", 4_000)
    project = make()
    n = 40_000
    table = pa.table({"id": range(n), "y": ["yes" if i % 100 == 0 else "no" for i in range(n)]})
    load(project, table, tmp_path / "large.parquet", "large")
    load(project, table.slice(0, 30_000), tmp_path / "side.parquet", "side")
    steps = [flow.Step("rows", "SELECT large.*, side.id AS s FROM large LEFT JOIN side USING (id)")]
    found = flow.preview(project, steps, "rows")
    assert found.sampled
    assert found.n_available == n
    assert 0.9 * 4_300 < found.n_used == found.n_rows < 1.1 * 4_400
    assert f"{found.n_used:,} of 40,000 rows of large" in found.note
    every = [*steps, flow.Step("by", "SELECT y, count(*) AS n, count(s) AS found FROM rows GROUP BY y ORDER BY y")]
    rows = flow.preview(project, every, "by").rows
    assert rows["n"].tolist()[1] == 400, "a rare outcome stays whole"
    assert 0.65 < rows["found"].sum() / rows["n"].sum() < 0.85, "the joined table is whole"
    forget(project)
    assert flow.preview(project, every, "by").rows.equals(rows)
    flow.start_prepare(project, steps, AUTHOR)
    finish(project, "prepare")
    assert flow.prepared(project).n_rows == n


def test_a_share_of_the_memory_limit_is_told_in_duckdbs_notation(monkeypatch: pytest.MonkeyPatch) -> None:
    for said, share in (("3GB", "1500MB"), ("500 MB", "250MB"), ("1GiB", "536MB"), ("80%", "80%")):
        monkeypatch.setenv("TOUCHSTONE_MEMORY", said)
        assert share_of_memory(0.5) == share
