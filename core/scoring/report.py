"""What a proof says, and its first layer: it needs only the files, so that damage to all other code is named too."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .errors import FormatError, TouchstoneError
from .hashes import MANIFEST, check_hashes

Mode = Literal["", "equal to the bit", "within 1e-6, every action identical"]
LAYER_NAMES = ("hashes", "contract", "preparation", "score", "reasons", "action", "money")
NOT_RUN = "not run: an earlier layer differs"


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
    differences: tuple[str, ...] = ()

    @property
    def failed(self) -> LayerResult | None:
        """The first layer that differs."""
        return next((layer for layer in self.layers if layer.ok is False), None)


def failed_report(name: str, detail: str) -> Report:
    """Return the report of a proof that ends at a layer."""
    at = LAYER_NAMES.index(name)
    layers = [LayerResult(before, True, "") for before in LAYER_NAMES[:at]]
    layers.append(LayerResult(name, False, detail))
    layers += [LayerResult(after, None, NOT_RUN) for after in LAYER_NAMES[at + 1 :]]
    return Report(False, "", tuple(layers))


def hashes_layer(folder: Path) -> LayerResult:
    """Run the first layer.

    Raises
    ------
    FormatError
        When this is not the folder of a bundle.
    """
    if not (folder / MANIFEST).is_file():
        raise FormatError(f"There is no {MANIFEST} in {folder.name!r}.", hint="Name the folder of a bundle.")
    try:
        return LayerResult("hashes", True, check_hashes(folder))
    except TouchstoneError as error:
        return LayerResult("hashes", False, str(error))
