"""Finds out a text file's encoding, and rewrites it as UTF-8 where DuckDB needs that."""

import codecs
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from core.errors import LoadError
from core.ingest.kinds import first_bytes, is_gzip, looks_like_utf16

_CHUNK = 1 << 20
# Bytes that cp1252 leaves open; where they occur it is latin-1.
_NOT_CP1252 = frozenset((0x81, 0x8D, 0x8F, 0x90, 0x9D))


def encoding_of(path: Path, stated: str = "") -> str:
    """Return Python's name of the encoding: the ``stated`` one if there is such, else what the bytes allow.

    UTF-8 and UTF-16 show themselves. What is neither is cp1252 (Western Windows), or latin-1 where a byte has no
    meaning in cp1252; both decode any further byte, so a file in another encoding has to be said.

    Raises
    ------
    LoadError
        When the stated encoding does not exist, or the file is not in it.
    """
    if stated:
        try:
            name = codecs.lookup(stated).name
        except LookupError as error:
            raise LoadError(
                f"There is no encoding {stated!r}.", hint="Common ones: utf-8, utf-16, cp1252, latin-1."
            ) from error
        _require(path, name)
        return name
    head = first_bytes(path)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if looks_like_utf16(head):
        return "utf-16-le" if head[1:2] == b"\x00" else "utf-16-be"
    if _decodes(path, "utf-8"):
        return "utf-8"
    return "latin-1" if _holds_any(path, _NOT_CP1252) else "cp1252"


def as_utf8(path: Path, encoding: str, folder: Path) -> Path:
    """Return ``path`` itself when it is UTF-8, else a copy in UTF-8 without a mark in ``folder``."""
    if encoding in ("utf-8", "ascii"):
        return path
    target = folder / "utf8.txt"
    decoder = codecs.getincrementaldecoder(encoding)()
    with open_bytes(path) as source, target.open("wb") as out:
        for chunk in iter(lambda: source.read(_CHUNK), b""):
            out.write(decoder.decode(chunk).encode())
        out.write(decoder.decode(b"", final=True).encode())
    return target


def open_bytes(path: Path) -> BinaryIO:
    """Open a file for reading, through gzip where it is compressed."""
    return gzip.open(path) if is_gzip(path) else path.open("rb")


def _require(path: Path, name: str) -> None:
    if not _decodes(path, name):
        raise LoadError(
            f"{path.name!r} is not in the encoding {name}.", hint="Leave the encoding empty to find it out."
        )


def _decodes(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        with open_bytes(path) as source:
            for chunk in iter(lambda: source.read(_CHUNK), b""):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    except (OSError, EOFError) as error:
        raise LoadError(f"{path.name!r} is a damaged gzip file.", hint="Compress it again.") from error
    return True


def _holds_any(path: Path, wanted: frozenset[int]) -> bool:
    return _any_chunk(path, lambda chunk: not wanted.isdisjoint(chunk))


def _any_chunk(path: Path, test: Callable[[bytes], bool]) -> bool:
    with open_bytes(path) as source:
        return any(test(chunk) for chunk in iter(lambda: source.read(_CHUNK), b""))
