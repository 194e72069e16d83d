"""Sources on Load: adding one from an upload or from the server, and what was found in it."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import streamlit as st

from core import flow
from core.charts import count, duration
from core.ingest import ReaderSettings
from core.workspace import Project
from pages.shared import guard, session, uploads
from pages.shared.figures import literal, size

ENDINGS = ["csv", "tsv", "txt", "dat", "data", "parquet", "json", "jsonl", "ndjson", "xlsx", "gz"]
KINDS = {"": "Find out", "csv": "CSV", "parquet": "Parquet", "json": "JSON", "excel": "Excel"}
DELIMITERS = {"": "Find out", ",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar"}
HEADERS = {"": "Find out", "yes": "Yes", "no": "No"}


def room() -> str:
    """Return the limits of a file as a sentence."""
    limit = size(st.get_option("server.maxUploadSize") * 1e6)
    return f"Up to {limit} a file; {size(flow.free_bytes())} are free on the disk where projects are kept."


def add(project: Project, busy: bool) -> None:
    """Draw how a table is added."""
    files = flow.server_files()
    where = "upload"
    if files:
        where = st.segmented_control(
            "From", ["upload", "server"], format_func=str.capitalize, key="load.where", default="upload", required=True
        )
    if where == "server":
        chosen = st.selectbox("Which file?", files, format_func=_shown(files), index=None, key="load.server_file")
    else:
        chosen = st.file_uploader("File", type=ENDINGS, key="load.file")
    st.caption(room())
    suggested = flow.table_name(chosen.name) if chosen else ""
    st.text_input("Name of the table", key="load.table", placeholder=suggested or "As the file is called")
    with st.expander("How to read it", icon=":material/tune:"):
        _settings()
    st.button(
        "Load it",
        key="load.start",
        icon=":material/download:",
        type="primary" if flow.dataset(project) is None else "secondary",
        on_click=guard.action(_start),
        args=(project,),
        disabled=chosen is None or busy,
    )


def totals(tables: tuple[flow.TableInfo, ...]) -> tuple[int, int]:
    """Return the rows of all tables, and how many rows were rejected."""
    return sum(table.n_rows for table in tables), sum(table.n_rejected for table in tables)


def facts(table: flow.TableInfo) -> dict[str, str]:
    """Return where a table is from and how it was read, a line each."""
    found = table.settings
    read = {"Read as": KINDS.get(found.kind, found.kind)}
    if found.kind == "csv":
        delimiter = DELIMITERS.get(found.delimiter, repr(found.delimiter))
        header = "first row holds the names" if found.header else "no row of names"
        read["Read as"] = f"CSV, {delimiter.lower()} between values, quote {found.quote}, {found.encoding}, {header}"
    elif found.kind == "excel":
        read["Read as"] = f"Excel, sheet {found.sheet}"
    lines = {
        "Source": f"{table.source_name}, {size(table.n_bytes)}",
        **read,
        "Loaded": f"{table.loaded_at.replace('T', ' ').replace('+00:00', ' UTC')} by {table.author}, "
        f"in {duration(table.seconds)}",
    }
    return {name: literal(text) for name, text in lines.items()} | {"sha256": f"`{table.sha256}`"}


def columns(table: flow.TableInfo) -> pd.DataFrame:
    """Return the columns of a table and their types as found."""
    return pd.DataFrame(table.columns, columns=["Column", "Type"])


def rejected(table: flow.TableInfo) -> pd.DataFrame:
    """Return the rows that are not in the table, and why."""
    rows = [(row.line, row.column, row.reason, row.text) for row in table.rejected]
    return pd.DataFrame(rows, columns=["Line", "Column", "Why", "The row as it stands in the file"])


def rejected_words(table: flow.TableInfo) -> str:
    """Return how many rows were rejected, as the label of a tab."""
    return f"Rejected rows ({count(table.n_rejected)})"


def _shown(files: list[Path]) -> Callable[[Path], str]:
    common = Path(*files[0].parts[: max(1, len(files[0].parts) - 2)])
    return lambda path: str(path.relative_to(common)) if path.is_relative_to(common) else str(path)


def _settings() -> None:
    st.caption("What is left to find out is found out, and shown after loading.")
    st.selectbox("Kind", list(KINDS), format_func=KINDS.get, key="load.kind")
    st.selectbox(
        "Between values",
        list(DELIMITERS),
        format_func=lambda said: DELIMITERS.get(said, said),
        key="load.delimiter",
        accept_new_options=True,
    )
    st.text_input("Quote", key="load.quote", max_chars=4, placeholder="Find out")
    st.text_input("Encoding", key="load.encoding", placeholder="Find out")
    session.fill("load.header", "")
    st.segmented_control("Does the first row hold names?", list(HEADERS), format_func=HEADERS.get, key="load.header")
    st.text_input("Sheet, for Excel", key="load.sheet", placeholder="The first")


def _start(project: Project) -> None:
    server = session.value("load.server_file") if session.value("load.where") == "server" else None
    file = session.value("load.file")
    path = server or uploads.kept(file)
    name = str(session.value("load.table") or "") or flow.table_name(path.name)
    header = {"yes": True, "no": False}.get(str(session.value("load.header") or ""))
    settings = ReaderSettings(
        kind=session.value("load.kind") or "",
        delimiter=session.value("load.delimiter") or "",
        quote=session.value("load.quote") or "",
        encoding=session.value("load.encoding") or "",
        header=header,
        sheet=session.value("load.sheet") or "",
    )
    source = flow.SourceFile(path, name, None if settings == ReaderSettings() else settings, path.name)
    flow.start_load(project, [source], session.author())
    session.keep("load.table", "")
    session.keep("load.shown", name)
