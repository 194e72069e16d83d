"""Names what people upload by mistake: files that are no table and that no reader here takes."""

import re
from typing import NamedTuple

CHOICES = "Choose a CSV, Parquet, JSON, Excel, Arrow, DuckDB or SQLite file."


class NoTable(NamedTuple):
    """What a file is instead of a table, and what to do about it."""

    what: str
    hint: str


_UNPACK, _COMPRESS, _PARQUET = "Unpack it first.", "Unpack it, or compress it with gzip.", "Save it as Parquet."
# The bytes that these begin with.
_FIRST_BYTES = (
    (b"%PDF", "a PDF document", "Export the table from it as CSV."),
    (b"%!PS", "a PostScript document", "Export the table from it as CSV."),
    (b"{\\rtf", "a document in rich text (RTF)", "Export the table from it as CSV."),
    (b"\x89PNG", "a picture (PNG)", CHOICES),
    (b"\xff\xd8\xff", "a picture (JPEG)", CHOICES),
    (b"GIF8", "a picture (GIF)", CHOICES),
    (b"II*\x00", "a picture (TIFF)", CHOICES),
    (b"MM\x00*", "a picture (TIFF)", CHOICES),
    (b"8BPS", "a picture (Photoshop)", CHOICES),
    (b"ID3", "a sound (MP3)", CHOICES),
    (b"OggS", "a sound or film (Ogg)", CHOICES),
    (b"\x1aE\xdf\xa3", "a film (Matroska)", CHOICES),
    (b"Obj\x01", "an Avro file", _PARQUET),
    (b"ORC", "an ORC file", _PARQUET),
    (b"\x89HDF", "an HDF5 file", _PARQUET),
    (b"\x93NUMPY", "a NumPy array", "Save it as Parquet or CSV."),
    (b"RDX", "an R data file", "Save it from R as CSV or Parquet."),
    (b"$FL2", "an SPSS file", "Export it as CSV."),
    (b"<stata_dta>", "a Stata file", "Export it as CSV."),
    (b"\x00\x01\x00\x00Standard ACE DB", "an Access database", "Export the table as CSV."),
    (b"\x00\x01\x00\x00Standard Jet DB", "an Access database", "Export the table as CSV."),
    (b"\x80\x02", "a Python pickle", _PARQUET),
    (b"\x80\x03", "a Python pickle", _PARQUET),
    (b"\x80\x04\x95", "a Python pickle", _PARQUET),
    (b"\x80\x05\x95", "a Python pickle", _PARQUET),
    (b"\x7fELF", "a program", CHOICES),
    (b"MZ", "a program", CHOICES),
    (b"\xfe\xed\xfa", "a program", CHOICES),
    (b"\xcf\xfa\xed\xfe", "a program", CHOICES),
    (b"\xca\xfe\xba\xbe", "a program", CHOICES),
    (b"\x00asm", "a program (WebAssembly)", CHOICES),
    (b"#!/", "a script", CHOICES),
    (b"7z\xbc\xaf", "a 7-Zip archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _COMPRESS),
    (b"\xfd7zXZ", "an xz archive", _COMPRESS),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", _COMPRESS),
    (b"\x04\x22\x4d\x18", "an lz4 archive", _COMPRESS),
    (b"!<arch>", "a program's library", CHOICES),
)
# What such a text begins with, in lower case and without blanks before it.
_FIRST_WORDS = (
    (
        re.compile(rb"version https?://git-lfs\.github\.com"),
        "a pointer of Git LFS",
        "The data itself is stored elsewhere: run git lfs pull, or download the file.",
    ),
    (re.compile(rb"/annex/objects/|\.\./?\.git/annex/"), "a pointer of git-annex", "Run git annex get."),
    (
        re.compile(rb"(<!--.*?-->\s*)*<(!doctype|html|head|body|meta)\b", re.DOTALL),
        "a web page",
        "Often a login or error page: download the file again.",
    ),
    (re.compile(rb"<\?xml|<table\b|<svg\b|<[a-z]\w*(:\w+)? xmlns"), "XML or HTML", "Export it as CSV."),
    (
        re.compile(rb"-- (mysql|mariadb|postgresql)|(create table|insert into|drop table) [`\"\w. ]+[(;v]"),
        "an SQL script",
        "Run it in its database and load the table from there.",
    ),
    (re.compile(rb"begin:v(card|calendar)"), "a card or calendar", CHOICES),
    (re.compile(rb"-----begin [a-z ]+-----"), "a key or certificate", CHOICES),
    (re.compile(rb"<<<<<<< "), "a file with an open merge conflict", "Settle the conflict in it first."),
)
# Signs of a text besides letters: tab, line ends, form feed, escape, end of file, and separators of old.
_CONTROLS = bytes(set(range(32)) - {1, 9, 10, 11, 12, 13, 26, 27, 28, 29, 30, 31}) + b"\x7f"


def binary_of(head: bytes) -> NoTable | None:
    """Say what a file is that begins with these bytes, None where that may be a table."""
    is_text = not any(byte in _CONTROLS or not byte for byte in head[:4096])
    for first, what, hint in _FIRST_BYTES:
        # Few letters may be the beginning of a column's name as well.
        if head.startswith(first) and not (is_text and len(first) < 4 and first.isalnum()):
            return NoTable(what, hint)
    if head[:4] == b"RIFF":
        return NoTable("a picture, sound or film (RIFF)", CHOICES)
    if head[4:8] == b"ftyp":
        return NoTable("a film or picture (MP4)", CHOICES)
    if head[:2] == b"BM" and head[6:10] == b"\x00\x00\x00\x00":
        return NoTable("a picture (BMP)", CHOICES)
    return NoTable("a tar archive", _UNPACK) if head[257:262] == b"ustar" else None


def text_of(head: bytes) -> NoTable | None:
    """Say what a text is that begins so, None where it may be a table; ``head`` is in one byte per letter."""
    start = head[:4096].lower()
    for pattern, what, hint in _FIRST_WORDS:
        if pattern.match(start):
            return NoTable(what, hint)
    return None


def is_noise(head: bytes) -> bool:
    """Say whether bytes are no text in an encoding of one byte per letter: too many of them have no meaning in one.

    A few bytes of value zero are damage that reading puts right.
    """
    n_nul = head.count(b"\x00")
    n_controls = len(head) - len(head.translate(None, _CONTROLS)) - n_nul
    return n_nul > max(3, 0.05 * len(head)) or n_controls > max(3, 0.02 * len(head))
