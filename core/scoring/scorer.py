"""Scores tables: encode, predict, calibrate; every score that is shown or acted on comes from here."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyarrow as pa

from . import jsonfile
from .encode import Encoder
from .model import Calibrator, Family, Model, read_family, read_model
from .sigmoid import sigmoid

BATCH_ROWS = 20_000
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Contributions:
    """What each column adds to the margin of a row.

    Attributes
    ----------
    columns : (p,) names.
    values : (n, p) float64, in log-odds; positive pushes towards the positive class.
    base_value : the margin before any column; with a row's values it sums to the row's margin.
    """

    columns: tuple[str, ...]
    values: np.ndarray
    base_value: float


@dataclass(frozen=True, slots=True)
class Scorer:
    """A model with its encoder and calibrator. A row's score never depends on the rows beside it."""

    family: Family
    columns: tuple[str, ...]
    encoder: Encoder
    model: Model
    calibrator: Calibrator

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], *, threads: int = 1) -> "Scorer":
        """Read a model from the contents of its files.

        Parameters
        ----------
        files : contents by path inside the bundle, "model/…".
        threads : how many may score a batch of boosted trees; the scores are the same.

        Raises
        ------
        FormatError
            When a file is missing, damaged or of another format.
        """
        encoder = Encoder.from_bytes(jsonfile.part(files, "model/encoder.json"))
        return cls(
            family=read_family(files),
            columns=tuple(column.name for column in encoder.columns),
            encoder=encoder,
            model=read_model(files, encoder, threads=threads),
            calibrator=Calibrator.from_bytes(jsonfile.part(files, "model/calibrator.json")),
        )

    def raw_margin(self, table: pa.Table) -> np.ndarray:
        """Return (n,) float64 log-odds before calibration.

        Raises
        ------
        ContractError
            When columns are missing or of a wrong type.
        """
        return _joined(self._batches(table, self.model.margin), np.empty(0))

    def margin(self, table: pa.Table) -> np.ndarray:
        """Return (n,) float64: calibrated log-odds of the positive class. Raises as :meth:`raw_margin`."""
        return self.calibrator.slope * self.raw_margin(table) + self.calibrator.intercept

    def score(self, table: pa.Table) -> np.ndarray:
        """Return (n,) float64 in [0, 1]: calibrated probability of the positive class. Raises as :meth:`raw_margin`."""
        return sigmoid(self.margin(table))

    def contributions(self, table: pa.Table) -> Contributions:
        """Return what each column adds to the calibrated margin. Raises as :meth:`raw_margin`.

        A boosted model's are path-dependent SHAP values, a linear one's its terms less their training averages.
        """
        slope, intercept = self.calibrator.slope, self.calibrator.intercept
        pairs = list(self._batches(table, self.model.contributions))
        base = pairs[0][1] if pairs else 0.0
        values = _joined(iter([values for values, _ in pairs]), np.empty((0, len(self.columns))))
        return Contributions(self.columns, slope * values, slope * base + intercept)

    def _batches(self, table: pa.Table, compute: Callable[[np.ndarray], Result]) -> Iterator[Result]:
        for start in range(0, table.num_rows, BATCH_ROWS):
            yield compute(self.encoder.encode(table.slice(start, BATCH_ROWS)))


def _joined(parts: Iterator[np.ndarray], empty: np.ndarray) -> np.ndarray:
    found = list(parts)
    return found[0] if len(found) == 1 else np.concatenate([empty, *found])
