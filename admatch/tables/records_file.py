"""JSON, JSON Lines and Parquet → a ``RawTable``."""

import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from admatch.errors import InputError, Problem
from admatch.messages import Message, say
from admatch.tables.encoding import decode
from admatch.tables.raw import RawTable


def read_json(path: Path, content: bytes) -> RawTable:
    """Return the records of a JSON array, of JSON Lines, or of an object's one array of records.

    Row n is the n-th record (JSON array) or the n-th line (JSON Lines). Nested objects become
    columns with dotted names, lists keep their JSON text. Raises ``InputError`` for anything else.
    """
    text, problems = decode(path, content)
    records, broken = _records(path, text)
    if not records:
        raise InputError(say("tables.records.no_record", file=path.name))
    flat = [(row, dict(_flatten("", record))) for row, record in records]
    names = list(dict.fromkeys(name for _, record in flat for name in record))
    rows = pl.Series("row", [0, *(row for row, _ in flat)], pl.Int64)
    cells = [names, *([record.get(name) or None for name in names] for _, record in flat)]
    schema = {str(at): pl.String for at in range(len(names))}
    lines = pl.DataFrame(cells, schema=schema, orient="row")
    full = ~lines.select(pl.all_horizontal(pl.all().is_null())).to_series()
    return RawTable(
        path, lines.filter(full), rows.filter(full), typed=True, read_problems=problems + broken
    )


def read_parquet(path: Path, content: bytes) -> RawTable:
    """Return the table of a Parquet file; row n is its n-th row. Raises ``InputError``."""
    return _typed_table(path, _parquet(path, content))


def read_parquet_parts(folder: Path, parts: Iterable[Path]) -> RawTable:
    """Return the Parquet files of a folder as one table; row n is the n-th of all.

    Raises ``InputError``.
    """
    frames = [_parquet(part, part.read_bytes()) for part in parts]
    try:
        return _typed_table(folder, pl.concat(frames, how="vertical_relaxed"))
    except pl.exceptions.PolarsError:
        raise InputError(say("tables.records.columns_differ", folder=str(folder))) from None


def read_parquet_batches(path: Path, rows: int) -> Iterator[RawTable]:
    """Yield a Parquet file as ``read_parquet`` reads it, so many ``rows`` at a time.

    The first table has the header. Raises ``InputError``.
    """
    try:
        cells, row = _header(pl.read_parquet_schema(path)), 0
        for frame in pl.scan_parquet(path).collect_batches(chunk_size=rows):
            cells = pl.concat([cells, _texts(frame)])
            yield RawTable.from_lines(path, cells, first_row=row, typed=True)
            row += cells.height
            cells = cells.clear()
    except pl.exceptions.PolarsError:
        raise _damaged(path) from None
    if cells.height:  # no rows below the header
        yield RawTable.from_lines(path, cells, first_row=row, typed=True)


def _parquet(path: Path, content: bytes) -> pl.DataFrame:
    try:
        return pl.read_parquet(io.BytesIO(content))
    except pl.exceptions.PolarsError:
        raise _damaged(path) from None


def _damaged(path: Path) -> InputError:
    return InputError(say("tables.records.no_parquet", file=path.name))


def _typed_table(path: Path, frame: pl.DataFrame) -> RawTable:
    lines = pl.concat([_header(frame.schema), _texts(frame)])
    return RawTable.from_lines(path, lines, first_row=0, typed=True)


def _header(names: Iterable[str]) -> pl.DataFrame:
    return pl.DataFrame({name: [name] for name in names})


def _texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the cells as text; lists keep their JSON text."""
    lists = pl.selectors.list() | pl.selectors.array()
    flat = frame.with_columns(
        lists.map_elements(lambda cell: _text(list(cell)), return_dtype=pl.String)
    )
    return _unnest(flat).cast(pl.String)


def _unnest(frame: pl.DataFrame) -> pl.DataFrame:
    for name, dtype in frame.schema.items():
        if isinstance(dtype, pl.Struct):
            encoded = pl.col(name).struct.json_encode()
            frame = frame.with_columns(
                pl.when(pl.col(name).is_not_null()).then(encoded).alias(name)
            )
    return frame


def _records(path: Path, text: str) -> tuple[list[tuple[int, dict[str, Any]]], tuple[Problem, ...]]:
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        return _json_lines(path, text)
    except RecursionError:
        raise InputError(say("tables.records.too_deep", file=path.name)) from None
    if isinstance(whole, dict):
        lists = [value for value in whole.values() if _holds_records(value)]
        whole = lists[0] if len(lists) == 1 else [whole]
    if not _holds_records(whole):
        raise InputError(say("tables.records.no_list", file=path.name))
    return list(enumerate(whole, start=1)), ()


def _holds_records(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _json_lines(
    path: Path, text: str
) -> tuple[list[tuple[int, dict[str, Any]]], tuple[Problem, ...]]:
    records: list[tuple[int, dict[str, Any]]] = []
    problems: list[Problem] = []
    for row, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            if not records:
                raise InputError(
                    say("tables.records.no_json", file=path.name, why=error.msg, line=row)
                ) from None
            problems.append(_broken(path, row, line, error.msg))
            continue
        except RecursionError:
            problems.append(_broken(path, row, line[:100], say("tables.records.nested")))
            continue
        if isinstance(record, dict):
            records.append((row, record))
        else:
            problems.append(_broken(path, row, line, say("tables.records.no_object")))
    return records, tuple(problems)


def _broken(path: Path, row: int, line: str, why: str | Message) -> Problem:
    what, remedy = say("tables.records.broken_line", why=why), say("tables.records.left_out")
    return Problem(path, what, remedy, row=row, value=line)


def _flatten(prefix: str, record: dict[str, Any]) -> Iterable[tuple[str, str | None]]:
    for name, value in record.items():
        if isinstance(value, dict) and value:
            yield from _flatten(f"{prefix}{name}.", value)
        else:
            yield f"{prefix}{name}", _text(value)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
