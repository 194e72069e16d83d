"""Puts what was tallied of a column into words and figures."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from core.quality.association import levels_auc, number_auc
from core.quality.bins import OTHERS, histogram, missing_rate, outcomes, rates, shift, summed
from core.quality.dates import iso
from core.quality.facts import DateFacts, NumberFacts, Rate
from core.quality.levels import Levels, top_cells, top_with_shares
from core.quality.numbers import Numbers
from core.quality.rowcodes import IS_EARLY, IS_LATE, IS_TRAINING, IS_WITHOUT, Rows
from core.quality.tally import QUANTILES, Tally

Texts = Mapping[float, str]


def scale_of(found: Numbers) -> float:
    """Return what a value is divided by: times are held in microseconds and told in seconds."""
    return 1e6 if found.reading.endless is not None else 1.0


def common(found: Numbers | Levels, rows: Rows) -> dict[str, object]:
    """Return what every column has."""
    extra = 0
    tally: Tally | Levels
    if isinstance(found, Numbers):
        tally = found.exact or found.tally
        extra = 0 if found.exact else len(found.aside.endless)
    else:
        tally = found
    return {
        "n_rows": rows.n_rows,
        "n_missing": int(found.missing.sum()),
        "n_distinct": tally.n_distinct + extra,
        "n_missing_without_outcome": int(found.missing[IS_WITHOUT].sum()) if rows.has_target else 0,
        "n_rare_levels": tally.n_rare_levels,
        "n_rare_rows": tally.n_rare_rows,
    }


def described_text(found: Levels, rows: Rows, labelled: bool, moves: bool) -> dict[str, object]:
    """Return the fields of a text column; ``moves`` says whether to count early and late rows."""
    cells, names = top_cells(found), tuple(text for text, *_ in found.top)
    present = rows.by_code - found.missing
    rest = present - cells.sum(axis=0)
    with_rest = np.vstack((cells, rest)) if rest.any() else cells
    labels = (*names, OTHERS) if rest.any() else names
    trained, positive = outcomes(cells)
    along = tuple(
        Rate(None, None, name, n, int(t), int(p))
        for (name, n, _), t, p in zip(found.top, trained, positive, strict=True)
    )
    repeated = found.n_distinct < found.n
    return {
        "top": top_with_shares(found, labelled),
        "auc": found.auc if labelled else None,
        "text": found.text,
        "rates": along + missing_rate(found.missing) if labelled and repeated else (),
        "early_late": shift(labels, with_rest, found.missing, (None, None), True) if moves and rows.order else None,
        "train_holdout": (
            shift(labels, with_rest, found.missing, (None, None), False) if moves and rows.has_training else None
        ),
    }


def described_numbers(found: Numbers, rows: Rows, labelled: bool, texts: Texts, moves: bool) -> dict[str, object]:
    """Return the fields of a column of numbers, times or booleans; ``texts`` writes its frequent values."""
    tally = found.tally
    low, high, cells = _bins(found, "rates")
    outside = (found.aside.lowest + found.aside.highest)[None, :]
    with_outside = np.vstack((cells, outside)) if outside.any() else cells
    labels = _labels(found, low, high, texts) + (("not finite",) if outside.any() else ())
    top = top_with_shares(found.exact, labelled) if found.exact else _top(tally, labelled, texts)
    fields: dict[str, object] = {"top": top if has_top(found, rows.n_rows) else ()}
    if labelled:
        fields["auc"] = _auc(found)
        fields["rates"] = _rates(found, low, high, cells, texts)
    for name, first, second, wanted in (
        ("early_late", IS_EARLY, IS_LATE, bool(rows.order)),
        ("train_holdout", IS_TRAINING, ~IS_TRAINING, rows.has_training),
    ):
        if wanted and moves:
            means = (_mean(found, first), _mean(found, second))
            fields[name] = shift(labels, with_outside, found.missing, means, name == "early_late")
    return fields


def scaled(found: Numbers, labelled: bool) -> dict[str, object]:
    """Return the fields that only numbers and times have."""
    tally, scale = found.tally, scale_of(found)
    if not tally.n:
        return {"number": NumberFacts(n_not_finite=int((found.aside.lowest + found.aside.highest).sum()))}
    low, high, cells = _bins(found, "bars")
    fields: dict[str, object] = {"histogram": histogram(low, high, cells, labelled), "number": _facts(found)}
    least, largest = tally.lowest[0][0], tally.highest[-1][0]
    if found.calendar is not None:
        return fields | {"minimum": iso(least), "maximum": iso(largest), "dates": _dates(found)}
    with np.errstate(over="ignore", invalid="ignore"):
        away = float(tally.sums.sum()) / tally.n
        std = math.inf
        if tally.n > 1 and math.isfinite(tally.squares):  # a sample's, as SUMMARIZE and pandas have it
            std = math.sqrt(max(0.0, tally.squares / tally.n - away**2) * tally.n / (tally.n - 1))
    mean = _mean(found, np.ones_like(IS_EARLY))
    told = {"std": rounded(std, std)} if math.isfinite(std) else {}
    quantiles = tuple(float(tally.quantiles[share]) / scale for share in QUANTILES)
    return fields | told | {"minimum": float(least), "maximum": float(largest), "mean": mean, "quantiles": quantiles}


def _dates(found: Numbers) -> DateFacts | None:
    facts = found.calendar.facts() if found.calendar is not None else None
    if facts is None:
        return None
    mean = found.tally.centre + float(found.tally.sums.sum()) / found.tally.n
    quantiles = tuple(iso(found.tally.quantiles[share]) for share in QUANTILES)
    return replace(facts, mean=iso(mean), quantiles=quantiles)


def rounded(value: float, size: float) -> float:
    """Round to twelve digits of ``size``, below which the order of adding shows."""
    if not size or not math.isfinite(value) or not math.isfinite(size):
        return value
    return round(value, 11 - math.floor(math.log10(abs(size)))) + 0.0


def _mean(found: Numbers, which: np.ndarray) -> float | None:
    tally = found.tally
    n = int(tally.cells[:, which].sum())
    value = tally.centre + float(tally.sums[which].sum()) / n if n else math.nan
    size = max(abs(value), math.sqrt(tally.squares / tally.n) if tally.n and tally.squares < math.inf else 0.0)
    return rounded(value, size) / scale_of(found) if math.isfinite(value) else None


def _bins(found: Numbers, which: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return where bins begin and end, and their (bins, 64) rows: a bin per value where there are few."""
    tally, scale = found.tally, scale_of(found)
    if not tally.n:
        return np.empty(0), np.empty(0), np.empty((0, IS_EARLY.size), dtype=np.int64)
    if tally.few is not None:
        values = np.array(list(tally.few)) / scale
        ends = values if which == "rates" else np.append(values[1:], values[-1])
        return values, ends, np.array(list(tally.few.values()))
    begins = getattr(tally.cuts, which)
    edges = np.concatenate(([tally.lowest[0][0]], begins, [tally.highest[-1][0]])) / scale
    return edges[:-1], edges[1:], summed(tally.cells, tally.cuts.every, begins)


def _labels(found: Numbers, low: np.ndarray, high: np.ndarray, texts: Texts) -> tuple[str, ...]:
    if found.tally.few is not None:
        return tuple(texts[value] for value in found.tally.few)
    if found.calendar is not None:
        return tuple(f"{iso(a * 1e6)} to {iso(b * 1e6)}" for a, b in zip(low, high, strict=True))
    return tuple(f"{a:,.4g} to {b:,.4g}" for a, b in zip(low, high, strict=True))


def _rates(found: Numbers, low: np.ndarray, high: np.ndarray, cells: np.ndarray, texts: Texts) -> tuple[Rate, ...]:
    made = rates(low, high, cells, found.missing)
    if found.tally.few is None:
        return made
    names = [texts[value] for value in found.tally.few]
    named = tuple(
        Rate(one.low, one.high, name, one.n, one.n_training, one.n_positive)
        for one, name in zip(made, names, strict=False)
    )
    return named + made[len(names) :]


def _auc(found: Numbers) -> float | None:
    cells = np.vstack((_bins(found, "ranked")[2], found.missing, found.aside.lowest, found.aside.highest))
    by_bin = levels_auc(cells)
    tails = (found.missing, found.aside.lowest, found.aside.highest)
    ranked = number_auc(found.tally.ranked_twice, found.tally.cells.sum(axis=0), tails)
    return None if ranked is None or by_bin is None else max(ranked, by_bin)


def _top(tally: Tally, labelled: bool, texts: Texts) -> tuple[tuple[str, int, float | None], ...]:
    return tuple((texts[value], n, p / t if labelled and t else None) for value, n, t, p in tally.top if value in texts)


def has_top(found: Numbers, n_rows: int) -> bool:
    """Say whether values come more than once often enough for the most frequent to mean something."""
    return (found.exact or found.tally).n_distinct <= max(1000, 0.5 * n_rows)


def _facts(found: Numbers) -> NumberFacts:
    tally, scale = found.tally, scale_of(found)
    next_lowest = tally.lowest[1][0] / scale if tally.n_distinct > 1 else None
    next_highest = tally.highest[-2][0] / scale if tally.n_distinct > 1 else None
    return NumberFacts(
        n_not_finite=int((found.aside.lowest + found.aside.highest).sum()),
        n_negative=tally.n_negative,
        n_zero=tally.n_zero,
        n_whole=tally.n_whole,
        n_lowest=tally.lowest[0][1],
        n_highest=tally.highest[-1][1],
        next_lowest=next_lowest,
        next_highest=next_highest,
        n_far_low=found.far[0],
        n_far_high=found.far[1],
        magnitudes=tuple((k - 12, int(n)) for k, n in enumerate(tally.magnitudes) if n),
    )
