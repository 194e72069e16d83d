import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections import namedtuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import LoadError
from core.ingest import ReaderSettings, read_source, sha256_of
from core.ingest import archive as archives

DiskUsage = namedtuple("DiskUsage", "total used free")
CSV = b"id,name,x\n1,a,1.5\n2,b,2\n3,c,\n"
ROWS = [(1, "a", 1.5), (2, "b", 2.0), (3, "c", None)]


@pytest.fixture
def connection():
    with duckdb.connect() as made:
        yield made


def zipped(path, members, compression=zipfile.ZIP_DEFLATED):
    """Write a zip archive and return its path."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def rows(connection, source):
    return connection.execute(f'SELECT * FROM "{source.table}"').fetchall()


def zstd(content):
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as out:
        out.write(content)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    ("ending", "compress"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress), ("zst", zstd)]
)
def test_a_compressed_text_is_read_and_named_by_the_file_as_it_lies_there(tmp_path, connection, ending, compress):
    path = tmp_path / f"a.csv.{ending}"
    path.write_bytes(compress(CSV))
    source = read_source(path, connection)
    assert rows(connection, source) == ROWS
    assert (source.n_bytes, source.sha256) == (path.stat().st_size, sha256_of(path))


def test_what_was_compressed_in_pieces_or_twice_is_read_whole(tmp_path, connection):
    for name, content in (
        ("a.csv.gz", gzip.compress(CSV) + gzip.compress(b"4,d,4\n")),
        ("b.csv.zst", zstd(CSV) + zstd(b"4,d,4\n")),
        ("c.csv.gz.xz", lzma.compress(gzip.compress(CSV + b"4,d,4\n"))),
    ):
        (tmp_path / name).write_bytes(content)
        assert read_source(tmp_path / name, connection).n_rows == 4


def test_the_ending_does_not_matter(tmp_path, connection):
    (tmp_path / "export").write_bytes(bz2.compress(CSV))
    assert rows(connection, read_source(tmp_path / "export", connection)) == ROWS


@pytest.mark.parametrize("cut", [20, 40])
@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstd])
def test_a_damaged_compressed_file_gets_a_sentence(tmp_path, connection, compress, cut):
    whole = compress(CSV * 50)
    (tmp_path / "a.csv.gz").write_bytes(whole[:cut])
    with pytest.raises(LoadError, match="damaged"):
        read_source(tmp_path / "a.csv.gz", connection)


def test_the_one_file_in_an_archive_is_taken_whatever_systems_put_beside_it(tmp_path, connection):
    path = zipped(tmp_path / "a.zip", {"in/a.csv": CSV, "__MACOSX/in/._a.csv": b"x", ".DS_Store": b"x"})
    source = read_source(path, connection)
    assert rows(connection, source) == ROWS
    assert source.settings.member == "in/a.csv"
    again = read_source(path, connection, source.settings)
    assert again.settings == source.settings


def test_parquet_in_a_zip_and_csv_in_a_tar_are_read(tmp_path, connection):
    buffer = io.BytesIO()
    pq.write_table(pa.table({"a": [1, 2]}), buffer)
    assert read_source(zipped(tmp_path / "a.zip", {"a.parquet": buffer.getvalue()}), connection).n_rows == 2
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        info = tarfile.TarInfo("x/a.csv")
        info.size = len(CSV)
        tar.addfile(info, io.BytesIO(CSV))
    assert rows(connection, read_source(tmp_path / "a.tar.gz", connection)) == ROWS


def test_several_files_of_one_schema_are_one_table_that_names_them(tmp_path, connection):
    path = zipped(tmp_path / "a.zip", {"b.csv": CSV, "a.csv": b"x,ID,name\n9,7,z\n8,6,y\n"})
    source = read_source(path, connection)
    assert [column.name for column in source.columns] == ["id", "name", "x", "source_file"]
    assert rows(connection, source) == [(*row, "b.csv") for row in ROWS] + [
        (7, "z", 9.0, "a.csv"),
        (6, "y", 8.0, "a.csv"),
    ]
    assert (source.n_bytes, source.sha256) == (path.stat().st_size, sha256_of(path))


def test_several_different_files_are_listed_and_one_can_be_chosen(tmp_path, connection):
    path = zipped(tmp_path / "a.zip", {"a.csv": CSV, "b.csv": b"u,v\n1,2\n3,4\n"})
    with pytest.raises(LoadError, match=r"'b.csv' has no column 'id', which 'a.csv' has") as caught:
        read_source(path, connection)
    assert "a.csv, b.csv" in caught.value.hint
    assert read_source(path, connection, ReaderSettings(member="b.csv")).n_rows == 2
    with pytest.raises(LoadError, match="no 'c.csv'") as caught:
        read_source(path, connection, ReaderSettings(member="c.csv"))
    assert "a.csv, b.csv" in caught.value.hint


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "x/../../a.csv", "..\\a.csv", "C:\\a.csv"])
def test_an_archive_that_names_a_file_outside_of_itself_is_refused(tmp_path, connection, name):
    with pytest.raises(LoadError, match="outside of itself"):
        read_source(zipped(tmp_path / "a.zip", {name: CSV}), connection)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip"]


@pytest.mark.parametrize("kind", ["zip", "gzip"])
def test_a_bomb_is_refused_without_filling_the_disk(tmp_path, connection, monkeypatch, kind):
    monkeypatch.setattr(archives, "LEAST_BYTES", 1 << 20)
    nothing = bytes(8 << 20)
    path = tmp_path / "a.csv.gz"
    if kind == "zip":
        zipped(path, {"a.csv": nothing})
    else:
        path.write_bytes(gzip.compress(nothing))
    with pytest.raises(LoadError, match="more than 250 times its size"):
        read_source(path, connection, folder=tmp_path)


def test_a_zip_that_lies_about_its_sizes_or_is_damaged_is_refused(tmp_path, connection):
    path = zipped(tmp_path / "a.zip", {"a.csv": CSV * 100})
    content = bytearray(path.read_bytes())
    content[60:80] = b"\x00" * 20
    path.write_bytes(bytes(content))
    with pytest.raises(LoadError, match="damaged"):
        read_source(path, connection)


def test_an_archive_within_an_archive_and_one_with_nothing_in_it_get_a_sentence(tmp_path, connection):
    inner = zipped(tmp_path / "inner.zip", {"a.csv": CSV}).read_bytes()
    with pytest.raises(LoadError, match="is an archive itself"):
        read_source(zipped(tmp_path / "a.zip", {"inner.zip": inner}), connection)
    with pytest.raises(LoadError, match="holds no files"):
        read_source(zipped(tmp_path / "b.zip", {"_README": b"x"}), connection)


def test_too_many_members_are_refused(tmp_path, connection, monkeypatch):
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    with pytest.raises(LoadError, match="more than 3 files"):
        read_source(zipped(tmp_path / "a.zip", {f"{n}.csv": CSV for n in range(4)}), connection)


def test_there_is_a_sentence_when_the_disk_is_full(tmp_path, connection, monkeypatch):
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda folder: DiskUsage(10**9, 10**9, 1000))
    with pytest.raises(LoadError, match="no room on the disk"):
        read_source(zipped(tmp_path / "a.zip", {"a.csv": CSV}), connection)
