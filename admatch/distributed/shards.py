"""Parquet files → shards of a bounded number of rows, each with the name of its result."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from admatch.distributed.places import Found, digest_of, parquet_files, write_file
from admatch.errors import InputError
from admatch.tables.address import file_system, reaching

LOOKED_AT = 16  # files whose ends are read at the same time
_BROKEN = (pa.ArrowException, OSError, pl.exceptions.PolarsError)
_AWAY = (PermissionError, FileNotFoundError, ConnectionError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Shard:
    """Rows ``start`` … ``start + rows`` of the file ``source``, and its result's ``name``.

    The name tells the content of the file and what was asked of it: a file of that name is the
    finished result of just this shard.
    """

    source: str
    start: int
    rows: int
    name: str


@dataclass(frozen=True)
class ShardPlan:
    """The shards of all inputs in their order, and the content of each input."""

    shards: tuple[Shard, ...]
    inputs: Mapping[str, str]

    @property
    def rows(self) -> int:
        """How many rows all shards have together."""
        return sum(shard.rows for shard in self.shards)


@dataclass(frozen=True, slots=True)
class _Looked:
    found: Found
    digest: str
    rows: int
    schema: pa.Schema


def plan_shards(
    places: Sequence[str | Path], column: str, added: Sequence[str], question: str, rows: int
) -> ShardPlan:
    """Return the shards, of at most ``rows`` rows each, of all Parquet files in ``places``.

    Folders of the input stay folders of the result. Raises InputError for a file that cannot be
    read, that has no text in ``column``, or that has one of the columns to be ``added``.
    """
    found = [one for place in places for one in parquet_files(place)]
    with ThreadPoolExecutor(LOOKED_AT) as pool:
        files = list(pool.map(_look, found))
    for one in files:
        _check_columns(one, column, added)
    seen: Counter[tuple[str, str]] = Counter()
    shards: list[Shard] = []
    for one in files:
        again = (one.found.below, one.digest)  # the same file named twice is two inputs
        key = _key(question, one.digest, str(seen[again]))
        seen[again] += 1
        stem = str(PurePosixPath(one.found.below).with_suffix(""))
        shards += [
            Shard(
                one.found.address,
                start,
                min(rows, one.rows - start),
                f"{stem}-{key}-{start // rows:05}.parquet",
            )
            for start in range(0, one.rows, rows)
        ]
    if not shards:
        raise InputError(f"the {len(files)} Parquet files hold no rows; there is nothing to match")
    return ShardPlan(tuple(shards), {one.found.address: one.digest for one in files})


def read_shard(shard: Shard) -> pl.DataFrame:
    """Return a shard's rows; raises InputError where they cannot be read.

    Held at once are the shard and the pages of it that are being unpacked.
    """
    with _opened(shard.source) as file:
        table = _rows(pq.ParquetFile(file), shard.start, shard.rows)
        frame = pl.from_arrow(table)
    if not isinstance(frame, pl.DataFrame) or frame.height != shard.rows:
        raise InputError(
            f"{shard.source} changed while it was read: rows {shard.start} to "
            f"{shard.start + shard.rows} are not there; run the command again"
        )
    return frame


def write_shard(folder: str, shard: Shard, frame: pl.DataFrame) -> None:
    """Write a shard's result, whole or not at all."""
    buffer = BytesIO()
    frame.write_parquet(buffer)
    write_file(folder, shard.name, buffer.getvalue())


def _rows(file: pq.ParquetFile, start: int, rows: int) -> pa.Table:
    """Return some rows, unpacking only the row groups that hold them."""
    groups: list[int] = []
    before = first = 0
    for group in range(file.num_row_groups):
        count = file.metadata.row_group(group).num_rows
        if before < start + rows and start < before + count:
            first = first if groups else before
            groups.append(group)
        before += count
    parts, place = [], first
    for batch in file.iter_batches(batch_size=rows, row_groups=groups):
        low, high = max(start - place, 0), min(start + rows - place, batch.num_rows)
        if low < high:
            parts.append(batch.slice(low, high - low))
        place += batch.num_rows
        if place >= start + rows:
            break
    return pa.Table.from_batches(parts, schema=file.schema_arrow)


def _look(found: Found) -> _Looked:
    with _opened(found.address) as file:
        parquet = pq.ParquetFile(file)
        rows, schema = parquet.metadata.num_rows, parquet.schema_arrow
    return _Looked(found, digest_of(found.address), rows, schema)


@contextmanager
def _opened(source: str) -> Iterator[Any]:
    """Yield a file to read Parquet from, and turn what goes wrong with it into a sentence."""
    fs, path = file_system(source)
    with reaching(source):
        try:
            with fs.open(path, "rb") as file:
                yield file
        except _AWAY:
            raise
        except _BROKEN as error:
            why = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise InputError(
                f"{source} cannot be read ({why}): it is no Parquet file, or it was cut off; write "
                "it again"
            ) from None


def _check_columns(file: _Looked, column: str, added: Sequence[str]) -> None:
    names = file.schema.names
    if column not in names:
        raise InputError(
            f"{file.found.address} has no column '{column}'; it has {', '.join(names[:12])}; "
            "rename the one that holds the search terms"
        )
    kind = file.schema.field(column).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not any(
        test(kind) for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_null)
    ):
        raise InputError(
            f"column '{column}' of {file.found.address} holds {kind}, no text; write it as text"
        )
    taken = [name for name in names if name in added]
    if taken:
        raise InputError(
            f"{file.found.address} has already what is to be added to it ({', '.join(taken)}); "
            "give the search terms as they were before, or rename these columns"
        )


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
