"""Proves that a bundle still gives the answers it was built with, layer by layer."""

from collections.abc import Callable, Collection
from pathlib import Path

from . import jsonfile
from .environment import differences, environment
from .errors import TouchstoneError, VerifyError
from .folder import BundleFolder
from .hashes import MANIFEST
from .layers import LAYERS, Proof
from .report import LAYER_NAMES, NOT_RUN, LayerResult, Mode, Report, hashes_layer

# What a request or a batch job can afford before it starts: all but running the recipe and the contributions.
CHEAP = ("hashes", "contract", "score", "action", "money")


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
    results = [hashes_layer(folder)]
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
            results.append(LayerResult(name, None, NOT_RUN))
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
