"""What a bundle is made from, and what comes of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from core.errors import ProjectError
from core.scoring.contract import DecisionRowContract
from core.scoring.model import ModelFiles
from core.scoring.policy import Policy

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_EVIDENCE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class BundleSpec:
    """Plain values that determine every byte of a bundle outside evidence/, together with the versions installed.

    Attributes
    ----------
    project, version : lower-case letters, digits, "-", "_" and "."; the folder is ``<project>-<version>``.
    chain : digest by kind of record, of everything that was chosen on the way.
    decision, economics, criteria : the frame's records as JSON has them.
    steps : the recipe, (name, SELECT) in order.
    sources : DuckDB's type by column, by table that the recipe reads.
    golden_sources : some rows of each of these tables, edge cases among them.
    contract, model_files, policy : what makes a score and an act of a decision row.
    golden_rows : some decision rows, with the columns of the contract, of the unit key and of the decision time.
    unit_key : columns that name a decision row; empty means its number in the recipe's result.
    evidence : files for evidence/ by name: verdict.json, criteria.json, leaderboard.csv, report.html, log.jsonl, ….
    masked : columns whose golden values are replaced, wherever a column has that name.
    upstream : steps in which a decision depends on other rows: they run over all rows, before the service.
    """

    project: str
    version: str
    chain: Mapping[str, str]
    decision: Mapping[str, Any]
    economics: Mapping[str, Any]
    criteria: Mapping[str, Any]
    steps: tuple[tuple[str, str], ...]
    sources: Mapping[str, Mapping[str, str]]
    golden_sources: Mapping[str, pa.Table]
    contract: DecisionRowContract
    model_files: ModelFiles
    policy: Policy
    golden_rows: pa.Table
    unit_key: tuple[str, ...] = ()
    evidence: Mapping[str, bytes] = field(default_factory=dict)
    masked: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the bundle's folder."""
        return f"{self.project}-{self.version}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was built.

    Attributes
    ----------
    name, version : of the bundle.
    digest : of every file outside evidence/: the same choices on the same versions give the same.
    sha256 : of MANIFEST.json, which covers evidence/ too.
    files : sha256 by path.
    environment : versions that numbers depend on.
    """

    name: str
    version: str
    digest: str
    sha256: str
    files: Mapping[str, str]
    environment: Mapping[str, Any]


def check_spec(spec: BundleSpec) -> None:
    """Refuse what no bundle can be made from.

    Raises
    ------
    ProjectError
        When a name is no name, a source table has no golden rows, or the golden rows lack a column.
    """
    for name in (spec.project, spec.version):
        if not _NAME.fullmatch(name):
            raise ProjectError(f"{name!r} cannot name a bundle.", hint="Use a-z, 0-9, '-', '_' and '.'.")
    for name in spec.evidence:
        if not _EVIDENCE.fullmatch(name):
            raise ProjectError(f"{name!r} cannot name a file in evidence/.", hint="Use letters, digits, '-', '_', '.'.")
    for table, columns in spec.sources.items():
        golden = spec.golden_sources.get(table)
        if golden is None or golden.column_names != list(columns):
            raise ProjectError(f"The golden rows of table {table!r} do not have its columns {list(columns)}.")
    lacking = [name for name in row_columns(spec) if name not in spec.golden_rows.column_names]
    if lacking or not spec.golden_rows.num_rows:
        raise ProjectError(f"The golden rows lack {', '.join(lacking) or 'every row'}.")


def row_columns(spec: BundleSpec) -> list[str]:
    """Return the columns of a decision row that leave with the bundle: key, features, the time by which acts count."""
    names = [*spec.unit_key, *(column.name for column in spec.contract.columns)]
    if spec.policy.capacity and spec.policy.decision_time:
        names.append(spec.policy.decision_time)
    return list(dict.fromkeys(names))
