"""The arrows of the house and the rules of STYLE.md that a test can hold."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULE_LINES, PAGE_LINES, PARAMETERS = 300, 120, 7

# In the order of the journey: a package may use the ones before it.
PACKAGES = ("frame", "ingest", "prepare", "quality", "train", "threshold", "explain", "verdict")
OUTSIDE_OF_SCORING = {"numpy", "pyarrow", "duckdb", "xgboost"}
ONLY_IN_THE_SERVICE = {"fastapi", "pydantic", "starlette", "uvicorn"}
# What a step of SQL may say: rules that live with workspace's other SQL and reach no project.
GATE = ("core.workspace.usersql", "core.workspace.sqlgate", "core.workspace.functions")
UNPICKLERS = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}


@dataclass(frozen=True)
class Module:
    """One file of ours: its dotted name, its text, its tree, and what it imports, dotted."""

    path: Path
    name: str
    text: str
    tree: ast.Module
    imports: frozenset[str]

    def __str__(self) -> str:
        return self.path.relative_to(ROOT).as_posix()


def imports_of(tree: ast.Module, name: str, is_package: bool) -> Iterator[str]:
    """Yield every module that is imported anywhere in a file; ``from a import b`` yields a and a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = name.split(".")
                up = parts[: len(parts) - node.level + is_package]
                base = ".".join([*up, base] if base else up)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Return the modules below some folders of the repository, or files."""
    found = []
    for folder in folders:
        top = ROOT / folder
        for path in sorted(top.rglob("*.py")) if top.is_dir() else [top]:
            if "__pycache__" in path.parts or not path.exists():
                continue
            text = path.read_text(encoding="utf-8")
            parts = path.relative_to(ROOT).with_suffix("").parts
            is_package = parts[-1] == "__init__"
            name = ".".join(parts[:-1] if is_package else parts)
            tree = ast.parse(text)
            found.append(Module(path, name, text, tree, frozenset(imports_of(tree, name, is_package))))
    return tuple(found)


def scripts() -> list[Module]:
    """Return the pages themselves, without what they share."""
    return [
        module for module in modules("pages") if "shared" not in module.path.parts and module.path.stem != "__init__"
    ]


def reach(module: Module, *targets: str) -> set[str]:
    """Return which of some packages a module imports, or anything in them."""
    return {
        found for found in module.imports for target in targets if found == target or found.startswith(f"{target}.")
    }


def package_of(module: Module) -> str:
    """Return the part of core that a module belongs to: "train" for core.train.split."""
    return module.name.split(".")[1] if "." in module.name else ""


def calls(module: Module) -> Iterator[str]:
    """Yield the dotted text of everything that a module calls."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def hold(found: dict[Module, object]) -> None:
    """Fail with a line for each module in which something is wrong."""
    faults = [f"{module}: {what}" for module, what in found.items() if what]
    assert "\n".join(faults) == ""


def test_the_rules_are_held_against_something():
    assert len(modules("core")) > 30
    assert scripts()


def test_core_never_imports_streamlit_or_a_page():
    hold({module: reach(module, "streamlit", "pages", "app") for module in modules("core")})


def test_scoring_imports_nothing_else_of_ours_and_only_what_its_bundle_installs():
    def strange(module: Module) -> set[str]:
        allowed = OUTSIDE_OF_SCORING | (ONLY_IN_THE_SERVICE if module.path.stem == "service" else set())
        if module.path.stem == "__main__":
            allowed = allowed | {"uvicorn"}
        tops = {name.split(".")[0] for name in module.imports} - set(sys.stdlib_module_names) - allowed
        ours = {name for name in module.imports if name.startswith("core") and not name.startswith("core.scoring")}
        return (tops - {"core"}) | (ours - {"core"})

    hold({module: strange(module) for module in modules("core/scoring")})


def test_scoring_names_itself_only_relatively():
    found = {}
    for module in modules("core/scoring"):
        absolute = [node for node in ast.walk(module.tree) if isinstance(node, ast.ImportFrom) and not node.level]
        plain = [alias for node in ast.walk(module.tree) if isinstance(node, ast.Import) for alias in node.names]
        names = [node.module or "" for node in absolute] + [alias.name for alias in plain]
        found[module] = [name for name in names if name.split(".")[0] in ("core", "scoring")]
    hold(found)


def test_a_package_of_a_page_imports_no_later_one_and_neither_flow_nor_bundle_nor_workspace():
    found = {}
    for module in modules(*(f"core/{package}" for package in PACKAGES)):
        later = PACKAGES[PACKAGES.index(package_of(module)) + 1 :]
        # The report draws; it is the last page's.
        never = ("flow", "bundle", "workspace", "poc", *(() if package_of(module) == "verdict" else ("charts",)))
        found[module] = reach(module, *(f"core.{name}" for name in (*later, *never))) - reach(module, *GATE)
    hold(found)


def test_workspace_imports_no_package_of_a_page():
    upwards = (*PACKAGES, "flow", "bundle", "charts", "poc")
    hold({m: reach(m, *(f"core.{name}" for name in upwards)) for m in modules("core/workspace")})


def test_bundle_imports_neither_workspace_nor_flow():
    hold({m: reach(m, "core.workspace", "core.flow", "core.charts") for m in modules("core/bundle")})


def test_charts_and_poc_take_values_and_reach_no_project():
    upwards = ("core.workspace", "core.flow", "core.bundle", "core.verdict", "duckdb")
    hold({module: reach(module, *upwards) for module in modules("core/charts", "core/poc")})


def test_only_workspace_opens_connections_and_the_scratch_engine_in_memory():
    found = {}
    for module in modules("core", "pages", "app.py"):
        if package_of(module) == "workspace" or module.name == "core.scoring.engine":
            continue
        found[module] = [call for call in calls(module) if call == "duckdb.connect"] + sorted(
            reach(module, "duckdb.connect")
        )
    hold(found)


def test_nothing_unpickles():
    found = {}
    for module in modules("core", "pages", "app.py"):
        found[module] = {name for name in module.imports if name.split(".")[0] in UNPICKLERS}
    hold(found)


def test_pages_reach_only_what_is_shared_and_flow_and_charts():
    allowed = ("pages.shared", "core.flow", "core.charts", "core.errors", "core.frame")
    found = {}
    for module in scripts():
        ours = {name for name in module.imports if name.split(".")[0] in ("core", "pages", "app")}
        reached = reach(module, *allowed) | {"core", "pages"}
        found[module] = ours - reached
    hold(found)


def test_no_page_imports_another_page():
    names = {module.name for module in scripts()}
    hold({module: {n for n in module.imports if n in names} for module in modules("pages", "app.py")})


def test_only_session_names_the_session_state():
    found = {}
    for module in modules("pages", "app.py"):
        if module.name != "pages.shared.session":
            found[module] = [n.lineno for n in ast.walk(module.tree) if getattr(n, "attr", "") == "session_state"]
    hold(found)


def test_pages_neither_try_nor_query():
    found = {}
    for module in scripts():
        tries = [
            f"try in line {node.lineno}" for node in ast.walk(module.tree) if isinstance(node, ast.Try | ast.TryStar)
        ]
        queries = [call for call in calls(module) if call.split(".")[-1] in ("execute", "executemany", "sql")]
        found[module] = tries + queries + sorted(reach(module, "duckdb"))
    hold(found)


def test_errors_are_shown_in_one_place():
    found = {}
    for module in modules("pages", "app.py"):
        if module.name != "pages.shared.guard":
            found[module] = [call for call in calls(module) if call in ("st.error", "st.exception")]
    hold(found)


def test_no_page_brings_html_or_css_of_its_own():
    found = {}
    for module in modules("pages", "app.py"):
        raw = [call for call in calls(module) if call in ("st.html", "st.components.v1.html", "components.html")]
        found[module] = raw + ["unsafe_allow_html"] * ("unsafe_allow_html=True" in module.text)
    hold(found)


def test_no_page_is_longer_than_a_screen_or_three():
    found = {module: len(module.text.splitlines()) for module in scripts()}
    hold({module: n for module, n in found.items() if n > PAGE_LINES})


def test_no_module_is_too_long():
    found = {
        module: len(module.text.splitlines()) for module in modules("core", "pages", "tests", "app.py", "data/samples")
    }
    hold({module: n for module, n in found.items() if n > MODULE_LINES})


def test_no_function_takes_too_many_parameters():
    found = {}
    for module in modules("core", "pages", "app.py", "data/samples"):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                names = [argument.arg for argument in given if argument.arg not in ("self", "cls")]
                if len(names) > PARAMETERS:
                    found[module] = f"{node.name} takes {len(names)}"
    hold(found)


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("import streamlit as st", "core.a", {"streamlit"}),
        ("from core import flow", "pages.a", {"core", "core.flow"}),
        ("def f():\n    from ..train import split", "core.frame.a", {"core.train", "core.train.split"}),
        ("from . import policy", "core.scoring.a", {"core.scoring", "core.scoring.policy"}),
    ],
)
def test_an_import_is_found_however_it_is_written(text, name, expected):
    assert set(imports_of(ast.parse(text), name, is_package=False)) == expected
