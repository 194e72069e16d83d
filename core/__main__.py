"""The journey without a screen: ``python -m core run | verify | sample | load | profile``."""

import argparse
import getpass
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core import command, journey
from core.bundle import verify_bundle
from core.errors import TouchstoneError
from core.ingest import ReaderSettings
from core.poc import PocError, read
from core.workspace.home import close_all

DONE, NOT_GO, BAD_INPUT = 0, 1, 2
READING = {
    "kind": "csv, parquet, json, excel, arrow, duckdb or sqlite",
    "delimiter": "between values",
    "quote": "around values; none where quotes are ordinary characters",
    "escape": "before a quote within a value",
    "comment": "at the beginning of lines that are left out",
    "encoding": "such as utf-8 or latin-1",
    "decimal": "the decimal mark",
    "thousands": "the mark between thousands",
    "sheet": "of a workbook",
    "cells": "the range of a sheet, as in B3:F200",
    "member": "the file within an archive, or the table of a database file",
}
MARKS = {True: "ok", False: "DIFFERS", None: "-"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0 on success, 1 on a verdict other than go or a failed check, 2 on bad input."""
    said = _parser().parse_args(arguments)
    try:
        return said.command(said)
    except PocError as error:
        for fault in (*error.faults, error.hint):
            print(fault, file=sys.stderr)
    except TouchstoneError as error:
        print(error.problem, error.hint, file=sys.stderr)
    finally:
        close_all()
    return BAD_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="walk the journey that a poc.yaml describes, to the verdict and the bundle")
    run.add_argument("poc", type=Path, metavar="POC.YAML")
    run.add_argument("--folder", type=Path, help="where the bundle goes, in place of the file's export.folder")
    run.add_argument("--budget", type=float, metavar="SECONDS", help="train so long, in place of train.budget_seconds")
    run.set_defaults(command=_run)
    verify = commands.add_parser("verify", help="check a bundle: recompute every layer on its golden rows")
    verify.add_argument("bundle", type=Path, metavar="BUNDLE", help="its folder or its zip")
    verify.set_defaults(command=_verify)
    sample = commands.add_parser("sample", help="make the project of a sample, loaded and prepared, unless it is there")
    sample.add_argument("sample", metavar="ID", help="flights or german_credit")
    sample.set_defaults(command=_sample)
    for one in (run, sample):
        one.add_argument("--author", default=os.environ.get("TOUCHSTONE_AUTHOR", ""), help="who is at work")
    _reading(commands)
    return parser


def _reading(commands: argparse._SubParsersAction) -> None:
    load = commands.add_parser("load", help="read sources and say what was found: JSON, and with --text plain CSV too")
    load.add_argument("sources", type=Path, nargs="+", metavar="FILE", help="files, or folders of files that are one")
    load.add_argument("--text", type=Path, metavar="FOLDER", help="write text and reports there")
    load.set_defaults(command=_load)
    profile = commands.add_parser("profile", help="profile a source, run every check, and print what was found as JSON")
    profile.add_argument("source", type=Path, metavar="SOURCE")
    profile.add_argument("--target", required=True, metavar="COLUMN", help="the column that holds the outcome")
    profile.add_argument("--positive", default="", metavar="VALUE", help="the outcome that counts as positive")
    profile.add_argument("--key", action="append", default=[], metavar="COLUMN", help="names a row; may be repeated")
    profile.add_argument("--time", default="", metavar="COLUMN", help="orders the rows in time")
    profile.add_argument("--group", default="", metavar="COLUMN", help="whose rows belong together")
    profile.set_defaults(command=_profile)
    for one in (load, profile):
        told = one.add_argument_group("how to read it; what is not said is found out")
        for name, words in READING.items():
            told.add_argument(f"--{name}", default="", metavar="TEXT", help=words)
        told.add_argument("--header", choices=("yes", "no"), help="does a row hold the columns' names?")
        told.add_argument("--header-row", type=int, metavar="N", help="which row, from 1")
        told.add_argument("--header-rows", type=int, metavar="N", help="how many rows the names go over")
        told.add_argument("--day-first", choices=("yes", "no"), help="is 3/4/2025 in April?")
        told.add_argument(
            "--missing", action="append", default=[], metavar="WORD", help="means no value; may be repeated"
        )
        told.add_argument("--type", action="append", default=[], metavar="COLUMN=TYPE", help="may be repeated")


def _settings(said: argparse.Namespace) -> ReaderSettings:
    yes = {"yes": True, "no": False}
    strange = [one for one in said.type if "=" not in one]
    if strange:
        raise TouchstoneError(f"--type is {strange[0]!r}.", hint="Write it as COLUMN=TYPE, for example zip=VARCHAR.")
    plain = ("kind", "delimiter", "quote", "escape", "comment", "encoding", "decimal", "thousands", "sheet", "cells")
    return ReaderSettings(
        **{name: getattr(said, name).replace("\\t", "\t") for name in (*plain, "member")},
        header=yes.get(said.header),
        header_row=said.header_row,
        n_header_rows=said.header_rows,
        day_first=yes.get(said.day_first),
        missing=tuple(said.missing),
        types={name: kind for name, _, kind in (one.rpartition("=") for one in said.type)},
    )


def _load(said: argparse.Namespace) -> int:
    read = command.load(said.sources, _settings(said), said.text, _say, _fault)
    return DONE if read else BAD_INPUT


def _profile(said: argparse.Namespace) -> int:
    asked = command.Question(said.target, said.positive, tuple(said.key), said.time, said.group)
    found = command.findings(said.source, _settings(said), asked)
    _say(json.dumps(found, indent=2, sort_keys=True))
    return NOT_GO if found["n_blocking"] else DONE


def _run(said: argparse.Namespace) -> int:
    poc = read(said.poc)
    if said.folder is not None:
        poc = replace(poc, export=said.folder.resolve())
    if said.budget is not None:
        if said.budget <= 0:
            raise PocError([f"--budget is {said.budget:g}; it has to be more than 0."], hint="Give it in seconds.")
        poc = replace(poc, train=poc.train | {"budget_seconds": said.budget})
    arrival = journey.walk(poc, said.author or getpass.getuser(), _say)
    return DONE if arrival.outcome == "go" else NOT_GO


def _verify(said: argparse.Namespace) -> int:
    if not said.bundle.exists():
        raise TouchstoneError(f"There is no bundle {str(said.bundle)!r}.", hint="Give a bundle's folder or its zip.")
    report = verify_bundle(said.bundle)
    for layer in report.layers:
        _say(f"{layer.name:<12} {MARKS[layer.ok]:<8} {layer.detail}")
    _say(f"The bundle holds: {report.mode}." if report.ok else "The bundle does not hold.")
    return DONE if report.ok else NOT_GO


def _sample(said: argparse.Namespace) -> int:
    journey.sample(said.sample, said.author or getpass.getuser(), _say)
    return DONE


def _say(line: str) -> None:
    print(line, flush=True)


def _fault(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
