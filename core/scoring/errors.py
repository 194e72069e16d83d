"""The root of the errors that a person can put right, and those of scoring."""


class TouchstoneError(Exception):
    """A fault that a person can put right.

    Parameters
    ----------
    problem : one sentence that names the value at fault.
    hint : the next step, with the choices there are.
    """

    def __init__(self, problem: str, *, hint: str = "") -> None:
        """Keep the two sentences apart, so that a page can set them apart."""
        super().__init__(f"{problem} {hint}".strip())
        self.problem = problem
        self.hint = hint


class ContractError(TouchstoneError):
    """Rows that are not what the contract says."""


class FormatError(TouchstoneError):
    """A file of another format number, or not of this kind at all."""


class SqlError(TouchstoneError):
    """SQL that does not parse, names what is not there, or fails while it runs."""


class VerifyError(TouchstoneError):
    """A bundle that does not give the answers it promised."""
