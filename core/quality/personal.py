"""Check for personal data: by what is written in a column, with its check digits, and by its name."""

import re
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.quality.cells import left_out
from core.quality.finding import Context, Finding, share
from core.quality.profile import ColumnProfile, Profile
from core.quality.sample import Sample
from core.scoring.prepare import quoted

_LEAST_SHARE, _LEAST_ROWS = 0.01, 3
_PERSON = r"customer|client|patient|employee|contact|person|passenger|applicant|driver|user|member|student|guest"
_NAMED = (
    (re.compile(rf"^((first|last|sur|family|given|middle|maiden|full|{_PERSON})s?name|surname|name)$"), "a name"),
    (re.compile(r"(^|_)(e_?mail|mail_?address)(_|$)"), "a mail address"),
    (re.compile(r"(^|_)(phone|telephone|tel|mobile|fax|cell)(_?(number|no|nr))?$|phonenumber$"), "a telephone number"),
    (re.compile(r"(^|_)(date_?of_?birth|birth_?date|birthday|dob)(_|$)"), "a date of birth"),
    (
        re.compile(r"(^|_)(ssn|social_security|passport|national_id|tax_id|iban|credit_card|card_number)"),
        "an identifier",
    ),
    (re.compile(rf"(^|_)((street|home|postal|{_PERSON})_?address|street)(_|$)"), "an address"),
)


def has_luhn(digits: str) -> bool:
    """Say whether a number's last digit is its check digit by Luhn's rule, as on cards (ISO/IEC 7812-1)."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def is_card(text: str) -> bool:
    """Say whether a text is the number of a payment card: 13 to 19 digits, from 3 to 6, with a check digit."""
    digits = re.sub(r"[ -]", "", text.strip())
    return bool(re.fullmatch(r"[3-6]\d{12,18}", digits)) and len(set(digits)) > 1 and has_luhn(digits)


def is_iban(text: str) -> bool:
    """Say whether a text is an account's number with its check digits right (ISO 13616: modulo 97 is 1)."""
    written = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", written):
        return False
    return int("".join(str(int(letter, 36)) for letter in written[4:] + written[:4])) % 97 == 1


def _matcher(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.search(text) is not None


_MAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
_LIKELY = r"@|([0-9][^0-9]{0,4}){7}"
_PHONE = r"^\s*(\+|00)[1-9][0-9 ()/.-]{7,17}$|^\s*\(?[0-9]{2,5}\)?[ /.-][0-9]{3,4}[ .-][0-9]{3,5}$"
# What is found, how, its pattern in SQL where it has one, and which share of the values must be so.
_WRITTEN: tuple[tuple[str, Callable[[str], bool], str, float], ...] = (
    ("mail addresses", _matcher(_MAIL), _MAIL, _LEAST_SHARE),
    ("telephone numbers", _matcher(_PHONE), _PHONE, 0.5),
    ("account numbers (IBAN)", is_iban, "", _LEAST_SHARE),
    ("card numbers with a check digit", is_card, "", 0.5),
    ("social security numbers", _matcher(r"^\d{3}-\d{2}-\d{4}$"), r"^[0-9]{3}-[0-9]{2}-[0-9]{4}$", 0.5),
)


def personal_data(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q24: columns with mail addresses, telephone, account and card numbers, or named as what tells who somebody is."""
    for column in profile.columns:
        if context.is_outcome(column.name) or column.kind == "other":
            continue
        written = _written(column, context.drawn())
        if written is not None:
            yield _finding(column, *written)
            continue
        named = _named(column)
        if named:
            evidence = f"By its name it holds {named}; {column.n_distinct:,} different values."
            numbers = {"n": column.n_present, "of": column.n_rows}
            yield _found(column, "note", evidence, numbers)


def _written(column: ColumnProfile, sample: Sample) -> tuple[str, int, int, str] | None:
    """Return what stands in a column, in how many of how many rows of the sample, and the pattern in SQL."""
    if column.kind == "text":
        values = [str(value) for value in sample.code_values(column.name)]
    elif column.kind == "number" and column.minimum is not None and float(column.minimum) >= 1e12:
        values = [f"{value:.0f}" for value in sample.code_values(column.name)]
    else:
        return None
    codes = sample.codes(column.name)
    n = np.bincount(codes[codes >= 0], minlength=len(values))
    likely = np.flatnonzero(pc.match_substring_regex(pa.array(values, pa.string()), _LIKELY)).tolist()
    total = int(n.sum())
    if not likely or n[likely].sum() < _LEAST_SHARE * total:
        return None
    for what, is_so, pattern, least in _WRITTEN:
        hits = [place for place in likely if is_so(values[place])]
        rows = int(n[hits].sum())
        if rows >= max(_LEAST_ROWS, least * total):
            return what, rows, total, pattern
    return None


def _named(column: ColumnProfile) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column.name)
    name = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
    for pattern, what in _NAMED:
        matched = pattern.search(name) or (pattern is _NAMED[0][0] and pattern.search(name.replace("_", "")))
        if matched and column.n_distinct > max(10, 0.01 * column.n_present):
            return what
    return ""


def _finding(column: ColumnProfile, what: str, n: int, of: int, pattern: str) -> Finding:
    evidence = f"{n:,} of {of:,} values that were looked at ({share(n, of)}) are or hold {what}."
    where = f"coalesce(regexp_matches({quoted(column.name)}, '{pattern}'), false)" if pattern and n < 0.5 * of else ""
    return _found(column, "warning", evidence, {"n": n, "of": of}, where)


def _found(column: ColumnProfile, severity: str, evidence: str, numbers: dict[str, int], where: str = "") -> Finding:
    text = "Leave it out unless the decision needs it and the law allows it: a model must not learn who somebody is."
    drop = left_out([column.name])
    return Finding("Q24", "Personal data", column.name, severity, evidence, numbers, text, drop, where)  # type: ignore[arg-type]
