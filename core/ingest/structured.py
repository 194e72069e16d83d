"""Reads Parquet and JSON, which carry their own names and types."""

import json
from dataclasses import replace
from pathlib import Path

import duckdb

from core.errors import LoadError
from core.ingest.delimited import TextTable
from core.ingest.encoding import as_utf8, encoding_of, open_bytes
from core.ingest.source import N_REJECTED_SHOWN, ReaderSettings, Rejected
from core.scoring.prepare import quoted

_OBJECT_BYTES, _MOST_OBJECT_BYTES = 16 << 20, 512 << 20


def read_parquet(
    path: Path, connection: duckdb.DuckDBPyConnection, settings: ReaderSettings, table: str, folder: Path
) -> TextTable:
    """Read a Parquet file into the temporary table ``table``; ``folder`` is not needed.

    Raises
    ------
    LoadError
        When the file is damaged.
    """
    try:
        _create(connection, table, "read_parquet(?, hive_partitioning = false)", str(path))
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        raise LoadError(f"{path.name!r} is not a whole Parquet file.", hint="Write it again.") from error
    return TextTable(replace(settings, kind="parquet"), (), (), 0, ())


def read_json(
    path: Path, connection: duckdb.DuckDBPyConnection, settings: ReaderSettings, table: str, folder: Path
) -> TextTable:
    """Read an array of objects, or one object per line, into the temporary table ``table``.

    Of one object per line, lines that are not JSON are set aside and counted. A file that is one object around one
    list of objects, as services answer, gives that list; ``settings.member`` names it where there are several.
    Objects and lists within a row stay that; a value that is of different types in different rows becomes text.

    Raises
    ------
    LoadError
        When it is not JSON, or holds no objects.
    """
    encoding = encoding_of(path, settings.encoding)
    text = as_utf8(path, encoding, folder)
    used = replace(settings, kind="json", encoding=encoding)
    rejected: list[Rejected] = []
    try:
        _create_json(connection, table, text)
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        if not _is_one_per_line(text):
            reason = str(error).split("\n", 1)[0]
            raise LoadError(f"{path.name!r} is not JSON that holds rows: {reason}", hint=_JSON_HINT) from error
        clean, rejected = _without_bad_lines(text, folder)
        try:
            _create_json(connection, table, clean)
        except duckdb.InterruptException:
            raise
        except duckdb.Error as again:
            raise LoadError(f"{path.name!r} is not JSON that holds rows.", hint=_JSON_HINT) from again
    member = _take_out_list(connection, table, settings.member)
    notes = (f"The rows are the list {member!r} of the one object that the file holds.",) if member else ()
    notes += _nested(connection, table)
    _mixed_to_text(connection, table)
    return TextTable(replace(used, member=member), (), tuple(rejected[:N_REJECTED_SHOWN]), len(rejected), notes)


_JSON_HINT = "Give an array of objects, or one object per line."


def _create(connection: duckdb.DuckDBPyConnection, table: str, source: str, path: str) -> None:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS SELECT * FROM {source}", [path])


def _create_json(connection: duckdb.DuckDBPyConnection, table: str, text: Path) -> None:
    """Read with every object looked at for its types; one longer than 16 MB needs to be announced."""
    options = "records = true, sample_size = -1"
    try:
        _create(connection, table, f"read_json(?, {options})", str(text))
    except duckdb.Error as error:
        size = text.stat().st_size + 1024
        if "maximum_object_size" not in str(error) or not _OBJECT_BYTES < size <= _MOST_OBJECT_BYTES:
            raise
        _create(connection, table, f"read_json(?, {options}, maximum_object_size = {size})", str(text))


def _take_out_list(connection: duckdb.DuckDBPyConnection, table: str, wanted: str) -> str:
    """Make the rows of a table of one row those of its list of objects; return the list's name, "" for none."""
    if connection.execute(f"SELECT count(*) FROM (FROM {quoted(table)} LIMIT 2)").fetchall()[0][0] != 1:
        return ""
    described = connection.execute(f"DESCRIBE {quoted(table)}").fetchall()
    lists = [row[0] for row in described if row[1].startswith("STRUCT(") and row[1].endswith(")[]")]
    if wanted and wanted not in lists:
        raise LoadError(
            f"There is no list of objects {wanted!r} in the file.", hint=f"Lists: {', '.join(lists) or 'none'}."
        )
    if not wanted and len(lists) > 1:
        raise LoadError("The file is one object with several lists.", hint=f"Choose one of: {', '.join(lists)}.")
    if not lists:
        return ""
    name = wanted or lists[0]
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS"
        f" SELECT unnest(one) FROM (SELECT unnest({quoted(name)}) AS one FROM {quoted(table)})"
    )
    return name


def _nested(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[str, ...]:
    described = connection.execute(f"DESCRIBE {quoted(table)}").fetchall()
    found = [row[0] for row in described if row[1].startswith(("STRUCT(", "MAP(")) or row[1].endswith("]")]
    if not found:
        return ()
    shown = ", ".join(found[:5]) + (" …" if len(found) > 5 else "")
    return (f"Columns that hold objects or lists, whose parts a step of Prepare can take out: {shown}.",)


def _mixed_to_text(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Make columns whose values are of several types text: a word without quotes, anything else as JSON writes it."""
    for name, kind, *_ in connection.execute(f"DESCRIBE {quoted(table)}").fetchall():
        if kind == "JSON":
            connection.execute(
                f"ALTER TABLE {quoted(table)} ALTER {quoted(name)} TYPE VARCHAR"
                f" USING CASE json_type({quoted(name)}) WHEN 'VARCHAR' THEN json_extract_string({quoted(name)}, '$')"
                f" WHEN 'NULL' THEN NULL ELSE CAST({quoted(name)} AS VARCHAR) END"
            )


def _is_one_per_line(text: Path) -> bool:
    """Say whether the first line that is not blank is an object by itself."""
    with open_bytes(text) as source:
        first = next((line for line in source if line.strip()), b"")
    return _object(first) is not None


def _object(line: bytes) -> dict[str, object] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _without_bad_lines(text: Path, folder: Path) -> tuple[Path, list[Rejected]]:
    target, rejected = folder / "lines.jsonl", []
    with open_bytes(text) as source, target.open("wb") as out:
        for number, line in enumerate(source, start=1):
            if not line.strip():
                continue
            if _object(line) is None:
                shown = line.decode(errors="replace").strip()[:500]
                rejected.append(Rejected(number, "", "It is not one JSON object.", shown))
            else:
                out.write(line.rstrip(b"\r\n") + b"\n")
    return target, rejected
