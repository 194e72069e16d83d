"""One cut on the value curve: what it brings in money and in rows, and the policy that it becomes."""

import math

import streamlit as st

from core import charts, flow
from core.frame import Economics, Frame
from core.workspace import Project
from pages.shared import answer, guard, ranks, session, value
from pages.shared.figures import literal, plural, when

ABOUT = {
    "cross": "Each part of the rows is cut where the other parts say (cross-fitted).",
    "net": "Rows per year × what acting so gains per row beyond today, less the cost of running it.",
    "precision": "Precision: share of acts that are right.",
    "recall": "Recall: share of positives that are acted on.",
    "share": "Share of rows that are acted on.",
}


def title(said: Frame) -> str:
    """The question of the page, in the project's own words where there are any."""
    return f"When do we act? {said.decision.question}".strip()


def rests_on(run: flow.RunView) -> str:
    """One line on what the answer rests on."""
    return (
        f"Run `{run.digest[:12]}` by {literal(run.author)}, {when(run.created_at)}: rows that were learnt from, each "
        "scored by a model that has not seen it. The holdout is not in it."
    )


def view_of(project: Project, run: str | None, candidate: str | None) -> flow.ThresholdView:
    """Money at every cut, with word that it is being computed: on many rows the first time takes seconds."""
    with st.spinner("Computing money at every cut"):
        return flow.threshold_view(project, run, candidate)


def counted(view: flow.ThresholdView) -> None:
    """Draw how many rows and cuts there are."""
    st.caption(
        f"{plural(view.n_rows, 'row')} with {plural(view.n_positive, 'positive')}; each of the "
        f"{charts.count(view.n_scores)} possible cuts is computed exactly."
    )


def candidate_part(view: flow.ThresholdView, run: flow.RunView) -> str:
    """Draw a choice of the candidate; the constant cannot rank and is not offered."""
    able = {one.name: one.title for one in run.candidates if one.name != "constant"}
    session.fill("threshold.candidate", view.candidate)
    return st.segmented_control(
        "Candidate", list(able), format_func=able.get, key="threshold.candidate", persist_state="session", required=True
    )


def slider(options: dict[float, str], start: float) -> float:
    """Draw the hand that moves the cut along the curve, one possible cut at a time."""
    if session.value("threshold.cutoff") not in options:
        session.keep("threshold.cutoff", value.nearest(options, start))
    chosen = st.select_slider(
        "Where to cut",
        list(options),
        format_func=options.get,
        key="threshold.cutoff",
        persist_state="session",
        help="Rows are ranked by their score; those to the left of the cut are acted on.",
    )
    st.caption("No score is high enough." if math.isinf(chosen) else f"Rows with a score from {chosen:.4g} up.")
    return chosen


def cards(at: flow.AtThreshold, view: flow.ThresholdView) -> None:
    """Draw what the cut brings, each figure with its interval; money first, and never large where it is in-sample."""
    found = at.comparison
    best = at.threshold == view.best.threshold
    with answer.row():
        if best:
            honest = view.cross_fitted.comparison.net_value_per_year
            answer.money_card("Per year, cross-fitted", honest, view.currency, about=f"{ABOUT['net']} {ABOUT['cross']}")
        else:
            answer.money_card("Net value per year", found.net_value_per_year, view.currency, about=ABOUT["net"])
        answer.share_card("Right when we act", at.metrics["precision"], about=ABOUT["precision"])
        answer.share_card("Positives we reach", at.metrics["recall"], about=ABOUT["recall"])
        answer.share_card("Acted on", at.metrics["share_acted"], about=ABOUT["share"])
    answer.legend(found.level, found.today_name)
    if best:
        seen = charts.money(found.net_value_per_year.value, view.currency)
        st.caption(
            f":material/info: This is the best cut on these very rows, where it looks like {literal(seen)} a year: "
            "in-sample. The large figure is what such a choice brings on rows that did not make it."
        )


def picture(view: flow.ThresholdView, at: flow.AtThreshold, economics: Economics) -> None:
    """Draw the value curve with the chosen cut."""
    curve = flow.curve_frame(view, economics)
    cut = curve.loc[curve["threshold"] >= at.threshold, "share_acted"].max()
    drawn = charts.value_curve(
        curve,
        flow.point_frame(view, economics),
        view.currency,
        cut=cut,
        spread=at.comparison.net_value_per_year,
        beyond=flow.beyond_frame(view, economics),
        title="Net value per year against today",
    )
    st.altair_chart(drawn, key="threshold.curve", alt=value.described(view, curve, economics))
    dashed = " Dashed: if there were no capacity." if economics.capacity else ""
    st.caption(
        f"Gray line at zero: {literal(view.today.name)}. Gold: the cut chosen here, with its 90 % interval.{dashed}"
    )


def confusion(at: flow.AtThreshold) -> None:
    """Draw the four counts."""
    found = at.comparison.policy
    cells = (found.tp, found.fp, found.fn, found.tn)
    said = "acted rightly on {}, wrongly on {}; missed {}, rightly left {}"
    st.markdown("**Rows at this cut**")
    st.altair_chart(
        charts.confusion_matrix(*cells), key="threshold.confusion", alt=said.format(*(charts.count(n) for n in cells))
    )


def save_part(project: Project, view: flow.ThresholdView, threshold: float, policy: flow.PolicyView | None) -> None:
    """Draw the button that makes this cut the policy, or say that it is."""
    mine = policy and (policy.run, policy.candidate, policy.threshold) == (view.run, view.candidate, threshold)
    if mine and policy and not policy.stale:
        st.markdown(":green[:material/check_circle:] This cut is the policy.")
    clicked = st.button(
        "Save as the policy",
        key="threshold.save",
        icon=":material/save:",
        disabled=bool(mine and policy and not policy.stale),
        width="stretch",
    )
    if clicked:
        flow.save_policy(project, view.run, view.candidate, threshold, session.author())
        st.rerun()  # The whole page: the menu and the next step hang on it.


@guard.fragment
def cut_part(project: Project, view: flow.ThresholdView, said: Frame) -> None:
    """Everything that moves with the cut; moving it reruns only this."""
    options = value.cuts(flow.curve_frame(view, said.economics), view.start, view.best.threshold)
    top = st.container()
    left, right = st.columns([2, 1], gap="large")
    with right, st.container(border=True):
        chosen = slider(options, view.start)
        at = flow.at_threshold(project, view.run, view.candidate, chosen)
        confusion(at)
        save_part(project, view, chosen, flow.policy(project))
    with top:
        cards(at, view)
    with left:
        picture(view, at, said.economics)
    notes(view, at)
    more = st.expander("How the score ranks, whatever the money", key="threshold.ranking", on_change="rerun")
    if more.open:
        with more:
            ranks.part(view, chosen)


def honest(view: flow.ThresholdView) -> None:
    """Draw what the best cut is worth once other rows judge it, and how much the in-sample figure flatters."""
    with st.container(border=True, height="stretch"):
        st.subheader("If the data chose the cut", anchor=False)
        fitted = view.cross_fitted
        net = fitted.comparison.net_value_per_year
        st.markdown(
            f"**{literal(charts.money(net.value, view.currency))}** per year "
            f"({literal(charts.money_interval(net, view.currency))}), each fold cut where the *other* folds say."
        )
        flattery = charts.money(fitted.optimism_per_year, view.currency)
        st.caption(
            f"The best cut on these very rows looks {literal(flattery)} a year better than that: it is in-sample, "
            "so do not promise it."
        )
        if 0 <= view.bayes <= 1:
            st.caption(f"By the payoffs alone, acting pays from a score of {charts.number(view.bayes)}.")


def equal_part(view: flow.ThresholdView) -> None:
    """Draw the comparison on equal terms with what is done today."""
    with st.container(border=True, height="stretch"):
        st.subheader("On equal terms", anchor=False)
        if view.equal is None:
            st.markdown("Today acts on none or on all, so there is nothing to compare at equal volume.")
            return
        other, volume, worth = literal(view.equal.other), view.equal.volume, view.equal.value
        st.markdown(
            f"Acting as often as **{other}** ({plural(round(volume.n_acted), 'act')}), the model is right in "
            f"**{charts.share(volume.right / volume.n_acted)}**, against "
            f"**{charts.share(volume.other_right / volume.n_acted)}**: "
            f"{literal(answer.more(volume.value_per_year, view.currency))}."
        )
        if worth.reached:
            st.markdown(
                f"It gains as much with **{charts.count(worth.n_acted)}** acts instead of "
                f"{charts.count(worth.other_acted)}."
            )
        else:
            st.markdown("At no cut does it gain as much.")


def notes(view: flow.ThresholdView, at: flow.AtThreshold) -> None:
    """Draw what a reader must know beside the figures: capacity, few positives, few periods."""
    for note in dict.fromkeys((*at.comparison.notes, *view.notes)):
        st.caption(f":material/info: {literal(note)}")
