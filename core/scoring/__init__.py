"""Scores rows; copied verbatim into every bundle as ``scoring``."""
