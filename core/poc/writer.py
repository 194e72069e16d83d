"""Writes the records of the journey as a poc.yaml that walks it again."""

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.frame import Frame
from core.poc.reader import Poc, Source
from core.poc.yamltext import dump

HEAD = "# Written by Touchstone; `python -m core run poc.yaml` walks the same journey.\n"


def text(poc: Poc, folder: Path) -> str:
    """Return a poc as the text of a poc.yaml that stands in ``folder``; reading it there gives the same poc again."""
    document: dict[str, Any] = {
        "format": 1,
        "project": poc.project,
        "data": [{"table": source.table} | _place(source, folder) | source.reading for source in poc.sources],
        "recipe": [
            {"step": name, "sql": sql} | ({"upstream": True} if name in poc.upstream else {}) for name, sql in poc.steps
        ],
        "frame": _frame(poc.frame, poc.availability),
    }
    if poc.accepted:
        document["accept"] = [
            {"code": code} | ({"column": column} if column else {}) | {"reason": reason}
            for code, column, reason in poc.accepted
        ]
    document |= {name: said for name, said in (("train", poc.train), ("policy", poc.policy)) if said}
    if poc.export:
        document["export"] = {"folder": _relative(poc.export, folder)}
    return HEAD + dump(document)


def _place(source: Source, folder: Path) -> dict[str, str]:
    return {"connection": source.connection} if source.path is None else {"path": _relative(source.path, folder)}


def _relative(path: Path, folder: Path) -> str:
    if not path.is_absolute():
        return path.as_posix()
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive
        return path.as_posix()


def _frame(frame: Frame, availability: Mapping[str, str]) -> dict[str, Any]:
    decision, economics = frame.decision, frame.economics
    said: dict[str, Any] = {
        "decision": decision.question,
        "unit": decision.unit,
        "unit_key": list(decision.unit_key),
        "target": {"column": decision.target, "positive": decision.positive},
        "empty_outcome": decision.empty_outcome,
        "decision_time": decision.decision_time,
        "outcome_window_days": decision.outcome_window_days,
        "group": decision.group,
        "time_zone": decision.time_zone,
        "outcomes_affected": _said(answer=decision.affected, reason=decision.affected_reason),
        "called": _said(how=decision.called, latency_ms=decision.latency_ms),
        "currency": economics.currency,
        "payoffs": asdict(economics.payoffs),
        "capacity": asdict(economics.capacity) if economics.capacity else None,
        "rows_per_year": economics.rows_per_year,
        "horizon_years": economics.horizon_years,
        "costs": {"build": economics.build_cost, "run_per_year": economics.run_cost_per_year},
        "base_rate": economics.base_rate,
        "note": economics.note,
        "incumbent": _said(**asdict(economics.incumbent)) if economics.incumbent else None,
        "columns": {name: {"availability": known} for name, known in availability.items()},
        "split": asdict(decision.split),
        "criteria": [_bar(item.metric, at_least=item.at_least, at_most=item.at_most) for item in frame.criteria.items],
        "people": _said(**asdict(frame.people)),
    }
    always = ("decision", "target", "payoffs", "rows_per_year", "criteria")
    return {name: value for name, value in said.items() if value or name in always}


def _said(**values: Any) -> dict[str, Any]:  # noqa: ANN401 - the fields of several records
    return {name: value for name, value in values.items() if value}


def _bar(metric: str, **bounds: float | None) -> dict[str, Any]:
    return {"metric": metric} | {name: bound for name, bound in bounds.items() if bound is not None}
