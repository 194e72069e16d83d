"""A model on disk: data in named files, so that loading one runs no code from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import xgboost

from . import jsonfile
from .encode import Encoder
from .errors import FormatError
from .linear import Linear, Term, check_terms

ModelFiles = dict[str, bytes]
Family = Literal["boosted_trees", "linear", "constant"]


@dataclass(frozen=True, slots=True)
class Calibrator:
    """Raw margin to margin: ``slope · raw + intercept``. The method is "identity" when that changes nothing."""

    slope: float = 1.0
    intercept: float = 0.0

    @property
    def method(self) -> Literal["sigmoid", "identity"]:
        """What the file calls it."""
        return "identity" if (self.slope, self.intercept) == (1.0, 0.0) else "sigmoid"

    def to_bytes(self) -> bytes:
        """Return calibrator.json."""
        content = {"format": 1, "method": self.method, "slope": self.slope, "intercept": self.intercept}
        return jsonfile.to_bytes(content)

    @classmethod
    def from_bytes(cls, raw: bytes, path: str = "model/calibrator.json") -> "Calibrator":
        """Read calibrator.json.

        Raises
        ------
        FormatError
            When it is not JSON, or of another format.
        """
        content = jsonfile.from_bytes(raw, path)
        return cls(float(content["slope"]), float(content["intercept"]))


class Model(Protocol):
    """What turns the encoder's matrix into a margin; :class:`Boosted` or :class:`Additive`."""

    def margin(self, matrix: np.ndarray) -> np.ndarray:
        """Return (n,) float64."""

    def contributions(self, matrix: np.ndarray) -> tuple[np.ndarray, float]:
        """Return (n, p) float64 and the base value; a row's sum with the base value is its margin."""


@dataclass(frozen=True, slots=True)
class Boosted:
    """Boosted trees; ``threads`` is how many may score."""

    booster: xgboost.Booster
    feature_types: list[str]
    threads: int

    def margin(self, matrix: np.ndarray) -> np.ndarray:
        """Return (n,) float64: the sum of the leaves."""
        return self.booster.inplace_predict(matrix, predict_type="margin").astype(np.float64)

    def contributions(self, matrix: np.ndarray) -> tuple[np.ndarray, float]:
        """Return SHAP values (path-dependent TreeSHAP, Lundberg et al. 2020) and the base value.

        XGBoost adds them up in float32, so that they miss the margin by some 1e-6; that is put into the largest one.
        """
        data = xgboost.DMatrix(
            matrix,
            feature_types=self.feature_types,
            feature_names=self.booster.feature_names,
            enable_categorical=True,
            nthread=self.threads,
        )
        found = self.booster.predict(data, pred_contribs=True).astype(np.float64)
        base = float(found[0, -1]) if len(found) else 0.0
        values = found[:, :-1]
        if values.size:
            rows = np.arange(len(values))
            values[rows, np.abs(values).argmax(axis=1)] += self.margin(matrix) - (base + values.sum(axis=1))
        return values, base


@dataclass(frozen=True, slots=True)
class Additive:
    """A linear model or a constant."""

    linear: Linear
    n_columns: int

    def margin(self, matrix: np.ndarray) -> np.ndarray:
        """Return (n,) float64: intercept and terms added in order."""
        return self.linear.margin(matrix)

    def contributions(self, matrix: np.ndarray) -> tuple[np.ndarray, float]:
        """Return each term less its average in training (SHAP values of independent columns) and the base value."""
        if not self.linear.terms:
            return np.zeros((len(matrix), self.n_columns)), self.linear.intercept
        averages = np.array([term.average for term in self.linear.terms])
        return self.linear.parts(matrix) - averages, self.linear.intercept + float(averages.sum())


def save_boosted(booster: xgboost.Booster, encoder: Encoder, calibrator: Calibrator) -> ModelFiles:
    """Return the files of boosted trees, with every round that the booster has (slice it to the best one before)."""
    return {**_head("boosted_trees", encoder, calibrator), "model/model.ubj": bytes(booster.save_raw("ubj"))}


def save_linear(
    intercept: float,
    terms: Sequence[Term],
    encoder: Encoder,
    calibrator: Calibrator,
    background: np.ndarray | None = None,
) -> ModelFiles:
    """Return the files of a linear model, or of a constant when there are no terms.

    Parameters
    ----------
    intercept, terms : one term per column of the encoder, in its order.
    background : (n, p) the training rows, encoded; contributions are measured from the terms' averages over them.

    Raises
    ------
    FormatError
        When the terms are not the encoder's columns.
    """
    check_terms(terms, [column.name for column in encoder.columns])
    linear = Linear(float(intercept), tuple(terms))
    if background is not None and terms:
        linear = linear.averaged(background)
    family: Family = "linear" if terms else "constant"
    return {**_head(family, encoder, calibrator), "model/linear.json": linear.to_bytes()}


def _head(family: Family, encoder: Encoder, calibrator: Calibrator) -> ModelFiles:
    return {
        "model/model.json": jsonfile.to_bytes({"format": 1, "family": family}),
        "model/encoder.json": encoder.to_bytes(),
        "model/calibrator.json": calibrator.to_bytes(),
    }


def read_family(files: Mapping[str, bytes]) -> Family:
    """Return which family the files hold.

    Raises
    ------
    FormatError
        When it is none that this program knows.
    """
    family = jsonfile.from_bytes(jsonfile.part(files, "model/model.json"), "model/model.json").get("family")
    if family not in ("boosted_trees", "linear", "constant"):
        raise FormatError(f"A model of family {family!r}.", hint="Known: boosted_trees, linear, constant.")
    return family


def read_model(files: Mapping[str, bytes], encoder: Encoder, *, threads: int = 1) -> Model:
    """Return the model that the files hold.

    Raises
    ------
    FormatError
        When a file is missing, damaged or of another format.
    """
    if read_family(files) != "boosted_trees":
        linear = Linear.from_bytes(jsonfile.part(files, "model/linear.json"))
        check_terms(linear.terms, [column.name for column in encoder.columns])
        return Additive(linear, len(encoder.columns))
    booster = xgboost.Booster({"nthread": threads})
    try:
        booster.load_model(bytearray(jsonfile.part(files, "model/model.ubj")))
    except xgboost.core.XGBoostError as error:
        raise FormatError("model/model.ubj is not a model of XGBoost.", hint="Export the bundle again.") from error
    return Boosted(booster, encoder.feature_types, threads)
