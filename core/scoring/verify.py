"""Proves that a bundle still gives the answers it was built with, layer by layer."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from . import jsonfile
from .environment import differences, environment
from .errors import FormatError, TouchstoneError, VerifyError
from .folder import BundleFolder
from .hashes import MANIFEST, check_hashes
from .layers import LAYERS, Proof

Mode = Literal["", "equal to the bit", "within 1e-6, every action identical"]
LAYER_NAMES = ("hashes", *(name for name, _ in LAYERS))
# What a request or a batch job can afford before it starts: all but running the recipe and the contributions.
CHEAP = ("hashes", "contract", "score", "action", "money")


@dataclass(frozen=True, slots=True)
class LayerResult:
    """One layer: ``ok`` is None where it was not run, ``detail`` a sentence."""

    name: str
    ok: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was proved.

    Attributes
    ----------
    ok : every layer that was asked for gave what it must.
    mode : "equal to the bit" where Python's minor version, architecture and wheels are those recorded in the manifest,
        else "within 1e-6, every action identical"; "" when a layer failed.
    layers : in order; those after the first that fails are not run.
    differences : what is not here as it was recorded.
    """

    ok: bool
    mode: Mode
    layers: tuple[LayerResult, ...]
    differences: tuple[str, ...]

    @property
    def failed(self) -> LayerResult | None:
        """The first layer that differs."""
        return next((layer for layer in self.layers if layer.ok is False), None)


def verify(folder: Path, *, only: Collection[str] = LAYER_NAMES) -> Report:
    """Recompute the layers of a bundle on its golden rows.

    Parameters
    ----------
    folder : the bundle's.
    only : which of :data:`LAYER_NAMES`.

    Raises
    ------
    FormatError
        When this is not the folder of a bundle.
    """
    folder = Path(folder)
    if not (folder / MANIFEST).is_file():
        raise FormatError(f"There is no {MANIFEST} in {folder.name!r}.", hint="Name the folder of a bundle.")
    results = [_run("hashes", lambda: check_hashes(folder))]
    proof: Proof | None = None
    if results[0].ok:
        try:
            proof = _proof(folder)
        except TouchstoneError as error:
            results.append(LayerResult("contract", False, str(error)))
    for name, check in LAYERS:
        if any(result.name == name for result in results):
            continue
        if proof is None or any(result.ok is False for result in results):
            results.append(LayerResult(name, None, "not run: an earlier layer differs"))
        elif name not in only:
            results.append(LayerResult(name, None, "not run: not asked for"))
        else:
            results.append(_run(name, lambda check=check, proof=proof: check(proof)))
    ok = all(result.ok is not False for result in results)
    mode: Mode = ""
    if ok and proof is not None:
        mode = "equal to the bit" if proof.exact else "within 1e-6, every action identical"
    return Report(ok, mode, tuple(results), tuple(proof.differences) if proof else ())


def refuse_unless_proved(folder: Path) -> Report:
    """Run the layers that are cheap, before anything is scored.

    Raises
    ------
    VerifyError
        When one differs; names it.
    FormatError
        When this is not the folder of a bundle.
    """
    report = verify(folder, only=CHEAP)
    if report.failed is not None:
        raise VerifyError(f"This bundle does not score: {report.failed.name} differs. {report.failed.detail}")
    return report


def _proof(folder: Path) -> Proof:
    recorded = jsonfile.from_bytes((folder / MANIFEST).read_bytes(), MANIFEST)["environment"]
    return Proof(BundleFolder.open(folder), differences(recorded, environment()))


def _run(name: str, check: Callable[[], str]) -> LayerResult:
    try:
        return LayerResult(name, True, check())
    except TouchstoneError as error:
        return LayerResult(name, False, str(error))
