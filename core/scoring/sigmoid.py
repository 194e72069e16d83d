"""The logistic function, from additions, multiplications and divisions only.

NumPy picks its ``exp`` by processor, and two processors of one architecture may differ in the last bit; the four
operations do not. A score is then the same bits for one row and for a million, here and there.
"""

import numpy as np

_LOG2_E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_P = (1.66666666666666019037e-01, -2.77777777770155933842e-03, 6.61375632143793436117e-05)
_Q = (-1.65339022054652515390e-06, 4.13813679705723846039e-08)


def sigmoid(margin: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(−margin)), (n,) float64 in [0, 1]; monotone for all that double precision can tell apart."""
    return 1.0 / (1.0 + _exp(-np.clip(margin, -708.0, 708.0)))


def _exp(x: np.ndarray) -> np.ndarray:
    """Exponential by Remez' rational approximation (fdlibm's e_exp.c), for |x| <= 708; error below one unit."""
    k = np.rint(x * _LOG2_E)
    high, low = x - k * _LN2_HIGH, k * _LN2_LOW
    r = high - low
    t = r * r
    c = r - t * (_P[0] + t * (_P[1] + t * (_P[2] + t * (_Q[0] + t * _Q[1]))))
    y = 1.0 - ((low - (r * c) / (2.0 - c)) - high)
    return np.ldexp(y, k.astype(np.int32))
