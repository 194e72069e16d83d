"""Train: whether anything beats today."""

import dataclasses

from core import charts, flow
from tests.pages.model_project import SLUG, project


def test_without_prepared_rows_the_page_leads_to_prepare(visit, empty_project):
    at = visit("train", project="bank-campaign")
    at.button(key="train.empty").click().run()
    assert at.title[0].value == "How does it become one row per decision?"


def test_before_training_the_page_says_which_columns_are_barred_and_why(visit, read):
    project("framed")
    at = visit("train", project=SLUG)
    [table] = [one.value for one in at.dataframe if "Why" in one.value.columns]
    assert dict(zip(table["Column"], table["Why"], strict=True)) == {
        "case_no": "part of the unit key",
        "late": "the target",
        "fee_paid": "known only after the decision",
    }
    [used] = [one.value for one in at.dataframe if list(one.value.columns) == ["Column"]]
    assert list(used["Column"]) == ["amount", "age", "channel", "vip"]
    assert "Does anything beat “large bookings”?" in read(at).words


def test_training_is_started_with_a_button_and_ends_in_a_leaderboard(visit, read, done):
    here = project("framed")
    at = visit("train", project=SLUG)
    at.select_slider(key="train.budget").set_value(5)
    at.button(key="train.start").click().run()
    assert not at.exception
    done(here, "train")
    at.run()
    view = flow.run(here)
    board = {row.name: row.metrics["roc_auc"] for row in flow.leaderboard(here, view)}
    best = max(board, key=lambda name: board[name].value)
    assert read(at).metrics[f"ROC AUC, {best.lower()}"] == charts.number(board[best].value)
    assert read(at).metrics["ROC AUC today"] == charts.number(board["large bookings"].value)
    shown = next(one.value for one in at.dataframe if "ROC AUC" in one.value.columns)
    assert set(shown["Candidate"]) == {"Constant", "large bookings", "Linear model", "Boosted trees"}
    assert shown["ROC AUC"].iloc[0] == f"{charts.number(board[best].value)} ({charts.interval_text(board[best])})"
    cost = next(one.value for one in at.dataframe if "Size" in one.value.columns)
    assert set(cost["Candidate"]) == {"Constant", "Linear model", "Boosted trees"}


def test_cancelled_training_leaves_nothing(visit, done):
    here = project("framed")
    at = visit("train", project=SLUG)
    at.select_slider(key="train.budget").set_value(300)
    at.button(key="train.start").click().run()
    at.button(key="train.cancel").click().run()
    assert flow.wait(here, "train").state == "cancelled"
    assert flow.run(here) is None
    at.run()
    assert at.warning
    assert not at.exception


def test_the_table_of_the_split_counts_every_row(visit):
    here = project("trained")
    at = visit("train", project=SLUG)
    split = flow.split(here)
    [table] = [one.value for one in at.dataframe if "How many" in one.value.columns]
    assert table["How many"].sum() == 1500
    assert list(table["Positives"][:2]) == [split.positives_train, split.positives_holdout]


def test_a_run_is_marked_stale_when_a_column_turns_out_to_be_known_only_later(visit, read):
    here = project("trained")
    flow.set_availability(here, {"vip": "after"}, "Ada")
    at = visit("train", project=SLUG)
    assert ":orange-badge[:material/sync_problem: Stale]" in " ".join(str(one.value) for one in at.markdown)


def test_the_next_step_leads_to_threshold(visit):
    project("trained")
    at = visit("train", project=SLUG)
    at.button(key="train.next").click().run()
    assert at.title[0].value.startswith("When do we act?")


def test_a_stale_run_leads_to_training_again_and_not_on(visit, read):
    here = project("trained")
    said = flow.frame(here).decision
    flow.save_decision(here, dataclasses.replace(said, split=dataclasses.replace(said.split, seed=5)), "Ada")
    at = visit("train", project=SLUG)
    assert "What this page rests on has changed since. Train again." in read(at).words
    assert at.button(key="train.start").proto.type == "primary"
    assert at.button(key="train.next").proto.type == "secondary"


def test_columns_that_nobody_spoke_for_are_priced_from_the_page(visit, read, done):
    here = project("trained")
    at = visit("train", project=SLUG)
    assert "Timing not said (4)" in [tab.label for tab in at.tabs]
    at.button(key="train.price").click().run()
    assert not at.exception
    done(here, "price")
    at.run()
    found = flow.prices(here)
    assert set(found.together.columns) == {"amount", "age", "channel", "vip"}
    assert [one.columns for one in found.columns][0] == ("amount",)
    assert "Quick models of at most" in read(at).words or found.n_rounds == 0
    assert at.button(key="train.price").label == "Price them again"


def test_where_somebody_spoke_for_every_column_there_is_nothing_to_price(visit, read):
    here = project("framed")
    flow.set_availability(here, dict.fromkeys(("amount", "age", "channel", "vip"), "before"), "Ada")
    flow.start_training(here, flow.TrainSettings(budget_seconds=1, candidates=("constant", "linear")), "Ada")
    flow.wait(here, "train")
    at = visit("train", project=SLUG)
    assert "Of every column that the models read, somebody has said when it is known." in read(at).words
