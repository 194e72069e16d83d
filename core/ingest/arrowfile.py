"""Reads Arrow files, which Feather files are as well, and Arrow streams."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from core.errors import LoadError
from core.ingest.delimited import TextTable
from core.ingest.source import ReaderSettings
from core.scoring.prepare import quoted

_MAGIC_FILE = b"ARROW1"


def read_arrow(
    path: Path, connection: duckdb.DuckDBPyConnection, settings: ReaderSettings, table: str, folder: Path
) -> TextTable:
    """Read an Arrow file into the temporary table ``table``, batch by batch; ``folder`` is not needed.

    Dictionary-encoded columns become what their dictionary holds.

    Raises
    ------
    LoadError
        When the file is damaged, or has a column of a type that DuckDB has none for; the sentence names it.
    """
    try:
        with pa.memory_map(str(path)) as source:
            reader = _opened(source)
            selected = _selected(reader.schema)
            _store(connection, table, reader, selected)
    except (pa.ArrowException, OSError) as error:
        raise LoadError(f"{path.name!r} is not a whole Arrow file.", hint="Write it again.") from error
    return TextTable(replace(settings, kind="arrow"), (), (), 0, ())


def _opened(source: pa.MemoryMappedFile) -> pa.RecordBatchReader:
    head = source.read(6)
    source.seek(0)
    if head != _MAGIC_FILE:
        stream = pa.ipc.open_stream(source)
        return pa.RecordBatchReader.from_batches(stream.schema, _checked(stream))
    file = pa.ipc.open_file(source)
    batches = (file.get_batch(n) for n in range(file.num_record_batches))
    return pa.RecordBatchReader.from_batches(file.schema, _checked(batches))


def _checked(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield batches that are sound: Arrow trusts a file's offsets, and a wrong one would end the program."""
    for batch in batches:
        batch.validate(full=True)
        yield batch


def _selected(schema: pa.Schema) -> str:
    """Return what to select so that no dictionary becomes an enumeration."""
    return ", ".join(
        f"CAST({quoted(field.name)} AS VARCHAR) AS {quoted(field.name)}"
        if pa.types.is_dictionary(field.type) and pa.types.is_string(field.type.value_type)
        else quoted(field.name)
        for field in schema
    )


def _store(connection: duckdb.DuckDBPyConnection, table: str, reader: pa.RecordBatchReader, selected: str) -> None:
    if len(set(reader.schema.names)) < len(reader.schema.names) or "" in reader.schema.names:
        names = [f"{position}_{name}" for position, name in enumerate(reader.schema.names)]
        raise LoadError(
            f"Two columns of the Arrow file have one name: {', '.join(sorted(names))}.", hint="Rename one of them."
        )
    try:
        connection.register("incoming_arrow", reader)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS SELECT {selected} FROM incoming_arrow")
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        reason = str(error).split("\n", 1)[0]
        raise LoadError(
            f"The Arrow file has a column that cannot be read: {reason}", hint="Cast it, and write the file again."
        ) from error
    finally:
        connection.unregister("incoming_arrow")
