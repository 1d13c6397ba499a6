"""A table of a rollup as the bytes of a Parquet file, and back with the very same types."""

from __future__ import annotations

import io
import itertools
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

_COMPRESSION = "zstd"


def encode_table(table: pd.DataFrame) -> bytes:
    """Parquet, compressed with zstd; columns of tuples become lists, and no index is kept."""
    encoded = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
    texts = [field.name for field in encoded.schema if _is_text(field.type)]
    written = io.BytesIO()
    pq.write_table(encoded, written, compression=_COMPRESSION, use_dictionary=texts, write_statistics=False)
    return written.getvalue()


def decode_table(content: bytes) -> pd.DataFrame:
    """The table that was encoded.

    Raises:
        pyarrow.ArrowException, OSError, ValueError: these are no such bytes.
    """
    read = pq.read_table(pa.BufferReader(content), use_threads=False)
    columns: dict[str, Any] = {}
    for name, column in zip(read.column_names, read.columns, strict=True):
        columns[name] = _decode_tuples(column) if _is_listed(column.type) else _decode_column(column)
    return pd.DataFrame(columns, copy=False)


def _decode_column(column: pa.ChunkedArray) -> Any:
    if _is_text(column.type):
        return column.cast(pa.large_string()).to_pandas(use_threads=False)
    return column.to_numpy()


def _decode_tuples(column: pa.ChunkedArray) -> pd.Series:
    found = np.empty(len(column), dtype=object)
    if not pa.types.is_null(column.type):
        at = 0
        for chunk in column.chunks:
            ends, values = chunk.offsets.to_pylist(), chunk.values.to_pylist()
            for start, end in itertools.pairwise(ends):
                found[at] = tuple(values[start:end])
                at += 1
    return pd.Series(found, dtype=object)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind))


def _is_listed(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_null(kind))
