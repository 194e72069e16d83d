"""How a source is read, as far as a person says so on Load; what is left open is found out."""

import dataclasses
import json

import pandas as pd
import streamlit as st

from core.flow.parts import Part
from core.ingest import Column, ReaderSettings
from pages.shared import guard, session
from pages.shared.figures import plural, size

FOUND_OUT = "Find out"
KINDS = {
    "csv": "CSV or other text",
    "parquet": "Parquet",
    "json": "JSON",
    "excel": "Excel",
    "arrow": "Arrow",
    "duckdb": "DuckDB",
    "sqlite": "SQLite",
    "database": "A database",
}
DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar", " ": "Blank"}
QUOTES = {'"': 'Double quote "', "'": "Single quote '", "none": "None: quotes are ordinary"}
ESCAPES = {'"': 'A doubled quote ""', "\\": "Backslash \\"}
COMMENTS = {"#": "#", "//": "//", "%": "%", "--": "--"}
ENCODINGS = ["utf-8", "utf-16", "cp1252", "latin-1", "iso8859-15", "cp1250", "cp1251", "shift_jis", "gb18030"]
DECIMALS = {".": "Point, 1.5", ",": "Comma, 1,5"}
THOUSANDS = {",": "Comma", ".": "Point", " ": "Blank", "'": "Apostrophe"}
WORDS = ["N/A", "NA", "NULL", "null", "None", "nan", "?", "-", "unknown"]
YES_NO = {"yes": "Yes", "no": "No"}
ORDERS = {"yes": "Day first, 3 April", "no": "Month first, 4 March"}
TYPES = {
    "VARCHAR": "Text",
    "BIGINT": "Whole number",
    "DOUBLE": "Number",
    "DECIMAL(18,2)": "Amount, two decimals",
    "BOOLEAN": "Yes or no",
    "DATE": "Date",
    "TIMESTAMP": "Date and time",
    "TIMESTAMP WITH TIME ZONE": "Date and time with zone",
    "TIME": "Time of day",
}
AS_FOUND = "As found"
OF_VALUES = ("decimal", "thousands", "day_first", "missing")
FIELDS = tuple(one.name for one in dataclasses.fields(ReaderSettings) if one.name != "query")


def said() -> dict[str, object]:
    """Return what was said by hand, by field of the settings, in JSON's own types."""
    return dict(session.value("load.said") or {})


def settings(told: dict[str, object]) -> ReaderSettings:
    """Return what was said as the reader's settings."""
    yes = {"yes": True, "no": False}
    values = {name: yes[value] if name in ("header", "day_first") else value for name, value in told.items()}
    return ReaderSettings(**{name: tuple(v) if isinstance(v, list) else v for name, v in values.items()})


def as_text(told: dict[str, object]) -> str:
    """Return what was said as one text, the same for the same."""
    return json.dumps(told, sort_keys=True)


def from_text(text: str) -> dict[str, object]:
    """Return what ``as_text`` was given."""
    return json.loads(text)


def sentence(found: ReaderSettings) -> str:
    """Return how a source was read, in one line."""
    parts = [KINDS.get(found.kind, found.kind)]
    if found.kind == "csv":
        between = DELIMITERS.get(found.delimiter, repr(found.delimiter)).lower()
        parts += [f"{between} between values", f"quote {found.quote or 'none'}", found.encoding]
    if found.kind in ("csv", "excel"):
        names = f"names in row {found.header_row}" if found.header_row else "names above the values"
        parts.append("no row of names" if found.header is False else names)
    parts += [f"{word} {value}" for word, value in (("sheet", found.sheet), ("cells", found.cells)) if value]
    parts += [value for value in (found.member, found.query) if value]
    parts += [
        f"{word} mark {mark}" for word, mark in (("decimal", found.decimal), ("thousands", found.thousands)) if mark
    ]
    parts += ["day first"] if found.day_first else []
    parts += [f"no value: {', '.join(found.missing)}"] if found.missing else []
    return ", ".join(parts)


def forget() -> None:
    """Leave everything open again: another source was chosen."""
    session.drop("load.said", "load.types", *(f"load.{name}" for name in FIELDS))


def part(parts: tuple[Part, ...], *, is_sheet: bool) -> None:
    """Draw which sheet of a workbook, file of an archive or table of a database file is read."""
    words = {part.name: _about(part) for part in parts}
    _choice("sheet" if is_sheet else "member", "Which sheet?" if is_sheet else "Which of them?", words)


def draw(kind: str) -> None:
    """Draw what can be said about a source of a kind, "" while that is unknown."""
    st.caption("What is left open is found out. A change is tried at once on the first rows.")
    with st.grid(3, min_column_width=190):
        if kind in ("", "csv", "json"):
            _choice("kind", "Kind", {name: KINDS[name] for name in ("csv", "json")})
            _choice("encoding", "Encoding", dict.fromkeys(ENCODINGS), open_ended=True)
        if kind in ("", "csv"):
            _text_file()
        if kind in ("", "csv", "excel"):
            _names()
        if kind == "excel":
            st.text_input("Cells", placeholder="All, or as B3:F200", **_bound("cells", ""))
    if said():
        st.button("Find everything out again", key="load.reset", type="tertiary", on_click=guard.action(forget))


def types(columns: tuple[Column, ...], rows: pd.DataFrame) -> None:
    """Draw the table in which is said what type a column shall have."""
    names = [column.name for column in columns]
    if session.value("load.types_shown") != names:
        session.drop("load.types")
    session.keep("load.types_shown", names)
    chosen = said().get("types") or {}
    shown = [TYPES.get(column.type, column.type) for column in columns]
    drawn = pd.DataFrame(
        {
            "Column": names,
            "Type": shown,
            "Said by": ["hand" if name in chosen else "the values" for name in names],
            "For example": [_example(rows, name) for name in names],
        }
    )
    st.data_editor(
        drawn,
        key="load.types",
        hide_index=True,
        disabled=["Column", "Said by", "For example"],
        column_config={
            "Type": st.column_config.SelectboxColumn(
                options=list(dict.fromkeys([AS_FOUND, *TYPES.values(), *shown])),
                required=True,
                width="medium",
                help="Change it here. A value that is not of a type said by hand rejects its row.",
            )
        },
        on_change=guard.action(_typed),
        alt="Columns of the file and the type each is read as",
    )


def _about(part: Part) -> str:
    told = f" ({plural(part.n_rows, 'row')})" if part.n_rows is not None else ""
    return part.name + (told or (f" ({size(part.n_bytes)})" if part.n_bytes is not None else ""))


def _text_file() -> None:
    _choice("delimiter", "Between values", DELIMITERS, open_ended=True)
    _choice("quote", "Around values", QUOTES, open_ended=True)
    _choice("escape", "A quote within a value", ESCAPES, open_ended=True)
    _choice("comment", "Comment lines begin with", COMMENTS, open_ended=True)
    _choice("decimal", "Decimal mark", DECIMALS)
    _choice("thousands", "Thousands mark", THOUSANDS, open_ended=True)
    _choice("day_first", "3/4/2025 is", ORDERS)
    st.multiselect(
        "Words that mean no value",
        WORDS,
        accept_new_options=True,
        placeholder="Nothing but blanks",
        **_bound("missing", []),
    )


def _names() -> None:
    _choice("header", "Do names stand above the values?", YES_NO)
    st.number_input("Names stand in row", min_value=1, value=None, placeholder=FOUND_OUT, **_bound("header_row"))
    st.number_input("Names go over rows", min_value=1, value=None, placeholder=FOUND_OUT, **_bound("n_header_rows"))


def _choice(field: str, label: str, options: dict[str, str | None], *, open_ended: bool = False) -> None:
    st.selectbox(
        label,
        list(options),
        index=None,
        format_func=lambda value: options.get(value) or str(value),
        placeholder=FOUND_OUT,
        accept_new_options=open_ended,
        **_bound(field),
    )


def _bound(field: str, empty: object = None) -> dict[str, object]:
    """Return what ties a widget to a field; back from another page it is filled from what was said."""
    key = f"load.{field}"
    session.fill(key, said().get(field, empty))
    return {"key": key, "on_change": guard.action(_told), "args": (field,)}


def _told(field: str) -> None:
    value = session.value(f"load.{field}")
    gone = (field,) if field in OF_VALUES else (field, "types")  # what are the columns may be others from here on
    told = {name: held for name, held in said().items() if name not in gone}
    session.keep("load.said", told | ({field: value} if value not in (None, "", []) else {}))


def _typed() -> None:
    names, told = session.value("load.types_shown"), said()
    edits = session.value("load.types")["edited_rows"]
    words = {word: kind for kind, word in TYPES.items()}
    chosen = dict(told.pop("types", {}))
    for row, edit in edits.items():
        word = edit.get("Type", AS_FOUND)
        chosen.pop(names[int(row)], None)
        if word != AS_FOUND:
            chosen[names[int(row)]] = words.get(word, word)
    session.keep("load.said", told | ({"types": chosen} if chosen else {}))
    session.drop("load.types")


def _example(rows: pd.DataFrame, name: str) -> str:
    values = rows[name].dropna() if name in rows else []
    return str(values.iloc[0])[:60] if len(values) else ""
