"""The bundle on screen: what is in it, whether it proves itself, what leaves the house, and the files to take away."""

from pathlib import PurePosixPath

import pandas as pd
import streamlit as st

from core import charts, flow
from core.workspace import Project
from pages.shared import answer, guard, progress, session
from pages.shared.figures import literal, plural, size, when

PARTS = {
    "prepare": "one SQL query per step, from source tables to decision rows",
    "model": "the model as data: no code in it",
    "golden": "rows and what must come out of them",
    "scoring": "the program that scores: the same as here, byte for byte",
    "tests": "what engineering's CI runs",
    "evidence": "verdict, criteria, leaderboard, report, log of decisions",
    "": "how to run it, its contract, policy and manifest",
}
LAYERS = {
    True: (":green[:material/check_circle:]", "proved"),
    False: (":red[:material/cancel:]", "differs"),
    None: (":gray[:material/remove_circle:]", "not run"),
}


def rests_on(view: flow.BundleView | None) -> str:
    """One line on what the answer rests on."""
    if view is None:
        return "Nothing is built yet. The bundle carries the very model that the holdout judged."
    return f"Bundle {literal(view.name)}, built {when(view.created_at)} by {literal(view.author)}."


def found(view: flow.BundleView) -> None:
    """Draw the answer: whether the bundle proves itself, how large it is, and its digest."""
    with answer.row(long=True):
        proved = sum(layer.ok is True for layer in view.report.layers)
        word = "Verified" if view.report.ok else "Does not verify"
        answer.card("It proves itself", word, view.report.mode or f"{proved} of {len(view.report.layers)} layers")
        answer.card("Files", charts.count(len(view.files)), size(sum(view.files.values())))
        number, _, digest = view.version.partition("-")
        answer.card("Version", number, digest)
        answer.card("Manifest digest", view.manifest_sha256[:12], "sha256 of MANIFEST.json", view.manifest_sha256)
    if not view.report.ok:
        guard.problem(
            "The bundle does not reproduce what was computed here.",
            "Build it again; if it still differs, the layer below says where.",
        )


def files(view: flow.BundleView) -> None:
    """Draw the list of files by the part that they belong to."""
    rows = [(_part(path), path, size(n)) for path, n in view.files.items()]
    parts = list(PARTS)
    rows.sort(key=lambda row: (parts.index(row[0]), row[1]))
    table = pd.DataFrame(
        [(path, PARTS[part], n_bytes) for part, path, n_bytes in rows], columns=["File", "What it is", "Size"]
    )
    st.dataframe(table, hide_index=True, height=420, key="export.files", alt="Files of the bundle")


def proof(view: flow.BundleView) -> None:
    """Draw the layers that were recomputed, in their order."""
    for layer in view.report.layers:
        icon, word = LAYERS[layer.ok]
        st.markdown(f"{icon} **{layer.name.capitalize()}** {word}. :gray[{literal(layer.detail)}]")
    st.caption(
        "Recomputed on the golden rows in a process of its own, by the bundle's own program. The Docker image was not "
        "built here."
    )
    for difference in view.report.differences:
        st.caption(f":material/info: {literal(difference)}")


def leaves(view: flow.BundleView) -> None:
    """Draw what of the data leaves the house with the bundle."""
    said = view.leaves
    tables = ", ".join(f"{plural(n, 'row')} of {literal(name)}" for name, n in dict(said["source_rows"]).items())
    st.markdown(
        f"Golden rows are **real people or things**: {plural(int(said['decision_rows']), 'decision row')} with "
        f"{plural(len(list(said['columns'])), 'column')}" + (f", and {tables}." if tables else ".")
    )
    masked = [literal(name) for name in said["masked"]]
    st.markdown(f"Masked: {', '.join(masked)}." if masked else "No column is masked.")
    st.caption("Everything else is aggregates, SQL, the model and the log of decisions.")


def build_part(project: Project, *, first: bool, stale: bool = False) -> None:
    """Draw the choice of masked columns, the button that builds, and the progress while it runs."""
    st.subheader("Build" if first else "Build again", anchor=False)
    session.fill("export.masked", list(flow.masked_by_default(project)))
    names = [column.name for column in flow.prepared_columns(project)]
    options = list(dict.fromkeys([*names, *session.value("export.masked", [])]))
    st.multiselect(
        "Columns to mask in golden rows",
        options,
        key="export.masked",
        persist_state="session",
        help="Their values are replaced. A column that the model reads stays: without it nothing could be verified.",
    )
    running = progress.job(project, "export", "export")
    st.button(
        "Build the bundle",
        key="export.build",
        icon=":material/deployed_code:",
        type="primary" if first or stale else "secondary",
        disabled=running,
        on_click=guard.action(_build),
        args=(project,),
        width="stretch",
    )


def take_away(project: Project, view: flow.BundleView | None) -> None:
    """Draw the downloads: the zip and the journey as one file."""
    if view and view.path:
        st.download_button(
            "Download the bundle",
            data=view.path.read_bytes,
            file_name=f"{view.name}.zip",
            mime="application/zip",
            key="export.download",
            icon=":material/download:",
            type="secondary" if view.stale else "primary",
            on_click="ignore",
            width="stretch",
        )
        st.caption(f"Content digest `{view.content_digest[:12]}`: the same choices give the same bytes.")
    elif view:
        st.caption("The zip is no longer kept here: build it again.")
    st.download_button(
        "Download poc.yaml",
        data=lambda: flow.poc_yaml(project),
        file_name=f"{project.slug}.yaml",
        mime="application/yaml",
        key="export.poc",
        icon=":material/description:",
        on_click="ignore",
        width="stretch",
        help="The whole journey as one file: python -m core run walks it again without a screen.",
    )


def _part(path: str) -> str:
    folder = PurePosixPath(path).parts[0] if len(PurePosixPath(path).parts) > 1 else ""
    return folder if folder in PARTS else ""


def _build(project: Project) -> None:
    flow.start_export(project, session.author(), tuple(session.value("export.masked", [])))
