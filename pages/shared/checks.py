"""Findings on Quality: each with its evidence, what can be done about it, and a click that does it."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core import flow
from core.errors import QualityError
from core.flow.quality import QualityReport, finding_key
from core.quality import CHECKS, CheckResult, Finding
from core.quality.answer import weight
from core.workspace import Project
from pages.shared import guard, session, steps
from pages.shared.figures import literal, plural
from pages.shared.journey import stop

SEVERITIES = {
    "blocking": ("Blocking", ":material/block:", "red"),
    "warning": ("Warning", ":material/warning:", "orange"),
    "note": ("Note", ":material/info:", "gray"),
}
STATUSES = {"finding": "Found something", "clear": "Clear", "not applicable": "Not applicable"}


def still(report: QualityReport, severity: str) -> list[Finding]:
    """Return the findings of a severity that nobody accepted, in the order of the answer above them."""
    found = [one for result in report.results for one in result.findings if one.severity == severity]
    open_ = [one for one in found if finding_key(one.code, one.column) not in report.accepted]
    return sorted(open_, key=weight)


def cards(project: Project, report: QualityReport) -> None:
    """Draw the findings, blocking ones first, notes folded away, and what was accepted with its reason."""
    known = flow.availability(project)
    for severity in ("blocking", "warning"):
        _stack(project, still(report, severity), known)
    notes = still(report, "note")
    if not still(report, "blocking") and not still(report, "warning"):
        st.markdown(":green[:material/check_circle:] Nothing that needs a decision.")
    if notes:
        box = st.expander(plural(len(notes), "note"), icon=":material/info:", key="quality.notes", on_change="rerun")
        if box.open:
            with box:
                _stack(project, notes, known)
    if report.accepted:
        with st.expander(f"Accepted ({len(report.accepted)})", icon=":material/handshake:", key="quality.accepted"):
            for key, reason in report.accepted.items():
                _accepted(project, key, reason, report.changed_since_accepted(key))


def _stack(project: Project, found: Sequence[Finding], known: dict[str, str]) -> None:
    """Draw findings one below the other; of several on one column by one check, the later ones get a number."""
    seen: dict[str, int] = {}
    for one in found:
        key = finding_key(one.code, one.column)
        seen[key] = seen.get(key, 0) + 1
        card(project, one, known, key if seen[key] == 1 else f"{key} {seen[key]}")


def card(project: Project, one: Finding, known: dict[str, str], key: str) -> None:
    """Draw one finding; ``key`` tells its widgets from those of others."""
    word, icon, color = SEVERITIES[one.severity]
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(word, icon=icon, color=color)
            about = f": {literal(one.column)}" if one.column else ""
            st.markdown(f"**{literal(one.title)}{about}** :gray[{one.code}]", width="stretch")
        st.markdown(literal(one.evidence))
        _examples(one, key)
        st.caption(literal(one.remedy))
        with st.container(horizontal=True, vertical_alignment="center"):
            _remedy(project, one, key, known.get(one.column or "", ""))
            with st.popover("Accept it", icon=":material/handshake:", type="tertiary", key=f"quality.accept_{key}"):
                st.text_input(
                    "Why is it all right?", key=f"quality.reason_{key}", placeholder="It goes into the report"
                )
                st.button(
                    "Accept",
                    key=f"quality.accept_yes_{key}",
                    on_click=guard.action(_accept),
                    args=(project, one.code, one.column, f"quality.reason_{key}"),
                )


def _examples(one: Finding, key: str) -> None:
    if not one.examples:
        return
    rows = pd.DataFrame([{"Row": row.row_number} | dict(row.values) for row in one.examples])
    with st.expander(f"Rows ({len(rows)})", icon=":material/table_rows:", key=f"quality.rows_{key}"):
        st.caption("The first rows at fault, by their number in the prepared table.")
        st.dataframe(rows, hide_index=True, alt=f"Rows that {one.code} is about")


def table(results: Sequence[CheckResult]) -> pd.DataFrame:
    """Return every check and what became of it."""
    dimension = {check.code: check.dimension.capitalize() for check in CHECKS}
    rows = [
        (
            result.code,
            result.title,
            dimension.get(result.code, ""),
            STATUSES[result.status],
            len(result.findings),
            result.reason,
        )
        for result in results
    ]
    return pd.DataFrame(rows, columns=["Check", "What it looks for", "Dimension", "Result", "Findings", "Why"])


def _remedy(project: Project, one: Finding, key: str, known: str) -> None:
    what, _, detail = one.remedy_action.partition(":")
    if what == "availability" and known == detail:
        st.badge("Done: check again", icon=":material/check:", color="green")
    elif what == "availability":
        st.button(
            "It is known only afterwards",
            key=f"quality.apply_{key}",
            icon=":material/event_busy:",
            on_click=guard.action(flow.set_availability),
            args=(project, {one.column: detail}, session.author()),
        )
    elif what == "step" and st.button(
        "Add this as a step",
        key=f"quality.apply_{key}",
        icon=":material/add:",
        help=literal(detail),
        on_click=guard.action(steps.append),
        args=(project, f"{one.title} {one.column or ''}", detail),
    ):
        st.switch_page(stop("prepare").file, query_params={"project": project.slug})


def _accepted(project: Project, key: str, reason: str, now: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{literal(key)}**: {literal(reason)}", width="stretch")
        code, _, column = key.partition(" ")
        st.button(
            "Take it back",
            key=f"quality.back_{key}",
            type="tertiary",
            on_click=guard.action(flow.accept_finding),
            args=(project, code, column or None, "", session.author()),
        )
    if now:
        st.markdown(f":orange[:material/sync_problem:] It has changed since: {literal(now)}")


def _accept(project: Project, code: str, column: str | None, key: str) -> None:
    reason = str(session.value(key) or "").strip()
    if not reason:
        raise QualityError("There is no reason yet, so nothing was accepted.", hint="Say why it is all right.")
    flow.accept_finding(project, code, column, reason, session.author())
