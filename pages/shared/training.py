"""What training found: the leaderboard as a picture and a table, the split, the columns, and how to start it."""

import pandas as pd
import streamlit as st

from core import charts, flow
from core.flow import TrainSettings
from core.frame import Frame
from core.workspace import Project
from pages.shared import answer, guard, progress, session
from pages.shared.figures import literal, plural, size, when

METRICS = {
    "roc_auc": (
        "ROC AUC",
        "Of two rows, one positive and one not: how often the positive one scores higher. 0.5 is chance.",
    ),
    "pr_auc": ("PR AUC", "Precision averaged over recall. Chance is the share of positives."),
    "brier": ("Brier score", "Mean squared distance between score and outcome. Smaller is better."),
    "log_loss": ("Log loss", "How surprised the score is by the outcomes. Smaller is better."),
}
TODAY = "Share of the acts of today's rule that are right."
SMALLER = ("brier", "log_loss")
BUDGETS = {5: "5 s", 20: "20 s", 60: "1 min", 300: "5 min"}


def title(said: Frame) -> str:
    """The question of the page, with the name of what is done today."""
    incumbent = said.economics.incumbent
    return f"Does anything beat “{incumbent.name}”?" if incumbent else "Does anything beat today?"


def rests_on(view: flow.RunView | None, split: flow.SplitView | None) -> str:
    """One line on what the answer rests on."""
    if view is None or split is None:
        return "Nothing is trained yet. The holdout stays locked until Verdict."
    return (
        f"Run `{view.digest[:12]}` by {literal(view.author)}, {when(view.created_at)}, on "
        f"{plural(split.n_train, 'row')}; whatever is judged here was scored by a model that had not seen it. "
        f"{charts.count(split.n_holdout)} more stay locked until Verdict."
    )


def found(view: flow.RunView, board: tuple[flow.LeaderboardRow, ...], split: flow.SplitView) -> None:
    """Draw the answer: how the best candidate ranks, what today's rule reaches, and on how many rows."""
    best = view.candidate(flow.default_candidate(view))
    today = next((row for row in board if row.family == "today"), None)
    label, about = METRICS["roc_auc"]
    with answer.row(long=True):
        answer.figure_card(f"{label}, {best.title.lower()}", best.metrics["roc_auc"], about=about)
        if today:
            answer.figure_card(f"{label} today", today.metrics["roc_auc"], about=f"What is done today: {today.name}.")
            answer.share_card("Right today", today.metrics["precision"], about=TODAY)
        base_rate = charts.share(split.positives_train / split.n_train)
        answer.card("Positives to learn from", charts.count(split.positives_train), f"{base_rate} of rows")
        if not today:
            answer.card("Rows to learn from", charts.count(split.n_train), f"{charts.count(split.n_holdout)} locked")
    answer.legend()
    if split.positives_train < 200:
        st.warning(
            f"Only {split.positives_train} positives to learn from: fewer than 200, so every figure here is shaky.",
            icon=":material/warning:",
        )


def picture(board: tuple[flow.LeaderboardRow, ...]) -> None:
    """Draw one metric of every candidate with its interval."""
    names = [name for name in METRICS if any(name in row.metrics for row in board if row.family != "today")]
    metric = st.segmented_control(
        "Compared by",
        names,
        format_func=lambda name: METRICS[name][0],
        default=names[0],
        required=True,
        key="train.metric",
    )
    label, about = METRICS[metric]
    shown = [row for row in board if metric in row.metrics]
    frame = pd.DataFrame(
        [
            (row.name, *(getattr(row.metrics[metric], end) for end in ("value", "low", "high")), _colour(row))
            for row in shown
        ],
        columns=["name", "value", "low", "high", "colour"],
    )
    chance = 0.5 if metric == "roc_auc" else None
    words = [
        f"{row.name} {charts.number(row.value)} ({charts.number(row.low)} to {charts.number(row.high)})"
        for row in frame.itertuples()
    ]
    drawn = charts.leaderboard(frame, label, higher_is_better=metric not in SMALLER, chance=chance)
    st.altair_chart(drawn, alt=f"{label} with 90 % interval: {', '.join(words)}")
    st.caption(about)


def table(board: tuple[flow.LeaderboardRow, ...]) -> None:
    """Draw every figure of every candidate."""
    ranked = sorted(board, key=lambda one: -one.metrics["roc_auc"].value)
    good = [
        {"Candidate": row.name} | {label: _figure(row, name) for name, (label, _) in METRICS.items()} for row in ranked
    ]
    st.dataframe(pd.DataFrame(good), hide_index=True, key="train.leaderboard", alt="How good every candidate is")
    cost = [
        {
            "Candidate": row.name,
            "Fit": charts.duration(row.fit_seconds),
            "Latency, one row": f"{charts.number(row.one_row_ms)} ms",
            "Latency, 10,000 rows": f"{charts.number(row.ten_thousand_rows_ms)} ms",
            "Size": size(row.size_bytes),
        }
        for row in ranked
        if row.family != "today"
    ]
    st.dataframe(pd.DataFrame(cost), hide_index=True, key="train.cost", alt="What every candidate costs to run")
    machines = sorted({row.machine for row in board if row.machine})
    st.caption(
        "In brackets the 90 % interval, from resampling rows (or groups); that other rows would give another model "
        "is not in it. Latency is the median through the code that the bundle carries, of 200 calls for one row and of "
        f"those that fit into a second for 10,000, on {literal(', '.join(machines) or 'this machine')}."
    )
    cut = [row.name for row in board if row.cut_short]
    if cut:
        st.caption(f"The time budget ended {literal(' and '.join(cut))} early: with more time it may do better.")


def split_part(split: flow.SplitView) -> None:
    """Draw how many rows learn, wait and are left out."""
    st.markdown(literal(split.method))
    rows = [
        ("To learn from", split.n_train, split.positives_train),
        ("Locked for the verdict", split.n_holdout, split.positives_holdout),
        ("Left out: no outcome", split.n_empty, None),
        ("Left out: too young to have one", split.n_young, None),
    ]
    counts = pd.DataFrame(rows, columns=["Rows", "How many", "Positives"]).astype({"Positives": "Int64"})
    st.dataframe(counts, hide_index=True, alt="Rows of each part of the split")


def columns_part(used: tuple[str, ...], unused: dict[str, str]) -> None:
    """Draw which columns a model may not or does not use, and why."""
    left, right = st.columns(2)
    with left:
        st.markdown(f"**{plural(len(unused), 'column')} left out**")
        why = pd.DataFrame(unused.items(), columns=["Column", "Why"])
        st.dataframe(why, hide_index=True, alt="Columns that are left out, and why")
    with right:
        st.markdown(f"**{plural(len(used), 'column')} used**")
        st.dataframe(pd.DataFrame({"Column": used}), hide_index=True, alt="Columns that the models use")


def start_part(project: Project, *, first: bool, stale: bool = False) -> None:
    """Draw the time budget, the button that starts, and the progress while it runs."""
    st.subheader("Train" if first else "Train again", anchor=False)
    st.select_slider(
        "Time budget",
        list(BUDGETS),
        value=60,
        format_func=BUDGETS.get,
        key="train.budget",
        persist_state="session",
        help="What does not finish in time is cut short, and that is recorded.",
    )
    st.caption(
        "A constant, a regularised linear model and boosted trees, on the same folds. Each is fitted at least "
        "roughly, so on many rows a short budget is overrun."
    )
    running = progress.job(project, "train", "train")
    st.button(
        "Start training",
        key="train.start",
        icon=":material/play_arrow:",
        type="primary" if first or stale else "secondary",
        disabled=running,
        on_click=guard.action(_start),
        args=(project,),
    )
    if running:
        st.caption("You may leave this page; the work goes on.")


def run_part(view: flow.RunView, runs: list[flow.RunView]) -> None:
    """Draw a choice among the project's runs, when there is one."""
    if len(runs) < 2:
        return
    words = {one.digest: f"{when(one.created_at)} · {one.digest[:12]}" for one in runs}
    session.keep("train.run", view.digest)
    st.selectbox("Run on screen", list(words), format_func=words.get, key="train.run", on_change=_chosen)


def _chosen() -> None:
    session.choose_run(str(session.value("train.run")))


def _start(project: Project) -> None:
    budget = float(session.value("train.budget", 60))
    flow.start_training(project, TrainSettings(budget_seconds=budget), session.author())
    session.choose_run("")


def _colour(row: flow.LeaderboardRow) -> str:
    return "today" if row.family in ("today", "constant") else "model"


def _figure(row: flow.LeaderboardRow, metric: str) -> str:
    found = row.metrics.get(metric)
    return "" if found is None else f"{charts.number(found.value)} ({charts.interval_text(found)})"
