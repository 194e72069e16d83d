"""What ``python -m core load`` and ``profile`` do: read sources without a project, and say what was found."""

import csv
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from core.errors import LoadError, QualityError, TouchstoneError
from core.ingest import ReaderSettings, Source, read_source
from core.ingest.delimited import read_text
from core.ingest.folder import members_of
from core.ingest.kinds import kind_of as kind_of_file
from core.quality import Context, TargetExpr, check, profile
from core.quality.finding import counted
from core.quality.profile import kind_of
from core.workspace.connection import open_reader
from core.workspace.plain import to_plain
from core.workspace.tables import quoted

FORMAT = 1
MOST_LEVELS = 50
YES = ("yes", "true", "1", "y", "t", "ja", "oui", "si", "sí")
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Question:
    """What a source is profiled for: its outcome, and as far as said a row's key, its time and its group."""

    target: str
    positive: str = ""
    key: tuple[str, ...] = ()
    time: str = ""
    group: str = ""


def load(paths: Sequence[Path], settings: ReaderSettings, folder: Path | None, say: Tell, fault: Tell) -> bool:
    """Read sources one after another; one that fails does not stop the others. Return whether all could be read.

    Parameters
    ----------
    folder : what was read is written there as plain CSV, every value as the text that stood in the source, and beside
        it a report as JSON; without a folder ``say`` is told the reports, one a line.
    say, fault : are told a line per source that was read, a sentence per one that was not.

    Raises
    ------
    LoadError
        When the folder cannot be made or written to.
    """
    taken: set[str] = set()
    n_failed = 0
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            report = _report(path, settings, folder, taken)
            if "error" in report:
                n_failed += 1
                fault(f"{path}: {report['error']['problem']} {report['error']['hint']}".strip())
            elif folder is not None:
                say(_line(path, report))
            if folder is None:
                say(json.dumps(report, sort_keys=True))
            elif text_name(path) not in taken:
                _write(folder / f"{text_name(path)}.json", report)
            taken.add(text_name(path))
    except OSError as error:
        raise LoadError(f"{error.filename or folder} cannot be written: {error.strerror}.", hint="") from error
    return n_failed == 0


def text_name(path: Path) -> str:
    """Return what the text of a source is called: a CSV keeps its name, others get ``.csv`` behind it."""
    return path.name if path.suffix.lower() == ".csv" else f"{path.name}.csv"


def findings(path: Path, settings: ReaderSettings, asked: Question) -> dict[str, Any]:
    """Return a source's profile and the result of every check as JSON's own types; all rows count as training rows.

    Raises
    ------
    LoadError
        When the source cannot be read.
    QualityError
        When there is no such column, or no such outcome in it.
    """
    with _reader() as (reader, scratch):
        source = read_source(path, reader, settings, folder=scratch)
        types = {column.name: column.type for column in source.columns}
        for name in (asked.target, *asked.key, asked.time, asked.group):
            if name and name not in types:
                raise QualityError(f"There is no column {name!r}.", hint=f"Columns: {', '.join(list(types)[:30])}.")
        positive = asked.positive or _positive(reader, source.table, asked.target)
        target = TargetExpr(asked.target, _outcome(asked.target, types[asked.target], positive))
        _require_both(reader, source.table, target, positive)
        found = profile(reader, source.table, source.columns, target=target, order=asked.time)
        context = Context(
            reader,
            source.table,
            target=target,
            unit_key=asked.key,
            order_column=asked.time,
            group_column=asked.group,
        )
        results = check(found, context)
    every = [one for result in results for one in result.findings]
    return {
        "format": FORMAT,
        "source": str(path),
        "sha256": source.sha256,
        "target": {"column": asked.target, "positive": positive},
        "training": "all rows: without a project no holdout is set aside",
        "profile": to_plain(found),
        "results": to_plain(results),
        **{f"n_{name}": sum(one.severity == name for one in every) for name in ("blocking", "warning", "note")},
    }


@contextmanager
def _reader() -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    folder = Path(tempfile.mkdtemp(prefix="touchstone-reading-"))
    try:
        with closing(open_reader(folder)) as reader:
            yield reader, folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _report(path: Path, settings: ReaderSettings, folder: Path | None, taken: set[str]) -> dict[str, Any]:
    """Read one source and say what was found; an error that a person can act on is part of the report."""
    report: dict[str, Any] = {"format": FORMAT, "source": str(path)}
    try:
        if folder is not None:
            _require_free(path, folder, taken)
        with _reader() as (reader, scratch):
            if folder is not None:
                _write_text(path, reader, settings, scratch, folder / text_name(path))
                report["text"] = text_name(path)
            return report | _told(read_source(path, reader, settings, folder=scratch))
    except TouchstoneError as error:
        return report | {"error": {"problem": error.problem, "hint": error.hint}}
    except PermissionError as error:
        hint = "Ask for the right to read it."
        return report | {"error": {"problem": f"{path} cannot be read: {error.strerror}.", "hint": hint}}


def _told(source: Source) -> dict[str, Any]:
    said = {name: to_plain(getattr(source, name)) for name in source.__dataclass_fields__ if name != "table"}
    return said | {"settings": {key: value for key, value in said["settings"].items() if value not in ("", None, [])}}


def _require_free(path: Path, folder: Path, taken: set[str]) -> None:
    name = text_name(path)
    if name in taken:
        raise LoadError(f"Two sources would both become {name}.", hint="Load them into folders of their own.")
    if path.exists() and (folder / name).exists() and path.samefile(folder / name):
        raise LoadError(f"{name} would be written over itself.", hint="Choose another folder.")


def _write_text(
    path: Path, reader: duckdb.DuckDBPyConnection, settings: ReaderSettings, scratch: Path, target: Path
) -> None:
    """Write the text of a source: a row of names as they stand there, commas between values, quotes doubled."""
    inside = _unpacked(path, settings, scratch)
    if _is_text(inside, settings):
        read = read_text(inside, reader, settings, scratch)
        table, names, header = "source_text", read.names, read.header or read.names
    else:
        source = read_source(path, reader, settings, folder=scratch)
        table, names = source.table, tuple(column.name for column in source.columns)
        header = names
    with target.open("w", encoding="utf-8", newline="") as out:
        if names:
            csv.writer(out, lineterminator="\n").writerow(header)
    if not names:
        return
    body = scratch / "body.csv"
    values = ", ".join(f"CAST({quoted(name)} AS VARCHAR)" for name in names)
    reader.execute(
        f"COPY (SELECT {values} FROM {quoted(table)}) TO '{str(body).replace(chr(39), chr(39) * 2)}' "
        "(FORMAT csv, HEADER false, DELIMITER ',', QUOTE '\"', ESCAPE '\"')"
    )
    with body.open("rb") as written, target.open("ab") as out:
        shutil.copyfileobj(written, out, 1 << 20)


def _unpacked(path: Path, settings: ReaderSettings, scratch: Path) -> Path:
    """Return the one file that a source holds, as it will be read; the source itself where it holds several."""
    folder = scratch / "unpacked"
    folder.mkdir()
    members = members_of(path, settings, folder)
    return members.files[0].path if members.is_one else path


def _is_text(path: Path, settings: ReaderSettings) -> bool:
    """Say whether a source is a delimited text: one in which nothing stands, too, and one that only looks like JSON."""
    if settings.kind:
        return settings.kind == "csv"
    if not path.is_file() or path.suffix.lower() in (".csv", ".tsv"):
        return path.is_file()
    return kind_of_file(path) == "csv"


def _line(path: Path, report: dict[str, Any]) -> str:
    parts = [counted(report["n_rows"], "row"), counted(len(report["columns"]), "column")]
    parts += [f"{report[key]:,} {key[2:]}" for key in ("n_repaired", "n_rejected") if report[key]]
    return f"{path}: {', '.join(parts)}"


def _write(path: Path, report: dict[str, Any]) -> None:
    path.write_text(json.dumps(report, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def _positive(reader: duckdb.DuckDBPyConnection, table: str, target: str) -> str:
    """Return the value that counts as positive where nobody said: the one that says yes, else the rarer of two."""
    rows = reader.sql(
        f"SELECT CAST({quoted(target)} AS VARCHAR), count(*) FROM {quoted(table)} WHERE {quoted(target)} IS NOT NULL "
        f"GROUP BY 1 ORDER BY 2, 1 LIMIT {MOST_LEVELS + 1}"
    ).fetchall()
    values = [str(value) for value, _ in rows]
    if len(values) == 2:
        return next((value for value in values if value.strip().lower() in YES), values[0])
    many = "more than 50" if len(values) > MOST_LEVELS else str(len(values))
    hint = f"Give --positive, one of {', '.join(values[:20])}." if len(values) > 2 else "Choose another column."
    raise QualityError(f"The target {target!r} has {many} different values, not two.", hint=hint)


def _outcome(target: str, type_name: str, positive: str) -> str:
    """SQL that is true for a positive outcome, false for another, null for none; numbers are compared as numbers."""
    name, wanted = quoted(target), "'" + positive.replace("'", "''") + "'"
    same = {"number": "DOUBLE", "boolean": "BOOLEAN"}.get(kind_of(type_name), "VARCHAR")
    return (
        f"CASE WHEN {name} IS NOT NULL THEN coalesce(CAST({name} AS {same}) = TRY_CAST({wanted} AS {same}), false) END"
    )


def _require_both(reader: duckdb.DuckDBPyConnection, table: str, target: TargetExpr, positive: str) -> None:
    n_yes, n_no = reader.sql(
        f"SELECT count(*) FILTER (y), count(*) FILTER (NOT y) FROM (SELECT {target.sql} AS y FROM {quoted(table)})"
    ).fetchall()[0]
    if n_yes and n_no:
        return
    rows = reader.sql(
        f"SELECT DISTINCT CAST({quoted(target.column)} AS VARCHAR) FROM {quoted(table)} "
        f"WHERE {quoted(target.column)} IS NOT NULL ORDER BY 1 LIMIT 20"
    ).fetchall()
    values = ", ".join(str(row[0]) for row in rows) or "none: it is empty"
    told = f"Every outcome in {target.column!r} is" if n_yes else f"No outcome in {target.column!r} is"
    raise QualityError(f"{told} {positive!r}.", hint=f"Its values: {values}.")
