"""What numbers depend on beside the code and the data."""

import platform
import sys
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import xgboost


def environment() -> dict[str, Any]:
    """Return Python's minor version, the architecture and the versions of the wheels that compute scores."""
    return {
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "machine": platform.machine(),
        "system": platform.system(),
        "packages": {
            "duckdb": duckdb.__version__,
            "numpy": np.__version__,
            "pyarrow": pa.__version__,
            "xgboost": xgboost.__version__,
        },
    }


def differences(recorded: dict[str, Any], here: dict[str, Any]) -> list[str]:
    """Return what is not here as it was recorded, one phrase each."""
    flat = [{**one, **one.get("packages", {})} for one in (recorded, here)]
    names = sorted((flat[0].keys() | flat[1].keys()) - {"packages"})
    return [
        f"{name} {flat[1].get(name)} instead of {flat[0].get(name)}"
        for name in names
        if flat[0].get(name) != flat[1].get(name)
    ]
