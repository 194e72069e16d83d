"""Compressed files and archives: what is inside is written to a scratch folder, within limits, and read from there."""

import bz2
import fnmatch
import gzip
import lzma
import shutil
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal

import pyarrow as pa

from core.errors import LoadError
from core.ingest.stopping import check

Packing = Literal["gzip", "bzip2", "xz", "zstd", "zip", "tar", ""]

MOST_MEMBERS = 10_000
MOST_TIMES = 250
"""Something that unpacks to more than ``LEAST_BYTES`` and more than this many times its size is refused as a bomb."""
LEAST_BYTES = 1 << 30
_CHUNK = 1 << 20
_MAGIC: tuple[tuple[bytes, Packing], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
_ENDINGS = {"gzip": (".gz", ".gzip"), "bzip2": (".bz2",), "xz": (".xz",), "zstd": (".zst", ".zstd")}
_DAMAGES = (zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, struct.error, EOFError, OSError)
_DAMAGES += (NotImplementedError, ValueError, KeyError)
# Zip files that are one document, not an archive of files: a workbook is read as such, the others are refused by name.
_DOCUMENTS = ("[Content_Types].xml", "mimetype", "word/document.xml", "xl/workbook.xml", "xl/workbook.bin")


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside an archive or a folder: its name there, its size, and where it lies on disk to be read."""

    name: str
    n_bytes: int
    path: Path


def packing_of(path: Path) -> Packing:
    """Return how a file is packed, by its first bytes; "" for one that is not, a workbook among them."""
    with path.open("rb") as file:
        head = file.read(512)
    for magic, packing in _MAGIC:
        if head.startswith(magic):
            return packing
    if head[257:262] == b"ustar":
        return "tar"
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06") and not set(_DOCUMENTS) & set(_names(path)):
        return "zip"
    return ""


def unpacked(path: Path, folder: Path) -> Path:
    """Return the file itself, or what a compressed one holds, written to ``folder`` under its name without the ending.

    Raises
    ------
    LoadError
        When it is damaged, or unpacks to more than the limits allow.
    """
    packing = packing_of(path)
    if packing in ("", "zip", "tar"):
        return path
    name = path.name
    for ending in _ENDINGS[packing]:
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
    name = f"{name[:-4]}.tar" if name.lower().endswith(".tgz") else name
    target = _place(folder, name or "content")
    with _damage(path), _opened(path, packing) as source:
        _copy(source, target, path, path.stat().st_size)
    return unpacked(target, folder) if packing_of(target) not in ("", "zip", "tar") else target


def is_archive(path: Path) -> bool:
    """Say whether an unpacked file is an archive of files."""
    return packing_of(path) in ("zip", "tar")


def member_names(path: Path) -> tuple[tuple[str, int], ...]:
    """Return the files in a zip or tar archive with their unpacked sizes, without what systems add for themselves.

    Raises
    ------
    LoadError
        When it is damaged, has too many members, or names a path outside of itself.
    """
    with _damage(path):
        if packing_of(path) == "zip":
            with zipfile.ZipFile(path) as archive:
                found = [(info.filename, info.file_size) for info in archive.infolist() if not info.is_dir()]
        else:
            with tarfile.open(path) as tar:
                found = [(info.name, info.size) for info in _first(tar, path) if info.isfile()]
    if len(found) > MOST_MEMBERS:
        raise LoadError(f"{path.name!r} holds more than {MOST_MEMBERS:,} files.", hint="Unpack it and load a folder.")
    for name, _ in found:
        inside = PurePosixPath(name.replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts or ":" in inside.parts[0]:
            raise LoadError(
                f"{path.name!r} names a file outside of itself, {name!r}.", hint="Such an archive is not to be trusted."
            )
    return tuple((name, size) for name, size in found if is_data(name))


def is_data(name: str) -> bool:
    """Say whether a file's name is not one that systems and writers of tables add (.DS_Store, __MACOSX, _SUCCESS)."""
    return not any(part.startswith((".", "_")) for part in PurePosixPath(name.replace("\\", "/")).parts)


def extracted(path: Path, names: Sequence[str], folder: Path) -> tuple[Member, ...]:
    """Write members of an archive to ``folder``, those that are compressed themselves unpacked.

    Raises
    ------
    LoadError
        When one is damaged, encrypted, an archive itself, or all together unpack to more than the limits allow.
    """
    sizes = dict(member_names(path))
    _require_room(path, sum(sizes[name] for name in names), folder)
    found = []
    with _damage(path), _archive(path) as open_member:
        for number, name in enumerate(names):
            target = _place(folder / f"member{number}", PurePosixPath(name.replace("\\", "/")).name)
            with open_member(name) as source:
                _copy(source, target, path, path.stat().st_size)
            plain = unpacked(target, target.parent)
            if is_archive(plain):
                raise LoadError(f"{name!r} in {path.name!r} is an archive itself.", hint="Unpack it first.")
            found.append(Member(name, sizes[name], plain))
    return tuple(found)


def chosen(names: Sequence[str], wanted: str, where: str) -> list[str]:
    """Return the names that are meant: all, one, or those that a pattern such as ``2024-*.csv`` fits.

    Raises
    ------
    LoadError
        When there is none; the hint lists what there is.
    """
    if not wanted:
        return list(names)
    if wanted in names:
        return [wanted]
    found = [
        name for name in names if fnmatch.fnmatch(name, wanted) or fnmatch.fnmatch(PurePosixPath(name).name, wanted)
    ]
    if not found:
        raise LoadError(f"There is no {wanted!r} in {where}.", hint=f"It holds {listed(names)}.")
    return found


def listed(names: Sequence[str]) -> str:
    """Return names for a sentence, the first twenty of them."""
    return (
        ", ".join(names[:20]) + (f" and {len(names) - 20:,} more" if len(names) > 20 else "") if names else "no files"
    )


def _names(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except _DAMAGES as error:
        raise LoadError(f"{path.name!r} is a damaged zip or Excel file.", hint="Save it again.") from error


def _first(tar: tarfile.TarFile, path: Path) -> Iterator[tarfile.TarInfo]:
    for number, info in enumerate(tar):
        if number > MOST_MEMBERS:
            raise LoadError(f"{path.name!r} holds more than {MOST_MEMBERS:,} files.", hint="Unpack it first.")
        yield info


@contextmanager
def _archive(path: Path) -> Iterator[Callable[[str], BinaryIO]]:
    if packing_of(path) == "zip":
        with zipfile.ZipFile(path) as archive:
            if any(info.flag_bits & 1 for info in archive.infolist()):
                raise LoadError(f"{path.name!r} is encrypted.", hint="Unpack it with its password first.")
            yield archive.open
    else:
        with tarfile.open(path) as tar:
            yield tar.extractfile


def _opened(path: Path, packing: Packing) -> BinaryIO:
    if packing == "zstd":
        return pa.CompressedInputStream(pa.OSFile(str(path)), "zstd")
    return {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}[packing](path)


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Turn what readers of packed files raise into a sentence."""
    try:
        yield
    except _DAMAGES as error:
        if isinstance(error, FileNotFoundError | PermissionError) or getattr(error, "errno", None) == 28:
            raise
        with path.open("rb") as file:
            head = file.read(8)
        kind = next((packing for magic, packing in _MAGIC if head.startswith(magic)), "archive")
        raise LoadError(f"{path.name!r} is a damaged {kind} file.", hint="Compress or pack it again.") from error


def _place(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / name
    return target if not target.exists() else folder / f"inside-{name}"


def _copy(source: BinaryIO, target: Path, path: Path, n_packed: int) -> None:
    """Copy a stream, counting: what an archive says of its sizes may be a lie."""
    n_bytes = 0
    with target.open("wb") as out:
        while chunk := source.read(_CHUNK):
            check()
            n_bytes += len(chunk)
            if n_bytes > LEAST_BYTES and n_bytes > MOST_TIMES * n_packed:
                raise _bomb(path)
            if n_bytes % (64 * _CHUNK) < _CHUNK:
                _require_room(path, 0, target.parent)
            out.write(chunk)


def _require_room(path: Path, n_bytes: int, folder: Path) -> None:
    if n_bytes > LEAST_BYTES and n_bytes > MOST_TIMES * path.stat().st_size:
        raise _bomb(path)
    free = shutil.disk_usage(folder).free
    if n_bytes + (100 << 20) > free:
        raise LoadError(
            f"There is no room on the disk to unpack {path.name!r}: {free / 1e6:,.0f} MB are free.",
            hint="Free some space, or load a part of it.",
        )


def _bomb(path: Path) -> LoadError:
    return LoadError(
        f"{path.name!r} unpacks to more than {MOST_TIMES} times its size, and more than 1 GB.",
        hint="Unpack it by hand if you trust it.",
    )
