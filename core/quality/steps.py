"""Checks of the recipe: steps that see rows from after the decision, or the outcome."""

from collections.abc import Iterator

from core.quality.finding import Context, Finding, NotApplicableError
from core.quality.profile import Profile


def unbounded_windows(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q14: steps whose windows or aggregates may see rows from after the decision."""
    if context.unbounded is None:
        raise NotApplicableError("There is no recipe.")
    for one in context.unbounded:
        text = "Bound it: ORDER BY the decision time with a frame that ends before the current row, or a join on <."
        yield Finding(
            "Q14",
            "Window without a bound",
            None,
            "warning",
            f"In step {one.step!r}: {one.reason}",
            {"step": one.step, "function": one.function},
            text,
        )


def made_from_outcome(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q30: columns that a step computes from the outcome; blocking while a model could use them."""
    if context.target_reads is None:
        raise NotApplicableError("There is no recipe, or no outcome is chosen on Frame.")
    features = {column.name.lower(): column.name for column in context.features(profile)}
    for one in context.target_reads:
        column = features.get(one.column.lower())
        if column is None:
            text = "Nothing after the step that makes the outcome may read it: check what becomes of this column."
            numbers = {"step": one.step, "made": one.column}
            yield Finding("Q30", "Made from the outcome", None, "note", one.sentence, numbers, text)
        else:
            text = "It holds the outcome that it shall foretell: leave it out, or set it to after."
            action = "availability:after"
            yield Finding(
                "Q30", "Made from the outcome", column, "blocking", one.sentence, {"step": one.step}, text, action
            )
