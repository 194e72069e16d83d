"""Tells what kind of file a file is from its first bytes, whatever it is called."""

import gzip
import zipfile
import zlib
from pathlib import Path

from core.errors import LoadError
from core.ingest.nontables import CHOICES, binary_of, is_noise, text_of
from core.ingest.source import Kind

_BINARY_KINDS: tuple[tuple[bytes, Kind], ...] = (
    (b"\xd0\xcf\x11\xe0", "excel"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"ARROW1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow"),
)
_JSON_ENDINGS = {".json", ".jsonl", ".ndjson"}
_NOTHING = b"\xff\xfe\xef\xbb\xbf\x00 \t\r\n"
_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")


def kind_of(path: Path) -> Kind:
    """Return what kind of file ``path`` is.

    Raises
    ------
    LoadError
        When it is empty, not there, or not one of the kinds; the sentence says what it is instead.
    """
    if not path.is_file():
        raise LoadError(f"There is no file {path.name!r}.", hint="Choose another file.")
    head = first_bytes(path)
    if not head.strip(_NOTHING):
        raise LoadError(f"{path.name!r} is empty.", hint=CHOICES)
    if head[:4] == b"PAR1":
        return "parquet"
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return _zipped(path)
    for magic, kind in _BINARY_KINDS:
        if head.startswith(magic):
            return kind
    if head[8:12] == b"DUCK":
        return "duckdb"
    other = binary_of(head)
    if other is not None:
        raise LoadError(f"{path.name!r} is {other.what}, not a table.", hint=other.hint)
    return _text_kind(path, head)


def is_empty(path: Path) -> bool:
    """Say whether nothing but blanks, line ends and marks of an encoding stands in a file that is there."""
    return path.is_file() and path.stat().st_size < 1 << 16 and not first_bytes(path).strip(_NOTHING)


def first_bytes(path: Path, n: int = 65536) -> bytes:
    """Return the first ``n`` bytes, of what is inside when the file is compressed with gzip."""
    with path.open("rb") as file:
        head = file.read(n)
    if head[:2] != b"\x1f\x8b":
        return head
    try:
        with gzip.open(path) as file:
            return file.read(n)
    except (OSError, EOFError, zlib.error) as error:
        raise LoadError(f"{path.name!r} is a damaged gzip file.", hint="Compress it again.") from error


def is_gzip(path: Path) -> bool:
    """Say whether a file is compressed with gzip."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _zipped(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise LoadError(f"{path.name!r} is a damaged zip or Excel file.", hint="Save it again.") from error
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names or _is_ods(path):
        return "excel"
    what = "a Word document" if "word/document.xml" in names else "a zip archive"
    raise LoadError(f"{path.name!r} is {what}, not a table.", hint="Unpack it and load the file inside.")


def _is_ods(path: Path) -> bool:
    with path.open("rb") as file:
        return b"opendocument.spreadsheet" in file.read(200)


def _text_kind(path: Path, head: bytes) -> Kind:
    marked = head.startswith(_BOMS)
    if not marked and not looks_like_utf16(head) and is_noise(head):
        raise LoadError(f"{path.name!r} is not text and none of the kinds that can be read.", hint=CHOICES)
    ending = _ending(path)
    if ending == ".parquet":
        raise LoadError(f"{path.name!r} is called Parquet and is text.", hint="Give it the ending of what it is.")
    start = head.lstrip(b"\xff\xfe\xef\xbb\xbf \t\r\n").replace(b"\x00", b"")
    other = text_of(start)
    if other is not None:
        raise LoadError(f"{path.name!r} is {other.what}, not a table.", hint=other.hint)
    if ending in _JSON_ENDINGS or start.startswith((b'{"', b"[{", b'{ "', b"[ {")):
        return "json"
    return "csv"


def looks_like_utf16(head: bytes) -> bool:
    """Say whether every other byte is nearly always zero, as in Western text in UTF-16 without a mark."""
    even, odd = head[0:2000:2], head[1:2000:2]
    if not odd:
        return False
    shares = sorted((even.count(0) / len(even), odd.count(0) / len(odd)))
    return shares[1] > 0.6 and shares[0] < 0.1


def _ending(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    return next((suffix for suffix in reversed(suffixes) if suffix != ".gz"), "")
