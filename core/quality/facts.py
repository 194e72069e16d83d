"""What a profile says of a column besides counts: of numbers, times and text, along the outcome, and along time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """The outcome along a column: one bin, one level, or the rows without a value.

    Attributes
    ----------
    low, high : ends of a bin, low included, high excluded but in the last one (times in seconds since 1970);
        both None for a level and for the rows without a value.
    value : the level as text; None for a bin and for the rows without a value.
    n : all rows; ``n_training`` the training rows with an outcome, ``n_positive`` the positives among these.
    """

    low: float | None
    high: float | None
    value: str | None
    n: int
    n_training: int
    n_positive: int

    @property
    def share(self) -> float | None:
        """Share of positives among the training rows, or None where there are none."""
        return self.n_positive / self.n_training if self.n_training else None


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """What is in a number besides its distribution; times have it as well, in seconds since 1970.

    Attributes
    ----------
    n_not_finite : rows that are infinite or not a number; everything else here is about the finite ones.
    n_negative, n_zero, n_whole : rows below zero, of zero, without a fraction.
    n_lowest, n_highest : rows that hold the least and the largest value.
    next_lowest, next_highest : the nearest other values to these two, or None where there are none.
    n_far_low, n_far_high : rows more than three interquartile ranges below the first or above the third quartile.
    magnitudes : (k, n) rows whose absolute value lies in [10^k, 10^(k+1)), ascending; zero is left out.
    """

    n_not_finite: int = 0
    n_negative: int = 0
    n_zero: int = 0
    n_whole: int = 0
    n_lowest: int = 0
    n_highest: int = 0
    next_lowest: float | None = None
    next_highest: float | None = None
    n_far_low: int = 0
    n_far_high: int = 0
    magnitudes: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class DateFacts:
    """Gaps and freshness of a column of dates or times.

    Attributes
    ----------
    n_days : days from the oldest to the newest, both included; ``n_days_with_rows`` those on which there are rows.
    longest_gap_seconds : between two neighbouring values, from ``gap_from`` to ``gap_to`` (ISO text).
    median_gap_seconds : median over neighbouring different values.
    lag_seconds : how much older the newest value is than the newest of all time columns of the table.
    n_midnight : rows at 00:00:00, which is where a date without a time stands.
    weekdays : rows on Monday to Sunday.
    mean, quantiles : ISO text to the second; quantiles at the same shares as those of numbers.
    """

    n_days: int
    n_days_with_rows: int
    longest_gap_seconds: float = 0.0
    gap_from: str = ""
    gap_to: str = ""
    median_gap_seconds: float = 0.0
    lag_seconds: float = 0.0
    n_midnight: int = 0
    weekdays: tuple[int, ...] = ()
    mean: str = ""
    quantiles: tuple[str, ...] = ()

    @property
    def empty_days_share(self) -> float:
        """Share of the days between the oldest and the newest without rows."""
        return 1 - self.n_days_with_rows / self.n_days if self.n_days else 0.0


@dataclass(frozen=True, slots=True)
class TextFacts:
    """What a text column's values look like.

    Attributes
    ----------
    n_blank : rows of blanks only, or of nothing.
    n_number, n_time : rows that are a number, or a date or time.
    missing_words : (value, n) of what is written for "no value".
    n_padded : rows that begin or end with a blank and have more than blanks.
    n_variants : values that differ from another only in case or blanks.
    shapes : (shape, n rows, n values, an example) of the most frequent shapes: every capital letter is written as A,
        every other letter as a, every digit as 9, the rest as it is; a text beyond 40 characters is cut there.
    n_shapes : different shapes.
    shortest, longest, mean_length : characters, over rows that have a value.
    patterns : (name, n rows) of what is looked for in ``core.quality.patterns`` (mail, telephone, ...), where n > 0.
    first, last : in the order of code points.
    """

    n_blank: int
    n_number: int
    n_time: int
    missing_words: tuple[tuple[str, int], ...]
    n_padded: int
    n_variants: int
    shapes: tuple[tuple[str, int, int, str], ...] = ()
    n_shapes: int = 0
    shortest: int = 0
    longest: int = 0
    mean_length: float = 0.0
    patterns: tuple[tuple[str, int], ...] = ()
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """The same bins or levels counted in two parts of the table (early and late rows, or training and holdout).

    Attributes
    ----------
    labels : a bin as "low to high", a level as text; the rows without a value are the last, "no value"; of many
        levels the twenty most frequent, the rest together as "other values".
    first, second : rows of each part, in the order of ``labels``; rows in neither part are left out.
    first_mean, second_mean : of finite numbers (times in seconds); None for text.
    """

    labels: tuple[str, ...]
    first: tuple[int, ...]
    second: tuple[int, ...]
    first_mean: float | None = None
    second_mean: float | None = None
