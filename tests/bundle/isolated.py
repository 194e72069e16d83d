"""Runs a bundle's code in a process that cannot see this repository."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What runs there: the bundle comes first, the isolated interpreter's own packages after it, nothing else.
START = """
import importlib.util, runpy, sys
bundle, repository, *arguments = sys.argv[1:]
own = [path for path in sys.path if path.startswith(sys.prefix)]  # a .venv inside the repository is not its code
assert not [path for path in sys.path if path.startswith(repository) and path not in own], sys.path
assert importlib.util.find_spec("core") is None
sys.path.insert(0, bundle)
sys.argv = ["scoring", *arguments]
runpy.run_module("scoring", run_name="__main__", alter_sys=True)
"""


def environment() -> dict[str, str]:
    """Return the few variables that a process needs."""
    return {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}


def run(folder: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run ``python -m scoring`` of a bundle with the interpreter of this process, elsewhere and isolated."""
    command = [sys.executable, "-I", "-B", "-c", START, str(folder), str(ROOT), *arguments]
    return subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True, timeout=300, check=False)
