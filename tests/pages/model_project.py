"""A small project, taken as far along the journey as a test needs; every stage is made once and copied from then on."""

import atexit
import csv
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core import flow
from core.flow import TrainSettings
from core.frame import Capacity, Criteria, Criterion, Decision, Economics, Incumbent, Payoffs, People, SplitChoice
from core.prepare import Step
from core.workspace import Project, home

NAME = "Rebooking"
SLUG = "rebooking"
N_ROWS = 1500
N_HOLDOUT = 450
STAGES = ("framed", "trained", "chosen", "explained", "judged", "exported")
_kept = Path(tempfile.mkdtemp(prefix="touchstone-stages-"))
atexit.register(shutil.rmtree, _kept, ignore_errors=True)


def project(stage: str) -> Project:
    """Return a project of this test's own, at that stage."""
    for number, name in enumerate(STAGES[: STAGES.index(stage) + 1]):
        if not (_kept / name).is_dir():
            here = _copied(STAGES[number - 1]) if number else flow.create(NAME, "Ada")
            MAKES[name](here)
            home.close_all()
            shutil.copytree(home.home(), _kept / name)
            shutil.rmtree(home.home())
    return _copied(stage)


def source(path: Path) -> Path:
    """Write the rows: an outcome that amount, age and channel tell something about, and a column known afterwards."""
    rng = np.random.default_rng(7)
    amount, age = rng.gamma(2.0, 30.0, N_ROWS), rng.integers(18, 80, N_ROWS)
    channel = rng.choice(["web", "shop", "phone"], N_ROWS, p=[0.5, 0.3, 0.2])
    log_odds = -2.6 + 0.022 * amount + 0.9 * (channel == "phone") - 0.01 * (age - 45)
    late = rng.random(N_ROWS) < 1 / (1 + np.exp(-log_odds))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["case_no", "amount", "age", "channel", "vip", "fee_paid", "late"])
        for i in range(N_ROWS):
            missing = "" if rng.random() < 0.05 else int(age[i])
            fee = round(float(late[i] * 20 + rng.normal(5, 1)), 2)
            vip = bool(rng.random() < 0.1)
            writer.writerow(
                [i + 1, round(float(amount[i]), 2), missing, channel[i], vip, fee, "yes" if late[i] else "no"]
            )
    return path


def _copied(stage: str) -> Project:
    home.close_all()
    shutil.copytree(_kept / stage, home.home(), dirs_exist_ok=True)
    return flow.open_project(SLUG)


def _done(here: Project, kind: str) -> None:
    view = flow.wait(here, kind)
    assert view is not None and view.state == "done", view


def _framed(here: Project) -> None:
    flow.start_load(here, [flow.SourceFile(source(home.home() / "cases.csv"), "cases")], "Ada")
    _done(here, "load")
    flow.start_prepare(here, [Step("rows", "SELECT * FROM cases")], "Ada")
    _done(here, "prepare")
    decision = Decision(
        question="Offer to rebook this passenger?",
        unit="one booking",
        unit_key=("case_no",),
        target="late",
        positive="yes",
        empty_outcome="excluded",
        affected="no",
        split=SplitChoice(method="random", holdout_share=0.3, n_folds=4),
    )
    economics = Economics(
        currency="EUR",
        payoffs=Payoffs(tp=120, fp=-25),
        capacity=Capacity(4000, "year"),
        rows_per_year=10_000,
        horizon_years=2,
        build_cost=20_000,
        run_cost_per_year=5_000,
        incumbent=Incumbent("large bookings", sql="amount > 90"),
    )
    flow.save_decision(here, decision, "Ada")
    flow.save_economics(here, economics, "Ada")
    flow.save_criteria(here, Criteria((Criterion("recall", at_least=0.1), Criterion("latency_ms", at_most=500))), "Ada")
    flow.save_people(here, People(sponsor="Grace"), "Ada")
    flow.set_availability(here, {"fee_paid": "after"}, "Ada")


def _trained(here: Project) -> None:
    flow.start_training(here, TrainSettings(budget_seconds=3.0), "Ada")
    _done(here, "train")


def _chosen(here: Project) -> None:
    view = flow.threshold_view(here)
    flow.save_policy(here, view.run, view.candidate, view.start, "Ada")


def _explained(here: Project) -> None:
    flow.start_explaining(here, "Ada")
    _done(here, "explain")


def _judged(here: Project) -> None:
    flow.start_quality(here, "Ada")
    _done(here, "quality")
    flow.open_holdout(here, "Ada")
    _done(here, "verdict")


def _exported(here: Project) -> None:
    flow.start_export(here, "Ada")
    _done(here, "export")


MAKES: dict[str, Callable[[Project], None]] = {
    "framed": _framed,
    "trained": _trained,
    "chosen": _chosen,
    "explained": _explained,
    "judged": _judged,
    "exported": _exported,
}
