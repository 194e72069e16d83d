"""A database on Load: its connection out of Streamlit's secrets, and the table or the query that is read."""

import streamlit as st

from core import flow
from core.charts import count
from core.flow import connections
from core.workspace import Project
from pages.shared import guard, session

HOW = {"table": "A table", "query": "A query"}


def names() -> list[str]:
    """Return the connections that Streamlit's secrets name, of those that SQLAlchemy can speak to."""
    if not st.secrets.load_if_toml_exists():
        return []
    found = st.secrets.get("connections", {})
    return [name for name, said in found.items() if said.get("type", "sql") == "sql"]


def choose() -> bool:
    """Draw which connection, and what is read from it; return whether there is something to load."""
    known = names()
    if not known:
        st.caption(
            "No connection is set up on the server. Whoever runs Touchstone names one in `.streamlit/secrets.toml`, "
            'as for `st.connection`: `[connections.NAME]` with `url = "postgresql://user:password@host/database"`.'
        )
        return False
    st.selectbox("Connection", known, key="load.connection", on_change=guard.action(_other))
    session.fill("load.how", "table")
    how = st.segmented_control("Read", list(HOW), format_func=HOW.get, key="load.how", required=True)
    if how == "query":
        st.text_area("One SELECT", key="load.query", height=140, placeholder="SELECT … FROM … WHERE …")
    else:
        with guard.shown():
            _table()
    return bool(asked())


def asked() -> str:
    """Return the table or the query that was chosen, "" while there is none."""
    key = "load.query" if session.value("load.how") == "query" else "load.database_table"
    return str(session.value(key) or "").strip()


def suggested() -> str:
    """Return a name for the table in the project."""
    if session.value("load.how") == "query":
        return "query" if asked() else ""
    return flow.table_name(asked().rsplit(".", 1)[-1].strip('"')) if asked() else ""


def start(project: Project, table: str) -> str:
    """Start loading and return the job's id."""
    return connections.start_load_database(project, _connection(), asked(), table, session.author())


def _table() -> None:
    tables = {table.name: table for table in _tables(str(session.value("load.connection")))}
    st.selectbox(
        "Table",
        list(tables),
        index=None,
        key="load.database_table",
        format_func=lambda name: f"{name}{_about(tables[name])}" if name in tables else name,
    )
    st.button("Look again", key="load.database_again", type="tertiary", icon=":material/refresh:", on_click=_other)


def _about(table: connections.DatabaseTable) -> str:
    rows = f"about {count(table.n_rows)} rows" if table.n_rows is not None else ""
    said = [word for word in ("a view" if table.is_view else "", rows) if word]
    return f" ({', '.join(said)})" if said else ""


def _connection() -> connections.ConnectionSpec:
    name = str(session.value("load.connection"))
    return connections.connection_of(name, dict(st.secrets["connections"][name]))


@st.cache_data(max_entries=20, show_spinner="Asking the database for its tables")
def _tables(name: str) -> tuple[connections.DatabaseTable, ...]:
    return connections.database_tables(connections.connection_of(name, dict(st.secrets["connections"][name])))


def _other() -> None:
    _tables.clear()
    session.drop("load.database_table")
