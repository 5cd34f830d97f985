"""Parquet files → shards of limited size, and the folder of their results."""

import hashlib
import json
import re
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

from admatch.distributed.files import (
    Found,
    digest_of,
    names_in,
    parquet_files,
    remove_files,
    try_writing,
    write_file,
)
from admatch.errors import InputError
from admatch.messages import say
from admatch.tables.address import file_system, reaching

MANIFEST = "manifest.json"
LOOKED_AT = 16  # files whose footers are read at the same time
# What earlier runs may have left: shards of another input or index.
_SHARD = re.compile(r"-[0-9a-f]{12}-\d{5}\.parquet$")
_BROKEN = (pa.ArrowException, OSError, pl.exceptions.PolarsError)
_AWAY = (PermissionError, FileNotFoundError, ConnectionError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Shard:
    """Rows ``start`` … ``start + rows`` of the file ``source``, and its result's ``name``.

    The name is derived from the content of the file and from the question, so a file with that name
    is the finished result of exactly this shard.
    """

    source: str
    start: int
    rows: int
    name: str


@dataclass(frozen=True)
class ShardPlan:
    """The shards of all inputs in their order, and the digest of each input."""

    shards: tuple[Shard, ...]
    inputs: Mapping[str, str]

    @property
    def rows(self) -> int:
        """The rows of all shards together."""
        return sum(shard.rows for shard in self.shards)


@dataclass(frozen=True, slots=True)
class _Looked:
    found: Found
    digest: str
    rows: int
    schema: pa.Schema


def plan_shards(
    sources: Sequence[str | Path], column: str, added: Sequence[str], question: str, rows: int
) -> ShardPlan:
    """Return the shards, of at most ``rows`` rows each, of all Parquet files in ``sources``.

    Subfolders of the input are subfolders of the result. Raises ``InputError`` for a file that
    cannot be read, that has no text in ``column``, or that has one of the columns to be ``added``.
    """
    found = [one for source in sources for one in parquet_files(source)]
    with ThreadPoolExecutor(LOOKED_AT) as pool:
        files = list(pool.map(_look, found))
    for one in files:
        _check_columns(one, column, added)
    seen: Counter[tuple[str, str]] = Counter()
    shards: list[Shard] = []
    for one in files:
        again = (one.found.below, one.digest)  # the same file given twice is two inputs
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
        raise InputError(say("distributed.files.no_rows", n=len(files)))
    return ShardPlan(tuple(shards), {one.found.address: one.digest for one in files})


def read_shard(shard: Shard) -> pl.DataFrame:
    """Return a shard's rows; raises ``InputError`` where they cannot be read.

    In memory at once are the shard and those of its pages that are being unpacked.
    """
    with _opened(shard.source) as file:
        table = _rows(pq.ParquetFile(file), shard.start, shard.rows)
        frame = pl.from_arrow(table)
    if not isinstance(frame, pl.DataFrame) or frame.height != shard.rows:
        first, last = shard.start, shard.start + shard.rows
        raise InputError(
            say("distributed.files.changed", file=shard.source, first=first, last=last)
        )
    return frame


def write_shard(folder: str, shard: Shard, frame: pl.DataFrame) -> None:
    """Write a shard's result, whole or not at all."""
    buffer = BytesIO()
    frame.write_parquet(buffer)
    write_file(folder, shard.name, buffer.getvalue())


def unfinished(plan: ShardPlan, folder: str) -> list[Shard]:
    """Return the shards that are not in the result folder yet; shards of other runs are removed.

    Until ``finish`` there is no manifest, so that nobody takes the folder for complete. Raises
    ``InputError`` where an input lies in the folder, or where it cannot be written to.
    """
    inside = [source for source in plan.inputs if source.startswith(folder.rstrip("/") + "/")]
    if inside:
        raise InputError(say("distributed.result.input_inside", file=inside[0]))
    names = set(names_in(folder))
    planned = {shard.name for shard in plan.shards}
    old = [name for name in names if _SHARD.search(name) and name not in planned]
    todo = [shard for shard in plan.shards if shard.name not in names]
    if todo:
        try_writing(folder)
    remove_files(folder, [*old, *(names & {MANIFEST} if todo or old else ())])
    return todo


def finish(plan: ShardPlan, folder: str, question: dict[str, object]) -> None:
    """Write the manifest: the question, the digest of each input, the shards in input order.

    Raises ``InputError`` where a shard is missing.
    """
    missing = {shard.name for shard in plan.shards} - set(names_in(folder))
    if missing:
        example = min(missing)
        raise InputError(
            say("distributed.result.missing", n=len(missing), folder=folder, example=example)
        )
    content = {
        **question,
        "rows": plan.rows,
        "inputs": dict(plan.inputs),
        "shards": [
            {"file": one.name, "source": one.source, "start": one.start, "rows": one.rows}
            for one in plan.shards
        ],
    }
    write_file(folder, MANIFEST, (json.dumps(content, indent=1) + "\n").encode())


def _rows(file: pq.ParquetFile, start: int, rows: int) -> pa.Table:
    """Return some rows; only the row groups that hold them are unpacked."""
    groups: list[int] = []
    before = first = 0
    for group in range(file.num_row_groups):
        count = file.metadata.row_group(group).num_rows
        if before < start + rows and start < before + count:
            first = first if groups else before
            groups.append(group)
        before += count
    parts, at = [], first
    for batch in file.iter_batches(batch_size=rows, row_groups=groups):
        low, high = max(start - at, 0), min(start + rows - at, batch.num_rows)
        if low < high:
            parts.append(batch.slice(low, high - low))
        at += batch.num_rows
        if at >= start + rows:
            break
    return pa.Table.from_batches(parts, schema=file.schema_arrow)


def _look(found: Found) -> _Looked:
    with _opened(found.address) as file:
        parquet = pq.ParquetFile(file)
        rows, schema = parquet.metadata.num_rows, parquet.schema_arrow
    return _Looked(found, digest_of(found.address), rows, schema)


@contextmanager
def _opened(source: str) -> Iterator[Any]:
    """Yield a file to read Parquet from; raises ``InputError`` for whatever goes wrong."""
    fs, path = file_system(source)
    with reaching(source):
        try:
            with fs.open(path, "rb") as file:
                yield file
        except _AWAY:
            raise
        except _BROKEN as error:
            why = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise InputError(say("distributed.files.broken", file=source, why=why)) from None


def _check_columns(file: _Looked, column: str, added: Sequence[str]) -> None:
    address, names = file.found.address, file.schema.names
    if column not in names:
        there = ", ".join(names[:12])
        raise InputError(
            say("distributed.columns.missing", file=address, column=column, columns=there)
        )
    kind = file.schema.field(column).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not any(
        test(kind) for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_null)
    ):
        raise InputError(
            say("distributed.columns.no_text", file=address, column=column, kind=str(kind))
        )
    taken = [name for name in names if name in added]
    if taken:
        columns = ", ".join(taken)
        raise InputError(say("distributed.columns.taken", file=address, columns=columns))


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
