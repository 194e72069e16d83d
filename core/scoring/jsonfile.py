"""JSON files with a format number: the only way that a model, a policy or a contract is written and read."""

import json
from collections.abc import Mapping
from typing import Any

from .errors import FormatError


def to_bytes(content: Mapping[str, Any]) -> bytes:
    """Return ``content`` as JSON with sorted keys: the same content is the same bytes.

    Raises
    ------
    ValueError
        When a number is not finite; JSON has no word for it.
    """
    return (json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def from_bytes(raw: bytes, path: str, *, supported: int = 1) -> dict[str, Any]:
    """Return what a JSON file says.

    Raises
    ------
    FormatError
        When it is not a JSON object, or one of another format number; the message names ``path``.
    """
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path} is not JSON: {error}.", hint="Export the bundle again.") from error
    found = content.get("format") if isinstance(content, dict) else None
    if found != supported:
        raise FormatError(f"{path} has format {found!r}.", hint=f"This program reads format {supported}.")
    return content


def part(files: Mapping[str, bytes], path: str) -> bytes:
    """Return one file of several.

    Raises
    ------
    FormatError
        When it is not among them.
    """
    if path not in files:
        raise FormatError(f"There is no {path}.", hint=f"Found: {', '.join(sorted(files)) or 'nothing'}.")
    return files[path]
