"""Tells what kind of file a file is from its first bytes, whatever it is called."""

import gzip
import zipfile
from pathlib import Path

from core.errors import LoadError
from core.ingest.source import Kind

_CHOICES = "Choose a CSV, Parquet, JSON or Excel (.xlsx) file."

# First bytes of what people upload by mistake, and what it is called.
_OTHER_KINDS = (
    (b"%PDF", "a PDF document", "Export the table from it as CSV."),
    (b"\x89PNG", "a picture (PNG)", _CHOICES),
    (b"\xff\xd8\xff", "a picture (JPEG)", _CHOICES),
    (b"GIF8", "a picture (GIF)", _CHOICES),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file", "Save it as .xlsx or CSV."),
    (b"SQLite format 3", "an SQLite database", "Export the table as CSV or Parquet."),
    (b"ARROW1", "an Arrow (Feather) file", "Save it as Parquet."),
    (b"Obj\x01", "an Avro file", "Save it as Parquet."),
    (b"ORC", "an ORC file", "Save it as Parquet."),
    (b"\x7fELF", "a program", _CHOICES),
    (b"MZ", "a program", _CHOICES),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it first."),
    (b"Rar!", "a RAR archive", "Unpack it first."),
    (b"BZh", "a bzip2 archive", "Unpack it, or compress it with gzip."),
    (b"\xfd7zXZ", "an xz archive", "Unpack it, or compress it with gzip."),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "Unpack it, or compress it with gzip."),
    (b"\x80\x04\x95", "a Python pickle", "Save it as Parquet."),
    (b"\x80\x05\x95", "a Python pickle", "Save it as Parquet."),
)
_JSON_ENDINGS = {".json", ".jsonl", ".ndjson"}
_NOTHING = b"\xff\xfe\xef\xbb\xbf\x00 \t\r\n"
_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")


def kind_of(path: Path) -> Kind:
    """Return what kind of file ``path`` is.

    Raises
    ------
    LoadError
        When it is empty, not there, or not one of the four kinds; the sentence says what it is instead.
    """
    if not path.is_file():
        raise LoadError(f"There is no file {path.name!r}.", hint="Choose another file.")
    head = first_bytes(path)
    if not head.strip(_NOTHING):
        raise LoadError(f"{path.name!r} is empty.", hint=_CHOICES)
    if head[:4] == b"PAR1":
        return "parquet"
    if head[:2] == b"PK":
        return _zipped(path)
    for magic, what, hint in _OTHER_KINDS:
        if head.startswith(magic):
            raise LoadError(f"{path.name!r} is {what}, not a table.", hint=hint)
    if head[8:12] == b"DUCK":
        raise LoadError(f"{path.name!r} is a DuckDB database, not a table.", hint="Export the table as Parquet.")
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
    except (OSError, EOFError) as error:
        raise LoadError(f"{path.name!r} is a damaged gzip file.", hint="Compress it again.") from error


def is_gzip(path: Path) -> bool:
    """Say whether a file is compressed with gzip."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _zipped(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile as error:
        raise LoadError(f"{path.name!r} is a damaged zip or Excel file.", hint="Save it again.") from error
    if "xl/workbook.xml" in names:
        return "excel"
    if "xl/workbook.bin" in names:
        raise LoadError(f"{path.name!r} is a binary Excel file (.xlsb).", hint="Save it as .xlsx.")
    what = "a Word document" if "word/document.xml" in names else "a zip archive"
    raise LoadError(f"{path.name!r} is {what}, not a table.", hint="Unpack it and load the file inside.")


def _text_kind(path: Path, head: bytes) -> Kind:
    marked = head.startswith(_BOMS)
    n_nul = head.count(b"\x00")
    if n_nul and not marked and not looks_like_utf16(head):
        share = n_nul / len(head)
        if share > 0.01 or any(byte < 9 for byte in head[:64]):
            raise LoadError(f"{path.name!r} is not text and none of the kinds that can be read.", hint=_CHOICES)
    ending = _ending(path)
    if ending == ".parquet":
        raise LoadError(f"{path.name!r} is called Parquet and is text.", hint="Give it the ending of what it is.")
    if ending in (".xlsx", ".xls"):
        head_text = head[:512].lower()
        if b"<" not in head_text:
            return "csv"
    start = head.lstrip(b"\xff\xfe\xef\xbb\xbf \t\r\n").replace(b"\x00", b"")[:512].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<!doctype")):
        raise LoadError(
            f"{path.name!r} is a web page, not a table.", hint="Often a login or error page: download the file again."
        )
    if start.startswith((b"<?xml", b"<table")):
        raise LoadError(f"{path.name!r} is XML or HTML, not a table.", hint="Export it as CSV.")
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
