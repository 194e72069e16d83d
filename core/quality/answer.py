"""What the findings come to: whether this data can carry the decision, what comes first, and whom to ask what."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from core.quality.finding import CheckResult, Finding, counted, enumerated
from core.quality.profile import Profile

Outcome = Literal["yes", "not yet", "no", "open"]
# Training refuses fewer; DESIGN puts a sentence beside every figure below the second number.
LEAST_POSITIVES, FEW_POSITIVES = 10, 200
_MOST_NAMES = 4
# Of one severity, first what makes every figure untrue (the outcome known beforehand, rows that are in both parts),
# last what only wastes a column; the rest between them, in the order of their codes.
_GRAVEST = ("Q30", "Q10", "Q17", "Q13", "Q14", "Q15", "Q20", "Q05", "Q19", "Q11", "Q09", "Q18")
_LIGHTEST = ("Q01", "Q04", "Q12", "Q16", "Q08", "Q03")

# What only the data's owner can say, by check; {columns} are the columns found.
QUESTIONS = {
    "Q01": "Why is there no value in {columns} in some rows: not asked, not known, or lost?",
    "Q02": "Which words and numbers in {columns} stand for “no value”?",
    "Q05": "Can the same case rightly come twice, or were rows exported twice?",
    "Q06": "What are the values in {columns} that are neither a number nor a date?",
    "Q07": "Can the values outside the usual range in {columns} be right?",
    "Q10": "When is {columns} written, and can it be changed after the outcome is known?",
    "Q11": "What changed over time in {columns}: the world, or how it is recorded?",
    "Q12": "Which of {columns} is the original, and which is made from it?",
    "Q13": "When is {columns} filled in: before or after the outcome?",
    "Q15": "Which columns together name one decision?",
    "Q16": "Are the spellings in {columns} one thing each?",
    "Q17": "When is {columns} written, and can it be changed after the outcome is known?",
    "Q18": "Why do equal cases end differently: is something missing that tells them apart, or are outcomes wrong?",
    "Q19": "What is different in {columns} about the rows that are kept for the verdict?",
    "Q20": "Can the same case be in the data more than once?",
    "Q21": "Where {columns} differ from what all other rows say, which is right?",
    "Q22": "In which unit is {columns} recorded, and is it always the same one?",
    "Q23": "Can the extreme values in {columns} be right?",
    "Q24": "May {columns} be used for this decision, and who has to agree?",
    "Q25": "Is there newer data, and why are there gaps in {columns}?",
    "Q26": "What are the values in {columns} that look unlike all others?",
    "Q27": "Which spelling in {columns} is right?",
    "Q28": "Is {columns} cut off at its largest or smallest value, and where?",
    "Q29": "Why do some cells of {columns} hold two values?",
}


# Warnings that leave the question of when a column is known open: no answer is a yes before somebody has said it.
_TIMING = ("Q10", "Q13", "Q17")


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of the page Quality.

    Attributes
    ----------
    outcome : "yes", "not yet" (something must be fixed or said first), "no" (too little to learn from), or "open"
        while nobody has named an outcome.
    sentence : why.
    first : what must be fixed first: blocking findings, then warnings, of each the gravest checks first; the accepted
        ones left out.
    questions : what to ask the data's owner, most pressing first.
    """

    outcome: Outcome
    sentence: str
    first: tuple[Finding, ...]
    questions: tuple[str, ...]


def answer(
    profile: Profile, results: Sequence[CheckResult], accepted: Collection[str], unknown: Sequence[str]
) -> Answer:
    """Sum up what was found.

    Parameters
    ----------
    results : of every check.
    accepted : findings that somebody accepted, as "Q01 column" or "Q05".
    unknown : columns that may be features and of which nobody has said when they are known.
    """
    found = [one for result in results for one in result.findings]
    open_ = [one for one in found if (f"{one.code} {one.column}" if one.column else one.code) not in accepted]
    blocking = sorted((one for one in open_ if one.severity == "blocking"), key=weight)
    warnings = sorted((one for one in open_ if one.severity == "warning"), key=weight)
    outcome, sentence = _judged(profile, blocking, warnings, unknown)
    return Answer(outcome, sentence, (*blocking, *warnings), _questions([*blocking, *warnings], unknown))


def weight(one: Finding) -> int:
    """Return how far down a finding comes among those of its severity, from 0."""
    if one.code in _GRAVEST:
        return _GRAVEST.index(one.code)
    return len(_GRAVEST) + (1 + _LIGHTEST.index(one.code) if one.code in _LIGHTEST else 0)


def _judged(
    profile: Profile, blocking: Sequence[Finding], warnings: Sequence[Finding], unknown: Sequence[str]
) -> tuple[Outcome, str]:
    if not profile.n_training:
        return "open", "Name the outcome on Frame; until then nobody can tell whether it can be learnt from this data."
    n_positive = min(profile.n_positive, profile.n_training - profile.n_positive)
    rarer = "positive" if n_positive == profile.n_positive else "negative"
    if n_positive < LEAST_POSITIVES:
        least = f"at least {LEAST_POSITIVES} are needed, {FEW_POSITIVES} for figures to rely on"
        return "no", f"Only {counted(n_positive, f'{rarer} outcome')} to learn from: {least}."
    if blocking:
        names = enumerated([one.column for one in blocking if one.column], _MOST_NAMES)
        where = f", in {names}" if names else ""
        return "not yet", f"{counted(len(blocking), 'thing')} must be fixed or accepted first{where}."
    told = {one.column for one in warnings if one.code in _TIMING and one.column in set(unknown)}
    if told:
        names = enumerated([one.column for one in warnings if one.column in told], _MOST_NAMES)
        verb, they = ("is", "it tells") if len(told) == 1 else ("are", "they tell")
        return "not yet", f"First say when {names} {verb} known: {they} so much of the outcome that it matters most."
    left = []
    if warnings:
        left.append(f"{counted(len(warnings), 'warning')} to look at")
    if unknown:
        left.append(f"{counted(len(unknown), 'column')} of which nobody has said when {_they(unknown)} known")
    if n_positive < FEW_POSITIVES:
        left.append(f"only {n_positive:,} {rarer} outcomes to learn from, so figures will be shaky")
    so_far = f", with {enumerated(left)}" if left else ""
    return "yes", f"Nothing that was looked for stands in the way{so_far}."


def _questions(found: Sequence[Finding], unknown: Sequence[str]) -> tuple[str, ...]:
    by_code: dict[str, list[str]] = {}
    for one in found:
        by_code.setdefault(one.code, []).extend([one.column] if one.column else [])
    asked = [
        QUESTIONS[code].format(columns=enumerated(columns, _MOST_NAMES) or "these columns")
        for code, columns in by_code.items()
        if code in QUESTIONS
    ]
    if unknown:
        they = f"{'is' if len(unknown) == 1 else 'are'} {enumerated(unknown, _MOST_NAMES)}"
        asked.append(f"When {they} known: before the decision, at it, or only afterwards?")
    return tuple(asked)


def _they(names: Sequence[str]) -> str:
    return "it is" if len(names) == 1 else "they are"
