"""The card on Load in which a source is chosen, an upload, a file of the server or a database, and loaded."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from core import flow
from core.workspace import Project
from pages.shared import databases, guard, reading, session, uploads
from pages.shared.figures import literal, plural, size

ENDINGS = ["csv", "tsv", "txt", "dat", "data", "parquet", "json", "jsonl", "ndjson", "xlsx", "xls", "gz", "zip"]
ENDINGS += ["zst", "bz2", "xz", "arrow", "feather", "ipc", "duckdb", "db", "sqlite", "sqlite3"]
WHERE = {"upload": "Upload", "server": "Server", "database": "Database"}


def room() -> str:
    """Return the limits of a file as a sentence."""
    limit = size(st.get_option("server.maxUploadSize") * 1e6)
    return f"Up to {limit} a file; {size(flow.free_bytes())} are free on the disk where projects are kept."


def chosen() -> Path | None:
    """Return the file or folder that was chosen and not loaded yet, or loaded and looked at again."""
    path = _path()
    return path if path is not None and path.exists() and str(path) != session.value("load.done") else None


def add(project: Project, busy: bool) -> None:
    """Draw how a table is added."""
    files = flow.server_files()
    offered = [where for where in WHERE if where != "server" or files]
    session.fill("load.where", session.value("load.from") or "upload")
    where = st.segmented_control(
        "From",
        offered,
        format_func=WHERE.get,
        key="load.where",
        required=True,
        on_change=guard.action(_from),
    )
    if where == "database":
        ready = databases.choose()
    elif where == "server":
        ready = _server(files)
    else:
        ready = _upload()
    if where != "database":
        if _path() is not None and chosen() is None:
            st.button(
                "Look at its first rows again",
                key="load.again",
                icon=":material/visibility:",
                type="tertiary",
                on_click=guard.action(_look_again),
            )
        st.caption(room())
    _name(project, where == "database")
    st.button(
        "Load it",
        key="load.start",
        icon=":material/download:",
        type="primary" if flow.dataset(project) is None else "secondary",
        on_click=guard.action(_start),
        args=(project,),
        disabled=not ready or busy,
    )


def arrived(project: Project) -> str:
    """Return the sentence on what the load that was started here ended with, once it is done; else ""."""
    started = session.value("load.started") or {}
    view = flow.job(project, "load")
    if view is None or view.id != started.get("job") or view.state != "done":
        return ""
    if not started.get("noticed"):
        session.keep("load.done", started["source"])
        session.keep("load.shown", started["table"])
        session.keep("load.started", started | {"noticed": True})
        session.drop("load.table")
        if started["again"] and flow.head_digest(project, "dataset") != started["before"]:
            session.keep("load.tabs", "What changed")
    if flow.head_digest(project, "dataset") == started["before"]:
        return "This is what is loaded already: the same bytes, read in the same way. Nothing was recorded anew."
    return ""


def _path() -> Path | None:
    said = session.value("load.source")
    return Path(str(said)) if said and session.value("load.where") != "database" else None


def _upload() -> bool:
    st.file_uploader("File", type=ENDINGS, key="load.file", on_change=guard.action(_uploaded))
    path = _path()
    if path is not None and session.value("load.file") is None:
        st.caption(f"Chosen: {literal(path.name)}")
    return path is not None


def _server(files: list[Path]) -> bool:
    folders = [folder for folder in dict.fromkeys(file.parent for file in files) if _together(folder, files)]
    options = [str(path) for path in (*files, *folders)]
    source = session.value("load.source")
    session.fill("load.server_file", source if source in options else None)
    st.selectbox(
        "Which file?",
        options,
        format_func=_shown(files),
        index=None,
        key="load.server_file",
        on_change=guard.action(_picked),
        help="A folder of files with the same columns is loaded as one table.",
    )
    return _path() is not None


def _together(folder: Path, files: list[Path]) -> list[Path]:
    """Return the files of a folder when they can be one table: two or more, all with one ending."""
    inside = [file for file in files if file.parent == folder]
    return inside if len(inside) > 1 and len({file.suffix.lower() for file in inside}) == 1 else []


def _shown(files: list[Path]) -> Callable[[str], str]:
    common = Path(*files[0].parts[: max(1, len(files[0].parts) - 2)])

    def shown(said: str) -> str:
        path = Path(said)
        name = str(path.relative_to(common)) if path.is_relative_to(common) else said
        inside = _together(path, files)
        return f"{name}/ ({plural(len(inside), 'file')} as one table)" if inside else name

    return shown


def _name(project: Project, is_database: bool) -> None:
    path = _path()
    suggested = databases.suggested() if is_database else flow.table_name(path.name) if path else ""
    st.text_input("Name of the table", key="load.table", placeholder=suggested or "As the file is called")
    name = str(session.value("load.table") or "") or suggested
    if name in _names(project):
        st.caption(f"It takes the place of the table {literal(name)}, which stays in the history.")


def _names(project: Project) -> list[str]:
    dataset = flow.dataset(project)
    return [table.name for table in dataset.tables] if dataset else []


def _from() -> None:
    session.keep("load.from", session.value("load.where"))
    session.drop("load.source", "load.done")
    reading.forget()


def _uploaded() -> None:
    file = session.value("load.file")
    _choose(str(uploads.kept(file)) if file is not None else "")


def _picked() -> None:
    _choose(str(session.value("load.server_file") or ""))


def _choose(path: str) -> None:
    session.keep("load.source", path)
    session.drop("load.done")
    reading.forget()


def _look_again() -> None:
    session.drop("load.done")


def _start(project: Project) -> None:
    before = flow.head_digest(project, "dataset")
    is_database = session.value("load.where") == "database"
    path = _path()
    suggested = databases.suggested() if is_database else flow.table_name(path.name) if path else ""
    name = str(session.value("load.table") or "") or suggested
    again = name in _names(project)
    if is_database:
        job = databases.start(project, name)
    else:
        settings = reading.settings(reading.said())
        wanted = None if settings == flow.ReaderSettings() else settings
        source = flow.SourceFile(path, name, wanted, path.name)
        job = flow.start_load(project, [source], session.author())
    told = {"job": job, "table": name, "source": str(path or ""), "before": before, "again": again}
    session.keep("load.started", told)
