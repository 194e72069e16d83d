"""The manifest: which files make a bundle, and whether they are the ones that were built."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from . import jsonfile
from .errors import VerifyError

MANIFEST, SEAL = "MANIFEST.json", "MANIFEST.sha256"
IGNORED = {"__pycache__", ".pytest_cache", ".venv", ".git"}


def sha256(raw: bytes) -> str:
    """Return the digest as 64 hexadecimal digits."""
    return hashlib.sha256(raw).hexdigest()


def seal(manifest: bytes) -> bytes:
    """Return MANIFEST.sha256, as ``sha256sum -c`` reads it."""
    return f"{sha256(manifest)}  {MANIFEST}\n".encode()


def content_digest(hashes: dict[str, str]) -> str:
    """Return the bundle's digest: of its files' paths and digests, but for those in evidence/ (they tell times)."""
    lines = (f"{digest}  {path}\n" for path, digest in sorted(hashes.items()) if not path.startswith("evidence/"))
    return sha256("".join(lines).encode())


def bundle_files(folder: Path) -> Iterator[str]:
    """Yield the paths of the files in a bundle's folder, but for caches, environments and the manifest itself."""
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if IGNORED.isdisjoint(relative.parts) and (path.is_file() or path.is_symlink()):
            name = relative.as_posix()
            if name not in (MANIFEST, SEAL):
                yield name


def check_hashes(folder: Path) -> str:
    """Compare every file with the manifest.

    Returns
    -------
    A sentence on what was compared.

    Raises
    ------
    VerifyError
        When a file was changed, removed or added, or the manifest is not the one that was sealed; names each file.
    FormatError
        When the manifest is of another format.
    """
    raw = (folder / MANIFEST).read_bytes()
    if not (folder / SEAL).is_file() or (folder / SEAL).read_bytes() != seal(raw):
        raise VerifyError(f"{MANIFEST} and {SEAL} do not belong together.", hint="One of them was changed.")
    expected = jsonfile.from_bytes(raw, MANIFEST)["files"]
    found = set(bundle_files(folder))
    faults = [f"{path} is missing" for path in sorted(expected.keys() - found)]
    faults += [f"{path} does not belong here" for path in sorted(found - expected.keys())]
    for path in sorted(found & expected.keys()):
        if sha256((folder / path).read_bytes()) != expected[path]["sha256"]:
            faults.append(f"{path} was changed")
    if faults:
        raise VerifyError(
            f"{'; '.join(faults[:20])}.", hint="Unpack the bundle again, and keep other files outside it."
        )
    return f"{len(expected) + 2} files are the ones that were built"
