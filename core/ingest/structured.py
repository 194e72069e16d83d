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
        _create(connection, table, "read_parquet(?)", str(path))
    except duckdb.Error as error:
        raise LoadError(f"{path.name!r} is not a whole Parquet file.", hint="Write it again.") from error
    return TextTable(replace(settings, kind="parquet"), (), (), 0, ())


def read_json(
    path: Path, connection: duckdb.DuckDBPyConnection, settings: ReaderSettings, table: str, folder: Path
) -> TextTable:
    """Read an array of objects, or one object per line, into the temporary table ``table``.

    Of one object per line, lines that are not JSON are set aside and counted.

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
        _create(connection, table, "read_json(?, records = true, sample_size = -1)", str(text))
    except duckdb.Error as error:
        if not _is_one_per_line(text):
            reason = str(error).split("\n", 1)[0]
            raise LoadError(f"{path.name!r} is not JSON that holds rows: {reason}", hint=_JSON_HINT) from error
        clean, rejected = _without_bad_lines(text, folder)
        try:
            _create(connection, table, "read_json(?, records = true, sample_size = -1)", str(clean))
        except duckdb.Error as again:
            raise LoadError(f"{path.name!r} is not JSON that holds rows.", hint=_JSON_HINT) from again
    return TextTable(used, (), tuple(rejected[:N_REJECTED_SHOWN]), len(rejected), ())


_JSON_HINT = "Give an array of objects, or one object per line."


def _create(connection: duckdb.DuckDBPyConnection, table: str, source: str, path: str) -> None:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS SELECT * FROM {source}", [path])


def _is_one_per_line(text: Path) -> bool:
    """Say whether the first line that is not blank is an object by itself."""
    with open_bytes(text) as source:
        first = next((line for line in source if line.strip()), b"")
    return _object(first) is not None


def _object(line: bytes) -> dict[str, object] | None:
    try:
        value = json.loads(line)
    except ValueError:
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
