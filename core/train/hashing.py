"""Numbers drawn from a row's key: the same on every machine, in every process, in any order of the rows."""

from hashlib import blake2b

import numpy as np

_GOLDEN, _MIX_1, _MIX_2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def hashed(keys: np.ndarray, seed: int) -> np.ndarray:
    """Hash of each key: splitmix64 for integers, BLAKE2b for anything else, by its text.

    Parameters
    ----------
    keys : (n,) integers or strings.
    seed : another seed gives another, unrelated hash.

    Returns
    -------
    (n,) uint64, uniform.
    """
    keys = np.asarray(keys)
    if keys.dtype.kind in "iu":
        number = keys.astype(np.int64).view(np.uint64)
    else:
        digests = b"".join(blake2b(str(key).encode(), digest_size=8).digest() for key in keys.tolist())
        number = np.frombuffer(digests, dtype="<u8").astype(np.uint64)
    return _splitmix64(number ^ _splitmix64(np.full(1, seed, dtype=np.int64).view(np.uint64)))


def _splitmix64(number: np.ndarray) -> np.ndarray:
    """The finaliser of splitmix64 (Steele, Lea and Flood 2014), wrapping as C does."""
    with np.errstate(over="ignore"):
        z = number + _GOLDEN
        z = (z ^ (z >> np.uint64(30))) * _MIX_1
        z = (z ^ (z >> np.uint64(27))) * _MIX_2
    return z ^ (z >> np.uint64(31))
