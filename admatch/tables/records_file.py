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
from admatch.tables.json_text import load_json
from admatch.tables.limits import DEPTH, check_shape
from admatch.tables.parquet_size import check_parquet
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
    check_shape(path.name, len(flat), len(names))
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
        check_parquet(path.name, path)
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
        check_parquet(path.name, content)
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
    """Return the cells as text; lists and records become JSON."""
    return frame.select(map(_as_text, frame.get_columns()))


def _as_text(cells: pl.Series) -> pl.Series:
    dtype = cells.dtype
    if dtype.is_nested() or dtype == pl.Object:
        return pl.Series(cells.name, map(_json, cells.to_list()), pl.String)
    if dtype == pl.Binary:  # texts that were written without their type
        return cells.map_elements(_letters, pl.String)
    return cells.dt.to_string("polars") if dtype == pl.Duration else cells.cast(pl.String)


def _json(cell: object) -> str | None:
    return None if cell is None else json.dumps(cell, ensure_ascii=False, default=_in_json)


def _in_json(value: object) -> str:
    """Return what JSON has no form for, such as a day, as text."""
    return _letters(value) if isinstance(value, bytes) else str(value)


def _letters(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _records(path: Path, text: str) -> tuple[list[tuple[int, dict[str, Any]]], tuple[Problem, ...]]:
    try:
        whole = load_json(text)
    except json.JSONDecodeError:
        return _json_lines(path, text)
    except RecursionError:
        raise InputError(say("tables.records.too_deep", file=path.name)) from None
    if isinstance(whole, dict):
        lists = [value for value in whole.values() if _holds_records(value)]
        whole = lists[0] if len(lists) == 1 else _records_within(whole) or [whole]
    if not _holds_records(whole):
        raise InputError(say("tables.records.no_list", file=path.name))
    return list(enumerate(whole, start=1)), ()


def _records_within(whole: dict[str, Any]) -> list[Any] | None:
    """Return the one list of records in the objects of an answer: ``{"data": {"products": […]}}``.

    An object with a text of its own is a record, whatever lists it has.
    """
    found = []
    for inner in (value for value in whole.values() if isinstance(value, dict)):
        lists = [value for value in inner.values() if _holds_records(value)]
        if any(isinstance(value, str) for value in inner.values()):
            found += [[inner]] if lists else []
        elif len(lists) == 1:
            found.append(lists[0])
        elif not lists and (deeper := _records_within(inner)):
            found.append(deeper)
    return found[0] if len(found) == 1 else None


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
            record = load_json(line)
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


def _flatten(
    prefix: str, record: dict[str, Any], depth: int = DEPTH
) -> Iterable[tuple[str, str | None]]:
    for name, value in record.items():
        if isinstance(value, dict) and value and depth:
            yield from _flatten(f"{prefix}{name}.", value, depth - 1)
        else:
            yield f"{prefix}{name}", _text(value)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
