"""What a Parquet file would take in memory, found before its cells are decoded."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from admatch.tables.limits import TEXT, check_shape, check_text, check_unpacked


def check_parquet(file: str, source: Path | bytes) -> None:
    """Raise InputError where a Parquet file holds too much; what cannot be opened passes."""
    try:
        metadata = pq.read_metadata(_opened(source))
    except (OSError, pa.ArrowException):
        return  # the reader says what is wrong with it
    check_shape(file, metadata.num_rows, metadata.num_columns)
    groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
    values = sum(group.column(at).num_values for group in groups for at in range(group.num_columns))
    check_shape(file, values, 1)  # a cell that is a list has many
    stored = sum(group.total_byte_size for group in groups)
    check_unpacked(file, stored)
    if metadata.num_rows * stored <= TEXT:  # no text that is repeated can be too long
        return
    try:
        size = _text_size(source)
    except (OSError, pa.ArrowException):
        return
    check_text(file, size)


def _text_size(source: Path | bytes) -> int:
    """Return the bytes of all texts: one that stands once in the file may fill millions of cells.

    Columns are read as numbers of texts, so that repeated ones are in memory once.
    """
    schema = pq.read_schema(_opened(source))
    names = [field.name for field in schema if _is_text(field.type)]
    opened = pq.ParquetFile(_opened(source), read_dictionary=names)
    return sum(
        _chunk_size(chunk)
        for group in range(opened.num_row_groups)
        for name in names
        for chunk in opened.read_row_group(group, columns=[name])[name].chunks
    )


def _is_text(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_binary(kind))


def _chunk_size(chunk: pa.DictionaryArray) -> int:
    sizes = pc.binary_length(chunk.dictionary).cast(pa.int64())
    return pc.sum(sizes.take(chunk.indices)).as_py() or 0


def _opened(source: Path | bytes) -> Path | io.BytesIO:
    return source if isinstance(source, Path) else io.BytesIO(source)
