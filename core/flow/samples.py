"""Samples: real data that a proof of concept can start from, framed and prepared in one click."""

import json
from dataclasses import dataclass
from pathlib import Path

from core.errors import ProjectError
from core.flow.contract import set_availability
from core.flow.framing import save_criteria, save_decision, save_economics, save_people
from core.flow.loading import SourceFile, load, raw_tables
from core.flow.preparing import prepare
from core.flow.projects import create
from core.poc import Poc, read
from core.prepare import Recipe, Step, check_recipe
from core.workspace import Job, Project, home

FOLDER = Path(__file__).parents[2] / "data" / "samples"


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample: what it is about, how large it is, and where it comes from."""

    id: str
    title: str
    text: str
    n_rows: int
    source: str
    licence: str


def samples() -> list[Sample]:
    """Return the samples that are shipped."""
    listed = json.loads((FOLDER / "samples.json").read_text(encoding="utf-8"))
    return [Sample(**entry) for entry in listed]


def start_sample(sample_id: str, author: str, name: str = "") -> Project:
    """Make a project from a sample and return it; loading and preparing go on as its job "sample".

    Raises
    ------
    ProjectError
        When there is no such sample; the choices are named.
    """
    found = {sample.id: sample for sample in samples()}
    if sample_id not in found:
        raise ProjectError(f"There is no sample {sample_id!r}.", hint=f"Choose one of {', '.join(found)}.")
    poc = read(FOLDER / sample_id / "poc.yaml")
    project = create(name or _free_name(found[sample_id].title), author)
    project.jobs.start("sample", lambda job: begin(project, poc, author, job), author=author)
    return project


def begin(project: Project, poc: Poc, author: str, job: Job) -> None:
    """Do what a poc.yaml says up to the prepared table: frame, load, prepare, and when each column is known."""
    save_people(project, poc.frame.people, author)
    save_criteria(project, poc.frame.criteria, author)
    save_economics(project, poc.frame.economics, author)
    save_decision(project, poc.frame.decision, author)
    files = [SourceFile(source.path, source.table, source.settings) for source in poc.sources if source.path]
    load(project, files, author, job)
    steps = Recipe(tuple(Step(name, sql, name in poc.upstream) for name, sql in poc.steps))
    prepare(project, check_recipe(steps, list(raw_tables(project))), author, job)
    set_availability(project, poc.availability, author)


def _free_name(title: str) -> str:
    taken = set(home.slugs())
    names = [title, *(f"{title} {number}" for number in range(2, 1000))]
    return next(name for name in names if home.slug_of(name) not in taken)
