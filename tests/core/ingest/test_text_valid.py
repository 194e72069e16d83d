"""Files that are in order come out as Python's own reader reads them, and nothing is put right in them."""

import csv
import io
import random
from pathlib import Path

import duckdb
import pytest

from core.ingest.delimited import TextTable, read_text
from core.ingest.source import ReaderSettings

WORDS = (
    "alpha",
    "Zoë",
    "x y",
    "5 %",
    "a-b",
    "O'Hara",
    'say "hi"',
    "two\nlines",
    "semi;colon",
    "com,ma",
    "tab\tbed",
    "",
)
DIALECTS = (
    {"delimiter": ","},
    {"delimiter": ";"},
    {"delimiter": "\t"},
    {"delimiter": "|"},
    {"delimiter": ",", "quoting": csv.QUOTE_ALL},
    {"delimiter": ";", "quoting": csv.QUOTE_NONNUMERIC},
    {"delimiter": ",", "lineterminator": "\r\n"},
    {"delimiter": ",", "lineterminator": "\r", "quoting": csv.QUOTE_ALL},
    {"delimiter": ",", "quotechar": "'", "quoting": csv.QUOTE_ALL},
)


def table(seed: int) -> list[list[str]]:
    """Names, and rows of a number, a date, words that need every kind of care, and a code."""
    made = random.Random(seed)
    n_words = made.randint(1, 4)
    names = ["id", "day", *(f"note {place}" for place in range(n_words)), "code"]
    rows = [
        [
            str(number),
            f"20{made.randint(10, 29)}-{made.randint(1, 12):02}-{made.randint(1, 28):02}",
            *(made.choice(WORDS) for _ in range(n_words)),
            f"K{made.randint(100, 999)}",
        ]
        for number in range(made.randint(2, 40))
    ]
    return [names, *rows]


def read(content: bytes, folder: Path, **settings: object) -> tuple[TextTable, list[list[str]]]:
    path = folder / "file.csv"
    path.write_bytes(content)
    with duckdb.connect() as connection:
        found = read_text(path, connection, ReaderSettings(**settings), folder)
        rows = connection.execute("SELECT * FROM source_text").fetchall()
    return found, [list(found.header or ()), *([value or "" for value in row] for row in rows)]


@pytest.mark.parametrize("dialect", DIALECTS, ids=repr)
def test_a_valid_file_is_read_as_it_was_written_and_nothing_is_put_right(dialect: dict, tmp_path: Path):
    for seed in range(25):
        wanted, text = table(seed), io.StringIO(newline="")
        csv.writer(text, **dialect).writerows(wanted)
        found, rows = read(text.getvalue().encode(), tmp_path)
        assert rows == wanted, (seed, found.assumed)
        assert (found.n_rejected, found.n_repaired) == (0, 0), (seed, found)
        assert found.settings.delimiter == dialect["delimiter"]
