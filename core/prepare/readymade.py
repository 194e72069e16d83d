"""The ready-made steps that there are: each asks a few questions and writes SQL that a person can edit."""

from core.errors import SqlError
from core.prepare.readymade_columns import CLIP, DATE_PARTS, MISSING_WORDS, RARE_LEVELS
from core.prepare.readymade_form import ReadyMade
from core.prepare.readymade_history import HISTORY
from core.prepare.readymade_join import DUPLICATES, JOIN
from core.prepare.readymade_shape import CAST, DROP, RENAME

READY_MADE: tuple[ReadyMade, ...] = (
    JOIN,
    HISTORY,
    DATE_PARTS,
    MISSING_WORDS,
    CAST,
    CLIP,
    RARE_LEVELS,
    DUPLICATES,
    RENAME,
    DROP,
)


def ready_made(code: str) -> ReadyMade:
    """Return a ready-made step by its code.

    Raises
    ------
    SqlError
        When there is none; the codes are named.
    """
    for one in READY_MADE:
        if one.code == code:
            return one
    raise SqlError(
        f"There is no ready-made step {code!r}.", hint=f"Choose from {', '.join(o.code for o in READY_MADE)}."
    )
