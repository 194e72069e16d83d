"""The batch job: files in, one scored row per decision out, capacity counted."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from .contract import validate
from .engine import file_reader, scratch
from .errors import ContractError, FormatError
from .folder import BundleFolder
from .period import acted_under
from .policy import expected_gain
from .prepare import BATCH_ROWS, first_line, prepared_batches, quoted
from .reasons import Reason, reasons

ENDINGS = (".parquet", ".csv")


def score_sources(bundle: BundleFolder, files: Mapping[str, Path], *, n_reasons: int = 0) -> pa.Table:
    """Prepare source tables and score the decision rows they make.

    Parameters
    ----------
    bundle : the bundle.
    files : a Parquet or CSV file for each table that the recipe reads.
    n_reasons : so many reasons per row; each row then costs some hundred times as much.

    Returns
    -------
    As :func:`score_prepared`.

    Raises
    ------
    ContractError
        When a table or a column is missing, or a value is not of its column's type.
    SqlError
        When the recipe fails.
    """
    missing = [source.table for source in bundle.sources if source.table not in files]
    if missing:
        raise ContractError(f"No file for {', '.join(missing)}.", hint=f"Name it {missing[0]}.csv or .parquet.")
    connection = scratch(temp_folder=None)
    readers = {source.table: _read(files[source.table], source.columns) for source in bundle.sources}
    return score_prepared(bundle, prepared_batches(connection, bundle.steps, readers), n_reasons=n_reasons)


def score_prepared(bundle: BundleFolder, batches: Iterable[pa.RecordBatch], *, n_reasons: int = 0) -> pa.Table:
    """Score decision rows.

    Returns
    -------
    A row per decision, in the order in which they come: the columns of the unit key (or ``row_number``), ``score``,
    ``action`` ("act" or "leave", capacity counted), ``expected_gain`` (currency) and, when asked for, ``reasons``.

    Raises
    ------
    ContractError
        When a column is missing, or a value is not of its column's type.
    """
    kept = [*bundle.unit_key] or ["row_number"]
    time = bundle.policy.decision_time if bundle.policy.capacity else ""
    parts, n_rows = [], 0
    for batch in _read_on(batches):
        table = pa.Table.from_batches([batch])
        parts.append(_scored(bundle, table, [*kept, *([time] if time and time not in kept else [])], n_rows, n_reasons))
        n_rows += table.num_rows
    if not parts:
        raise ContractError("There is no row to score.", hint="The file, or what the recipe makes of it, is empty.")
    scored = pa.concat_tables(parts, promote_options="permissive").combine_chunks()
    acts = acted_under(bundle.policy, scored.column("score").to_numpy(), scored)
    action = pa.array(np.where(acts, "act", "leave").tolist(), pa.string())
    result = scored.add_column(scored.column_names.index("score") + 1, "action", action)
    return result.drop_columns([time]) if time and time not in kept else result


def _read_on(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the batches; what DuckDB finds wrong on the way arrives as an OSError."""
    try:
        yield from batches
    except OSError as error:
        raise ContractError(f"The rows cannot be read: {first_line(error)}") from error


def _scored(bundle: BundleFolder, table: pa.Table, kept: list[str], n_before: int, n_reasons: int) -> pa.Table:
    if "row_number" in kept and "row_number" not in table.column_names:
        numbers = np.arange(n_before + 1, n_before + table.num_rows + 1)
        table = table.append_column("row_number", pa.array(numbers))
    missing = [name for name in kept if name not in table.column_names]
    if missing:
        raise ContractError(f"Missing: {', '.join(map(repr, missing))}.", hint="A decision row carries its unit key.")
    features = validate(table, bundle.contract)
    score = bundle.scorer.score(features)
    columns = {name: table.column(name) for name in kept}
    columns |= {"score": score, "expected_gain": expected_gain(score, bundle.policy)}
    if n_reasons:
        told = reasons(bundle.scorer.contributions(features), features, n_reasons)
        columns["reasons"] = pa.array([", ".join(_said(one) for one in row) for row in told], pa.string())
    return pa.table(columns)


def _said(reason: Reason) -> str:
    return f"{reason.column} = {reason.value} ({reason.contribution:+.4f})"


def _read(path: Path, columns: Mapping[str, str]) -> pa.RecordBatchReader:
    """Read a source file's columns in the types that the contract names."""
    source = _scan(path, columns)
    connection = file_reader()
    try:
        found = connection.sql(f"SELECT * FROM {source}").columns
        missing = [name for name in columns if name not in found]
        if missing:
            raise ContractError(f"{path.name} lacks {', '.join(map(repr, missing))}.", hint=f"It has {found}.")
        casts = ", ".join(f"CAST({quoted(name)} AS {type_}) AS {quoted(name)}" for name, type_ in columns.items())
        return connection.sql(f"SELECT {casts} FROM {source}").to_arrow_reader(BATCH_ROWS)
    except duckdb.Error as error:
        raise ContractError(f"{path.name} cannot be read: {first_line(error)}") from error


def _scan(path: Path, columns: Mapping[str, str]) -> str:
    file = "'" + str(path).replace("'", "''") + "'"
    if path.suffix == ".parquet":
        return f"read_parquet({file})"
    header = _header(path)
    types = ", ".join(f"{_text(name)}: {_text(type_)}" for name, type_ in columns.items() if name in header)
    return f"read_csv({file}, header=true, types={{{types}}})" if types else f"read_csv({file}, header=true)"


def _header(path: Path) -> list[str]:
    try:
        return file_reader().sql(f"SELECT * FROM read_csv({_text(str(path))}, header=true, all_varchar=true)").columns
    except duckdb.Error as error:
        raise ContractError(f"{path.name} cannot be read: {first_line(error)}") from error


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def read_decision_rows(path: Path) -> pa.RecordBatchReader:
    """Return the rows of a Parquet or CSV file, a batch at a time.

    Raises
    ------
    ContractError
        When there is no such file, or it cannot be read.
    """
    check_file(path)
    try:
        source = f"read_parquet({_text(str(path))})" if path.suffix == ".parquet" else f"read_csv({_text(str(path))})"
        return file_reader().sql(f"SELECT * FROM {source}").to_arrow_reader(BATCH_ROWS)
    except duckdb.Error as error:
        raise ContractError(f"{path.name} cannot be read: {first_line(error)}") from error


def check_file(path: Path) -> None:
    """Refuse a path that is no Parquet or CSV file, with a ContractError."""
    if not path.is_file() or path.suffix not in ENDINGS:
        raise ContractError(f"{path.name} is no file to score.", hint="A .parquet or a .csv file is needed.")


def source_files(bundle: BundleFolder, path: Path) -> dict[str, Path]:
    """Return which file holds which source table: those of a folder named as the tables, or one file for one table.

    Raises
    ------
    ContractError
        When a table has no file.
    """
    if path.is_dir():
        found = {file.stem: file for file in sorted(path.iterdir()) if file.suffix in ENDINGS}
        return {source.table: found[source.table] for source in bundle.sources if source.table in found}
    check_file(path)
    if len(bundle.sources) != 1:
        tables = ", ".join(source.table for source in bundle.sources)
        raise ContractError(f"{path.name} is one file.", hint=f"Name a folder with a file for each of {tables}.")
    return {bundle.sources[0].table: path}


def write(table: pa.Table, path: Path) -> None:
    """Write scored rows as Parquet or CSV by the file's ending; the file appears whole or not at all.

    Raises
    ------
    FormatError
        When the ending is another.
    """
    if path.suffix not in ENDINGS:
        raise FormatError(f"{path.name} is no format to write.", hint="End it in .parquet or .csv.")
    partial = path.with_name(path.name + ".partial")
    if path.suffix == ".parquet":
        pq.write_table(table, partial)
    else:
        pa_csv.write_csv(table, partial)
    partial.replace(path)
