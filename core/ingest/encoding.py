"""Finds out a text file's encoding, and rewrites it as UTF-8 where DuckDB needs that."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from core.errors import LoadError
from core.ingest.kinds import first_bytes, is_gzip, looks_like_utf16
from core.ingest.stopping import check

_CHUNK = 1 << 20
# Bytes that cp1252 leaves open; where they occur it is latin-1.
_NOT_CP1252 = frozenset((0x81, 0x8D, 0x8F, 0x90, 0x9D))
_UTF16 = ("utf-16", "utf-16-le", "utf-16-be")


@dataclass(frozen=True, slots=True)
class Encoding:
    """A text's encoding.

    Attributes
    ----------
    name : Python's.
    why : the evidence, a sentence; "" for what was stated.
    is_damaged : whether some bytes are not text in it; each of them is read as U+FFFD.
    """

    name: str
    why: str = ""
    is_damaged: bool = False


def encoding_of(path: Path, stated: str = "") -> str:
    """Return Python's name of the encoding, as ``encoding_found`` finds it."""
    return encoding_found(path, stated).name


def encoding_found(path: Path, stated: str = "") -> Encoding:
    """Return the encoding: the ``stated`` one if there is such, else what the bytes allow.

    UTF-8 and UTF-16 show themselves. What is neither is cp1252 (Western Windows), or latin-1 where a byte has no
    meaning in cp1252; both decode any further byte, so a file in another encoding has to be said. UTF-8 of which
    a few bytes are damaged stays UTF-8.

    Raises
    ------
    LoadError
        When the stated encoding does not exist, or the file is not in it.
    """
    if stated:
        return Encoding(_stated(path, stated))
    head = first_bytes(path)
    if head.startswith(codecs.BOM_UTF8):
        return _utf8(path, "utf-8-sig", "The file begins with the mark of UTF-8.")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        name, why = "utf-16", "The file begins with the mark of UTF-16."
        return Encoding(name, why, not _decodes(path, name))
    if looks_like_utf16(head):
        name = "utf-16-le" if head[1:2] == b"\x00" else "utf-16-be"
        return Encoding(name, "Every other byte is zero, as in UTF-16 without a mark.", not _decodes(path, name))
    return _utf8(path, "utf-8", "All its bytes are UTF-8.")


def _stated(path: Path, stated: str) -> str:
    try:
        codec = codecs.lookup(stated)
        name = codec.name
        if not getattr(codec, "_is_text_encoding", True):
            raise LookupError(stated)
    except (LookupError, ValueError) as error:
        hint = "Common ones: utf-8, utf-16, cp1252, latin-1."
        raise LoadError(f"There is no encoding {stated!r}.", hint=hint) from error
    if not _decodes(path, name):
        hint = "Leave the encoding empty to find it out."
        raise LoadError(f"{path.name!r} is not in the encoding {name}.", hint=hint)
    return name


def _utf8(path: Path, name: str, why: str) -> Encoding:
    if _decodes(path, name):
        return Encoding(name, why)
    n_good, n_bad, has_open = 0, 0, False
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for chunk in _chunks(path):
        text = decoder.decode(chunk)
        n_bad += text.count("\ufffd")
        n_good += len(text) - len(text.encode("ascii", "ignore"))
        has_open = has_open or not _NOT_CP1252.isdisjoint(chunk)
    n_good -= n_bad
    if name == "utf-8-sig" or n_good >= 4 * n_bad:
        return Encoding(name, f"{n_good:,} characters are UTF-8 and {n_bad:,} are damaged.", True)
    if has_open:
        return Encoding("latin-1", "Its bytes are not UTF-8, and one of them has no meaning in cp1252.")
    return Encoding("cp1252", "Its bytes are not UTF-8; cp1252 is what Western Windows writes.")


def as_utf8(path: Path, encoding: str, folder: Path) -> Path:
    """Return ``path`` itself when it is UTF-8, else a copy in UTF-8 without a mark in ``folder``."""
    if encoding in ("utf-8", "ascii"):
        return path
    target = folder / "utf8.txt"
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    with target.open("wb") as out:
        for chunk in _chunks(path):
            out.write(decoder.decode(chunk).encode("utf-8", "replace"))
        out.write(decoder.decode(b"", final=True).encode("utf-8", "replace"))
    return target


def open_bytes(path: Path) -> BinaryIO:
    """Open a file for reading, through gzip where it is compressed."""
    return gzip.open(path) if is_gzip(path) else path.open("rb")


def open_text(path: Path) -> TextIO:
    """Open a text in UTF-8, through gzip where it is compressed; lines keep their ends, whichever those are."""
    return io.TextIOWrapper(open_bytes(path), encoding="utf-8", errors="replace", newline="")


def _decodes(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with open_bytes(path) as source:
            while chunk := source.read(_CHUNK):
                check()
                yield chunk
    except (OSError, EOFError, zlib.error) as error:
        raise LoadError(f"{path.name!r} is a damaged gzip file.", hint="Compress it again.") from error
