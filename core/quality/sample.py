"""An even sample of rows, fetched once and kept as codes, so that checks can compare columns without asking again."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TypeVar

import duckdb
import numpy as np
import pyarrow as pa

from core.quality.profile import ColumnProfile, Profile
from core.scoring.prepare import quoted

SAMPLE_ROWS = 20_000
_LONGEST = 300
_MOST_LEVELS = 5_000

T = TypeVar("T")


class Sample:
    """All rows of a table of up to 20,000, else about so many, chosen by their place: the same rows every time.

    Attributes
    ----------
    n : rows in it; ``is_all`` says that these are all.
    row_number : (n,) places in the table, from 1, ascending.
    training : (n,) bool, rows of the training part; outcome : (n,) 1, 0 or nan where there is none.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        table: str,
        profile: Profile,
        *,
        training: str | None = None,
        target: str | None = None,
    ) -> None:
        self._cursor, self._table = cursor, table
        self._columns = {column.name: column for column in profile.columns if column.kind != "other"}
        every = max(1, -(-profile.n_rows // SAMPLE_ROWS))
        self.is_all = every == 1
        # Multiplying by an odd number first, lest rows that repeat in a rhythm are met in the same beat.
        chosen = f"WHERE ((rowid * 2654435761) & 4294967295) % {every} = 0" if every > 1 else ""
        outcome = f"CAST(CAST(({target}) AS BOOLEAN) AS DOUBLE)" if target else "NULL::DOUBLE"
        selected = [f"{_value(column)} AS c{place}" for place, column in enumerate(self._columns.values())]
        self._rows = cursor.sql(
            f"SELECT {', '.join(selected + ['rowid + 1 AS place', f'coalesce(({training or True}), false) AS t'])}, "
            f"{outcome} AS y FROM {quoted(table)} {chosen} ORDER BY rowid"
        ).to_arrow_table()
        self._places = {name: place for place, name in enumerate(self._columns)}
        self._codes: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self._levels: dict[str, dict[str, int]] = {}
        self._kept: dict[str, object] = {}
        self.n = self._rows.num_rows

    @cached_property
    def row_number(self) -> np.ndarray:
        """Places in the table, from 1."""
        return self._rows["place"].to_numpy()

    @cached_property
    def training(self) -> np.ndarray:
        """Whether a row is of the training part."""
        return self._rows["t"].to_numpy(zero_copy_only=False).astype(bool)

    @cached_property
    def outcome(self) -> np.ndarray:
        """1 for a positive, 0 for a negative, nan for neither."""
        return _floats(self._rows["y"])

    def has(self, name: str) -> bool:
        """Say whether a column can be looked at: nested ones cannot."""
        return name in self._places

    def texts(self, name: str) -> pa.Array:
        """Return a text column, cut at 300 characters."""
        return self._rows[f"c{self._places[name]}"].combine_chunks()

    def values(self, name: str) -> np.ndarray:
        """Return numbers, booleans as 0 and 1 and times in seconds since 1970 as (n,) floats, nan where missing."""
        return _floats(self._rows[f"c{self._places[name]}"])

    def codes(self, name: str) -> np.ndarray:
        """Return (n,) ints that are equal where values are: 0 and up, −1 where missing."""
        return self._coded(name)[0]

    def code_values(self, name: str) -> np.ndarray:
        """Return the value of each code: text, or floats as ``values`` has them."""
        return self._coded(name)[1]

    def _coded(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        if name not in self._codes:
            self._codes[name] = self._code(name)
        return self._codes[name]

    def _code(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        if self._columns[name].kind == "text":
            encoded = self.texts(name).dictionary_encode()
            codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
            return codes, np.array(encoded.dictionary.to_pylist(), dtype=object)
        values = self.values(name)
        levels, codes = np.unique(values, return_inverse=True)
        missing = np.isnan(values)
        return np.where(missing, -1, codes).astype(np.int64), levels[~np.isnan(levels)]

    def levels(self, name: str) -> dict[str, int]:
        """Return the rows of each level of a text column in the whole table; empty when there are over 5,000."""
        if self._columns[name].n_distinct > _MOST_LEVELS:
            return {}
        if name not in self._levels:
            rows = self._cursor.sql(
                f"SELECT CAST({quoted(name)} AS VARCHAR) AS level, count(*) FROM {quoted(self._table)} "
                f"WHERE {quoted(name)} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
            ).fetchall()
            self._levels[name] = {level: int(n) for level, n in rows}
        return self._levels[name]

    def kept(self, name: str, made: Callable[[], T]) -> T:
        """Return what was made under that name before, or make it: what several checks need is computed once."""
        if name not in self._kept:
            self._kept[name] = made()
        return self._kept[name]  # type: ignore[return-value]

    def said(self) -> str:
        """Return what to add to a sentence whose numbers are of a sample, or ""."""
        return "" if self.is_all else f" in a sample of {self.n:,} rows"


def _value(column: ColumnProfile) -> str:
    name = quoted(column.name)
    if column.kind in ("number", "boolean"):
        return f"CAST({name} AS DOUBLE)"
    return f"CAST(epoch({name}) AS DOUBLE)" if column.kind == "time" else f"left(CAST({name} AS VARCHAR), {_LONGEST})"


def _floats(column: pa.ChunkedArray) -> np.ndarray:
    return np.asarray(column.combine_chunks().to_numpy(zero_copy_only=False), dtype=float)


def joined(codes: Sequence[np.ndarray]) -> np.ndarray:
    """Return one code for several columns together: (n,) ints, 0 and up, missing values being values of their own."""
    together = np.zeros(codes[0].size, dtype=np.int64)
    for code in codes:
        together = together * (int(code.max(initial=0)) + 2) + code + 1
        together = np.unique(together, return_inverse=True)[1]
    return together
