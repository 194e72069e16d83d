"""Which columns are time by another name: they only ever rise, or only ever fall, along the order column."""

import numpy as np

from core.quality.numbers import Numbers
from core.quality.rowcodes import Rows
from core.scoring.prepare import quoted

_GLANCE = 100


class Order:
    """The even sample of the order column, against which columns are held."""

    def __init__(self, rows: Rows, along: Numbers) -> None:
        self._rows = rows
        self._along = self._placed(along)

    def is_followed_by(self, found: Numbers) -> bool:
        """Say whether a column with three values or more follows the order: by the sample, and if so by every row."""
        value = self._placed(found)
        both = np.flatnonzero(~np.isnan(value) & ~np.isnan(self._along))
        for chosen in (both[:: max(1, both.size // _GLANCE)], both):
            if not _is_monotone(value[chosen], self._along[chosen]):
                return False
        return found.tally.n_distinct > 2 and _everywhere(self._rows, found.reading.column)

    def _placed(self, found: Numbers) -> np.ndarray:
        values = np.full(-(-self._rows.code.size // self._rows.every), np.nan)
        value, rowid = found.sample
        values[rowid // self._rows.every] = value
        return values


def _is_monotone(value: np.ndarray, along: np.ndarray) -> bool:
    rising = [sign * value[np.lexsort((sign * value, along))] for sign in (1, -1)]
    return any((one[1:] >= one[:-1]).all() for one in rising)


def _everywhere(rows: Rows, column: str) -> bool:
    value, along, table = quoted(column), quoted(rows.order), quoted(rows.table)
    rising, falling = rows.cursor.execute(
        "SELECT bool_and(low >= high_before), bool_and(high <= low_before) FROM (SELECT low, high, "
        "lag(high) OVER (ORDER BY along) AS high_before, lag(low) OVER (ORDER BY along) AS low_before FROM ("
        f"SELECT {along} AS along, min({value}) AS low, max({value}) AS high FROM {table} "
        f"WHERE {value} IS NOT NULL AND {along} IS NOT NULL GROUP BY 1))"
    ).fetchall()[0]
    return rising is True or falling is True
