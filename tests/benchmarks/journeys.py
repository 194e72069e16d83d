"""Walks every journey with its full budget, verifies each bundle in an environment of its own, and prints a table.

``make bench``, or ``python -m tests.benchmarks.journeys [NAME ...]``.
"""

import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core import flow, journey
from core.bundle import unpack
from core.poc import read
from core.workspace.home import close_all
from tests.fresh import ROOT, FreshEnvironments

HEAD = (
    "| journey | rows | features | walk, s | training, s | best candidate | ROC AUC out of fold (90 %) | "
    "net value per year on the holdout (90 %) | verdict | bundle, MB | verify in a fresh environment |"
)


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    cells: tuple[str, ...]

    def __str__(self) -> str:
        """Return the line as Markdown."""
        return "| " + " | ".join(self.cells) + " |"


def main(names: Sequence[str]) -> int:
    """Walk the journeys of these names, all when none is named; return 1 when a bundle does not verify."""
    files = {path.stem: path for path in sorted((ROOT / "tests/core/journeys").glob("*.yaml"))}
    files |= {path.parent.name: path for path in sorted((ROOT / "data/samples").glob("*/poc.yaml"))}
    strange = sorted(set(names) - set(files))
    if strange:
        print(f"There is no journey {strange[0]!r}; choose from {', '.join(files)}.", file=sys.stderr)
        return 2
    lines, proved = [], True
    for name in names or files:
        if "journeys" in files[name].parts and not (ROOT.parent / "shared" / "data").is_dir():
            print(f"{name}: ../shared/data is not here, so this journey is left out.")
            continue
        with tempfile.TemporaryDirectory(prefix="touchstone-bench-") as folder:
            line, verified = _walked(name, files[name], Path(folder))
            close_all()
        lines.append(line)
        proved = proved and verified
    print(f"\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print(HEAD)
    print("|---" * HEAD.count(" | ") + "|---|")
    print("\n".join(map(str, lines)))
    return 0 if proved else 1


def _walked(name: str, file: Path, folder: Path) -> tuple[Line, bool]:
    os.environ["TOUCHSTONE_HOME"] = str(folder / "home")
    poc = replace(read(file), export=folder / "out")
    print(f"== {name}", flush=True)
    started = time.monotonic()
    arrival = journey.walk(poc, "make bench", lambda line: print(f"   {line}", flush=True))
    seconds = time.monotonic() - started
    project = flow.open_project(next(card.slug for card in flow.list_projects()))
    bundle = unpack(arrival.bundle, folder / "elsewhere")
    environments = FreshEnvironments(folder / "environments")
    environments.folder.mkdir()
    done = environments.run(
        environments.python(bundle / "requirements.txt"), "-m", "scoring", "verify", cwd=bundle, ok=False
    )
    verified = done.returncode == 0
    view, chosen, verdict = flow.run(project, None), flow.policy(project), flow.verdict(project)
    auc = view.candidate(chosen.candidate).metrics["roc_auc"]
    value = verdict.money.net_value_per_year
    cells = (
        name,
        f"{flow.prepared(project).n_rows:,}",
        str(len(view.columns)),
        f"{seconds:.0f}",
        f"{view.seconds:.0f}",
        chosen.candidate,
        f"{auc.value:.3f} ({auc.low:.3f} to {auc.high:.3f})",
        f"{value.value:,.0f} ({value.low:,.0f} to {value.high:,.0f}) {poc.frame.economics.currency}",
        arrival.outcome,
        f"{arrival.bundle.stat().st_size / 1e6:.1f}",
        done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr.strip()[-80:],
    )
    return Line(cells), verified


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
