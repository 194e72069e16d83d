"""The bundle's YAML and Markdown: contract.yaml, bundle.yaml and README.md."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from core.bundle.spec import BundleSpec
from core.scoring.contract import ColumnSpec
from core.scoring.model import read_family

FILES = Path(__file__).resolve().parent / "files"
LOGICAL = {"number": "number", "category": "string", "boolean": "boolean"}
PHYSICAL = {"number": "DOUBLE", "category": "VARCHAR", "boolean": "BOOLEAN"}


def contract_yaml(spec: BundleSpec) -> bytes:
    """Return the source tables and the decision row as an Open Data Contract Standard document, version 3.1.0."""
    tables = [
        {
            "name": table,
            "logicalType": "object",
            "physicalType": "table",
            "description": "A source table: a batch job reads it, the recipe prepares it.",
            "properties": [
                {"name": name, "logicalType": logical_type(type_), "physicalType": type_, "required": False}
                for name, type_ in columns.items()
            ],
        }
        for table, columns in spec.sources.items()
    ]
    row = {
        "name": "decision_row",
        "logicalType": "object",
        "physicalType": "row",
        "description": "One row per decision, with the columns that the model reads: a request carries it.",
        "properties": [_property(column, spec.unit_key) for column in spec.contract.columns],
    }
    return _yaml(
        {
            "apiVersion": "v3.1.0",
            "kind": "DataContract",
            "id": spec.name,
            "name": spec.project,
            "version": spec.version,
            "status": "active",
            "description": {"purpose": spec.decision.get("question") or spec.project},
            "schema": [*tables, row],
        }
    )


def _property(column: ColumnSpec, unit_key: Sequence[str]) -> dict[str, Any]:
    seen = {"availability": column.availability, "emptyInTraining": column.nullable}
    if column.kind == "category":
        seen["levelsInTraining"] = list(column.levels)
    if column.low is not None:
        seen |= {"lowestInTraining": column.low, "highestInTraining": column.high}
    found: dict[str, Any] = {
        "name": column.name,
        "logicalType": LOGICAL[column.kind],
        "physicalType": PHYSICAL[column.kind],
        "required": False,
        "customProperties": [{"property": name, "value": value} for name, value in seen.items()],
    }
    if column.name in unit_key:
        found |= {"primaryKey": True, "primaryKeyPosition": unit_key.index(column.name) + 1}
    return found


def logical_type(type_: str) -> str:
    """Return the standard's word for one of DuckDB's types."""
    name = type_.upper()
    if name.endswith("]"):
        return "array"
    if name.startswith(("STRUCT", "MAP", "UNION", "JSON")):
        return "object"
    for word, starts in {
        "boolean": ("BOOL",),
        "integer": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINT", "UBIG"),
        "number": ("FLOAT", "DOUBLE", "DECIMAL", "REAL", "UHUGEINT"),
        "date": ("DATE",),
        "timestamp": ("TIMESTAMP",),
        "time": ("TIME",),
    }.items():
        if name.startswith(starts):
            return word
    return "string"


def bundle_yaml(spec: BundleSpec, step_files: Sequence[str]) -> bytes:
    """Return the config: what was decided, and which file holds what."""
    return _yaml(
        {
            "format": 1,
            "project": spec.project,
            "version": spec.version,
            "decision": spec.decision,
            "economics": spec.economics,
            "criteria": spec.criteria,
            "records": spec.chain,
            "contract": {"standard": "contract.yaml", "runtime": "contract.json"},
            "preparation": list(step_files),
            "upstream": list(spec.upstream),
            "model": {"family": read_family(spec.model_files), "files": sorted(spec.model_files)},
            "policy": "policy.json",
            "golden": {
                "rows": "golden/rows.parquet",
                "expected": "golden/expected.parquet",
                "prepared": "golden/prepared.parquet",
                "masked_columns": list(spec.masked),
            },
            "evidence": [f"evidence/{name}" for name in sorted(spec.evidence)],
        }
    )


def _upstream(spec: BundleSpec) -> str:
    """Say which steps a service must find done, in a line of its own; nothing where there is none."""
    if not spec.upstream:
        return ""
    steps = ", ".join(f"`{name}`" for name in spec.upstream)
    why = "There a decision depends on other rows, so a request has to carry what it gave."
    return f"\n**Runs upstream: {steps}.** {why}\n"


def _yaml(content: Mapping[str, Any]) -> bytes:
    plain = json.loads(json.dumps(content, default=dict))
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=110).encode()


def readme(spec: BundleSpec, python: str) -> bytes:
    """Return README.md, the template filled in."""
    policy, decision = spec.policy, spec.decision
    text = (FILES / "README.md").read_text(encoding="utf-8")
    tables = [f"| `{table}` | {_names(columns)} |" for table, columns in spec.sources.items()]
    n_rows = {
        name: table.num_rows for name, table in {**spec.golden_sources, "decision rows": spec.golden_rows}.items()
    }
    return text.format(
        name=spec.name,
        project=spec.project,
        version=spec.version,
        question=_line(decision.get("question") or spec.project),
        unit=_line(decision.get("unit") or "one row per decision"),
        target=_line(decision.get("target") or "the outcome"),
        positive=_line(decision.get("positive") or "1"),
        family=read_family(spec.model_files).replace("_", " "),
        threshold=f"{policy.threshold!r}",
        payoffs=", ".join(f"{name} {getattr(policy.payoffs, name):,g}" for name in ("tp", "fp", "fn", "tn")),
        currency=_line(policy.currency),
        capacity=_capacity(spec),
        rates=_rates(spec),
        python=python,
        tables="\n".join(tables),
        example_input="../tables" if len(spec.sources) != 1 else f"../{next(iter(spec.sources))}.csv",
        upstream=_upstream(spec),
        key=", ".join(f"`{name}`" for name in spec.unit_key) or "`row_number`",
        columns=_names({column.name: column.kind for column in spec.contract.columns}),
        golden=", ".join(f"{count} of {name}" for name, count in n_rows.items()),
        masked=", ".join(f"`{name}`" for name in spec.masked) or "none",
        evidence=", ".join(f"`{name}`" for name in sorted(spec.evidence)) or "nothing",
    ).encode()


def _rates(spec: BundleSpec) -> str:
    """Return what a reader of scores must know where the data was resampled, as a line of the README's table."""
    policy = spec.policy
    if not policy.base_rate:
        return ""
    return (
        f"| positives | {policy.learnt_rate:.3g} of the rows learnt from, {policy.base_rate:.3g} in production: a "
        "score is a probability among the former; expected gains are corrected to the latter |\n"
    )


def _names(columns: Mapping[str, str]) -> str:
    return ", ".join(f"`{_line(name)}` {_line(type_)}" for name, type_ in columns.items())


def _line(text: str) -> str:
    """Return text for one line of a Markdown table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def _capacity(spec: BundleSpec) -> str:
    policy, capacity = spec.policy, spec.policy.capacity
    if capacity is None:
        return "not limited"
    order = {"ranked": "the best of a period", "arrival": "first come, first served"}[capacity.allocation]
    counted = "a file is taken as one period"
    if capacity.period == "year" and policy.rows_per_year > 0:
        counted = f"a file of n rows has room for n × {capacity.n_actions:,} / {policy.rows_per_year:,g} acts"
    elif policy.decision_time:
        counted = f"a row's period comes from `{policy.decision_time}` ({policy.time_zone})"
    return f"at most {capacity.n_actions:,} acts per {capacity.period}, {order}; {counted}"
