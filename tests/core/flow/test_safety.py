"""What was confirmed stays, what was cut short leaves nothing, and what hangs on a change is called stale."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from core import flow
from core.errors import FrameError, NotReadyError, ProjectError, SqlError
from core.frame import Incumbent, Payoffs
from core.workspace import home
from tests.core.flow.conftest import AUTHOR, Make, finish, judge, prepare, train


def test_a_changed_payoff_stales_the_policy_never_the_run(make: Make) -> None:
    project = make()
    train(project, 2.0)
    judge(project)
    assert set(flow.status(project).values()) <= {"done", "open"}
    economics = flow.frame(project).economics
    flow.save_economics(project, replace(economics, payoffs=Payoffs(tp=11, fp=-4)), AUTHOR)
    found = flow.status(project)
    assert (found["train"], found["threshold"], found["verdict"]) == ("done", "stale", "stale")
    assert any("policy is stale" in sentence for sentence in flow.readiness(project))
    flow.save_economics(project, economics, AUTHOR)
    assert flow.status(project)["verdict"] == "done"


def test_a_changed_recipe_stales_everything_below_and_going_back_restores_it(make: Make) -> None:
    project = make()
    train(project, 2.0)
    first = flow.history(project, "recipe")[0].digest
    prepare(project, "SELECT * FROM cases WHERE a < 100")
    assert flow.status(project)["train"] == "stale"
    assert flow.run(project).stale
    flow.use_again(project, "recipe", first, AUTHOR)
    prepare(project)
    assert not flow.run(project).stale


def test_opening_the_holdout_again_is_counted_and_judged_more_strictly(make: Make) -> None:
    project = make(n=1000)
    train(project, 2.0)
    judge(project)
    first = flow.verdict(project)
    assert (flow.openings(project), first.verdict.look) == (1, 1)
    flow.open_holdout(project, AUTHOR)
    finish(project, "verdict")
    assert flow.openings(project) == 1, "the same policy against the same criteria is not another look"
    cut = flow.policy(project).threshold
    flow.save_policy(project, None, None, min(cut + 0.01, 1.0), AUTHOR)
    flow.open_holdout(project, AUTHOR)
    finish(project, "verdict")
    again = flow.verdict(project)
    assert (flow.openings(project), again.verdict.look) == (2, 2)
    assert again.verdict.level > first.verdict.level
    twin = flow.duplicate(project.slug, "twin", AUTHOR)
    assert flow.openings(twin) == 2


def test_criteria_changed_after_the_opening_leave_a_line_that_stays(make: Make) -> None:
    project = make()
    train(project, 2.0)
    judge(project)
    criteria = flow.frame(project).criteria
    flow.save_criteria(project, replace(criteria, items=(replace(criteria.items[0], at_least=-1.0),)), AUTHOR)
    whats = [event.what for event in flow.opening_events(project)]
    assert "changed the criteria after the holdout was opened" in whats


def test_cancelled_training_stops_within_two_seconds_and_leaves_nothing(make: Make) -> None:
    project = make(n=60_000)
    job_id = flow.start_training(project, flow.TrainSettings(budget_seconds=60.0), AUTHOR)
    assert flow.start_training(project, flow.TrainSettings(budget_seconds=60.0), "bob") == job_id, (
        "one button, two hands"
    )
    while flow.job(project, "train").share < 0.1:
        time.sleep(0.05)
    asked = time.monotonic()
    flow.cancel(project, job_id)
    view = flow.wait(project, "train")
    assert view.state == "cancelled"
    assert time.monotonic() - asked < 10  # two on an idle machine; a hung one would take the whole budget
    assert flow.run(project) is None
    assert not [name for (name,) in project.cursor().execute("SHOW TABLES").fetchall() if name.startswith("scores_")]


def test_a_process_killed_in_mid_training_leaves_all_that_was_confirmed(make: Make, tmp_path: Path) -> None:
    project = make(n=20_000)
    slug = project.slug
    home.close_all()
    code = f"""
import os, threading, time
from core import flow
project = flow.open_project({slug!r})
flow.start_training(project, flow.TrainSettings(budget_seconds=60.0), "ana")
while flow.job(project, "train").share < 0.05:
    time.sleep(0.02)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -9
    project = flow.open_project(slug)
    assert flow.run(project) is None
    assert flow.job(project, "train").state == "failed"
    assert flow.prepared(project).n_rows == 20_000
    assert flow.frame(project).decision.question == "Call them?"


def test_a_target_that_is_no_yes_or_no_gets_a_sentence(make: Make) -> None:
    project = make()
    decision = flow.frame(project).decision
    prepare(project, "SELECT *, 'same' AS one, CAST(id % 200 AS VARCHAR) AS many FROM cases")
    flow.save_decision(project, replace(decision, target="one", positive="same"), AUTHOR)
    with pytest.raises(FrameError, match="Every outcome in 'one' is 'same'"):
        flow.start_training(project, flow.TrainSettings(), AUTHOR)
    flow.save_decision(project, replace(decision, target="many", positive="3"), AUTHOR)
    with pytest.raises(FrameError, match="more than 20 different values"):
        flow.start_training(project, flow.TrainSettings(), AUTHOR)


def test_payoffs_under_which_acting_never_pays_and_a_rule_that_does_not_parse_get_a_sentence(make: Make) -> None:
    project = make()
    economics = flow.frame(project).economics
    with pytest.raises(SqlError, match="does not parse"):
        flow.save_economics(project, replace(economics, incumbent=Incumbent(sql="a >")), AUTHOR)
    assert flow.frame(project).economics == economics, "nothing is lost"
    flow.save_economics(project, replace(economics, payoffs=Payoffs(tp=-1, fp=-2)), AUTHOR)
    assert any("Acting never pays" in sentence for sentence in flow.open_questions(project))


def test_erased_data_is_gone_and_its_tombstone_stays(make: Make) -> None:
    project = make()
    train(project, 2.0)
    judge(project)
    assert flow.erase_data(project, AUTHOR) >= 5
    left = [name for (name,) in project.cursor().execute("SHOW TABLES").fetchall()]
    assert not [name for name in left if name.startswith(("raw_", "prepared_", "scores_", "holdout_"))]
    assert flow.dataset(project) is None
    assert flow.log(project, 1)[0].what == "erased the data"
    assert flow.frame(project).decision.question == "Call them?"
    with pytest.raises(NotReadyError):
        flow.threshold_view(project)


def test_freed_space_is_only_what_no_current_record_needs(make: Make) -> None:
    project = make()
    train(project, 2.0)
    prepare(project, "SELECT * FROM cases WHERE a < 100")
    assert flow.free_space(project, AUTHOR) >= 2
    assert flow.prepared(project).n_rows > 0
    prepare(project)
    assert flow.target_values(project, "y")


def test_looking_at_the_shelf_keeps_no_file_so_that_another_program_can_work_on_it(make: Make) -> None:
    slug = make().slug
    home.close_all()
    before = flow.list_projects()
    assert [card.question for card in before] == ["Call them?"]
    code = f"from core import flow; print(flow.frame(flow.open_project({slug!r})).decision.question)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "Call them?"
    assert flow.list_projects() == before


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("DROP TABLE {table}", "not in the file as it was recorded"),
        ("ALTER TABLE {table} DROP COLUMN b", "not in the file as it was recorded"),
        ("DELETE FROM {table} WHERE id < 5", "595 rows in the file; 600 were recorded"),
    ],
)
def test_a_project_whose_tables_are_not_those_that_were_recorded_is_refused(
    make: Make, tmp_path: Path, change: str, sentence: str
) -> None:
    project = make()
    table = flow.dataset(project).tables[0].physical
    copy = flow.download(project.slug)
    home.close_all()
    bad = tmp_path / "bad.duckdb"
    bad.write_bytes(copy.read_bytes())
    with duckdb.connect(str(bad)) as connection:
        connection.execute(change.format(table=table))
    with pytest.raises(ProjectError, match=sentence):
        flow.upload(bad, "Changed", AUTHOR)
