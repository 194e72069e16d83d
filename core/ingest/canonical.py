"""The sha256 of a table that has no file: of its rows in a form that does not depend on how they were cut in batches.

The form: the columns' names and types as JSON and a line end; then the rows in chunks of 65,536 (the last is shorter),
and in each chunk column by column: a byte per row, 1 where there is a value; then the values, 0 or nothing where
there is none. Numbers, dates and times are little-endian of the type's width, booleans a byte; texts and bytes are an
8-byte length per row and then all of them; lists a length per row and then their items as a column.
"""

import hashlib
import json
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CHUNK_ROWS = 65_536


class CanonicalDigest:
    """The digest of rows that arrive in batches; ``n_bytes`` is the length of what was digested."""

    def __init__(self, schema: pa.Schema) -> None:
        """Begin with the names and types."""
        self.n_bytes = 0
        self.n_rows = 0
        self._hash = hashlib.sha256()
        self._waiting: list[pa.RecordBatch] = []
        self._n_waiting = 0
        head = [[field.name, str(field.type)] for field in schema]
        self._add(json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")

    def update(self, batch: pa.RecordBatch) -> None:
        """Add a batch's rows after those before it."""
        self.n_rows += batch.num_rows
        while batch.num_rows:
            taken = batch.slice(0, CHUNK_ROWS - self._n_waiting)
            batch = batch.slice(taken.num_rows)
            self._waiting.append(taken)
            self._n_waiting += taken.num_rows
            if self._n_waiting == CHUNK_ROWS:
                self._flush()

    def hexdigest(self) -> str:
        """Return the sha256 of everything; nothing can be added afterwards."""
        self._flush()
        return self._hash.hexdigest()

    def _flush(self) -> None:
        if self._waiting:
            for column in pa.Table.from_batches(self._waiting).combine_chunks().columns:
                for part in _parts(column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column):
                    self._add(part)
        self._waiting, self._n_waiting = [], 0

    def _add(self, part: bytes) -> None:
        self.n_bytes += len(part)
        self._hash.update(part)


def _parts(array: pa.Array) -> Iterator[bytes]:
    """Yield the canonical bytes of one column of a chunk."""
    kind = array.type
    yield pc.cast(pc.is_valid(array), pa.uint8()).to_numpy().tobytes()
    if pa.types.is_null(kind):
        return
    if pa.types.is_boolean(kind):
        yield pc.cast(pc.fill_null(array, False), pa.uint8()).to_numpy().tobytes()
    elif pa.types.is_string(kind) or pa.types.is_binary(kind):
        yield from _texts(pc.fill_null(array, pa.scalar("" if pa.types.is_string(kind) else b"", kind)))
    elif pa.types.is_list(kind):
        yield pc.fill_null(pc.list_value_length(array), 0).cast(pa.int64()).to_numpy().tobytes()
        yield from _parts(array.flatten())
    else:
        yield _fixed(array)


def _texts(array: pa.Array) -> Iterator[bytes]:
    offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1]
    yield np.diff(offsets).astype("<i8").tobytes()
    data = array.buffers()[2]
    if data is not None and len(offsets):
        yield data.to_pybytes()[offsets[0] : offsets[-1]]


def _fixed(array: pa.Array) -> bytes:
    """Return the values of a type of fixed width, zeros where there is none."""
    width = array.type.bit_width // 8
    values = np.frombuffer(array.buffers()[1], np.uint8)
    rows = values[array.offset * width : (array.offset + len(array)) * width].reshape(len(array), width)
    if array.null_count:
        rows = np.where(pc.is_valid(array).to_numpy(zero_copy_only=False)[:, None], rows, 0).astype(np.uint8)
    return rows.tobytes()
