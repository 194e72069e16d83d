"""Lays out, hashes, packs and verifies a bundle: what engineering gets."""

from core.bundle.build import build
from core.bundle.pack import pack, unpack
from core.bundle.spec import BundleSpec, Manifest
from core.bundle.verify import verify_bundle

__all__ = ["BundleSpec", "Manifest", "build", "pack", "unpack", "verify_bundle"]
