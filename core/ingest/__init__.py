"""Reads a file of any ordinary kind as one table, and says what it found out about it and what it left out."""

from core.ingest.opening import read_source
from core.ingest.reader import sha256_of
from core.ingest.source import Assumption, Column, ReaderSettings, Rejected, Repaired, Source
from core.ingest.spreadsheet import sheet_names

__all__ = [
    "Assumption",
    "Column",
    "ReaderSettings",
    "Rejected",
    "Repaired",
    "Source",
    "read_source",
    "sha256_of",
    "sheet_names",
]
