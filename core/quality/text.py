"""Checks of how text is written: spelt in several ways, against the column's pattern, misspelt, in the wrong column."""

import re
from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from core.quality.cells import emptied, listed, literal
from core.quality.finding import Context, Finding, NotApplicableError, counted, share
from core.quality.patterns import MISSING_WORDS
from core.quality.profile import ColumnProfile, Profile
from core.quality.sample import Sample
from core.scoring.prepare import quoted

MISSING = frozenset(MISSING_WORDS) | {"empty"}
_STRONG, _MOST_STRONG, _COVERED = 0.02, 6, 0.95
_LONG = 60
_FREQUENT, _TIMES = 5, 10
_RARE, _RARE_TIMES = 0.01, 50
_MOST_COMPARED = 400_000
_MOST_CORRECTED = 300


def texts(profile: Profile) -> list[ColumnProfile]:
    """Return the text columns; NotApplicableError when there are none."""
    found = [column for column in profile.columns if column.text is not None]
    if not found:
        raise NotApplicableError("No column is text.")
    return found


def spelling(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q16: levels that differ only in case, in blanks, or in a full stop at the end; and blanks around all of them."""
    for column in texts(profile):
        facts = column.text
        if column.n_distinct > 0.5 * column.n_present:
            continue
        levels = context.drawn().levels(column.name)
        groups: dict[str, list[str]] = {}
        for level in levels:
            groups.setdefault(_alike(level), []).append(level)
        several = {key: found for key, found in groups.items() if len(found) > 1 and key}
        if not several:
            if facts is not None and facts.n_padded:
                yield _padded(column, facts.n_padded)
            continue
        n = sum(len(found) - 1 for found in several.values())
        first = min(several.values(), key=lambda found: -levels[found[0]])
        evidence = (
            f"Levels that differ from another only in case, blanks or a last mark: {n:,}, such as "
            f"{first[0]!r} and {first[1]!r}."
        )
        # The most frequent way of writing it stands first: levels come by their rows.
        wrong = {level: found[0] for found in several.values() for level in found[1:]}
        name = quoted(column.name)
        yield Finding(
            "Q16",
            "Spelling",
            column.name,
            "warning",
            evidence,
            {"n": n, "of": column.n_distinct},
            "Write each in its most frequent way.",
            _rewritten(column.name, wrong),
            f"{name} IN {listed(wrong)}" if len(wrong) <= _MOST_CORRECTED else "",
        )


def _alike(level: str) -> str:
    return re.sub(r"\s+", " ", level.strip().lower()).rstrip(".,;: ")


def _padded(column: ColumnProfile, n: int) -> Finding:
    name = quoted(column.name)
    evidence = f"{n:,} of {column.n_present:,} values begin or end with a blank."
    fix = f"step:SELECT * REPLACE (trim({name}) AS {name}) FROM {{table}}"
    text = f"Take the blanks away: trim({name})."
    numbers = {"n": n, "of": column.n_present}
    return Finding("Q16", "Spelling", column.name, "note", evidence, numbers, text, fix, f"{name} <> trim({name})")


def _rewritten(column: str, wrong: dict[str, str]) -> str:
    """Return the step that writes levels as they should be."""
    name = quoted(column)
    if len(wrong) > _MOST_CORRECTED:
        return f"step:SELECT * REPLACE (lower(trim({name})) AS {name}) FROM {{table}}"
    cases = " ".join(f"WHEN {literal(level)} THEN {literal(right)}" for level, right in wrong.items())
    return f"step:SELECT * REPLACE (CASE {name} {cases} ELSE {name} END AS {name}) FROM {{table}}"


def shape_sql(name: str) -> str:
    """Return SQL for the shape of a text: letters in a row as a, digits as 9, blanks as one, the rest as it is."""
    text = f"regexp_replace(trim({name}), '[0-9]+', '9', 'g')"
    return f"regexp_replace(regexp_replace({text}, '\\pL+', 'a', 'g'), '\\s+', ' ', 'g')"


def broken_patterns(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q26: codes, numbers with signs and the like of which a few are shaped otherwise than all others."""
    sample = context.drawn()
    for column in texts(profile):
        found = _unlike(column, sample)
        if found is None:
            continue
        strong, examples, n = found
        name = quoted(column.name)
        words = listed(sorted(MISSING))
        where = f"{shape_sql(name)} NOT IN {listed(strong)} AND lower(trim({name})) NOT IN {words}"
        if not any("9" in shape for shape in strong):
            where += f" AND regexp_matches({name}, '[^\\pL\\s.,''&/()-]')"
        where = f"coalesce({where}, false)"
        if not sample.is_all:
            n = context.cursor.sql(f"SELECT count(*) FROM {quoted(context.table)} WHERE {where}").fetchall()[0][0]
        evidence = (
            f"{counted(n, 'value')} ({share(n, column.n_present)}) {'is' if n == 1 else 'are'} written otherwise than "
            f"all others, which look like {' or '.join(map(repr, examples[0]))}: "
            f"{', '.join(map(repr, examples[1]))}."
        )
        text = "Ask what they mean; if they are errors, make them empty or write them right in Prepare."
        fix = emptied(column.name, where)
        numbers = {"n": int(n), "of": column.n_present}
        # Among words, one with a digit or a mark may be a word of its own; among codes it is none.
        severity = "warning" if any("9" in shape for shape in strong) else "note"
        yield Finding("Q26", "Broken pattern", column.name, severity, evidence, numbers, text, fix, where)


def _unlike(column: ColumnProfile, sample: Sample) -> tuple[list[str], tuple[list[str], list[str]], int] | None:
    """Return the shapes that nearly all values have, examples of these and of the others, and how many others."""
    codes, values = sample.codes(column.name), sample.code_values(column.name)
    if values.size < 10:
        return None
    kept = np.array([value.strip().lower() not in MISSING and len(value) <= _LONG for value in values])
    n = np.bincount(codes[codes >= 0], minlength=values.size)
    total = n[kept].sum()
    if total < 100 or total < 0.9 * n[[value.strip().lower() not in MISSING for value in values]].sum():
        return None
    shapes = np.array(_shapes(values[kept].tolist()), dtype=object)
    levels, place = np.unique(shapes.astype(str), return_inverse=True)
    rows = np.bincount(place, weights=n[kept])
    strong = rows >= _STRONG * total
    if strong.all() or strong.sum() > _MOST_STRONG or rows[strong].sum() < _COVERED * total:
        return None
    strong_shapes = [str(level) for level in levels[strong]]
    digits = ["9" in shape for shape in strong_shapes]
    if any(digits) and not all(digits):
        return None
    odd = ~strong[place]
    if not all(digits):
        odd &= np.array([bool(re.search(r"[^\w\s.,'&/()-]|[0-9_]", value)) for value in values[kept]])
    # What comes again and again is a level of its own, however it is written.
    odd_rows = n[kept][odd]
    if not odd_rows.size or np.median(odd_rows) > 2 or odd_rows.max() > max(3, 0.005 * total):
        return None
    likely = [str(values[kept][place == index][0]) for index in np.flatnonzero(strong)[np.argsort(-rows[strong])][:3]]
    unlikely = [str(value) for value in values[kept][odd][:3]]
    return strong_shapes, (likely, unlikely), int(odd_rows.sum())


def _shapes(values: list[str]) -> list[str]:
    shaped = pc.utf8_trim_whitespace(values)
    for pattern, written in (("[0-9]+", "9"), (r"\pL+", "a"), (r"\s+", " ")):
        shaped = pc.replace_substring_regex(shaped, pattern, written)
    return shaped.to_pylist()


def misspelt(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q27: rare levels that are a frequent one but for a letter, or an eighth of the letters of a long one."""
    for column in texts(profile):
        if not column.n_rare_levels or column.n_distinct > 0.5 * column.n_present or column.n_distinct < 3:
            continue
        wrong = _typos(context.drawn().levels(column.name), context)
        if not wrong:
            continue
        levels = context.drawn().levels(column.name)
        n = sum(levels[level] for level in wrong)
        level, right = next(iter(wrong.items()))
        evidence = (
            f"{counted(n, 'row')} ({share(n, column.n_present)}) {'has' if n == 1 else 'have'} a rare level that is "
            f"nearly a frequent one: {level!r} ({levels[level]:,}) and {right!r} ({levels[right]:,})"
            f"{f', and {len(wrong) - 1:,} more' if len(wrong) > 1 else ''}."
        )
        yield Finding(
            "Q27",
            "Misspelt",
            column.name,
            "warning",
            evidence,
            {"n": n, "of": column.n_present, "levels": len(wrong)},
            "If they are slips, write them as the frequent level.",
            _rewritten(column.name, wrong) if len(wrong) <= _MOST_CORRECTED else "",
            f"{quoted(column.name)} IN {listed(wrong)}",
        )


def _typos(levels: dict[str, int], context: Context) -> dict[str, str]:
    frequent = [level for level, n in levels.items() if n >= _FREQUENT and len(level) >= 5]
    total = sum(levels.values())
    # Where a good part of the rows has a value of its own, a value like another is no slip.
    if not frequent or sum(n for n in levels.values() if n >= _FREQUENT) < 0.9 * total:
        return {}
    rare = [level for level, n in levels.items() if n <= max(2, _RARE * total) and len(level) >= 5]
    if not rare or len(rare) * len(frequent) > _MOST_COMPARED:
        return {}
    rows = context.cursor.execute(
        "SELECT r, f, damerau_levenshtein(r, f) AS d FROM unnest($1) AS rare(r), unnest($2) AS frequent(f) "
        "WHERE abs(length(r) - length(f)) <= 2 AND d <= CASE WHEN length(f) < 10 THEN 1 "
        "ELSE greatest(2, length(f) // 8) END ORDER BY r, d, f",
        [rare, frequent],
    ).fetchall()
    nearest: dict[str, list[tuple[int, str]]] = {}
    for level, right, distance in rows:
        times = _TIMES if levels[level] <= 2 else _RARE_TIMES
        if levels[right] >= times * levels[level] and _is_slip(level, right):
            nearest.setdefault(level, []).append((distance, right))
    return {
        level: found[0][1]
        for level, found in nearest.items()
        if len(found) == 1 or found[0][0] < found[1][0]  # as near to two, it may be either
    }


def _is_slip(level: str, right: str) -> bool:
    """Say whether two levels differ as slips do: not in a number, not in a short code or word."""
    if level.isupper() and right.isupper():
        return False
    digits, expected = re.sub(r"\D", "", level), re.sub(r"\D", "", right)
    if digits != expected and len(digits) >= len(expected):
        return False
    parts, others = re.split(r"[\W_]+", level.lower()), re.split(r"[\W_]+", right.lower())
    if len(parts) != len(others):
        return len(right) >= 8
    different = [(a, b) for a, b in zip(parts, others, strict=True) if a != b]
    return bool(different) and any(min(len(a), len(b)) >= 4 for a, b in different)
