import json

import duckdb
import pyarrow as pa
import pyarrow.feather as feather
import pytest

from core.errors import LoadError
from core.ingest import Column, ReaderSettings, read_source


@pytest.fixture
def connection():
    with duckdb.connect() as made:
        yield made


def rows(connection, source):
    return connection.execute(f'SELECT * FROM "{source.table}"').fetchall()


def written(tmp_path, text, name="a.json", encoding="utf-8"):
    path = tmp_path / name
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_json_with_or_without_a_mark_of_its_encoding_is_read(tmp_path, connection, encoding):
    source = read_source(written(tmp_path, '[{"a": "Zoë"}]', encoding=encoding), connection)
    assert rows(connection, source) == [("Zoë",)]


def test_objects_and_lists_within_a_row_stay_and_are_noted(tmp_path, connection):
    text = '{"id": 1, "who": {"name": "a", "tags": [1, 2]}}\n{"id": 2, "who": null}\n'
    source = read_source(written(tmp_path, text, "a.jsonl"), connection)
    assert source.columns[1] == Column("who", 'STRUCT("name" VARCHAR, tags BIGINT[])')
    assert "whose parts a step of Prepare can take out: who." in source.notes[0]


def test_values_of_several_types_in_one_column_become_text(tmp_path, connection):
    text = '[{"a": 1}, {"a": "x"}, {"a": null}, {"a": [1, "y"]}, {"b": 1}]'
    source = read_source(written(tmp_path, text), connection)
    assert [row[0] for row in rows(connection, source)] == ["1", "x", None, '[1,"y"]', None]


def test_the_list_that_one_object_holds_is_the_table(tmp_path, connection):
    text = '{"meta": {"page": 1}, "data": [{"a": 1}, {"a": 2, "b": "x"}]}'
    source = read_source(written(tmp_path, text), connection)
    assert rows(connection, source) == [(1, None), (2, "x")]
    assert source.settings.member == "data"
    both = written(tmp_path, '{"x": [{"a": 1}], "y": [{"b": 1}, {"b": 2}]}')
    with pytest.raises(LoadError, match="several lists") as caught:
        read_source(both, connection)
    assert "x, y" in caught.value.hint
    assert read_source(both, connection, ReaderSettings(member="y")).n_rows == 2


def test_an_object_longer_than_duckdb_expects_is_read(tmp_path, connection):
    text = json.dumps({"data": [{"i": n, "t": "x" * 200} for n in range(90_000)]})
    assert len(text) > 17_000_000
    assert read_source(written(tmp_path, text), connection).n_rows == 90_000


@pytest.mark.parametrize("text", ["[]", "{}", "[[1, 2], [3, 4]]", "[1, 2]", '{"a": 1', "[" * 5000])
def test_json_without_rows_gets_a_sentence(tmp_path, connection, text):
    with pytest.raises(LoadError) as caught:
        read_source(written(tmp_path, text), connection)
    assert caught.value.hint


def test_whole_numbers_of_any_size_and_identifiers_become_what_can_be_worked_with(tmp_path, connection):
    text = '[{"n": 170141183460469231731687303715884105, "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}]'
    source = read_source(written(tmp_path, text), connection)
    assert [column.type for column in source.columns] in (["DECIMAL(38,0)", "VARCHAR"], ["DOUBLE", "VARCHAR"])


ARROW = pa.table(
    {
        "id": [1, 2],
        "level": pa.array(["a", None]).dictionary_encode(),
        "at": pa.array([0, 1], pa.timestamp("ns")),
        "n": pa.array([1, 2], pa.uint8()),
    }
)


@pytest.mark.parametrize("kind", ["file", "stream", "compressed"])
def test_arrow_files_and_streams_are_read_in_batches(tmp_path, connection, kind):
    path = tmp_path / "a.feather"
    if kind == "stream":
        with pa.ipc.new_stream(str(path), ARROW.schema) as out:
            out.write_table(ARROW, 1)
    else:
        feather.write_feather(ARROW, str(path), compression="zstd" if kind == "compressed" else "uncompressed")
    source = read_source(path, connection)
    assert source.settings.kind == "arrow"
    assert [column.type for column in source.columns] == ["BIGINT", "VARCHAR", "TIMESTAMP", "UTINYINT"]
    assert [row[:2] for row in rows(connection, source)] == [(1, "a"), (2, None)]


def test_a_damaged_arrow_file_and_two_columns_of_one_name_get_a_sentence(tmp_path, connection):
    path = tmp_path / "a.arrow"
    feather.write_feather(ARROW, str(path))
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    with pytest.raises(LoadError, match="not a whole Arrow file"):
        read_source(path, connection)
    path.write_bytes(b"\xff\xff\xff\xff" + b"\x00" * 100)
    with pytest.raises(LoadError):
        read_source(path, connection)
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pa.ipc.new_stream(str(path), twice.schema) as out:
        out.write_table(twice)
    with pytest.raises(LoadError, match="one name"):
        read_source(path, connection)


def test_feather_of_the_first_version_is_refused_by_name(tmp_path, connection):
    (tmp_path / "a.feather").write_bytes(b"FEA1" + b"\x00" * 100)
    with pytest.raises(LoadError, match="version 1|none of the kinds"):
        read_source(tmp_path / "a.feather", connection)
