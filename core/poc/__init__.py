"""One proof of concept as one declarative file, ``poc.yaml``: read, checked, and written."""

from core.poc.faults import PocError
from core.poc.reader import Poc, Source, read, read_text
from core.poc.writer import text

__all__ = ["Poc", "PocError", "Source", "read", "read_text", "text"]
