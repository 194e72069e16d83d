"""Words for "no value"."""

from core.quality.patterns import MISSING_WORDS, SOFT_WORDS

__all__ = ["MISSING_WORDS", "SOFT_WORDS"]
