"""Load: sources become raw tables of the project, with where they came from."""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from core.errors import LoadError, NotReadyError
from core.flow.storing import Misfit, Storing
from core.ingest import Assumption, ReaderSettings, Rejected, Repaired, Source
from core.ingest.folder import size_of
from core.workspace import Job, Project
from core.workspace.connection import open_reader
from core.workspace.home import cache
from core.workspace.plain import from_plain, to_plain
from core.workspace.records import digest_of
from core.workspace.tables import quoted


@dataclass(frozen=True, slots=True)
class TableInfo:
    """One raw table: what it is, where it came from, and what did not fit.

    What is assumed and repaired is empty in projects that were saved before there was such evidence.
    """

    name: str
    physical: str
    sha256: str
    settings: ReaderSettings
    columns: tuple[tuple[str, str], ...]
    source_name: str
    n_bytes: int
    n_rows: int
    n_rejected: int
    rejected: tuple[Rejected, ...]
    notes: tuple[str, ...]
    author: str
    loaded_at: str
    seconds: float
    assumed: tuple[Assumption, ...] = ()
    repaired: tuple[Repaired, ...] = ()
    n_repaired: int = 0


@dataclass(frozen=True, slots=True)
class Dataset:
    """The raw tables of a project, by name."""

    digest: str
    tables: tuple[TableInfo, ...]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to load: where it is, the table it becomes, how to read it (None: find out), and what it is called."""

    path: Path
    table: str
    settings: ReaderSettings | None = None
    source_name: str = ""


_ABANDONED_SECONDS = 2 * 24 * 3600

TableEntry = tuple[dict[str, Any], dict[str, Any]]
"""What the record of the dataset says of one table: its choices, which make its digest, and the facts beside them."""


def dataset(project: Project) -> Dataset | None:
    """Return the raw tables, or None before anything was loaded."""
    record = project.head("dataset")
    if record is None:
        return None
    facts = record.result["tables"]
    tables = [from_plain(TableInfo, entry | facts[entry["name"]]) for entry in record.body["tables"]]
    return Dataset(record.digest, tuple(tables))


def server_files() -> list[Path]:
    """Return the files of the folder that TOUCHSTONE_FILES names, for loading without an upload; none when unset."""
    said = os.environ.get("TOUCHSTONE_FILES", "")
    if not said or not Path(said).is_dir():
        return []
    return sorted(path for path in Path(said).rglob("*") if path.is_file() and not path.name.startswith("."))


def free_bytes() -> int:
    """Return how much disk is free where projects are kept."""
    return shutil.disk_usage(cache()).free


def table_name(file_name: str) -> str:
    """Return a name for a table from a file's name: letters, digits and underscores."""
    stem = re.sub(r"(\.gz|\.zst|\.bz2|\.xz)$", "", file_name)
    name = re.sub(r"[^a-z0-9]+", "_", Path(stem).stem.lower()).strip("_") or "table"
    return f"t_{name}" if name[0].isdigit() else name


def start_load(project: Project, files: Sequence[SourceFile], author: str) -> str:
    """Load files in the background and return the job's id.

    Raises
    ------
    LoadError
        At once, when a table's name is not one, or the disk has no room for it.
    """
    for file in files:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", file.table):
            raise LoadError(f"{file.table!r} cannot name a table.", hint="Use letters, digits and underscores.")
        if size_of(file.path) is None:
            raise LoadError(f"There is no file {str(file.path)!r}.", hint="Check the path, or upload the file.")
    size = sum(size_of(file.path) or 0 for file in files)
    if size * 3 > free_bytes():
        raise LoadError(
            f"The disk has {free_bytes() / 1e6:,.0f} MB free; loading {size / 1e6:,.0f} MB needs three times its size.",
            hint="Free some space, or load a smaller file.",
        )
    key = "|".join(f"{file.path}>{file.table}" for file in files)
    return project.jobs.start("load", lambda job: load(project, files, author, job), author=author, key=key)


def load(project: Project, files: Sequence[SourceFile], author: str, job: Job) -> None:
    """Read files and record them as raw tables, all or none."""
    _clear_abandoned()
    folder = Path(tempfile.mkdtemp(prefix="reading-", dir=cache()))
    reader = job.interruptible(open_reader(folder))
    ways = [
        Storing(file.path, file.settings or ReaderSettings(), f"incoming_{job.id}_{number}", folder / str(number))
        for number, file in enumerate(files)
    ]
    try:
        while True:
            try:
                _load(project, list(zip(files, ways, strict=True)), reader, author, job)
                break
            except Misfit:
                job.check()
    finally:
        for way in ways:
            way.close()
        reader.close()
        shutil.rmtree(folder, ignore_errors=True)


def _clear_abandoned() -> None:
    """Remove what loads have left behind that were killed; other processes may be loading now."""
    for folder in cache().glob("reading-*"):
        try:
            is_old = time.time() - folder.stat().st_mtime > _ABANDONED_SECONDS
        except FileNotFoundError:
            continue
        if is_old:
            shutil.rmtree(folder, ignore_errors=True)


def _load(
    project: Project,
    files: Sequence[tuple[SourceFile, Storing]],
    reader: duckdb.DuckDBPyConnection,
    author: str,
    job: Job,
) -> None:
    """Read files within one transaction."""
    with project.transaction() as cursor:
        job.interruptible(cursor)
        done = []
        for number, (file, way) in enumerate(files):
            name = file.source_name or file.path.name
            job.progress(number, len(files), f"Reading {name}")
            started = time.monotonic()
            source = way.store(project, cursor, reader, job)
            choice, facts = table_entry(source, file.table, name, author)
            cursor.execute(f"DROP TABLE IF EXISTS {quoted(facts['physical'])}")
            cursor.execute(f"ALTER TABLE {quoted(source.table)} RENAME TO {quoted(facts['physical'])}")
            done.append((choice, facts | {"seconds": time.monotonic() - started}))
        record_tables(project, cursor, done, author, job)


def table_entry(source: Source, table: str, source_name: str, author: str) -> TableEntry:
    """Return what the record of the dataset says about a source: its choices, and the facts beside them.

    ``facts["physical"]`` is the name of the big table to write; who writes it adds ``facts["seconds"]``.
    """
    choice = {"name": table, "sha256": source.sha256, "settings": to_plain(source.settings)}
    facts = {
        "physical": f"raw_{table}_{digest_of('raw', choice, ())[:12]}",
        "columns": [[column.name, column.type] for column in source.columns],
        "source_name": source_name,
        "n_bytes": source.n_bytes,
        "n_rows": source.n_rows,
        "n_rejected": source.n_rejected,
        "rejected": to_plain(source.rejected[:100]),
        "notes": list(source.notes),
        "assumed": to_plain(source.assumed),
        "repaired": to_plain(source.repaired[:100]),
        "n_repaired": source.n_repaired,
        "author": author,
        "loaded_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": 0.0,
    }
    return choice, facts


def record_tables(
    project: Project, cursor: duckdb.DuckDBPyConnection, done: Sequence[TableEntry], author: str, job: Job
) -> None:
    """Make tables that this transaction wrote part of the dataset; those of the same name are replaced.

    Raises
    ------
    CancelledError
        When a person asked to stop.
    """
    head = project.head("dataset")
    entries = {entry["name"]: entry for entry in (head.body["tables"] if head else [])}
    results = dict(head.result["tables"]) if head else {}
    for choice, facts in done:
        entries[choice["name"]] = choice
        results[choice["name"]] = facts
    job.check()
    body = {"tables": [entries[name] for name in sorted(entries)]}
    project.save_with(cursor, "dataset", body, author=author, result={"tables": results})


def remove_table(project: Project, name: str, author: str) -> None:
    """Leave a table out of the dataset from here on; the earlier dataset stays in the history."""
    record = project.head("dataset")
    names = [entry["name"] for entry in record.body["tables"]] if record else []
    if record is None or name not in names:
        raise NotReadyError(f"There is no table {name!r}.", hint=f"Choose one of {', '.join(names) or 'none yet'}.")
    body = {"tables": [entry for entry in record.body["tables"] if entry["name"] != name]}
    result = {"tables": {key: facts for key, facts in record.result["tables"].items() if key != name}}
    project.save("dataset", body, author=author, result=result)


def head_rows(project: Project, table: str, n: int = 100) -> pd.DataFrame:
    """Return the first rows of a raw table, by its given name."""
    physical = raw_tables(project).get(table)
    if physical is None:
        known = ", ".join(raw_tables(project)) or "none yet"
        raise NotReadyError(f"There is no table {table!r}.", hint=f"Choose one of {known}.")
    return project.cursor().sql(f"SELECT * FROM {quoted(physical)} LIMIT {int(n)}").to_arrow_table().to_pandas()


def raw_tables(project: Project) -> dict[str, str]:
    """Return the raw tables: given name to the name of the big table that holds it."""
    found = dataset(project)
    return {table.name: table.physical for table in found.tables} if found else {}
