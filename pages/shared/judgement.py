"""The verdict on screen: what has to be done before, the opening, the gates, the sign-off and the report."""

from datetime import datetime
from functools import partial

import streamlit as st

from core import charts, flow
from core.frame import Frame
from core.workspace import Project
from pages.shared import answer, guard, progress, session
from pages.shared.figures import literal, plural, when

OUTCOMES = {
    "go": ("Go", ":material/check_circle:", st.success),
    "no-go": ("No-go", ":material/cancel:", st.error),
    "not yet": ("Not yet", ":material/help:", st.warning),
}
STATUSES = {
    "pass": ("passes", ":material/check_circle:", "green"),
    "fail": ("fails", ":material/cancel:", "red"),
    "cannot judge": ("cannot be judged", ":material/help:", "orange"),
}
STALE = ":material/sync_problem:"
MANY = {"pass": "pass", "fail": "fail", "cannot judge": "cannot be judged"}


def title(said: Frame) -> str:
    """The question of the page, in the project's own words where there are any."""
    return f"Go, no-go or not yet? {said.decision.question}".strip()


def rests_on(view: flow.VerdictView | None) -> str:
    """One line on what the answer rests on."""
    if view is None:
        return "The holdout is still locked: no figure so far has seen it."
    return (
        f"{plural(view.n_holdout, 'holdout row')} with {plural(view.n_positive, 'positive')}, opened "
        f"{when(view.created_at)} by {literal(view.author)}: look {view.verdict.look}, so intervals are of "
        f"{_level(view.verdict.level)}. Criteria were frozen before, {_said_at(view.criteria_frozen_at)}."
    )


def outcome(view: flow.VerdictView) -> None:
    """Draw the verdict with its word, icon and colour, and why."""
    word, icon, box = OUTCOMES[view.verdict.outcome]
    why = view.verdict.sentence.removeprefix(f"{word}: ")
    why = why[:1].upper() + why[1:]
    if view.stale:
        st.warning(f"{literal(why)} That was judged before.", title=f"Stale: it was {word.lower()}", icon=STALE)
        return
    box(literal(why), title=word, icon=icon)


def figures(view: flow.VerdictView, said: Frame) -> None:
    """Draw the answer in money, the largest first, each figure with its interval at the level of this look."""
    money, currency = view.money, said.economics.currency
    years = said.economics.horizon_years
    with answer.row():
        label = f"Net value over {charts.number(years)} {'year' if years == 1 else 'years'}"
        answer.money_card(label, money.horizon_value, currency, about="After building and running it.")
        answer.money_card("Net value per year", money.net_value_per_year, currency, about="After running it.")
        if "precision" in view.metrics:
            answer.share_card("Right when we act", view.metrics["precision"])
        answer.card("Better than today", charts.share(money.win_share), "of resampled holdouts")
    answer.legend(view.verdict.level, money.today_name)


def picture(view: flow.VerdictView, currency: str) -> None:
    """Draw how far each gate's figure lies from its bar."""
    rows = flow.gate_frame(view.verdict.gates, currency).dropna(subset=["value", "low", "high"])
    if rows.empty:
        return
    words = ", ".join(f"{row.title} {STATUSES[row.status][0]}" for row in rows.itertuples())
    st.altair_chart(charts.gate_intervals(rows), key="verdict.picture", alt=f"Gates against their bars: {words}")
    st.caption(
        f"Each on its own scale, with its interval of {_level(view.verdict.level)} (out of fold: 90 %); the dashed "
        "line is the bar."
    )


def gates(view: flow.VerdictView) -> None:
    """Draw every gate with its evidence, those that decide first."""
    for status in ("fail", "cannot judge", "pass"):
        found = [gate for gate in view.verdict.gates if gate.status == status]
        if not found:
            continue
        word, icon, color = STATUSES[status]
        with st.container(border=True, gap="small"):
            st.badge(
                f"{plural(len(found), 'gate')} {word if len(found) == 1 else MANY[status]}", icon=icon, color=color
            )
            for gate in found:
                st.markdown(
                    f":{color}[{icon}] **{literal(gate.title)}** :gray[{gate.code}]  \n{literal(gate.sentence)}"
                )
    if view.verdict.skipped:
        with st.expander(f"{plural(len(view.verdict.skipped), 'gate')} that do not apply"):
            for gate in view.verdict.skipped:
                st.caption(f"{gate.code} {literal(gate.title)}: {literal(gate.sentence)}")


def equal_part(view: flow.VerdictView, currency: str) -> None:
    """Draw the comparison with what is done today at equal volume."""
    if view.equal is None:
        return
    volume = view.equal.volume
    st.markdown(
        f"On the holdout, acting as often as **{literal(view.equal.other)}**, the model is right in "
        f"**{charts.share(volume.right / volume.n_acted)}** of its acts, against "
        f"**{charts.share(volume.other_right / volume.n_acted)}**: "
        f"{literal(answer.more(volume.value_per_year, currency))}."
    )


def notes(view: flow.VerdictView) -> None:
    """Draw what a reader must know beside the figures."""
    for note in view.notes:
        st.caption(f":material/info: {literal(note)}")
    for finding, reason in view.accepted.items():
        st.caption(f":material/info: Accepted on Quality: {literal(finding)}, because {literal(reason)}")


def open_part(project: Project, *, first: bool) -> None:
    """Draw what is missing, what opening costs, and the button that opens."""
    st.subheader("Open the holdout" if first else "Look again", anchor=False)
    if progress.job(project, "verdict", "verdict"):
        st.caption("You may leave this page; the work goes on.")
        return
    missing, look = flow.readiness(project), flow.openings(project) + 1
    for sentence in missing:
        st.markdown(f":gray[:material/radio_button_unchecked:] {literal(sentence)}")
    if not missing:
        st.markdown(":green[:material/check_circle:] Everything is ready, and the criteria freeze now.")
    strict = "" if look == 1 else f" After {plural(look - 1, 'opening')}, every interval has to be wider."
    st.markdown(f"This would be **look {look}** at this holdout. It is counted, also in copies of the project.{strict}")
    sure = st.checkbox("Open it and count it", key="verdict.counted", disabled=bool(missing))
    st.button(
        "Open the holdout",
        key="verdict.open",
        icon=":material/lock_open:",
        type="primary",
        disabled=bool(missing) or not sure,
        on_click=guard.action(_open),
        args=(project,),
    )


def sign_part(project: Project, view: flow.VerdictView) -> None:
    """Draw who signed, and a form to sign."""
    st.subheader("Sign-off", anchor=False)
    for one in flow.signatures(project):
        icon, color, word = (
            (":material/check_circle:", "green", "agrees")
            if one.agreed
            else (":material/cancel:", "red", "does not agree")
        )
        of = "" if one.current else " (an earlier verdict)"
        st.markdown(f":{color}[{icon}] **{literal(one.name)}** {word}{of}, {when(one.created_at)}. {literal(one.note)}")
    with st.form("verdict.signing", border=False, clear_on_submit=True):
        st.text_input("Name", key="verdict.name")
        st.segmented_control(
            "Do you agree?",
            [True, False],
            format_func={True: "I agree", False: "I do not"}.get,
            default=True,
            key="verdict.agreed",
        )
        st.text_area("Note", key="verdict.note", height=80)
        st.form_submit_button(
            "Sign",
            key="verdict.sign",
            icon=":material/signature:",
            disabled=view.stale,
            on_click=guard.action(_sign),
            args=(project,),
        )


def report_part(project: Project, key: str = "verdict.report") -> None:
    """Draw the download of the report; it is written when it is asked for."""
    st.download_button(
        "Download the report",
        data=partial(flow.report, project),
        file_name=f"{project.slug}-report.html",
        mime="text/html",
        key=key,
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
        help="One HTML file that works offline. No row of the data is in it.",
    )


def _said_at(moment: str) -> str:
    return when(datetime.fromisoformat(moment))


def _level(level: float) -> str:
    return f"{charts.number(100 * level)} %"


def _open(project: Project) -> None:
    flow.open_holdout(project, session.author())
    session.keep("verdict.counted", False)


def _sign(project: Project) -> None:
    agreed = session.value("verdict.agreed")
    flow.sign(
        project,
        str(session.value("verdict.name")),
        str(session.value("verdict.note")),
        agreed is True,
        session.author(),
    )
