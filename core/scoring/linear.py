"""The linear model: one term per column, added in a fixed order, so that a row's margin is the same bits everywhere."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from . import jsonfile
from .errors import FormatError


@dataclass(frozen=True, slots=True)
class NumberTerm:
    """``coefficient · ((x or median) − mean) / scale``, and ``missing`` more where x is missing.

    ``average`` is the term's mean over the training rows; contributions are measured from it.
    """

    name: str
    median: float
    mean: float
    scale: float
    coefficient: float
    missing: float = 0.0
    average: float = 0.0


@dataclass(frozen=True, slots=True)
class LevelTerm:
    """``coefficients[code]``, or ``missing`` where it is missing or unseen; false and true have codes 0 and 1."""

    name: str
    kind: Literal["category", "boolean"]
    coefficients: tuple[float, ...]
    missing: float = 0.0
    average: float = 0.0


Term = NumberTerm | LevelTerm


@dataclass(frozen=True, slots=True)
class Linear:
    """``intercept`` plus one term per column of the matrix, in its order; without terms it is a constant."""

    intercept: float
    terms: tuple[Term, ...] = ()

    def parts(self, matrix: np.ndarray) -> np.ndarray:
        """Return (n, p) float64: each term's value for rows as :meth:`~.encode.Encoder.encode` makes them."""
        values = np.empty(matrix.shape, dtype=np.float64)
        for position, term in enumerate(self.terms):
            values[:, position] = _value(term, matrix[:, position].astype(np.float64))
        return values

    def margin(self, matrix: np.ndarray) -> np.ndarray:
        """Return (n,) float64: the terms added from left to right, never by BLAS."""
        total = np.full(len(matrix), self.intercept, dtype=np.float64)
        for position, term in enumerate(self.terms):
            total += _value(term, matrix[:, position].astype(np.float64))
        return total

    def averaged(self, matrix: np.ndarray) -> "Linear":
        """Return the same model with each term's average over these rows, to twelve digits."""
        means = self.parts(matrix).mean(axis=0) if len(matrix) else np.zeros(len(self.terms))
        return replace(
            self,
            terms=tuple(
                replace(term, average=float(f"{mean:.12g}")) for term, mean in zip(self.terms, means, strict=True)
            ),
        )

    def to_bytes(self) -> bytes:
        """Return linear.json.

        Raises
        ------
        ValueError
            When a coefficient is not finite.
        """
        columns = [{"kind": "number", **asdict(term)} for term in self.terms]
        return jsonfile.to_bytes({"format": 1, "intercept": self.intercept, "columns": columns})

    @classmethod
    def from_bytes(cls, raw: bytes, path: str = "model/linear.json") -> "Linear":
        """Read linear.json.

        Raises
        ------
        FormatError
            When it is not JSON, or of another format.
        """
        content = jsonfile.from_bytes(raw, path)
        try:
            return cls(float(content["intercept"]), tuple(_term(column) for column in content["columns"]))
        except (KeyError, TypeError) as error:
            raise FormatError(f"{path} is not a linear model: {error}.", hint="Export the bundle again.") from error


def check_terms(terms: Sequence[Term], names: Sequence[str]) -> None:
    """Refuse terms that are not one per encoded column, in its order; a constant has none.

    Raises
    ------
    FormatError
        When they are not.
    """
    if terms and [term.name for term in terms] != list(names):
        raise FormatError("The linear model's columns are not the encoder's.", hint=f"Expected {', '.join(names)}.")


def _term(column: dict[str, Any]) -> Term:
    values = dict(column)
    if values["kind"] == "number":
        values.pop("kind")
        return NumberTerm(**values)
    return LevelTerm(**{**values, "coefficients": tuple(values["coefficients"])})


def _value(term: Term, x: np.ndarray) -> np.ndarray:
    absent = np.isnan(x)
    if isinstance(term, NumberTerm):
        filled = np.where(absent, term.median, x)
        return term.coefficient * ((filled - term.mean) / term.scale) + np.where(absent, term.missing, 0.0)
    table = np.array([*term.coefficients, term.missing], dtype=np.float64)
    codes = np.where(absent, len(term.coefficients), x).astype(np.int64)
    return table[codes]
