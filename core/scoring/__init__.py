"""Scores rows; copied verbatim into every bundle as ``scoring``."""

import os

# Before anything imports xgboost: beside another busy process, threads that wait by spinning make it slower than one.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
