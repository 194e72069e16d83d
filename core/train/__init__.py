"""What can be learnt: the split, the candidates and what they are worth, each with an interval."""

import os

# OpenMP reads this when XGBoost is first imported. Threads that spin while they wait make two of them slower than one
# on a machine that has other work (0.99 s against 0.68 s beside one busy process, ../shared/anchors/performance.md §0).
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
