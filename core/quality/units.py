"""Checks for several units in one column, and for values that stand in the wrong column."""

import re
from collections.abc import Iterator

import numpy as np

from core.quality.cells import listed, literal
from core.quality.finding import Context, Finding, NotApplicableError, counted, share
from core.quality.profile import ColumnProfile, Profile
from core.quality.sample import Sample
from core.quality.text import MISSING
from core.scoring.prepare import quoted

# Factor between two units of one thing, and what it usually is.
FACTORS = (
    (2.54, "inches and centimetres"),
    (1.609344, "miles and kilometres"),
    (2.20462, "kilograms and pounds"),
    (3.28084, "metres and feet"),
    (3.78541, "litres and gallons"),
    (28.3495, "ounces and grams"),
    (7.0, "weeks and days"),
    (12.0, "years and months"),
    (24.0, "days and hours"),
    (60.0, "minutes and seconds or hours"),
    (365.25, "years and days"),
    (3600.0, "hours and seconds"),
    (10.0, "a place of the decimal mark"),
    (100.0, "a share and percent, or cents"),
    (1000.0, "a thousand, as of grams and kilograms"),
    (1_000_000.0, "a million"),
)
_NEAR = 0.12
_ONE_UNIT = 0.9
_GLANCE_VALUES = 100
_LEAST, _LEAST_SHARE, _NUMBERS = 5, 0.001, 3
_NUMBER = r"^\s*([<>~$€£]?\s*[-+]?\d[\d.,]*)\s*([^\d\s][^\d]{0,14})?\s*$"
_WITH_UNIT = r"^\s*[<>~$€£]?\s*[-+]?[0-9][0-9.,]*\s*[^0-9\s][^0-9]{0,14}\s*$"


def mixed_units(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q22: numbers in two clusters that a factor between units takes to one place, and text with several units."""
    sample = context.drawn()
    for column in profile.columns:
        if context.is_key(column.name) or context.is_outcome(column.name):
            continue
        if column.kind == "number" and column.n_distinct > 20:
            yield from _two_clusters(column, sample, context)
        elif column.kind == "text":
            yield from _written_units(column, sample)


def _two_clusters(column: ColumnProfile, sample: Sample, context: Context) -> Iterator[Finding]:
    values = sample.values(column.name)
    found = cut_between_units(values[np.isfinite(values) & (values > 0)])
    if found is None:
        return
    cut, factor, what, upper_is_rare = found
    name = quoted(column.name)
    where = f"coalesce({name} {'>=' if upper_is_rare else '<'} {cut!r} AND {name} > 0, false)"
    n, rare, common = context.cursor.sql(
        f"SELECT count(*) FILTER ({where}), median({name}) FILTER ({where}), "
        f"median({name}) FILTER (NOT {where} AND {name} > 0) FROM {quoted(context.table)}"
    ).fetchall()[0]
    sign = "/" if upper_is_rare else "*"
    evidence = (
        f"{counted(n, 'row')} ({share(n, column.n_present)}) lie around {float(rare):,.4g}, all others around "
        f"{float(common):,.4g}, with nothing near {cut:,.4g}: about {factor:,.4g} times, as between {what}."
    )
    fix = f"CASE WHEN {where} THEN {name} {sign} {factor!r} ELSE {name} END"
    # Counts of things (seats, visits) come in two sizes by themselves; a slipped decimal mark they can have, too.
    is_count = column.number is not None and column.number.n_whole == column.n_present and factor % 10 != 0
    yield Finding(
        "Q22",
        "Mixed units",
        column.name,
        "note" if is_count else "warning",
        evidence,
        {"n": int(n), "of": column.n_present, "factor": factor},
        f"If these rows are in another unit, bring them to the same: {name} {sign} {factor:g}.",
        f"step:SELECT * REPLACE ({fix} AS {name}) FROM {{table}}",
        where,
    )


def cut_between_units(values: np.ndarray) -> tuple[float, float, str, bool] | None:
    """Return where to cut two clusters of positive numbers a unit's factor apart, the factor, its name, which is rare.

    The clusters are parted by the widest gap between logarithms. The gap must be wider than half of each cluster's
    middle 90 % and five times every other gap inside; the ratio of the medians within 12 % of the factor; and the
    spread of both, in logarithms, within three times of each other: another unit moves a distribution, not its form.
    """
    logs = np.sort(np.log10(values))
    least = max(_LEAST, int(_LEAST_SHARE * logs.size))
    if logs.size < 10 * least or logs[0] == logs[-1]:
        return None
    gaps = np.diff(logs)
    inner = slice(least - 1, logs.size - least)
    place = int(np.argmax(gaps[inner])) + least - 1
    low, high = logs[: place + 1], logs[place + 1 :]
    gap = gaps[place]
    widths = [float(np.quantile(part, 0.95) - np.quantile(part, 0.05)) for part in (low, high)]
    others = max(np.quantile(np.diff(part), 0.99) if part.size > 1 else 0.0 for part in (low, high))
    if gap < 0.5 * max(widths) or gap < 5 * others or gap < 0.05 or not min(widths):
        return None
    if max(widths) > 3 * min(widths):
        return None
    upper_is_rare = high.size <= low.size
    if min(low.size, high.size) > 0.3 * logs.size:
        return None
    ratio = 10 ** float(np.median(high) - np.median(low))
    factor, what = min(FACTORS, key=lambda one: abs(np.log(ratio / one[0])))
    if abs(np.log(ratio / factor)) > _NEAR:
        return None
    return float(10 ** ((low[-1] + high[0]) / 2)), factor, what, upper_is_rare


def _written_units(column: ColumnProfile, sample: Sample) -> Iterator[Finding]:
    codes, values = sample.codes(column.name), sample.code_values(column.name)
    if values.size < 2:
        return
    n = np.bincount(codes[codes >= 0], minlength=values.size)
    first = [value for value in values[:_GLANCE_VALUES] if value.strip().lower() not in MISSING]
    if sum(re.match(_NUMBER, value) is not None for value in first) < 0.5 * len(first):
        return
    units: dict[str, int] = {}
    numbers: dict[str, set[str]] = {}
    n_other = 0
    for value, rows in zip(values, n, strict=True):
        if value.strip().lower() in MISSING:
            continue
        matched = re.match(_NUMBER, value)
        if matched:
            unit = (matched[2] or "").strip()
            units[unit] = units.get(unit, 0) + int(rows)
            numbers.setdefault(unit, set()).add(matched[1])
        else:
            n_other += int(rows)
    total = sum(units.values())
    strong = {unit: rows for unit, rows in units.items() if unit and rows >= max(_LEAST, 0.005 * total)}
    if total < 50 or n_other > 0.05 * total or len(units) > 12 or not strong:
        return
    # A word that always comes with one number is a level with a rank before it.
    if sum(len(numbers[unit]) >= _NUMBERS for unit in [*strong, *([""] if "" in units else [])]) < 2:
        return
    if sum(strong.values()) + units.get("", 0) < 0.95 * total:
        return
    name = quoted(column.name)
    no_word = f"lower(trim({name})) NOT IN {listed(sorted(MISSING))}"
    where = f"coalesce(regexp_matches({name}, '{_WITH_UNIT}') AND {no_word}, false)"
    most = max(units, key=lambda unit: units[unit])
    n_units = sum(strong.values())
    if most and units[most] >= _ONE_UNIT * total:
        # One unit, and a few numbers that have it not or have it otherwise.
        n_units = total - units[most]
        where = f"{where} AND NOT regexp_matches({name}, {literal(_ending(most))})"
    told = ", ".join(f"{unit!r} in {rows:,}" for unit, rows in sorted(strong.items(), key=lambda one: -one[1])[:4])
    bare = f"; {units['']:,} have none" if units.get("") else ""
    evidence = f"{total:,} numbers{sample.said()} are written with several units: {told}{bare}."
    fix = f"TRY_CAST(replace(regexp_extract({name}, '[-+]?[0-9][0-9.,]*'), ',', '') AS DOUBLE)"
    yield Finding(
        "Q22",
        "Mixed units",
        column.name,
        "warning",
        evidence,
        {"n": n_units, "of": total, "units": len(strong)},
        "Ask whether they are the same unit; then keep the number alone.",
        f"step:SELECT * REPLACE ({fix} AS {name}) FROM {{table}}",
        where,
    )


def _ending(unit: str) -> str:
    """Return a pattern for texts that end with a number and this unit."""
    return r"[0-9.,]\s*" + re.escape(unit) + r"\s*$"


def misplaced(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q29: cells that end with the value of another column, where that column is empty."""
    columns = [column for column in profile.columns if column.kind == "text"]
    if len(columns) < 2:
        raise NotApplicableError("There are fewer than two columns of text.")
    sample = context.drawn()
    for empty in columns:
        if not 5 <= empty.n_missing <= 0.5 * empty.n_rows or not 2 <= empty.n_distinct <= 1_000:
            continue
        levels = {str(value) for value in sample.code_values(empty.name)}
        missing = sample.codes(empty.name) < 0
        for full in columns:
            if full is empty or full.n_distinct < 2:
                continue
            yield from _two_in_one(full, empty, (levels, missing), sample)


def _two_in_one(
    full: ColumnProfile, empty: ColumnProfile, told: tuple[set[str], np.ndarray], sample: Sample
) -> Iterator[Finding]:
    levels, missing = told
    codes, values = sample.codes(full.name), sample.code_values(full.name)
    ends = np.array([_end(value) in levels for value in values] + [False])[codes]
    n = int((ends & missing).sum())
    if n < 5 or n < 0.5 * missing.sum() or (ends & ~missing).sum() > 0.05 * (~missing).sum():
        return
    name, other = quoted(full.name), quoted(empty.name)
    listing = listed(sorted(levels))
    where = f"coalesce({other} IS NULL AND regexp_extract({name}, '\\s(\\S+)$', 1) IN {listing}, false)"
    example = str(values[codes[np.flatnonzero(ends & missing)[0]]])
    numbers = {"n": n, "of": int(missing.sum())}
    text = "Put each value into its own column."
    fix = (
        f"step:SELECT * REPLACE (CASE WHEN {where} THEN regexp_replace({name}, '\\s+\\S+$', '') ELSE {name} END "
        f"AS {name}, "
        f"CASE WHEN {where} THEN regexp_extract({name}, '\\s(\\S+)$', 1) ELSE {other} END AS {other}) FROM {{table}}"
    )
    said = f"{n:,} of {int(missing.sum()):,} rows without {empty.name!r}{sample.said()}"
    evidence = f"{said} have its value at the end of {full.name!r}, such as {example!r}."
    title = "Two values in one cell"
    yield Finding("Q29", title, full.name, "warning", evidence, numbers, text, fix, where, (empty.name,))
    evidence = f"{said} have it at the end of {full.name!r} instead, such as {example!r}."
    yield Finding("Q29", title, empty.name, "warning", evidence, numbers, text, fix, where, (full.name,))


def _end(value: str) -> str:
    parts = value.rsplit(None, 1)
    return parts[1] if len(parts) == 2 else ""
