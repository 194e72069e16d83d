"""The first rows of a source, and what its columns may be, before anything is loaded."""

import shutil
import tempfile
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from core.ingest import Assumption, Column, ReaderSettings, read_source
from core.ingest.strict import glimpse_of
from core.workspace.connection import open_reader
from core.workspace.home import cache
from core.workspace.tables import quoted


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a source looks like.

    Attributes
    ----------
    settings : as assumed; ``types`` are those that a person stated.
    columns : with types that the sample has; loading looks at every value.
    rows : the first of them, with these types.
    assumed : what nobody stated, with the evidence in the sample.
    is_whole : whether the whole source was looked at, so that all this is certain.
    """

    settings: ReaderSettings
    columns: tuple[Column, ...]
    rows: pd.DataFrame
    assumed: tuple[Assumption, ...]
    is_whole: bool


def glimpse(path: Path, settings: ReaderSettings | None = None, n: int = 50) -> Glimpse:
    """Return the first ``n`` rows of a source and what reading it would assume.

    Of a text in good order only a sample is read: its beginning, and parts from all over it. Other sources are read
    whole.

    Raises
    ------
    LoadError
        When the source is not one that can be read.
    """
    wanted = settings or ReaderSettings()
    folder = Path(tempfile.mkdtemp(prefix="glimpse-", dir=cache()))
    try:
        with closing(open_reader(folder)) as reader:
            seen = glimpse_of(path, reader, wanted, folder)
            if seen is None:
                source = read_source(path, reader, wanted, folder=folder)
                rows = reader.sql(f"SELECT * FROM {quoted(source.table)} LIMIT {int(n)}").to_arrow_table()
                used = replace(source.settings, types=dict(wanted.types))
                return Glimpse(used, source.columns, rows.to_pandas(), source.assumed, True)
            rows = reader.sql(f"SELECT * FROM {quoted(seen.table)} LIMIT {int(n)}").to_arrow_table()
            return Glimpse(seen.settings, seen.columns, rows.to_pandas(), seen.assumed, False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
