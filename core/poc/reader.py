"""Reads a poc.yaml into the records of the journey."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from core.errors import FrameError
from core.frame import (
    Capacity,
    Criteria,
    Criterion,
    Decision,
    Economics,
    Frame,
    Incumbent,
    Payoffs,
    People,
    SplitChoice,
    check_criteria,
    check_decision,
    check_economics,
)
from core.ingest.folder import size_of
from core.ingest.source import ReaderSettings
from core.poc.faults import PocError, faults
from core.poc.yamltext import parse

READING = tuple(one.name for one in fields(ReaderSettings))


@dataclass(frozen=True, slots=True)
class Source:
    """One source that becomes a table.

    Attributes
    ----------
    path : a file, or a folder of files that are one table; None for a database.
    reading : how to read it, as far as that was said: fields of ``ReaderSettings``.
    connection : the name of a database's connection, or "".
    """

    table: str
    path: Path | None
    reading: dict[str, Any] = field(default_factory=dict)
    connection: str = ""

    @property
    def settings(self) -> ReaderSettings | None:
        """How to read it, or None where nothing was said."""
        said = {name: tuple(value) if isinstance(value, list) else value for name, value in self.reading.items()}
        return ReaderSettings(**said) if said else None


@dataclass(frozen=True, slots=True)
class Poc:
    """What a poc.yaml says.

    Attributes
    ----------
    project : the project's name.
    sources : files, folders and databases, paths absolute.
    steps : (name, sql) of each step of the recipe, in order.
    upstream : the steps that are declared to run before the service, over all rows.
    frame : the four records.
    availability : by prepared column, as far as said.
    accepted : (code, column or "", reason) of each accepted finding.
    train : the settings that were said: budget_seconds, seed, candidates, rounds, learning_rate.
    policy : candidate and threshold, as far as said.
    export : the folder for the bundle, absolute; None when there is to be none.
    """

    project: str
    sources: tuple[Source, ...]
    steps: tuple[tuple[str, str], ...]
    frame: Frame
    availability: dict[str, str] = field(default_factory=dict)
    accepted: tuple[tuple[str, str, str], ...] = ()
    upstream: tuple[str, ...] = ()
    train: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)
    export: Path | None = None


def read(path: Path) -> Poc:
    """Read a file; its paths are relative to its folder.

    Raises
    ------
    PocError
        When it is missing, is not YAML, or anything in it cannot be; with one sentence per fault.
    """
    try:
        said = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PocError([f"{path} cannot be read: {error.strerror}."], hint="Give the path of a poc.yaml.") from error
    except UnicodeDecodeError as error:
        raise PocError([f"{path} is not UTF-8 text."], hint="Save it as UTF-8.") from error
    return read_text(said, path.resolve().parent)


def read_text(said: str, folder: Path) -> Poc:
    """Read the text of a poc.yaml whose paths are relative to ``folder``; errors as for ``read``."""
    try:
        document = parse(said)
    except yaml.YAMLError as error:
        where = f" (line {error.problem_mark.line + 1})" if getattr(error, "problem_mark", None) else ""
        what = getattr(error, "problem", "") or "it does not parse"
        raise PocError([f"The file is not YAML{where}: {what}."], hint="Put it right and try again.") from error
    found = faults(document)
    if found:
        raise PocError(found)
    poc = _poc(document, folder)
    found = _contradictions(poc)
    if found:
        raise PocError(found)
    return poc


def _poc(document: Mapping[str, Any], folder: Path) -> Poc:
    export = document.get("export")
    columns = document["frame"].get("columns", {})
    return Poc(
        project=document["project"],
        sources=tuple(
            Source(
                entry["table"],
                (folder / entry["path"]).resolve() if "path" in entry else None,
                {name: entry[name] for name in READING if name in entry},
                entry.get("connection", ""),
            )
            for entry in document["data"]
        ),
        steps=tuple((entry["step"], entry["sql"]) for entry in document["recipe"]),
        upstream=tuple(entry["step"] for entry in document["recipe"] if entry.get("upstream")),
        frame=_frame(document["frame"]),
        availability={name: column["availability"] for name, column in columns.items()},
        accepted=tuple((item["code"], item.get("column", ""), item["reason"]) for item in document.get("accept", ())),
        train=dict(document.get("train", {})),
        policy=dict(document.get("policy", {})),
        export=(folder / export["folder"]).resolve() if export else None,
    )


def _frame(said: Mapping[str, Any]) -> Frame:
    affected = said.get("outcomes_affected", {})
    called = said.get("called", {})
    costs = said.get("costs", {})
    plain = ("empty_outcome", "decision_time", "group", "time_zone", "unit")
    decision = Decision(
        question=said["decision"],
        unit_key=tuple(said.get("unit_key", ())),
        target=said["target"]["column"],
        positive=_text(said["target"]["positive"]),
        outcome_window_days=float(said.get("outcome_window_days", 0.0)),
        affected=affected.get("answer", ""),
        affected_reason=affected.get("reason", ""),
        called=called.get("how", "batch"),
        latency_ms=float(called.get("latency_ms", 0.0)),
        split=SplitChoice(**_numbers(said.get("split", {}), ("holdout_share", "gap_days"))),
        **{name: said[name] for name in plain if name in said},
    )
    economics = Economics(
        currency=said.get("currency", "EUR"),
        payoffs=Payoffs(**_numbers(said["payoffs"], ("tp", "fp", "fn", "tn"))),
        capacity=Capacity(**said["capacity"]) if "capacity" in said else None,
        rows_per_year=float(said["rows_per_year"]),
        horizon_years=float(said.get("horizon_years", 1.0)),
        build_cost=float(costs.get("build", 0.0)),
        run_cost_per_year=float(costs.get("run_per_year", 0.0)),
        incumbent=Incumbent(**said["incumbent"]) if "incumbent" in said else None,
        base_rate=said.get("base_rate"),
        note=said.get("note", ""),
    )
    criteria = tuple(Criterion(**_numbers(item, ("at_least", "at_most"))) for item in said["criteria"])
    return Frame(decision, economics, Criteria(criteria), People(**said.get("people", {})))


def _text(value: object) -> str:
    """Return a value of the target as DuckDB writes it: true as "true", 1 as "1"."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _numbers(said: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return a mapping in which the named values are floats, so that 5 and 5.0 give one digest."""
    return {name: float(value) if name in names else value for name, value in said.items()}


def _contradictions(poc: Poc) -> list[str]:
    found = [
        f"data[{n}].path: there is no file {str(s.path)!r}."
        for n, s in enumerate(poc.sources, 1)
        if s.path is not None and size_of(s.path) is None
    ]
    tables = [source.table.lower() for source in poc.sources]
    steps = [name.lower() for name, _ in poc.steps]
    found += [f"data names the table {name!r} twice." for name in sorted({n for n in tables if tables.count(n) > 1})]
    found += [f"recipe names the step {name!r} twice." for name in sorted({n for n in steps if steps.count(n) > 1})]
    found += [f"recipe has a step {name!r}, which is a table's name too." for name in sorted(set(steps) & set(tables))]
    checks = ((check_decision, poc.frame.decision), (check_economics, poc.frame.economics))
    for check, record in (*checks, (check_criteria, poc.frame.criteria)):
        try:
            check(record)
        except FrameError as error:
            found.append(f"frame: {error.problem} {error.hint}".strip())
    return found
