"""Columns of text: each different value looked at once, and how its rows go with the outcome and with time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.quality.association import grouped_auc, level_scores
from core.quality.bins import no_cells, outcomes
from core.quality.facts import TextFacts
from core.quality.groups import Groups, Reading, batches
from core.quality.ordered import Part, gathered, joined
from core.quality.patterns import PATTERNS, shapes, words_sql
from core.quality.rowcodes import IS_NEGATIVE, IS_POSITIVE, N_CODES, Rows
from core.quality.tally import N_TOP, RARE_ROWS
from core.scoring.prepare import quoted

_CUT, _SHAPE_CUT = 200, 40
_BATCH = 50_000
# Different shapes that are counted; beyond, only those already seen.
_MOST_SHAPES = 100_000
_KEY_BITS = 55
_KEY = f"CAST(hash({{}}) >> {64 - _KEY_BITS} AS BIGINT)"


@dataclass(slots=True)
class Levels:
    """What is known of a column's values so far; ``top``: (text, n, key), most frequent first.

    ``cells``: key to (64,) rows by code of the top values; ``missing``: (64,) rows without a value.
    """

    column: str
    n: int = 0
    n_distinct: int = 0
    n_rare_levels: int = 0
    n_rare_rows: int = 0
    top: list[tuple[str, int, int]] = field(default_factory=list)
    text: TextFacts | None = None
    cells: dict[int, np.ndarray] = field(default_factory=dict)
    missing: np.ndarray = field(default_factory=lambda: no_cells(1)[0])
    auc: float | None = None


@dataclass(slots=True)
class _Looks:
    """Sums of facts over the values so far."""

    sums: dict[str, int] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=dict)
    shapes: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    variants: list[np.ndarray] = field(default_factory=list)
    shortest: int = 2**62
    longest: int = 0
    ends: list[str] = field(default_factory=list)


def levels(rows: Rows, column: str, is_text: bool) -> Levels:
    """Look at every value of a column that is, or is cast to, text."""
    found, looks = Levels(column), _Looks()
    for batch in rows.cursor.sql(_query(rows.table, column)).to_arrow_reader(_BATCH):
        n = batch["n"].to_numpy()
        found.n += int(n.sum())
        found.n_distinct += n.size
        found.n_rare_levels += int((n < RARE_ROWS).sum())
        found.n_rare_rows += int(n[n < RARE_ROWS].sum())
        _most_frequent(found, batch, n)
        if is_text and n.size:
            _look(looks, batch, n, rows.part_rows)
    if is_text:
        found.text = _facts(looks, found)
    return found


def _query(table: str, column: str) -> str:
    # What does not begin like a number or a date is not cast to one: casts that fail are slow.
    number, time = (
        f"CASE WHEN bare[1] IN ('0','1','2','3','4','5','6','7','8','9','+','-','.') THEN {test} ELSE false END"
        for test in ("coalesce(isfinite(TRY_CAST(bare AS DOUBLE)), false)", "TRY_CAST(bare AS TIMESTAMP) IS NOT NULL")
    )
    return (
        f"SELECT left(value, {_CUT}) AS value, n, {_KEY.format('value')} AS key, length(value) AS length, "
        f"bare = '' AS blank, {number} AS number, {time} AS time, bare <> value AND bare <> '' AS padded, "
        f"lower(bare) IN ({words_sql()}) AS word, {_KEY.format('lower(bare)')} AS variant FROM ("
        f"SELECT value, trim(value) AS bare, n FROM (SELECT CAST({quoted(column)} AS VARCHAR) AS value, count(*) AS n "
        f"FROM {quoted(table)} WHERE {quoted(column)} IS NOT NULL GROUP BY 1))"
    )


def _most_frequent(found: Levels, batch: pa.RecordBatch, n: np.ndarray) -> None:
    """Of values in as many rows the ones that come first in the alphabet come first."""
    least = found.top[-1][1] if len(found.top) == N_TOP else 0
    if n.size > N_TOP:
        least = max(least, int(np.partition(n, -N_TOP)[-N_TOP]))
    chosen = batch.filter(pa.array(n >= least)).select(["value", "n", "key"])
    if chosen.num_rows > 4 * N_TOP:
        chosen = chosen.sort_by([("n", "descending"), ("value", "ascending")]).slice(0, N_TOP)
    found.top += zip(*(chosen[name].to_pylist() for name in ("value", "n", "key")), strict=True)
    found.top.sort(key=lambda one: (-one[1], one[0]))
    del found.top[N_TOP:]


def _look(looks: _Looks, batch: pa.RecordBatch, n: np.ndarray, most: int) -> None:
    for name in ("blank", "number", "time", "padded"):
        flag = batch[name].to_numpy(zero_copy_only=False)
        looks.sums[name] = looks.sums.get(name, 0) + int(n[flag].sum())
    length = batch["length"].to_numpy()
    looks.sums["length"] = looks.sums.get("length", 0) + int((length * n).sum())
    looks.shortest, looks.longest = min(looks.shortest, int(length.min())), max(looks.longest, int(length.max()))
    ends = pc.min_max(batch["value"]).as_py()
    looks.ends = [min([*looks.ends, ends["min"]]), max([*looks.ends, ends["max"]])]
    words = batch.filter(batch["word"])
    looks.words |= zip(words["value"].to_pylist(), words["n"].to_pylist(), strict=True)
    if sum(map(len, looks.variants)) <= most:
        looks.variants.append(batch["variant"].to_numpy()[~batch["blank"].to_numpy(zero_copy_only=False)])
    text = pc.utf8_slice_codeunits(batch["value"], 0, _SHAPE_CUT) if looks.longest > _SHAPE_CUT else batch["value"]
    counted = pa.table({"shape": shapes(text), "n": batch["n"], "value": text}).group_by("shape")
    for one in counted.aggregate([("n", "sum"), ("n", "count"), ("value", "min")]).to_pylist():
        seen = looks.shapes.get(one["shape"])
        if seen is not None:
            looks.shapes[one["shape"]] = (
                seen[0] + one["n_sum"],
                seen[1] + one["n_count"],
                min(seen[2], one["value_min"]),
            )
        elif len(looks.shapes) < _MOST_SHAPES:
            looks.shapes[one["shape"]] = (one["n_sum"], one["n_count"], one["value_min"])


def _facts(looks: _Looks, found: Levels) -> TextFacts:
    """Count what shapes tell, and put the most frequent first."""
    variants = np.concatenate(looks.variants) if looks.variants else np.empty(0)
    shaped = sorted(looks.shapes.items(), key=lambda one: (-one[1][0], one[0]))
    patterns = {name: re.compile(pattern) for name, pattern in PATTERNS.items()}
    counted = [(name, sum(n for shape, (n, *_) in shaped if one.search(shape))) for name, one in patterns.items()]
    return TextFacts(
        n_blank=looks.sums.get("blank", 0),
        n_number=looks.sums.get("number", 0),
        n_time=looks.sums.get("time", 0),
        missing_words=tuple(sorted(looks.words.items(), key=lambda one: (-one[1], one[0]))),
        n_padded=looks.sums.get("padded", 0),
        n_variants=int(variants.size - np.unique(variants).size),
        shapes=tuple((shape, *counts) for shape, counts in shaped[:N_TOP]),
        n_shapes=len(shaped),
        shortest=looks.shortest if found.n else 0,
        longest=looks.longest,
        mean_length=round(looks.sums.get("length", 0) / found.n, 6) if found.n else 0.0,
        patterns=tuple(one for one in counted if one[1]),
        first=looks.ends[0] if looks.ends else "",
        last=looks.ends[1] if looks.ends else "",
    )


def relate(rows: Rows, found: Levels, rate: float | None) -> None:
    """Add how the rows go with the outcome and with time: cells of the top values and of the rows without one.

    ``rate`` is the share of positives among training rows, None where there is no outcome to compare with. Texts are
    told apart by 55 bits of their hash, which among a million values mistakes two for one in one column of 70,000.
    """
    scores: list[tuple[np.ndarray, ...]] = []
    found.missing = rows.by_code
    if found.n_distinct == found.n:
        # No value comes twice: each says nothing, so that no hash is needed.
        empty = Reading(found.column, "1", True)
        query = f"SELECT rowid AS r FROM {quoted(rows.table)} WHERE {quoted(empty.column)} IS NULL"
        at = rows.cursor.execute(query).fetchnumpy()["r"]
        missing = np.bincount(rows.code[np.asarray(at)] & (N_CODES - 1), minlength=N_CODES)
        single = rows.by_code - missing
        found.missing = missing
        if rate is not None:
            scores.append(
                (np.array([rate]), single[IS_POSITIVE].sum(keepdims=True), single[IS_NEGATIVE].sum(keepdims=True))
            )
    else:
        _relate_repeated(rows, found, rate, scores)
    if rate is not None:
        cells = np.flatnonzero(found.missing)
        scores.append(level_scores(Groups(np.zeros(cells.size), cells, found.missing[cells]), rate))
        auc = grouped_auc(*(np.concatenate(part) for part in zip(*scores, strict=True)))
        found.auc = None if auc is None else max(auc, 0.5)


def _relate_repeated(rows: Rows, found: Levels, rate: float | None, scores: list[tuple[np.ndarray, ...]]) -> None:
    reading = Reading(found.column, _KEY.format(f"CAST({quoted(found.column)} AS VARCHAR)"), True)
    k = max(1, -(-found.n_distinct * 4 // min(rows.part_rows, 4_000_000)))
    keys = np.array(sorted(key for *_, key in found.top), dtype=np.int64)
    for part in range(k):
        low, high = ((1 << _KEY_BITS) * one // k for one in (part, part + 1))
        where = f"AND {reading.sql} >= {low} AND {reading.sql} < {high}" if k > 1 else ""
        together = joined(gathered(_coded(rows, found, reading, where), rows.part_rows))
        if not together.n.size:
            continue
        if rate is not None:
            scores.append(level_scores(together, rate))
        begin, end = (np.searchsorted(together.value, keys, side=side) for side in ("left", "right"))
        for key, a, b in zip(keys.tolist(), begin, end, strict=True):
            if b > a:
                found.cells[key] = np.bincount(together.code[a:b], weights=together.n[a:b], minlength=N_CODES)


def _coded(rows: Rows, found: Levels, reading: Reading, where: str) -> Iterator[Part]:
    for batch in batches(rows, reading, where):
        found.missing = found.missing - np.bincount(batch.code, minlength=N_CODES)
        yield batch.value, batch.code


def top_with_shares(found: Levels, labelled: bool) -> tuple[tuple[str, int, float | None], ...]:
    """Return the top values as text, their rows, and the share of positives on training rows."""
    cells = top_cells(found)
    trained, positive = outcomes(cells)
    return tuple(
        (text, n, float(p / t) if labelled and t else None)
        for (text, n, _), t, p in zip(found.top, trained, positive, strict=True)
    )


def top_cells(found: Levels) -> np.ndarray:
    """Return the top values' rows by code, (levels, 64)."""
    nothing = no_cells(1)[0]
    return np.array([found.cells.get(key, nothing) for *_, key in found.top]).astype(np.int64).reshape(-1, N_CODES)
