"""Check for columns that another column determines, but for a few rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from core.quality.cells import emptied, listed, literal
from core.quality.finding import Context, Finding, NotApplicableError, counted, share
from core.quality.profile import ColumnProfile, Profile
from core.quality.sample import Sample
from core.scoring.prepare import quoted

_HOLDS = 0.95
_OFF_HOLDS = 0.9
_LEAST_GROUP, _LEAST_OFF, _LEVEL_ROWS = 3, 10, 5
_MAJORITY = 0.6
_ISOLATED, _EXCEPTION = 0.7, 0.01
_SCREENED_ROWS = (1_000, 4_000)
_MOST_COLUMNS = 80
_RULED, _MOST_RULES = 0.8, 200
_MOST_CORRECTED = 200
_MOST_PAIRS = 2_000

Pair = tuple[object, object]


@dataclass(frozen=True, slots=True)
class Dependency:
    """One column that determines another in nearly every row.

    Attributes
    ----------
    holds : share of rows, in groups of at least three, that have the value most frequent in their group.
    expected : (n,) codes of the determined column by the others of the group, −1 where they are too few to say.
    """

    source: str
    holds: float
    expected: np.ndarray


def broken_dependencies(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q21: cells that differ from what the other rows with the same value in a determining column say.

    Found in the sample (all rows of a table of up to 20,000): A determines B when 95 % of the rows that share their A
    with two others have the B of most of these. Where several columns determine B, they vote. The first 80 columns
    whose values repeat take part.
    """
    sample = context.drawn()
    columns = [column for column in profile.columns if _takes_part(column, context)][:_MOST_COLUMNS]
    if len(columns) < 2:
        raise NotApplicableError("There are fewer than two columns with values that repeat.")
    entropies = {column.name: _entropy(sample.codes(column.name)) for column in columns}
    for column in columns:
        found = []
        for source in columns:
            # What has clearly fewer values cannot determine; and a nearly constant column is determined by all.
            if source is column or entropies[source.name] < entropies[column.name] - 0.5 or not _determines(source):
                continue
            dependency = _dependency(sample, source.name, column)
            if dependency is not None:
                found.append(dependency)
        if found:
            yield from _broken(column, found, columns, context)


def _takes_part(column: ColumnProfile, context: Context) -> bool:
    if column.kind not in ("text", "boolean", "number") or context.is_key(column.name) or column.n_present < 30:
        return False
    if context.is_outcome(column.name):
        return False
    few = column.n_distinct <= max(20, 0.02 * column.n_present)
    return column.n_distinct >= 2 and (column.kind != "number" or _is_whole(column) or few)


def _is_whole(column: ColumnProfile) -> bool:
    return column.type.upper().endswith("INT") or column.type.upper() == "INTEGER"


def _determines(column: ColumnProfile) -> bool:
    return column.n_distinct <= 0.5 * column.n_present and column.n_missing <= 0.5 * column.n_rows


def _entropy(codes: np.ndarray) -> float:
    p = np.bincount(codes[codes >= 0]) / max((codes >= 0).sum(), 1)
    p = p[p > 0]
    return float(-(p * np.log2(p)).sum())


def _dependency(sample: Sample, source: str, column: ColumnProfile) -> Dependency | None:
    a, b = sample.codes(source), sample.codes(column.name)
    # Where one is often empty, being empty is no fault.
    used = (a >= 0) & ((b >= 0) | (column.n_missing <= 0.1 * column.n_rows))
    places = np.flatnonzero(used)
    if places.size < 30:
        return None
    for n in _SCREENED_ROWS:  # most pairs agree so little that few rows show it, if a has few values enough
        step = places.size // n
        if step > 1 and a.max() < n / 10 and _agreement(a[places[::step]], b[places[::step]])[0] < _HOLDS - 0.1:
            return None
    holds, expected = _agreement(a[places], b[places])
    if holds < _HOLDS:
        return None
    told = np.full(a.size, -1)
    told[places] = expected
    return Dependency(source, holds, told)


def _agreement(a: np.ndarray, b: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the share that holds (0 where it says too little) and what each row's group says, −1 for nothing."""
    n_b = int(b.max()) + 2
    pair, place = np.unique(a * n_b + b + 1, return_inverse=True)
    n = np.bincount(place)
    group = np.unique(pair // n_b, return_inverse=True)[1]
    size = np.bincount(group, weights=n)
    order = np.lexsort((-n, group))
    first = order[np.flatnonzero(np.append(True, np.diff(group[order]) > 0))]
    usual, most = pair[first] % n_b - 1, n[first]
    large = size >= _LEAST_GROUP
    covered = size[large].sum()
    if covered < max(30, 0.2 * a.size):
        return 0.0, np.empty(0)
    # A nearly constant column is told by every other: what counts are rows of its other levels. What is nowhere the
    # usual value of a group is a slip, not a level.
    value = pair % n_b - 1
    says = large & (most >= 2) & (most > _MAJORITY * size) & (usual >= 0)
    level = np.zeros(n_b, dtype=bool)
    level[usual[says] + 1] = True
    level[np.bincount(b + 1).argmax()] = False
    off = n[level[value + 1] & large[group]].sum()
    off_hits = most[large & level[usual + 1]].sum()
    if off < _LEAST_OFF or off_hits < _OFF_HOLDS * off:
        return 0.0, np.empty(0)
    wrong = large[group] & (value != usual[group])
    alone = wrong & (n <= np.maximum(2, _EXCEPTION * size[group]))
    if wrong.any() and n[alone].sum() < _ISOLATED * n[wrong].sum():
        return 0.0, np.empty(0)  # another value in many rows is a second answer, not an error
    expected = np.where(says, usual, -1)[group][place]
    return float(most[large].sum() / covered), expected


def _unexplained(wrong: np.ndarray, name: str, columns: list[ColumnProfile], sample: Sample) -> np.ndarray:
    """Leave out rows of a level of a third column in which nearly all differ: they follow a rule of their own."""
    for column in columns:
        if column.name == name or column.n_distinct > _MOST_RULES or not wrong.any():
            continue
        codes = sample.codes(column.name) + 1
        n = np.bincount(codes)
        ruled = (n >= _LEVEL_ROWS) & (np.bincount(codes[wrong], minlength=n.size) >= _RULED * n)
        wrong = wrong & ~ruled[codes]
    return wrong


def _broken(
    column: ColumnProfile, found: list[Dependency], columns: list[ColumnProfile], context: Context
) -> Iterator[Finding]:
    sample = context.drawn()
    found = sorted(found, key=lambda one: -one.holds)
    actual = sample.codes(column.name)
    votes_for = sum(((one.expected >= 0) & (one.expected == actual)).astype(int) for one in found)
    votes_against = sum(((one.expected >= 0) & (one.expected != actual)).astype(int) for one in found)
    wrong = np.flatnonzero(_unexplained(votes_against > votes_for, column.name, columns, sample))
    if not wrong.size:
        return
    pairs: dict[str, dict[Pair, object]] = {}
    values = sample.code_values(column.name)
    for row in wrong:
        best = next(one for one in found if one.expected[row] >= 0 and one.expected[row] != actual[row])
        a = sample.code_values(best.source)[sample.codes(best.source)[row]]
        b = values[actual[row]] if actual[row] >= 0 else None
        pairs.setdefault(best.source, {})[(a, b)] = values[best.expected[row]]
    if not sample.is_all:
        pairs = {found[0].source: _pairs_of_all_rows(found[0].source, column.name, context)}
    pairs = {source: told for source, told in pairs.items() if told}
    if not pairs or sum(map(len, pairs.values())) > _MOST_PAIRS:
        return
    yield _finding(column, found[0], pairs, sample, context)


def _finding(
    column: ColumnProfile,
    best: Dependency,
    pairs: Mapping[str, Mapping[Pair, object]],
    sample: Sample,
    context: Context,
) -> Finding:
    where = " OR ".join(_condition(source, column.name, told) for source, told in pairs.items())
    n = int(context.cursor.sql(f"SELECT count(*) FROM {quoted(context.table)} WHERE {where}").fetchall()[0][0])
    (_, actual), expected = next(iter(pairs[next(iter(pairs))].items()))
    stands = "nothing" if actual is None else repr(_plain(actual))
    evidence = (
        f"{best.source!r} tells it in {share(best.holds, 1)} of rows{sample.said()}, but {counted(n, 'row')} "
        f"({share(n, column.n_rows)}) {'differs' if n == 1 else 'differ'} from the others of the same "
        f"{next(iter(pairs))!r}, such as {stands} where they have {_plain(expected)!r}."
    )
    return Finding(
        "Q21",
        "Broken dependency",
        column.name,
        "warning",
        evidence,
        {"n": n, "of": column.n_rows, "holds": round(best.holds, 4)},
        "If the others are right, write what they have; else make the cells empty, or ask which is true.",
        _corrected(column.name, pairs, where),
        where,
        tuple(pairs),
    )


def _condition(source: str, column: str, told: Mapping[Pair, object]) -> str:
    a, b = quoted(source), quoted(column)
    empty = [pair[0] for pair in told if pair[1] is None]
    other = [pair for pair in told if pair[1] is not None]
    parts = []
    if other:
        both = ", ".join(f"({literal(_plain(x))}, {literal(_plain(y))})" for x, y in other)
        parts.append(f"({a}, {b}) IN ({both})")
    if empty:
        parts.append(f"({b} IS NULL AND {a} IN {listed(_plain(x) for x in empty)})")
    return f"coalesce({' OR '.join(parts)}, false)"


def _corrected(column: str, pairs: Mapping[str, Mapping[Pair, object]], where: str) -> str:
    """Return the step that writes what the others have; where that is too long to read, the one that empties."""
    if sum(map(len, pairs.values())) > _MOST_CORRECTED:
        return emptied(column, where)
    name = quoted(column)
    cases = []
    for source, told in pairs.items():
        by_value: dict[object, list[object]] = {}
        for (a, _), expected in told.items():
            by_value.setdefault(_plain(expected), []).append(_plain(a))
        condition = _condition(source, column, told)
        cases += [
            f"WHEN {condition} AND {quoted(source)} IN {listed(dict.fromkeys(values))} THEN {literal(expected)}"
            for expected, values in by_value.items()
        ]
    return f"step:SELECT * REPLACE (CASE {' '.join(cases)} ELSE {name} END AS {name}) FROM {{table}}"


def _plain(value: object) -> object:
    """Return a whole float as an int, so that it is written as the column has it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _pairs_of_all_rows(source: str, column: str, context: Context) -> dict[Pair, object]:
    rows = context.cursor.sql(
        "SELECT a, b, usual FROM (SELECT a, b, n, sum(n) OVER grouped AS size, max(n) OVER grouped AS most, "
        "first_value(b) OVER (grouped ORDER BY n DESC, b ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) "
        f"AS usual FROM (SELECT {quoted(source)} AS a, {quoted(column)} AS b, count(*) AS n "
        f"FROM {quoted(context.table)} WHERE a IS NOT NULL AND b IS NOT NULL GROUP BY ALL) "
        f"WINDOW grouped AS (PARTITION BY a)) WHERE b IS DISTINCT FROM usual AND size >= {_LEAST_GROUP} "
        f"AND most > {_MAJORITY} * size AND n <= greatest(2, {_EXCEPTION} * size) ORDER BY a, b LIMIT {_MOST_PAIRS + 1}"
    ).fetchall()
    return {(a, b): usual for a, b, usual in rows}
