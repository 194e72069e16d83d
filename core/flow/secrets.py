"""Connections by name for work without a screen: their URLs come from the environment or Streamlit's secrets."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import LoadError
from core.flow.connections import ConnectionSpec, connection_of

VARIABLE = "TOUCHSTONE_CONNECTION"


def named_connection(name: str, folder: Path | None = None) -> ConnectionSpec:
    """Return the connection of a name.

    Its URL is what the variable TOUCHSTONE_CONNECTION_… holds, the name in capitals with underscores; else the
    section ``[connections.<name>]`` of ``.streamlit/secrets.toml`` in ``folder`` (the current one) or at home.

    Raises
    ------
    LoadError
        When neither names it, or a file of secrets is not TOML. No sentence repeats what may hold a password.
    """
    variable = f"{VARIABLE}_{re.sub(r'[^A-Z0-9]+', '_', name.upper())}"
    said: str | Mapping[str, Any] | None = os.environ.get(variable)
    for place in (folder or Path.cwd(), Path.home()):
        said = said or _section(place / ".streamlit" / "secrets.toml", name)
    if not said:
        hint = f"Set {variable} to its URL, or name it in .streamlit/secrets.toml."
        raise LoadError(f"There is no connection {name!r}.", hint=hint)
    return connection_of(name, said)


def _section(path: Path, name: str) -> Mapping[str, Any] | None:
    if not path.is_file():
        return None
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LoadError(f"{path} is not TOML.", hint="Put it right, or set the variable instead.") from error
    return document.get("connections", {}).get(name)
