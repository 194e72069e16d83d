"""The parts of the form on Frame: the decision, the money, today, success, people and the split."""

from dataclasses import replace

import streamlit as st

from core import flow
from core.charts import count, money
from core.frame import METRICS, Capacity, Criteria, Criterion, Decision, Economics, Frame, Incumbent
from core.workspace import Project
from pages.shared.figures import literal, plural
from pages.shared.form import Apply, Form

PAYOFFS = {
    "tp": ("Acting, and it was right", "True positive: we act on a row whose outcome is positive."),
    "fp": (
        "Acting, and it was wrong",
        "False positive: we act on a row whose outcome is negative. A cost is negative.",
    ),
    "fn": ("Not acting, though we should have", "False negative: we leave a row whose outcome is positive."),
    "tn": ("Not acting, and that was right", "True negative: we leave a row whose outcome is negative."),
}
AT_MOST = ("latency_ms", "model_size_mb")
PERIODS = {"day": "Day", "week": "Week", "month": "Month", "year": "Year"}


def rests_on(columns: list[str], frame: Frame) -> str:
    """Return one sentence on what the frame rests."""
    if not columns:
        return "What names columns is completed after Prepare."
    key = ", ".join(frame.decision.unit_key) or "the row's number in the prepared table"
    unit = literal(frame.decision.unit or "decision")
    return f"One row is {unit}, named by {literal(key)}; {plural(len(columns), 'column')} prepared."


def answer(frame: Frame, still_open: tuple[str, ...]) -> None:
    """Draw the answer in one row of metrics."""
    economics, capacity = frame.economics, frame.economics.capacity
    with st.grid(4, min_column_width=150):
        st.metric("Still open", len(still_open), border=True, height="stretch")
        st.metric(
            "A right act is worth", money(economics.payoffs.tp, economics.currency), border=True, height="stretch"
        )
        st.metric(
            "A wrong act costs or earns", money(economics.payoffs.fp, economics.currency), border=True, height="stretch"
        )
        limit = f"{count(capacity.n_actions)} a {capacity.period}" if capacity else "no limit"
        st.metric("Acts we can take", limit, border=True, height="stretch")


def decision_part(form: Form, project: Project, record: Decision, columns: list[str]) -> None:
    """Draw what is decided, about what, and what counts as its outcome."""
    form.text("question", "What do we decide?", placeholder="Call this customer?")
    form.text("unit", "What is one row, in words?", placeholder="one customer in one campaign")
    form.columns("unit_key", "Which columns name a row?", columns, placeholder="None: the row's number serves")
    left, right = st.columns(2)
    with left:
        form.column("target", "Which column holds the outcome?", columns)
    with right:
        values = dict(flow.target_values(project, record.target)) if record.target in columns else {}
        form.column(
            "positive",
            "Which value is the positive one?",
            [value for value in values if value],
            format_func=lambda value: f"{value} ({count(values.get(value, 0))} rows)",
            placeholder="Choose the value worth acting on",
        )
    form.choice(
        "empty_outcome",
        "What does an empty outcome mean?",
        {"excluded": "Leave the row out", "negative": "Negative", "positive": "Positive"},
        help="It has to be chosen: an outcome that is not known yet is not the same as a no.",
    )
    left, right = st.columns(2)
    with left:
        form.column("decision_time", "Which column says when we decide?", columns)
        form.column(
            "group", "Which column groups rows that belong together?", columns, help="For example the customer."
        )
    with right:
        form.number(
            "outcome_window_days", "Days until the outcome is known", min_value=0.0, help="Younger rows are left out."
        )
        form.text("time_zone", "Time zone in which a day begins")
    form.choice(
        "called",
        "How will it be asked?",
        {"batch": "In a batch", "request": "By request", "database": "In the database"},
    )
    if record.called == "request":
        form.number("latency_ms", "Answer within, in ms", min_value=0.0)


def money_part(form: Form, economics: Economics) -> None:
    """Draw what each outcome is worth, how much there is of it, and what it costs."""
    currency, unlimited = economics.currency, economics.capacity is None
    form.text("currency", "Currency", max_chars=8, width=160)
    st.markdown("**What is each outcome of one row worth?** Costs are negative.")
    with st.grid(2):
        for name, (label, meaning) in PAYOFFS.items():
            form.number(f"payoffs.{name}", f"{label}, {currency}", help=meaning)
    with st.grid(2):
        form.number("rows_per_year", "Rows decided in a year", min_value=0.0)
        form.number("horizon_years", "Years it will be used", min_value=0.1)
        form.number("build_cost", f"Cost of building it, {currency}", min_value=0.0)
        form.number("run_cost_per_year", f"Cost of running it, {currency} a year", min_value=0.0)
    st.markdown("**How many can be acted on?** Leave it empty when there is no limit.")
    with st.grid(3):
        form.number(
            "capacity.n_actions",
            "Acts at most",
            key="n_actions",
            whole=True,
            min_value=0,
            apply=_limited,
            placeholder="No limit",
        )
        form.choice("capacity.period", "In each", PERIODS, disabled=unlimited)
        form.choice(
            "capacity.allocation",
            "Given to",
            {"ranked": "The best", "arrival": "The first"},
            disabled=unlimited,
            help="The best: a period's rows are seen together. The first: whoever comes first above the threshold.",
        )
    form.text("note", "Where these numbers come from", area=True, placeholder="Measured, agreed with, or assumed")


def today_part(form: Form, asked: Form, frame: Frame, columns: list[str]) -> None:
    """Draw what is done today: nothing, a rule, or a column that holds it."""
    st.markdown("The model is held against the best of: act on nobody, act on everybody, and what is done today.")
    kind = form.choice(
        "incumbent",
        "What decides today?",
        {"none": "Nothing", "rule": "A rule", "column": "A column of the data"},
        write=lambda held: "column" if held and held.column else "rule" if held else "none",
        apply=lambda record, value: replace(record, incumbent=None) if value == "none" else record,
        required=True,
    )
    if kind == "rule":
        form.text(
            "incumbent.sql",
            "A condition over the prepared columns, in SQL",
            area=True,
            key="incumbent_sql",
            apply=_rule,
            placeholder="poutcome = 'success' OR age > 60",
            help=f"Columns: {', '.join(columns) or 'known after Prepare'}",
        )
    elif kind == "column":
        form.column(
            "incumbent.column",
            "Which column holds today's decision?",
            columns,
            key="incumbent_column",
            apply=_by_column,
            help="Not zero, or true, means acted on.",
        )
    if kind != "none":
        named = frame.economics.incumbent is not None
        form.text("incumbent.name", "What do you call it?", key="incumbent_name", apply=_called, disabled=not named)
    asked.choice(
        "affected",
        "Were past outcomes affected by what was done today?",
        {"no": "No", "yes": "Yes", "unknown": "Not known"},
        help="If we called only some customers, we do not know what the others would have done.",
    )
    if frame.decision.affected in ("yes", "unknown"):
        asked.text("affected_reason", "Why is that acceptable?", placeholder="Left empty, the verdict is: not yet")


def success_part(form: Form, criteria: Criteria, currency: str) -> None:
    """Draw one bar for each metric; an empty one is no criterion."""
    bars = {item.metric: item.at_least if item.at_most is None else item.at_most for item in criteria.items}
    st.markdown("**What is success?** Set at least one bar. They are frozen when the holdout is opened.")
    with st.grid(2):
        for metric, title in METRICS.items():
            unit = f", {currency}" if metric.startswith("net_value") else ""
            side = "at most" if metric in AT_MOST else "at least"
            form.number(
                "items",
                f"{title}{unit}: {side}",
                key=f"criterion_{metric}",
                held=bars.get(metric),
                apply=_bar(metric),
                placeholder="No bar",
            )


def people_part(form: Form) -> None:
    """Draw who is behind the project."""
    with st.grid(2):
        form.text("sponsor", "Who pays for it?")
        form.text("owner", "Who will own it?")
        form.text("system", "Which system does it plug into?")
        form.text("labeller", "Who says what the outcome was?")
        form.day("decide_by", "Decide by")
        form.number("rounds", "Rounds of work agreed", whole=True, min_value=0)


def split_part(form: Form, record: Decision) -> None:
    """Draw how rows are set aside for the verdict."""
    st.markdown("**Which rows are kept for the verdict?** The split is fixed before any statistic sees the outcome.")
    form.choice(
        "split.method",
        "Set aside",
        {"random": "At random", "group": "Whole groups", "order": "The last in the file", "time": "The last in time"},
        key="split_method",
    )
    with st.grid(2):
        form.number(
            "split.holdout_share", "Share set aside", key="holdout_share", min_value=0.05, max_value=0.5, step=0.05
        )
        form.number("split.n_folds", "Folds of the rest", key="n_folds", whole=True, min_value=2, max_value=20)
        if record.split.method == "time":
            form.number("split.gap_days", "Days left out in between", key="gap_days", min_value=0.0)


def _limited(record: Economics, value: int | None) -> Economics:
    held = record.capacity or Capacity(0)
    return replace(record, capacity=None if value is None else replace(held, n_actions=value))


def _rule(record: Economics, value: str) -> Economics:
    held = record.incumbent or Incumbent()
    return replace(record, incumbent=replace(held, sql=value, column="") if value.strip() else None)


def _by_column(record: Economics, value: str) -> Economics:
    held = record.incumbent or Incumbent(name="today")
    return replace(record, incumbent=replace(held, sql="", column=value) if value else None)


def _called(record: Economics, value: str) -> Economics:
    return replace(record, incumbent=replace(record.incumbent, name=value)) if record.incumbent else record


def _bar(metric: str) -> Apply:
    def placed(record: Criteria, value: float | None) -> Criteria:
        bars = {item.metric: item for item in record.items}
        bars.pop(metric, None)
        if value is not None:
            side = "at_most" if metric in AT_MOST else "at_least"
            bars[metric] = Criterion(metric, **{side: value})
        return replace(record, items=tuple(bars[name] for name in METRICS if name in bars))

    return placed
