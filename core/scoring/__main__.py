"""Score, verify or serve a bundle: ``python -m scoring``, from the bundle's folder."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from .errors import ContractError, FormatError, TouchstoneError, VerifyError
from .report import Report, failed_report, hashes_layer

OK, FAILED, BAD_INPUT = 0, 1, 2
MARKS = {True: "ok", False: "DIFFERS", None: "-"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0 on success, 1 when the bundle is not what it was, 2 on bad input."""
    asked = _parser().parse_args(arguments)
    try:
        return {"score": _score, "verify": _verify, "serve": _serve}[asked.command](asked)
    except VerifyError as error:
        print(error, file=sys.stderr)
        return FAILED
    except TouchstoneError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scoring", description=__doc__)
    here = Path(__file__).resolve().parent.parent
    parser.add_argument("--bundle", type=Path, default=here, help="folder of the bundle; default: where this runs from")
    commands = parser.add_subparsers(dest="command", required=True)
    score = commands.add_parser("score", help="score a file, capacity counted")
    score.add_argument("input", type=Path, help="a folder with <table>.parquet or .csv, or the file of an only table")
    score.add_argument("--output", type=Path, required=True, help=".parquet or .csv, outside the bundle")
    score.add_argument("--prepared", action="store_true", help="the input holds decision rows: skip the recipe")
    score.add_argument("--reasons", type=int, default=0, metavar="K", help="tell K reasons per row")
    check = commands.add_parser("verify", help="recompute the golden rows, layer by layer")
    check.add_argument("--json", action="store_true", help="print the report as JSON")
    serve = commands.add_parser("serve", help="answer requests over HTTP")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    return parser


def _verify(asked: argparse.Namespace) -> int:
    report = _report(asked.bundle)
    if asked.json:
        print(json.dumps(asdict(report)))
        return OK if report.ok else FAILED
    for layer in report.layers:
        print(f"{layer.name:<12} {MARKS[layer.ok]:<8} {layer.detail}")
    if not report.ok:
        print(f"The first layer that differs is {report.failed.name}.")
        return FAILED
    print(f"Proved: {report.mode}.")
    if report.differences:
        print(f"Not demanded to the bit, because here is {', '.join(report.differences)}.")
    return OK


def _report(folder: Path) -> Report:
    """Check the files before anything that reads them is even imported: changed code is named, not run."""
    hashes = hashes_layer(folder)
    if not hashes.ok:
        return failed_report(hashes.name, hashes.detail)
    from .verify import verify

    return verify(folder)


def _refuse_changed_files(folder: Path) -> None:
    hashes = hashes_layer(folder)
    if not hashes.ok:
        raise VerifyError(f"This bundle does not score: {hashes.name} differs. {hashes.detail}")


def _score(asked: argparse.Namespace) -> int:
    _refuse_changed_files(asked.bundle)
    from . import batch
    from .folder import BundleFolder
    from .verify import refuse_unless_proved

    refuse_unless_proved(asked.bundle)
    if asked.output.resolve().is_relative_to(asked.bundle.resolve()):
        raise FormatError("The output lies inside the bundle.", hint="Its files are counted: write elsewhere.")
    if not asked.output.resolve().parent.is_dir():
        raise FormatError(f"There is no folder {asked.output.parent}.", hint="Make it, or name another.")
    if asked.reasons < 0:
        raise FormatError(f"{asked.reasons} reasons cannot be told.", hint="Ask for 0 or more.")
    bundle = BundleFolder.open(asked.bundle)
    if not asked.input.exists():
        raise ContractError(f"There is no {asked.input}.", hint="Name a file or a folder.")
    if asked.prepared:
        rows = batch.read_decision_rows(asked.input)
        scored = batch.score_prepared(bundle, rows, n_reasons=asked.reasons)
    else:
        scored = batch.score_sources(bundle, batch.source_files(bundle, asked.input), n_reasons=asked.reasons)
    batch.write(scored, asked.output)
    n_acts = scored.column("action").to_pylist().count("act")
    print(f"{scored.num_rows:,} rows scored, {n_acts:,} to act on: {asked.output}")
    return OK


def _serve(asked: argparse.Namespace) -> int:
    _refuse_changed_files(asked.bundle)
    import uvicorn

    from .service import create_app

    uvicorn.run(create_app(asked.bundle), host=asked.host, port=asked.port, access_log=False)
    return OK


if __name__ == "__main__":
    sys.exit(main())
