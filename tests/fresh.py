"""Fresh virtual environments, made from a requirements file, in which the repository cannot be seen."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# What a process needs to run at all and to reach the package index as this machine is set up to; nothing of ours.
KEPT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "SSL_CERT_FILE")
KEPT_PREFIXES = ("PIP_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")

# Runs when the environment's Python starts: whatever opens or lists a file of the repository fails.
GUARD = """
import sys

def refuse(event, arguments, hidden={hidden!r}):
    if event in ("open", "os.listdir", "os.scandir", "import") and arguments and isinstance(arguments[0], str):
        if arguments[0].startswith(hidden):
            raise PermissionError("the repository is out of sight: " + arguments[0])

sys.addaudithook(refuse)
"""


class FreshEnvironments:
    """Makes one virtual environment per requirements text; the same text in one session shares it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def python(self, *requirements: Path) -> Path:
        """Return the interpreter of an environment with exactly these requirements."""
        text = "\n".join(path.read_text(encoding="utf-8") for path in requirements)
        place = self.folder / hashlib.sha256(text.encode()).hexdigest()[:12]
        python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if not (place / "ready").exists():
            subprocess.run([sys.executable, "-m", "venv", place], check=True, env=plain_environment())
            wanted = [part for path in requirements for part in ("-r", str(path))]
            self.run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted, cwd=place)
            self.run(python, "-c", "pass", cwd=place)
            (self._packages(python) / "sitecustomize.py").write_text(GUARD.format(hidden=str(ROOT) + os.sep))
            (place / "ready").touch()
        return python

    def run(self, python: Path, *arguments: object, cwd: Path, ok: bool = True) -> subprocess.CompletedProcess[str]:
        """Run Python there, seeing nothing of this process's environment; with ``ok`` its failure is ours."""
        command = [str(python), *map(str, arguments)]
        done = subprocess.run(command, cwd=cwd, env=plain_environment(), capture_output=True, text=True)
        assert not ok or done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done

    def _packages(self, python: Path) -> Path:
        asked = "import json, sysconfig; print(json.dumps(sysconfig.get_paths()['purelib']))"
        return Path(json.loads(self.run(python, "-c", asked, cwd=self.folder).stdout))


def plain_environment() -> dict[str, str]:
    """Return what of this process's environment a fresh one may know."""
    return {name: value for name, value in os.environ.items() if name in KEPT or name.startswith(KEPT_PREFIXES)}
