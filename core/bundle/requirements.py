"""The exact versions that a bundle installs: those that are installed here."""

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

RUNTIME = ("duckdb", "fastapi", "numpy", "pyarrow", "uvicorn")
TESTS = {"httpx": "httpx>=0.28,<1", "pytest": "pytest>=9,<10", "pyyaml": "pyyaml>=6,<7"}
XGBOOST = ("xgboost-cpu", "xgboost")
# The CPU wheel exists for this platform only; it is the same code without the one for graphics cards.
CPU_WHEEL = "sys_platform == 'linux' and platform_machine == 'x86_64'"
OTHERWISE = "sys_platform != 'linux' or platform_machine != 'x86_64'"


def runtime_requirements() -> bytes:
    """Return requirements.txt: what scoring imports and everything that this imports in turn, a line each."""
    pins = closure([*RUNTIME, _xgboost()])
    number = pins.pop(_xgboost())
    lines = [f"{name}=={pin}" for name, pin in sorted(pins.items())]
    lines += [f"xgboost-cpu=={number}; {CPU_WHEEL}", f"xgboost=={number}; {OTHERWISE}"]
    return _text("What scores; the versions are those that the golden rows were computed with.", lines)


def test_requirements() -> bytes:
    """Return requirements-test.txt: what the bundle's own tests need besides."""
    known = closure([*RUNTIME, _xgboost()])
    found = closure(name for name in TESTS if installed(name))
    lines = [f"{name}=={pin}" for name, pin in sorted(found.items()) if name not in known]
    lines += [bounds for name, bounds in TESTS.items() if not installed(name)]
    return _text("What the tests need besides.", ["-r requirements.txt", *lines])


def installed(name: str) -> str | None:
    """Return the version of a package that is installed here, or None."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def closure(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of packages and of everything that they require on this platform."""
    found: dict[str, str] = {}
    waiting = [Requirement(name) for name in names]
    seen: set[str] = set()
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        pin = installed(name)
        if pin is None or str((name, sorted(wanted.extras))) in seen:
            continue
        seen.add(str((name, sorted(wanted.extras))))
        found[name] = pin
        for line in requires(name) or []:
            further = Requirement(line)
            extras = ["", *wanted.extras]
            if further.marker is None or any(further.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(further)
    return found


def _xgboost() -> str:
    return next(name for name in XGBOOST if installed(name) or name == XGBOOST[-1])


def _text(comment: str, lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in [f"# {comment}", *lines]).encode()
