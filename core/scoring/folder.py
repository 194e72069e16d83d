"""A bundle's folder, opened: everything that scoring reads from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from . import jsonfile
from .contract import DecisionRowContract
from .errors import FormatError
from .policy import Policy
from .scorer import Scorer


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table that the recipe reads: its columns with DuckDB's types, and the golden rows' file."""

    table: str
    columns: Mapping[str, str]
    golden: str


@dataclass(frozen=True, slots=True)
class BundleFolder:
    """What a bundle is made of.

    Attributes
    ----------
    folder : where it lies; nothing in it knows.
    contract : what a decision row must be.
    sources : the tables that the recipe reads.
    unit_key : columns that name a decision row; empty means its number in the recipe's result.
    steps : the recipe, (name, SELECT) in order.
    scorer, policy : what turns rows into scores and acts.
    """

    folder: Path
    contract: DecisionRowContract
    sources: tuple[SourceTable, ...]
    unit_key: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]
    scorer: Scorer
    policy: Policy

    @classmethod
    def open(cls, folder: Path, *, threads: int = 1) -> "BundleFolder":
        """Read a bundle's folder.

        Raises
        ------
        FormatError
            When a file is missing, damaged or of another format; the message names it.
        """
        folder = Path(folder)
        contract = read_json(folder, "contract.json")
        recipe = read_json(folder, "prepare/steps.json")
        try:
            steps = tuple((one["name"], read_bytes(folder, one["file"]).decode()) for one in recipe["steps"])
            sources = tuple(
                SourceTable(one["table"], {column["name"]: column["type"] for column in one["columns"]}, one["golden"])
                for one in contract["sources"]
            )
            rows = DecisionRowContract.from_json(contract["decision_row"])
            unit_key = tuple(contract["unit_key"])
        except (KeyError, TypeError, UnicodeDecodeError) as error:
            raise FormatError(f"contract.json or prepare/ is damaged: {error!r}.") from error
        policy = Policy.from_bytes(read_bytes(folder, "policy.json"))
        names = sorted(f"model/{path.name}" for path in (folder / "model").glob("*"))
        scorer = Scorer.from_files({name: read_bytes(folder, name) for name in names}, threads=threads)
        return cls(folder, rows, sources, unit_key, steps, scorer, policy)

    def golden_table(self, path: str) -> pa.Table:
        """Return one of the golden tables, ``path`` as inside the bundle. Raises FormatError when it is damaged."""
        return read_parquet(self.folder, path)


def read_bytes(folder: Path, path: str) -> bytes:
    """Return a file of the bundle, or raise FormatError when there is none."""
    found = Path(folder) / path
    if not found.is_file():
        raise FormatError(f"There is no {path}.", hint=f"Is {Path(folder).name} the folder of a bundle?")
    return found.read_bytes()


def read_json(folder: Path, path: str) -> dict[str, Any]:
    """Return what a JSON file of the bundle says. Raises FormatError when it is missing, damaged or too new."""
    return jsonfile.from_bytes(read_bytes(folder, path), path)


def read_parquet(folder: Path, path: str) -> pa.Table:
    """Return a Parquet file of the bundle. Raises FormatError when it is missing or damaged."""
    try:
        return pq.read_table(pa.BufferReader(read_bytes(folder, path)))
    except (pa.ArrowException, OSError) as error:
        raise FormatError(f"{path} cannot be read: {error}.", hint="Export the bundle again.") from error
