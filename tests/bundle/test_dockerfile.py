"""The Dockerfile's install and start steps, run in a clean virtual environment: there is no Docker here."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core.bundle import pack, unpack
from tests.bundle import isolated, made


def steps(dockerfile: str) -> tuple[list[str], list[str]]:
    """Return the commands of RUN in order, and CMD's words."""
    lines = dockerfile.replace("\\\n", " ").splitlines()
    runs = [line.removeprefix("RUN ") for line in lines if line.startswith("RUN ")]
    starts = [json.loads(line.removeprefix("CMD ")) for line in lines if line.startswith("CMD ")]
    assert len(starts) == 1
    return runs, starts[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answer(url: str, body: bytes | None = None) -> tuple[int, dict]:
    try:
        with urllib.request.urlopen(url, data=body, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def wait_for(url: str, process: subprocess.Popen[str], seconds: float = 60.0) -> tuple[int, dict]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process.poll() is None, "The service ended."
        try:
            return answer(url)
        except urllib.error.URLError:
            time.sleep(0.2)
    pytest.fail(f"{url} did not answer within {seconds} s.")


@pytest.mark.journey
def test_the_dockerfiles_steps_install_prove_and_start_the_bundle_in_a_clean_environment(tmp_path: Path):
    folder = unpack(pack(made.made(tmp_path / "built")[0]), tmp_path / "bundle")
    text = (folder / "Dockerfile").read_text(encoding="utf-8")
    runs, start = steps(text)
    assert f"ARG PYTHON={sys.version_info.major}.{sys.version_info.minor}\n" in text
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True, timeout=120)
    place = tmp_path / "venv" / "bin"
    kept = {
        name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "HTTP", "http", "HOME"))
    }
    environment = {**kept, **isolated.environment(), "PATH": f"{place}:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}

    assert any("pip install" in run for run in runs) and any("scoring verify" in run for run in runs)
    for run in runs:
        done = subprocess.run(
            run, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0, (run, done.stdout, done.stderr)
    assert "Proved: equal to the bit." in done.stdout

    port = free_port()
    start = [str(place / start[0]), *(str(port) if word == "8000" else word for word in start[1:])]
    service = subprocess.Popen(
        start, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
    )
    try:
        status, health = wait_for(f"http://127.0.0.1:{port}/health", service)
        assert (status, health["proved"]) == (200, "equal to the bit")
        status, found = answer(f"http://127.0.0.1:{port}/score", (folder / "golden/request.json").read_bytes())
        golden = pq.read_table(folder / "golden/expected.parquet").slice(0, 2)
        assert status == 200
        assert [row["score"] for row in found["rows"]] == golden.column("score").to_pylist()
        status, refused = answer(f"http://127.0.0.1:{port}/score", b'[{"age": 1}]')
        assert status == 422
        assert refused["problem"].startswith("Row 1 lacks")
    finally:
        service.terminate()
        service.wait(30)
