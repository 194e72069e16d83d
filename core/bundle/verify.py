"""Verifies a bundle from outside: its hashes here, everything else by its own code in a process that sees only it."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from core.bundle.pack import unpack
from core.errors import FormatError
from core.scoring.report import LayerResult, Report, failed_report, hashes_layer

TIMEOUT_SECONDS = 600
KEPT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "HOME")


def verify_bundle(path: Path, *, python: str = sys.executable) -> Report:
    """Verify a bundle's folder or zip.

    Parameters
    ----------
    path : a folder, or a zip as :func:`~.pack.pack` makes it.
    python : the interpreter that runs the bundle's code; give one of a fresh environment for the whole proof.

    Returns
    -------
    The layers as the bundle's own ``python -m scoring verify`` finds them. Its code is not run when its hashes differ.

    Raises
    ------
    FormatError
        When there is no bundle at ``path``.
    """
    path = Path(path)
    if path.is_dir():
        return _verified(path, python)
    if not path.is_file():
        raise FormatError(f"There is no {path}.", hint="Name the folder or the zip of a bundle.")
    with tempfile.TemporaryDirectory(prefix="bundle-") as scratch:
        return _verified(unpack(path, Path(scratch)), python)


def _verified(folder: Path, python: str) -> Report:
    hashes = hashes_layer(folder)
    if not hashes.ok:
        return failed_report(hashes.name, hashes.detail)
    # -E and -s: neither the caller's PYTHONPATH nor the user's packages; the first folder looked in is the bundle.
    command = [python, "-E", "-s", "-B", "-m", "scoring", "verify", "--json"]
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )
        content = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return failed_report("contract", f"The bundle's code did not end within {TIMEOUT_SECONDS} seconds.")
    except ValueError:
        return failed_report("contract", f"The bundle's code does not run: {done.stderr.strip().splitlines()[-1:]}")
    layers = tuple(LayerResult(**one) for one in content["layers"])
    return Report(content["ok"], content["mode"], layers, tuple(content["differences"]))
