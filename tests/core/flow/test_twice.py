"""Numbers shown large, computed twice by other code than the program's: loops over rows, scikit-learn, and SQL."""

import json
import math
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from sklearn.metrics import average_precision_score, roc_auc_score

from core import flow, journey
from core.poc import read
from core.workspace import Project
from core.workspace.home import close_all
from tests.core.flow.byhand import evenly, plain_scores, ranked, worth

ROOT = Path(__file__).resolve().parents[3]
JOURNEYS = ROOT / "tests" / "core" / "journeys"
FILES = {
    "german_credit": ROOT / "data" / "samples" / "german_credit" / "poc.yaml",
    "bank_marketing": JOURNEYS / "bank_marketing.yaml",
    "adult": JOURNEYS / "adult.yaml",
    "telco_churn": JOURNEYS / "telco_churn.yaml",
}
# Seconds of training, candidates and policy: cuts at which capacity binds (bank, adult) or does not (german, telco).
ASKED = {
    "german_credit": (3, ["constant", "linear", "boosted_trees"], {"candidate": "linear"}),
    "bank_marketing": (2, ["linear"], {"candidate": "linear", "threshold": 0.05}),
    "adult": (2, ["boosted_trees"], {"candidate": "boosted_trees"}),
    "telco_churn": (2, ["boosted_trees"], {"candidate": "boosted_trees", "threshold": 0.3}),
}
BUNDLES = ("german_credit", "telco_churn")


@dataclass(frozen=True, slots=True)
class Walked:
    """A project at the end of its journey, what its poc.yaml said, and where its bundle is, if it made one."""

    project: Project
    frame: dict
    bundle: Path | None

    @property
    def room(self) -> float:
        """Acts per row that there is room for."""
        capacity = self.frame.get("capacity")
        return capacity["n_actions"] / self.frame["rows_per_year"] if capacity else math.inf

    def table(self, part: str, candidate: str) -> pd.DataFrame:
        """Rows with score, y, fold and, where there is a rule, what it says: ``part`` is "holdout" or "training"."""
        run, split, recipe = (self.project.head(kind).short for kind in ("run", "split", "recipe"))
        rule = self.frame.get("incumbent", {}).get("sql", "NULL")
        source = f"SELECT row_number, score, y, NULL AS fold FROM holdout_{self.project.head('verdict').short}"
        if part == "training":
            source = (
                f"SELECT row_number, score_{candidate} AS score, s.y, s.fold FROM scores_{run} s"
                f" JOIN split_{split} USING (row_number) WHERE score_{candidate} BETWEEN 0 AND 1"
            )
        return (
            self.project.cursor()
            .execute(f"SELECT s.*, ({rule}) AS rule FROM ({source}) s JOIN prepared_{recipe} USING (row_number)")
            .df()
        )


@pytest.fixture(scope="module", params=list(FILES))
def walked(request, tmp_path_factory, monkeypatch_module) -> Iterator[Walked]:
    name = request.param
    if name != "german_credit":
        request.getfixturevalue("shared_data")
    folder = tmp_path_factory.mktemp(name)
    monkeypatch_module.setenv("TOUCHSTONE_HOME", str(folder / "home"))
    seconds, candidates, policy = ASKED[name]
    train = {"budget_seconds": seconds, "candidates": candidates}
    export = folder / "out" if name in BUNDLES else None
    poc = replace(read(FILES[name]), train=train, policy=policy, export=export)
    arrival = journey.walk(poc, "a test", lambda line: None)
    frame = yaml.safe_load(FILES[name].read_text())["frame"]
    yield Walked(flow.open_project(poc.project), frame, arrival.bundle)
    close_all()


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def today(rows: pd.DataFrame, walked: Walked) -> tuple[float, np.ndarray]:
    """Money and shares of the best of acting on none, on all, and by the rule."""
    y, room = rows["y"].to_numpy(), walked.room * len(rows)
    options = [np.zeros(len(y)), evenly(np.ones(len(y)), room)]
    if "incumbent" in walked.frame:
        options.append(evenly(rows["rule"].fillna(False).to_numpy().astype(float), room))
    values = [worth(y, share, walked.frame["payoffs"]) for share in options]
    return max(values), options[int(np.argmax(values))]


def per_year(value: float, n: int, frame: dict) -> float:
    return frame["rows_per_year"] * value / n - frame["costs"]["run_per_year"]


def test_the_verdicts_ranking_is_scikit_learns_and_sqls(walked):
    view = flow.verdict(walked.project)
    rows = walked.table("holdout", view.candidate)
    assert (view.n_holdout, view.n_positive) == (len(rows), rows["y"].sum())
    assert view.metrics["roc_auc"].value == pytest.approx(roc_auc_score(rows["y"], rows["score"]), abs=1e-12)
    assert view.metrics["pr_auc"].value == pytest.approx(average_precision_score(rows["y"], rows["score"]), abs=1e-12)
    mann_whitney = f"""
        WITH r AS (SELECT y, rank() OVER (ORDER BY score) + (count(*) OVER (PARTITION BY score) - 1) / 2 AS place
                   FROM holdout_{walked.project.head("verdict").short})
        SELECT (sum(place) FILTER (y = 1) - count(*) FILTER (y = 1) * (count(*) FILTER (y = 1) + 1) / 2)
               / (count(*) FILTER (y = 1) * count(*) FILTER (y = 0)) FROM r"""
    found = walked.project.cursor().execute(mann_whitney).fetchone()[0]
    assert view.metrics["roc_auc"].value == pytest.approx(found, abs=1e-12)


def test_the_verdicts_money_precision_and_recall_are_a_loops_and_sqls(walked):
    view, frame = flow.verdict(walked.project), walked.frame
    rows = walked.table("holdout", view.candidate)
    y, score, n = rows["y"].to_numpy(), rows["score"].to_numpy(), len(rows)
    cut = math.inf if view.threshold is None else view.threshold
    share = ranked(score, cut, walked.room * n)
    tp, acted = float(share[y == 1].sum()), float(share.sum())
    assert 0 < acted < n
    value, (todays, _) = worth(y, share, frame["payoffs"]), today(rows, walked)
    net = per_year(value - todays, n, frame)
    money = view.money
    assert money.net_value_per_year.value == pytest.approx(net, abs=1e-6)
    assert money.horizon_value.value == pytest.approx(net * frame["horizon_years"] - frame["costs"]["build"], abs=1e-5)
    found = money.policy
    by_hand = [tp, acted - tp, (y == 1).sum() - tp, (y == 0).sum() - (acted - tp)]
    assert [found.tp, found.fp, found.fn, found.tn] == pytest.approx(by_hand, abs=1e-6)
    wanted = {"precision": tp / acted, "recall": tp / (y == 1).sum(), "share_acted": acted / n}
    for name, expected in wanted.items():
        assert view.metrics[name].value == pytest.approx(expected, abs=1e-12), name
        assert getattr(found, name) == pytest.approx(expected, abs=1e-12), name
    room = walked.room * n if math.isfinite(walked.room) else n
    in_sql = f"""
        WITH t AS (SELECT score, count(*) AS n, sum(y) AS hits FROM holdout_{walked.project.head("verdict").short}
                   WHERE score >= {cut!r} GROUP BY score),
             c AS (SELECT *, greatest(0, least(1, ({room!r} - sum(n) OVER (ORDER BY score DESC) + n) / n)) AS s FROM t)
        SELECT sum(s * n), sum(s * hits), sum(s * hits * ({frame["payoffs"]["tp"]} - {frame["payoffs"]["fn"]})
               + s * (n - hits) * ({frame["payoffs"]["fp"]} - {frame["payoffs"]["tn"]})) FROM c"""
    assert walked.project.cursor().execute(in_sql).fetchone() == pytest.approx((acted, tp, value), abs=1e-6)


@pytest.mark.parametrize("walked", ["bank_marketing", "adult", "telco_churn"], indirect=True)
def test_at_equal_volume_the_model_is_held_against_as_many_acts_as_the_rule_takes(walked):
    view, frame = flow.verdict(walked.project), walked.frame
    rows = walked.table("holdout", view.candidate)
    y, score, n = rows["y"].to_numpy(), rows["score"].to_numpy(), len(rows)
    rule = evenly(rows["rule"].fillna(False).to_numpy().astype(float), walked.room * n)
    model = ranked(score, -1.0, rule.sum())
    volume = view.equal.volume
    assert volume.n_acted == pytest.approx(rule.sum(), abs=1e-6)
    assert (volume.right, volume.other_right) == pytest.approx((model[y == 1].sum(), rule[y == 1].sum()), abs=1e-6)
    gained = worth(y, model, frame["payoffs"]) - worth(y, rule, frame["payoffs"])
    assert volume.value_per_year.value == pytest.approx(frame["rows_per_year"] * gained / n, abs=1e-6)
    goal, order = worth(y, rule, frame["payoffs"]), np.argsort(-score, kind="stable")
    won = acted = 0.0
    for _, group in pd.DataFrame({"s": score[order], "y": y[order]}).groupby("s", sort=False):
        more = worth(group["y"].to_numpy(), np.ones(len(group)), frame["payoffs"])
        if won + more >= goal - 1e-9:
            acted += len(group) * (goal - won) / more
            break
        won, acted = won + more, acted + len(group)
    assert view.equal.value.n_acted == pytest.approx(acted, abs=1e-6)


def test_cross_fitted_money_uses_cuts_that_other_folds_choose(walked):
    view, frame = flow.verdict(walked.project), walked.frame
    rows = walked.table("training", view.candidate)
    y, score, fold = (rows[name].to_numpy() for name in ("y", "score", "fold"))
    room = walked.room * len(rows)
    gain = np.where(
        y == 1, frame["payoffs"]["tp"] - frame["payoffs"]["fn"], frame["payoffs"]["fp"] - frame["payoffs"]["tn"]
    )
    everyone, share, thresholds = ranked(score, -1.0, room), np.zeros(len(rows)), []
    for one in sorted(set(fold.tolist())):
        others = pd.Series(everyone * gain)[fold != one].groupby(score[fold != one]).sum()[::-1].cumsum()
        threshold = others.idxmax() if others.max() > 0 else math.inf
        share[fold == one] = ranked(score, threshold, room)[fold == one]
        thresholds.append(threshold)
    net = per_year(worth(y, share, frame["payoffs"]) - today(rows, walked)[0], len(rows), frame)
    assert view.out_of_fold.net_value_per_year.value == pytest.approx(net, abs=1e-5)
    shown = flow.threshold_view(walked.project, None, view.candidate).cross_fitted
    assert shown.thresholds == pytest.approx(tuple(thresholds))
    assert shown.comparison.net_value_per_year.value == pytest.approx(net, abs=1e-5)


def test_every_cut_on_threshold_brings_what_a_loop_says(walked):
    candidate, frame = flow.policy(walked.project).candidate, walked.frame
    rows = walked.table("training", candidate)
    y, score, n = rows["y"].to_numpy(), rows["score"].to_numpy(), len(rows)
    todays, _ = today(rows, walked)
    for cut in (*np.quantile(score, [0.5, 0.9, 0.999]), 0.0, 1.0):
        at = flow.at_threshold(walked.project, None, candidate, float(cut))
        share = ranked(score, cut, walked.room * n)
        tp, fp = share[y == 1].sum(), share[y == 0].sum()
        found = at.comparison.policy
        expected = [tp, fp, (y == 1).sum() - tp, (y == 0).sum() - fp]
        assert [found.tp, found.fp, found.fn, found.tn] == pytest.approx(expected, abs=1e-6)
        net = per_year(worth(y, share, frame["payoffs"]) - todays, n, frame)
        assert at.comparison.net_value_per_year.value == pytest.approx(net, abs=1e-5)
        if tp + fp:
            assert at.metrics["precision"].value == pytest.approx(tp / (tp + fp))
        assert at.metrics["recall"].value == pytest.approx(tp / (y == 1).sum())
        assert at.metrics["share_acted"].value == pytest.approx((tp + fp) / n)


def test_the_leaderboard_ranks_within_folds_as_scikit_learn_does(walked):
    for one in flow.run(walked.project).candidates:
        rows = walked.table("training", one.name)
        parts = [part for _, part in rows.groupby("fold")]
        pairs = [part["y"].sum() * (1 - part["y"]).sum() for part in parts]
        aucs = [roc_auc_score(part["y"], part["score"]) for part in parts]
        precisions = [average_precision_score(part["y"], part["score"]) for part in parts]
        assert one.metrics["roc_auc"].value == pytest.approx(np.average(aucs, weights=pairs), abs=1e-12)
        positives = [part["y"].sum() for part in parts]
        assert one.metrics["pr_auc"].value == pytest.approx(np.average(precisions, weights=positives), abs=1e-12)


@pytest.mark.parametrize("walked", ["german_credit"], indirect=True)
def test_the_cut_that_is_best_in_sample_is_the_one_that_trying_every_cut_finds(walked):
    for one in flow.run(walked.project).candidates:
        rows = walked.table("training", one.name)
        y, score, room = rows["y"].to_numpy(), rows["score"].to_numpy(), walked.room * len(rows)
        cuts = [math.inf, *sorted(set(score.tolist()), reverse=True)]
        values = [worth(y, ranked(score, cut, room), walked.frame["payoffs"]) for cut in cuts]
        best = flow.threshold_view(walked.project, None, one.name).best
        assert best.value == pytest.approx(max(values), abs=1e-6)
        assert best.threshold == cuts[int(np.argmax(values))]


@pytest.mark.parametrize("walked", ["german_credit"], indirect=True)
def test_german_credits_best_cut_costs_least_by_the_matrix_that_its_authors_published(walked):
    rows = walked.table("training", "linear")
    good, score = (rows["y"] == 1).to_numpy(), rows["score"].to_numpy()
    costs = [5 * (~good & (score >= cut)).sum() + (good & (score < cut)).sum() for cut in [*np.unique(score), 2.0]]
    view = flow.threshold_view(walked.project, None, "linear")
    assert good.sum() - view.best.value == min(costs)  # refusing everybody costs every good one
    assert view.bayes == pytest.approx(5 / 6)


def test_a_plain_reading_of_the_models_files_gives_the_scores_of_the_verdict(walked):
    candidate = flow.run(walked.project).candidate(flow.verdict(walked.project).candidate)
    cursor = walked.project.cursor()
    blob = "SELECT bytes FROM blobs WHERE digest = ?"
    files = {path: cursor.execute(blob, [digest]).fetchone()[0] for path, digest in candidate.files.items()}
    recipe, holdout = walked.project.head("recipe").short, walked.project.head("verdict").short
    query = f"SELECT p.*, h.score AS scored FROM prepared_{recipe} p JOIN holdout_{holdout} h USING (row_number)"
    rows = cursor.execute(query).df()
    assert rows["scored"].to_numpy() == pytest.approx(plain_scores(rows, files), abs=1e-6)


@pytest.mark.parametrize("walked", BUNDLES, indirect=True)
def test_a_plain_reading_of_the_bundle_gives_its_golden_scores_acts_and_money(walked):
    with zipfile.ZipFile(walked.bundle) as packed:
        files = {name.partition("/")[2]: packed.read(name) for name in packed.namelist()}
    golden = pq.read_table(BytesIO(files["golden/rows.parquet"])).to_pandas()
    expected = pq.read_table(BytesIO(files["golden/expected.parquet"])).to_pandas()
    score, said = plain_scores(golden, files), json.loads(files["policy.json"])
    assert expected["score"].to_numpy() == pytest.approx(score, abs=1e-6)
    assert said["payoffs"] == pytest.approx(walked.frame["payoffs"])
    won, lost = said["payoffs"]["tp"] - said["payoffs"]["fn"], said["payoffs"]["fp"] - said["payoffs"]["tn"]
    assert expected["expected_gain"].tolist() == pytest.approx([p * won + (1 - p) * lost for p in score], abs=1e-3)
    above = [p >= said["threshold"] for p in expected["score"]]
    assert expected["acted"].tolist() == above
    room = math.floor(walked.room * len(score) + 1e-9) if math.isfinite(walked.room) else len(score)
    best = sorted(range(len(score)), key=lambda row: -expected["score"][row])[:room]
    assert expected["acted_within"].tolist() == [row in best and above[row] for row in range(len(score))]
