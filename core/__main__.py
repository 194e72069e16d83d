"""The journey without a screen: ``python -m core run | verify | sample``."""

import argparse
import getpass
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core import journey
from core.bundle import verify_bundle
from core.errors import TouchstoneError
from core.poc import PocError, read
from core.workspace.home import close_all

DONE, NOT_GO, BAD_INPUT = 0, 1, 2
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
    for command in (run, sample):
        command.add_argument("--author", default=os.environ.get("TOUCHSTONE_AUTHOR", ""), help="who is at work")
    return parser


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


if __name__ == "__main__":
    sys.exit(main())
