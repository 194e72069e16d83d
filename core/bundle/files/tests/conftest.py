"""What the bundle's tests share: the bundle, and a copy that may be damaged."""

import shutil
from pathlib import Path

import pytest

from scoring.folder import BundleFolder
from scoring.hashes import IGNORED

HERE = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def folder() -> Path:
    """Return the bundle's folder."""
    return HERE


@pytest.fixture(scope="session")
def bundle(folder: Path) -> BundleFolder:
    """Return the bundle, opened."""
    return BundleFolder.open(folder)


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """Return a copy of the bundle elsewhere, to be damaged."""
    target = tmp_path / "elsewhere"
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns(*IGNORED))
    return target
