"""How many rows repeat another."""

from collections.abc import Sequence

import duckdb
import numpy as np

from core.quality.rowcodes import held_rows
from core.scoring.prepare import quoted


def n_repeated(cursor: duckdb.DuckDBPyConnection, table: str, names: Sequence[str], n_rows: int) -> int:
    """Return how many of the table's rows repeat an earlier row in the columns ``names``.

    Rows are told apart by 64 bits of their hash: among ten million rows two are mistaken for one in one table of
    300,000. The hashes are sorted beside the database while they fit into a quarter of its memory limit, else it groups
    them itself and may use the disk.
    """
    if not names or not n_rows:
        return 0
    hashed = f"hash({', '.join(map(quoted, names))})"
    if n_rows * 24 <= held_rows(cursor) * 60:
        found = np.asarray(cursor.execute(f"SELECT {hashed} AS h FROM {quoted(table)}").fetchnumpy()["h"])
        found.sort()
        return int(np.count_nonzero(found[1:] == found[:-1]))
    query = f"SELECT count(*) - count(DISTINCT {hashed}) FROM {quoted(table)}"
    return int(cursor.execute(query).fetchall()[0][0])
