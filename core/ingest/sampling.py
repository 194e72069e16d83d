"""Takes a sample of a text, and says at first sight whether it is one."""

from pathlib import Path

from core.errors import LoadError
from core.ingest.encoding import Encoding, is_gzip, open_bytes
from core.ingest.kinds import first_bytes, kind_of, looks_like_utf16
from core.ingest.source import ReaderSettings

_HEAD, _PART, _N_PARTS = 1 << 18, 1 << 14, 24


def is_text(path: Path, wanted: ReaderSettings) -> bool:
    """Say whether a file is a delimited text by its beginning and what was said of it."""
    try:
        return wanted.kind in ("", "csv") and not wanted.member and kind_of(path) == "csv"
    except LoadError:
        return False  # an archive perhaps; the other way says what it is


def encoding_at_first_sight(path: Path, stated: str) -> Encoding | None:
    """Return the encoding where it is UTF-8 by its beginning; what follows is DuckDB's to refuse."""
    head = first_bytes(path)
    if head.startswith(b"\xef\xbb\xbf"):
        name, why = "utf-8-sig", "The file begins with the mark of UTF-8."
    else:
        name, why = "utf-8", "All its bytes are UTF-8."
    if looks_like_utf16(head) or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    try:
        head[: max(head.rfind(b"\n"), 0)].decode("utf-8")
    except UnicodeError:
        return None
    if stated:
        return Encoding(stated) if stated == name else None
    return Encoding(name, why)


def sample_of(text: Path, quote: bytes, folder: Path) -> Path:
    """Write the beginning of a text and parts from all over it, of whole lines, to a file; return that."""
    target = folder / "sample.txt"
    size = text.stat().st_size
    with open_bytes(text) as source, target.open("wb") as out:
        head = source.read(_HEAD)
        out.write(head[: head.rfind(b"\n") + 1] if len(head) == _HEAD and b"\n" in head else head)
        if size <= 2 * _HEAD or is_gzip(text):
            return target
        for number in range(1, _N_PARTS + 1):
            source.seek(number * (size - _PART) // _N_PARTS)
            part = source.read(_PART).split(b"\n", 1)[-1]
            lines = part[: part.rfind(b"\n") + 1]
            # A line with an odd number of quotes is part of a value that goes over several.
            if all(line.count(quote) % 2 == 0 for line in lines.split(b"\n")):
                out.write(lines)
    return target
