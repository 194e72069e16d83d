"""The layers that are recomputed on the golden rows; each says what it compared or raises what differs."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from .contract import surprises, validate
from .engine import scratch
from .errors import ContractError, VerifyError
from .folder import BundleFolder, read_json
from .golden import N_REASONS, expected_rows, totals
from .prepare import prepare
from .reasons import reasons

TOLERANCE = 1e-6
REASON_TOLERANCE = 1e-5
ALONE = 5


@dataclass(slots=True)
class Proof:
    """A bundle under proof: its golden rows, what they must give, and what they give here.

    Attributes
    ----------
    bundle : the folder, opened.
    differences : what is not here as it was when the bundle was built.
    exact : nothing differs, so that numbers must be equal to the bit.
    """

    bundle: BundleFolder
    differences: list[str]
    rows: pa.Table = field(init=False)
    expected: pa.Table = field(init=False)
    _found: pa.Table | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Read the golden rows once."""
        self.rows = self.bundle.golden_table("golden/rows.parquet")
        self.expected = self.bundle.golden_table("golden/expected.parquet")

    @property
    def exact(self) -> bool:
        """Whether to demand equality to the bit."""
        return not self.differences

    @property
    def found(self) -> pa.Table:
        """What the golden rows give here."""
        if self._found is None:
            self._found = expected_rows(self.bundle, self.rows)
        return self._found

    def compare(self, column: str, tolerance: float = TOLERANCE) -> None:
        """Raise VerifyError at the first golden row where a column of numbers differs."""
        expected = self.expected.column(column).to_numpy()
        differing = unequal(self.found.column(column).to_numpy(), expected, self.exact, tolerance)
        if differing.any():
            row = int(differing.argmax())
            raise VerifyError(
                f"{column} of golden row {row + 1} is {self.found.column(column)[row].as_py()!r}, not "
                f"{expected[row].item()!r}; {int(differing.sum())} of {len(expected)} rows differ."
            )


def unequal(found: np.ndarray, expected: np.ndarray, exact: bool, tolerance: float = TOLERANCE) -> np.ndarray:
    """Return (n,) bool: where two numbers differ, to the bit or by more than ``tolerance`` (relative above 1)."""
    if found.shape != expected.shape:
        return np.ones(max(len(found), len(expected)), dtype=bool)
    both_missing = np.isnan(found) & np.isnan(expected)
    if exact:
        return (found != expected) & ~both_missing
    close = np.isclose(found, expected, rtol=tolerance, atol=tolerance, equal_nan=True)
    return ~close


def contract_layer(proof: Proof) -> str:
    """The golden rows fit the contract, the model reads the contract's columns, and bad rows are refused."""
    contract, bundle = proof.bundle.contract, proof.bundle
    names = {column.name: column.kind for column in contract.columns}
    strangers = [one.name for one in bundle.scorer.encoder.columns if names.get(one.name) != one.kind]
    if strangers:
        raise VerifyError(f"The model reads columns that the contract does not name so: {', '.join(strangers)}.")
    checked = validate(proof.rows, contract)
    found = surprises(proof.rows, contract)
    expected = read_json(bundle.folder, "golden/expected.json")["surprises"]
    if found != expected:
        raise VerifyError(f"The golden rows surprise with {found}, not {expected}.")
    for source in bundle.sources:
        columns = bundle.golden_table(source.golden).column_names
        if columns != list(source.columns):
            raise VerifyError(f"{source.golden} has not the columns that the contract names.")
    for column in contract.columns:
        _refused(checked.drop_columns([column.name]), proof, f"a row without {column.name!r}")
        wrong = pa.chunked_array([pa.array([[1.0]] * checked.num_rows)])
        at = checked.column_names.index(column.name)
        _refused(checked.set_column(at, column.name, wrong), proof, f"a list as {column.name!r}")
    return f"{proof.rows.num_rows} golden rows fit {len(names)} columns, and rows that do not are refused"


def _refused(rows: pa.Table, proof: Proof, what: str) -> None:
    try:
        validate(rows, proof.bundle.contract)
    except ContractError:
        return
    if rows.num_rows:
        raise VerifyError(f"The contract lets {what} pass.")


def preparation_layer(proof: Proof) -> str:
    """The recipe turns the golden source rows into the golden prepared rows."""
    bundle = proof.bundle
    sources = {source.table: bundle.golden_table(source.golden) for source in bundle.sources}
    expected = bundle.golden_table("golden/prepared.parquet")
    found = prepare(scratch(), bundle.steps, sources)
    if found.column_names != expected.column_names or found.num_rows != expected.num_rows:
        raise VerifyError(
            f"The recipe gives {found.num_rows} rows of {len(found.column_names)} columns, "
            f"not {expected.num_rows} of {len(expected.column_names)}."
        )
    for name in expected.column_names:
        if not _same_column(found.column(name), expected.column(name), proof.exact):
            raise VerifyError(f"The recipe gives other values in {name!r}.")
    return f"{found.num_rows} prepared rows from {len(sources)} tables"


def _same_column(found: pa.ChunkedArray, expected: pa.ChunkedArray, exact: bool) -> bool:
    if pa.types.is_floating(expected.type) and pa.types.is_floating(found.type):
        if found.is_null().combine_chunks() != expected.is_null().combine_chunks():
            return False
        return not unequal(found.to_numpy(), expected.to_numpy(), exact).any()
    return found.to_pylist() == expected.to_pylist()


def score_layer(proof: Proof) -> str:
    """Margins and scores of the golden rows; a row alone gets the score that it gets among others."""
    proof.compare("margin")
    proof.compare("score")
    scores = proof.found.column("score").to_numpy()
    for row in range(min(ALONE, proof.rows.num_rows)):
        if proof.bundle.scorer.score(proof.rows.slice(row, 1))[0] != scores[row]:
            raise VerifyError(f"Golden row {row + 1} has another score alone than among others.")
    return f"{len(scores)} scores"


def reasons_layer(proof: Proof) -> str:
    """The columns that moved each golden row most, and by how much; with the base value they sum to the margin."""
    contributions = proof.bundle.scorer.contributions(proof.rows)
    sums = contributions.base_value + contributions.values.sum(axis=1)
    if unequal(sums, proof.found.column("margin").to_numpy(), False, REASON_TOLERANCE).any():
        raise VerifyError("Contributions do not sum to the margin.")
    expected = proof.expected.column("reasons").to_pylist()
    if proof.exact:
        told = reasons(contributions, proof.rows, N_REASONS)
        found = [[{"column": one.column, "contribution": one.contribution} for one in row] for row in told]
        differing = [row for row in range(len(expected)) if found[row] != expected[row]]
    else:
        differing = [row for row in range(len(expected)) if not _told(contributions.values[row], expected[row], proof)]
    if differing:
        raise VerifyError(f"The reasons of golden row {differing[0] + 1} differ; so do {len(differing)} in all.")
    return f"{len(expected)} rows' reasons, and contributions sum to the margin"


def _told(values: np.ndarray, expected: list[dict[str, object]], proof: Proof) -> bool:
    """Whether each expected reason is there and none that is left out is larger, but for rounding."""
    at = [proof.bundle.scorer.columns.index(one["column"]) for one in expected]
    if unequal(values[at], np.array([one["contribution"] for one in expected]), False, REASON_TOLERANCE).any():
        return False
    left_out = np.abs(np.delete(values, at))
    smallest = min((abs(one["contribution"]) for one in expected), default=0.0) if len(at) == N_REASONS else 0.0
    return not len(left_out) or bool(left_out.max() <= smallest + REASON_TOLERANCE)


def action_layer(proof: Proof) -> str:
    """Every action is identical, by threshold alone and with capacity counted; nothing is allowed for rounding."""
    for column in ("acted", "acted_within"):
        found, expected = proof.found.column(column).to_pylist(), proof.expected.column(column).to_pylist()
        differing = [row + 1 for row, pair in enumerate(zip(found, expected, strict=True)) if pair[0] != pair[1]]
        if differing:
            raise VerifyError(f"{column} of golden row {differing[0]} differs; so do {len(differing)} in all.")
    return f"{sum(proof.found.column('acted').to_pylist())} of {proof.rows.num_rows} golden rows are acted on"


def money_layer(proof: Proof) -> str:
    """What acting on each golden row is expected to win, and on those that are acted on together."""
    proof.compare("expected_gain")
    found = totals(proof.bundle, proof.rows, proof.found)
    expected = read_json(proof.bundle.folder, "golden/expected.json")
    value = np.array([found["expected_value"]]), np.array([float(expected["expected_value"])])
    counts = [(one["n_rows"], one["n_acted"]) for one in (found, expected)]
    if counts[0] != counts[1] or unequal(*value, proof.exact).any():
        raise VerifyError(f"The acts are worth {value[0][0]!r}, not {value[1][0]!r}.")
    return f"{found['n_acted']} acts are expected to win {value[0][0]:,.2f} {proof.bundle.policy.currency}"


LAYERS: tuple[tuple[str, Callable[[Proof], str]], ...] = (
    ("contract", contract_layer),
    ("preparation", preparation_layer),
    ("score", score_layer),
    ("reasons", reasons_layer),
    ("action", action_layer),
    ("money", money_layer),
)
