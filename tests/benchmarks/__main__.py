"""Runs every benchmark, or those named, and prints README's table of measurements: ``python -m tests.benchmarks``."""

import importlib
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

NAMES = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem.endswith("_figures"))


def main(names: Sequence[str]) -> int:
    """Run the benchmarks ``<name>_figures``; return 1 when a bar was missed, 2 for a name that is none."""
    strange = [name for name in names if f"{name}_figures" not in NAMES]
    if strange:
        known = ", ".join(name.removesuffix("_figures") for name in NAMES)
        print(f"There is no benchmark {strange[0]!r}; choose from {known}.", file=sys.stderr)
        return 2
    found = []
    for name in [f"{name}_figures" for name in names] or NAMES:
        print(f"== {name.removesuffix('_figures')}", flush=True)
        for figure in importlib.import_module(f"tests.benchmarks.{name}").figures():
            print(figure, flush=True)
            found.append(figure)
    print(f"\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| what | found | bar | reached |\n|---|---|---|---|")
    print("\n".join(map(str, found)))
    return int(any(figure.reached is False for figure in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
