"""Rollup tables in Arrow: encoded as Parquet, shifted in time, joined, and converted to DataFrames.

Texts are dictionaries here, so that millions of zone names are handled as small integers; columns of tuples
are lists.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_COMPRESSION = "zstd"


def to_arrow(table: pd.DataFrame) -> pa.Table:
    """Return a table in Arrow, without its index; NaN stays a number, which is faster than a null."""
    columns = {}
    for name in table.columns:
        values = table[name]
        if isinstance(values.dtype, pd.CategoricalDtype):
            names = pa.array(values.cat.categories.to_numpy(object), pa.string())
            codes = pa.array(values.cat.codes.to_numpy(np.int32))
            columns[str(name)] = pa.DictionaryArray.from_arrays(codes, names)
        elif values.dtype == object:
            columns[str(name)] = _from_tuples(values.tolist())
        elif isinstance(values.dtype, pd.StringDtype):
            columns[str(name)] = pa.array(values.to_numpy(object), pa.string()).dictionary_encode()
        else:
            columns[str(name)] = pa.array(values.to_numpy(), from_pandas=False)
    return pa.table(columns)


def to_pandas(table: pa.Table, *, categories: Collection[str] = ()) -> pd.DataFrame:
    """Return a table as a DataFrame: numbers, ``str``, and tuples as objects.

    Args:
        categories: text columns that become categories.
    """
    columns = {
        name: _to_categories(column) if name in categories else _to_column(column)
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return pd.DataFrame(columns, copy=False)


def encode_table(table: pa.Table) -> bytes:
    """Return a table as Parquet, compressed with zstd."""
    written = io.BytesIO()
    pq.write_table(
        table,
        written,
        compression=_COMPRESSION,
        use_dictionary=_list_texts(table.schema),
        write_statistics=False,
    )
    return written.getvalue()


def decode_table(content: bytes, columns: Collection[str] = ()) -> pa.Table:
    """Return an encoded table, or some of its columns as by ``select_columns``.

    Raises:
        pyarrow.ArrowException, OSError, ValueError: the bytes are no such table.
    """
    source = pa.BufferReader(content)
    metadata = pq.read_metadata(source)
    schema = metadata.schema.to_arrow_schema()
    # `read_table` would look at the file as at a folder of many, which takes longer than to decode it
    file = pq.ParquetFile(source, metadata=metadata, read_dictionary=_list_texts(schema))
    return file.read(columns=select_columns(schema.names, columns), use_threads=False)


def select_columns(names: Sequence[str], requested: Collection[str]) -> list[str]:
    """Return the wanted columns of a table, all if none is wanted, and always zone and line."""
    return [name for name in names if not requested or name in requested or name in {"zone", "line"}]


def shift_table(table: pa.Table, *, times: Collection[str], by_s: float, visitors_by: int) -> pa.Table:
    """Return the table with times shifted by seconds, and an offset added to visitor numbers."""
    for index, name in enumerate(table.column_names):
        column = table.column(name)
        if name in times:
            table = table.set_column(index, name, _add(column, by_s))
        elif name == "visitor" and visitors_by:
            table = table.set_column(index, name, pc.add(column, pa.scalar(visitors_by, column.type)))
    return table


def filter_rows(table: pa.Table, column: str, names: Collection[str]) -> pa.Table:
    """Return the rows that have one of these texts in a column."""
    return table.filter(pc.is_in(table.column(column), value_set=pa.array(sorted(names), pa.string())))


def join_tables(parts: Sequence[pa.Table], *, categories: Collection[str] = ()) -> pd.DataFrame:
    """Return the parts concatenated; for ``categories`` see ``to_pandas``."""
    joined = pa.concat_tables(parts, promote_options="default").unify_dictionaries()
    return to_pandas(joined, categories=categories)


def _list_texts(schema: pa.Schema) -> list[str]:
    """Return the text columns, and those within lists by their path in Parquet."""
    texts = []
    for field in schema:
        if _is_text(field.type):
            texts.append(field.name)
        elif _is_list(field.type) and _is_text(field.type.value_type):
            texts.append(f"{field.name}.list.element")
    return texts


def _add(column: pa.ChunkedArray, by_s: float) -> pa.ChunkedArray:
    if pa.types.is_null(column.type):
        return column
    if not _is_list(column.type):
        return pc.add(column, by_s)
    moved = [
        pa.ListArray.from_arrays(chunk.offsets, pc.add(chunk.values, by_s), type=column.type)
        for chunk in column.chunks
    ]
    return pa.chunked_array(moved, column.type)


def _to_column(column: pa.ChunkedArray) -> Any:
    if pa.types.is_null(column.type) or _is_list(column.type):
        return pd.Series(_to_tuples(column), dtype=object)
    if _is_text(column.type):
        return pd.Series(column.cast(pa.large_string()), dtype="str")
    return column.to_numpy()


def _to_categories(column: pa.ChunkedArray) -> pd.Categorical:
    whole = column.combine_chunks()
    names = pd.Index(whole.dictionary.to_pylist(), dtype="str")
    return pd.Categorical.from_codes(whole.indices.to_numpy(zero_copy_only=False), categories=names)


def _from_tuples(tuples: list[tuple[Any, ...]]) -> pa.Array:
    offsets = np.cumsum([0, *(len(values) for values in tuples)])
    flat = pa.array(list(itertools.chain.from_iterable(tuples)))
    if _is_text(flat.type):
        flat = flat.dictionary_encode()
    if pa.types.is_null(flat.type):
        return pa.nulls(len(tuples))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), flat, type=_list_of(flat.type))


def _list_of(kind: pa.DataType) -> pa.DataType:
    # the name that Parquet uses
    return pa.list_(pa.field("element", kind))


def _to_tuples(column: pa.ChunkedArray) -> list[tuple[Any, ...]]:
    if pa.types.is_null(column.type):
        return [()] * len(column)
    tuples: list[tuple[Any, ...]] = []
    for chunk in column.chunks:
        values = _list_values(chunk.values)
        tuples += [tuple(values[start:end]) for start, end in itertools.pairwise(chunk.offsets.to_pylist())]
    return tuples


def _list_values(values: pa.Array) -> list[Any]:
    if not pa.types.is_dictionary(values.type):
        return list(values.to_numpy(zero_copy_only=False).tolist())
    # one object for each text, however often it occurs
    names = np.array(values.dictionary.to_pylist(), dtype=object)
    return list(names[values.indices.to_numpy()].tolist())


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind))


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))
