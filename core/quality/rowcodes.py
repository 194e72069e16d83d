"""What each row is to the statistics, in one byte: training or not, its outcome, its fold, early or late."""

from dataclasses import dataclass

import duckdb
import numpy as np

from core.scoring.prepare import quoted

N_FOLDS = 5
# A code has six bits: 16 x (0 early, 1 late, 2 neither) + a state. The states: 0 other rows without an outcome,
# 1 other rows with one, 2 training rows without, then negatives of five training folds, then positives of them.
N_CODES = 64
IN_SAMPLE = 64  # a seventh bit: the row is in the even sample
_STATE = np.arange(N_CODES) % 16
IS_NEGATIVE = (_STATE >= 3) & (_STATE < 3 + N_FOLDS)
IS_POSITIVE = (_STATE >= 3 + N_FOLDS) & (_STATE < 3 + 2 * N_FOLDS)
IS_TRAINING = (_STATE >= 2) & (_STATE < 3 + 2 * N_FOLDS)
IS_WITHOUT = (_STATE == 0) | (_STATE == 2)
IS_EARLY = np.arange(N_CODES) < 16
IS_LATE = (np.arange(N_CODES) >= 16) & (np.arange(N_CODES) < 32)
FOLD = np.where(IS_NEGATIVE | IS_POSITIVE, (_STATE - 3) % N_FOLDS, 0)


def positives(code: np.ndarray) -> np.ndarray:
    """Say which of some codes (uint8) are positives of training; quicker than looking them up."""
    return (code & np.uint8(15)) >= np.uint8(3 + N_FOLDS)


def negatives(code: np.ndarray) -> np.ndarray:
    """Say which of some codes (uint8) are negatives of training."""
    return ((code & np.uint8(15)) - np.uint8(3)) < np.uint8(N_FOLDS)


# Above this many rows, early and late are told apart by the middle of an even sample.
_EXACT_MIDDLE_ROWS = 4_000_000
_SAMPLE_ROWS = 100_000
# Bytes of batches, codes and tallies that are there whatever is held.
_IN_FLIGHT = 48e6


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table and what each of them is.

    Attributes
    ----------
    code : (highest rowid + 1,) uint8 by rowid, with ``IN_SAMPLE`` added for rows of the even sample; 255: no row.
    by_code : (64,) rows of each code.
    n_rows : rows there are; ``every``: each so-manieth rowid is in the even sample of at most 100,000.
    has_target, has_training, order : what was asked for.
    part_rows : values that are held in memory at a time.
    """

    cursor: duckdb.DuckDBPyConnection
    table: str
    code: np.ndarray
    by_code: np.ndarray
    n_rows: int
    every: int
    has_target: bool
    has_training: bool
    order: str
    part_rows: int


def rows_of(
    cursor: duckdb.DuckDBPyConnection, table: str, training: str | None, target: str | None, order: str
) -> Rows:
    """Look at every row once: whether it is for training, what its outcome is, and on which side of the middle it is.

    The fold comes from the row's position, so it is the same whatever the number of threads.
    """
    n_rows, last = cursor.execute(f"SELECT count(*), max(rowid) FROM {quoted(table)}").fetchall()[0]
    every = max(1, -(-n_rows // _SAMPLE_ROWS))
    outcome = f"coalesce(CAST(CAST(({target}) AS BOOLEAN) AS TINYINT), -1)" if target else "CAST(-1 AS TINYINT)"
    trained = f"coalesce(({training}), false)" if training else "true"
    late = _late(cursor, table, order, every if n_rows > _EXACT_MIDDLE_ROWS else 1) if order and n_rows else "0"
    code = np.full(int(last) + 1 if n_rows else 0, 255, dtype=np.uint8)
    reader = cursor.sql(
        f"SELECT rowid AS r, CAST(16 * {late} + CASE WHEN NOT {trained} THEN CAST({outcome} >= 0 AS TINYINT) "
        f"WHEN {outcome} = -1 THEN 2 WHEN {outcome} = 0 THEN 3 ELSE {3 + N_FOLDS} END AS UTINYINT) AS code "
        f"FROM {quoted(table)}"
    ).to_arrow_reader(250_000)
    by_code = np.zeros(N_CODES, dtype=np.int64)
    for batch in reader:
        at = batch.column(0).to_numpy(zero_copy_only=False)
        state = batch.column(1).to_numpy(zero_copy_only=False)
        # Multiplying by an odd number spreads neighbours over the folds.
        fold = (at.astype(np.uint32) * np.uint32(2654435761) % np.uint32(N_FOLDS)).astype(np.uint8)
        state = np.where(state % 16 >= 3, state + fold, state)
        by_code += np.bincount(state, minlength=N_CODES)
        code[at] = state
    code[::every] |= IN_SAMPLE
    part_rows = held_rows(cursor)
    return Rows(cursor, table, code, by_code, n_rows, every, target is not None, training is not None, order, part_rows)


def _late(cursor: duckdb.DuckDBPyConnection, table: str, order: str, every: int) -> str:
    """Return SQL that is 0 for the earlier half of the rows, 1 for the later one and 2 without a time."""
    name = quoted(order)
    middle = (
        f"(SELECT quantile_disc({name}, 0.5) FROM {quoted(table)} WHERE rowid % {every} = 0 AND {name} IS NOT NULL)"
    )
    return f"(CASE WHEN {name} IS NULL THEN 2 WHEN {name} > {middle} THEN 1 ELSE 0 END)"


def held_rows(cursor: duckdb.DuckDBPyConnection) -> int:
    """Return how many values may be held at a time beside the database, from its memory limit.

    At about 60 bytes each, a quarter of the limit less what is in flight between the two; both together
    stay below one and a half times the limit, from 340 MB on.
    """
    said = str(cursor.execute("SELECT current_setting('memory_limit')").fetchall()[0][0])
    number, _, unit = said.partition(" ")
    limit = float(number) * {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}.get(unit, 1)
    return int(min(max((limit / 4 - _IN_FLIGHT) / 60, limit / 12 / 60, 100_000), 16_000_000))
