import gzip

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import LoadError
from core.ingest import ReaderSettings, read_source
from core.ingest.parts import Part, parts


@pytest.fixture
def connection():
    with duckdb.connect() as made:
        yield made


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "sales"
    (made / "old").mkdir(parents=True)
    (made / "b.csv").write_text("id,x\n3,c\n4,d\n")
    (made / "a.csv").write_text("id,x\n1,a\n2,b\n")
    (made / "old" / "c.csv.gz").write_bytes(gzip.compress(b"x,id\ne,5\nf,6\n"))
    (made / "_SUCCESS").write_text("")
    (made / ".hidden.csv").write_text("u\n1\n")
    return made


def rows(connection, source):
    return connection.execute(f'SELECT * FROM "{source.table}"').fetchall()


def test_a_folder_is_one_table_in_the_order_of_its_files_names(folder, connection):
    source = read_source(folder, connection)
    assert rows(connection, source) == [
        (1, "a", "a.csv"),
        (2, "b", "a.csv"),
        (3, "c", "b.csv"),
        (4, "d", "b.csv"),
        (5, "e", "old/c.csv.gz"),
        (6, "f", "old/c.csv.gz"),
    ]
    assert source.n_rows == 6
    assert source.n_bytes == sum((folder / name).stat().st_size for name in ("a.csv", "b.csv", "old/c.csv.gz"))
    again = read_source(folder, connection, source.settings)
    assert (again.sha256, again.settings) == (source.sha256, source.settings)


def test_a_pattern_chooses_files_and_the_digest_follows_names_and_contents(folder, connection):
    whole = read_source(folder, connection).sha256
    chosen = read_source(folder, connection, ReaderSettings(member="?.csv"))
    assert chosen.n_rows == 4
    assert read_source(folder / "?.csv", connection).sha256 == chosen.sha256 != whole
    (folder / "b.csv").rename(folder / "d.csv")
    assert read_source(folder / "?.csv", connection).sha256 != chosen.sha256
    with pytest.raises(LoadError, match=r"no '\*.json' in the folder 'sales'") as caught:
        read_source(folder / "*.json", connection)
    assert "a.csv" in caught.value.hint


def test_a_column_that_differs_is_named_with_the_file(folder, connection):
    (folder / "b.csv").write_text("id,y\n3,c\n4,d\n")
    with pytest.raises(LoadError, match="'b.csv' has no column 'x', which 'a.csv' has"):
        read_source(folder, connection)
    (folder / "b.csv").write_text("id,x,y\n3,c,1\n4,d,2\n")
    with pytest.raises(LoadError, match="'a.csv' has no column 'y', which 'b.csv' has"):
        read_source(folder, connection)


def test_a_column_whose_type_differs_from_file_to_file_is_typed_over_the_text_of_all(tmp_path, connection):
    for name, values in (("a", ("1", "002")), ("b", ("n/a", "+4")), ("c", ("", "5"))):
        (tmp_path / f"{name}.csv").write_text(
            "id,v,w\n" + "".join(f"1,{value},{n}.5\n" for n, value in enumerate(values))
        )
    source = read_source(tmp_path, connection)
    assert [column.type for column in source.columns] == ["BIGINT", "VARCHAR", "DOUBLE", "VARCHAR"]
    assert [row[1] for row in rows(connection, source)] == ["1", "002", "n/a", "+4", None, "5"]


def test_an_empty_column_in_one_file_does_not_make_the_others_text(tmp_path, connection):
    (tmp_path / "a.csv").write_text("id,v\n1,\n2,\n")
    (tmp_path / "b.csv").write_text("id,v\n3,7\n4,8\n")
    (tmp_path / "c.csv").write_text("id,v\n5,7.5\n6,8\n")
    source = read_source(tmp_path, connection)
    assert rows(connection, source)[2:] == [
        (3, 7.0, "b.csv"),
        (4, 8.0, "b.csv"),
        (5, 7.5, "c.csv"),
        (6, 8.0, "c.csv"),
    ]


def test_files_without_rows_are_noted_and_rows_that_do_not_fit_name_their_file(folder, connection):
    (folder / "aa.csv").write_text("id,x\n")
    (folder / "b.csv").write_text("id,x\n" + "".join(f"{n},v\n" for n in range(50)) + "1,2,3,4\n")
    source = read_source(folder, connection)
    assert "aa.csv has no rows." in source.notes
    assert source.n_rejected == len(source.rejected) == 1
    assert source.rejected[0].reason.startswith("In b.csv: ")


def test_parquet_files_widen_whole_numbers_and_nothing_else(tmp_path, connection):
    pq.write_table(pa.table({"a": pa.array([1], pa.int8()), "b": pa.array([1], pa.uint8())}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"a": pa.array([300], pa.int32()), "b": pa.array([-1], pa.int8())}), tmp_path / "2.parquet")
    source = read_source(tmp_path, connection)
    assert [column.type for column in source.columns] == ["INTEGER", "SMALLINT", "VARCHAR"]
    pq.write_table(pa.table({"a": ["x"], "b": [1]}), tmp_path / "3.parquet")
    with pytest.raises(LoadError, match=r"Column 'a' is VARCHAR in '3.parquet' and \w+ in '1.parquet'"):
        read_source(tmp_path, connection)


def test_a_column_that_is_called_as_ours_keeps_its_name(tmp_path, connection):
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("source_file,x\np,1\nq,2\n")
    source = read_source(tmp_path, connection)
    assert [column.name for column in source.columns] == ["source_file", "x", "source_file_2"]


def test_a_folder_with_nothing_in_it_and_a_fault_in_one_file_get_a_sentence(tmp_path, connection):
    with pytest.raises(LoadError, match="holds no files"):
        read_source(tmp_path, connection)
    (tmp_path / "a.csv").write_text("id,x\n1,a\n")
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.4 x\n" * 10)
    with pytest.raises(LoadError, match="b.pdf: .* is a PDF document"):
        read_source(tmp_path, connection)


def test_the_parts_of_a_folder_and_of_an_archive_are_listed_with_their_sizes(folder):
    assert parts(folder, None)[0] == Part("a.csv", None, 13)
    assert [part.name for part in parts(folder, None)] == ["a.csv", "b.csv", "old/c.csv.gz"]
    assert parts(folder / "a.csv", None) == ()
