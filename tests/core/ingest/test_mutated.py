"""Files that were damaged at random: a table or a sentence comes of each, and nothing else."""

import gzip
import json
import random
import sqlite3
import zipfile
from contextlib import closing

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
import xlwt

from core.errors import LoadError
from core.ingest import read_source

N_MUTATED = 25
TABLE = pa.table({"id": list(range(90)), "s": [f"v{n}" for n in range(90)], "x": [n / 3 for n in range(90)]})
TEXT = "id,s\n" + "".join(f"{n},v{n}\n" for n in range(90))


def write_xlsx(path):
    book = openpyxl.Workbook()
    for row in [TABLE.column_names, *zip(*TABLE.to_pydict().values(), strict=True)]:
        book.active.append(row)
    book.save(path)


def write_xls(path):
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    for n in range(60):
        sheet.write(n, 0, n or "id")
        sheet.write(n, 1, f"v{n}")
    book.save(str(path))


def write_sqlite(path):
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT, x)")
        made.executemany("INSERT INTO t VALUES (?, ?, ?)", list(zip(*TABLE.to_pydict().values(), strict=True)))
        made.commit()


def write_duckdb(path):
    with duckdb.connect(str(path)) as made:
        made.execute("CREATE TABLE t AS SELECT range AS id, 'v' || range AS s FROM range(90)")


def write_stream(path):
    with pa.ipc.new_stream(str(path), TABLE.schema) as out:
        out.write_table(TABLE)


def write_zip(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", TEXT)
        archive.writestr("b.csv", TEXT)


WRITERS = {
    "arrows": write_stream,
    "csv.gz": lambda path: path.write_bytes(gzip.compress(TEXT.encode())),
    "duckdb": write_duckdb,
    "feather": lambda path: feather.write_feather(TABLE, str(path), compression="uncompressed"),
    "json": lambda path: path.write_text(json.dumps(TABLE.to_pylist())),
    "parquet": lambda path: pq.write_table(TABLE, path),
    "sqlite": write_sqlite,
    "xls": write_xls,
    "xlsx": write_xlsx,
    "zip": write_zip,
}


def mutated(content, chance):
    """Cut a file, take a piece out of it, put noise into it, or change some of its bytes."""
    made, way = bytearray(content), chance.random()
    at = chance.randrange(1, len(made))
    if way < 0.15:
        return bytes(made[:at])
    if way < 0.3:
        return bytes(made[:at] + made[at + chance.randrange(1, 200) :])
    if way < 0.4:
        return bytes(made[:at] + chance.randbytes(chance.randrange(1, 64)) + made[at:])
    for _ in range(chance.choice((1, 3, 10, 60))):
        made[chance.randrange(len(made))] = chance.randrange(256)
    return bytes(made)


@pytest.mark.parametrize("ending", WRITERS)
def test_of_a_damaged_file_comes_a_table_or_a_sentence(tmp_path, ending):
    path, chance = tmp_path / f"a.{ending}", random.Random(ending)
    WRITERS[ending](path)
    whole = path.read_bytes()
    with duckdb.connect() as connection:
        assert read_source(path, connection).n_rows >= 59
        for _ in range(N_MUTATED):
            path.write_bytes(mutated(whole, chance))
            try:
                assert read_source(path, connection, folder=tmp_path).n_rows > 0
            except LoadError as error:
                assert error.hint
