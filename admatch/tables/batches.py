"""Delimited text and Parquet of any size → tables of a few lines each, so memory stays bounded."""

import csv
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from admatch.tables.content import is_filled, is_packed, is_web_page, open_content, suffix_of
from admatch.tables.delimited import (
    ends_early,
    find_separator,
    has_escapes,
    is_regular,
    parse_regular,
    sample_of,
    sample_width,
)
from admatch.tables.encoding import is_utf8
from admatch.tables.limits import check_shape
from admatch.tables.raw import RawTable
from admatch.tables.reader import is_delimited
from admatch.tables.records_file import read_parquet_batches

BATCH = 1 << 25  # bytes of text; their cells take some twenty times as much
_ROW = 256  # bytes of a report's row, about
_SAMPLE = 1 << 20
_MARK = b"\xef\xbb\xbf"
# the header is looked for in the first lines, totals without a campaign in the last ones
_LEAST_LINES = 48


class WholeFileError(Exception):
    """The file can only be read as a whole: another format or encoding, stray quotes."""


@dataclass(frozen=True, slots=True)
class _Text:
    """How the cells of a file are separated, found in its first lines."""

    path: Path
    sample: str
    separator: str
    width: int


def read_batches(path: Path) -> Iterator[RawTable]:
    """Yield the lines of ``path`` as ``read_tables`` does, some at a time; row numbers run on.

    The first and the last table are long enough for headers and totals to be found in them. Raises
    ``WholeFileError`` where ``read_tables`` is needed, and for its messages.
    """
    previous: RawTable | None = None
    short: RawTable | None = None
    for table in _tables(path):
        short = _joined(short, table)
        if short.lines.height >= _LEAST_LINES:
            if previous is not None:
                yield previous
            previous, short = short, None
    if short is not None:
        previous = _joined(previous, short)
    if previous is not None:
        yield previous


def _tables(path: Path) -> Iterator[RawTable]:
    try:
        with open_content(path) as stream:
            start = stream.read(_SAMPLE)
    except (OSError, EOFError, zlib.error):
        raise WholeFileError from None
    if start.startswith(b"PAR1"):
        return read_parquet_batches(path, max(1, BATCH // _ROW))
    return _text_tables(_look(path, start))


def _look(path: Path, start: bytes) -> _Text:
    unfit = is_packed(start) or not is_filled(start) or is_web_page(start) or b"\x00" in start
    if unfit or not is_delimited(start, suffix_of(path)):
        raise WholeFileError
    start = start.removeprefix(_MARK)
    sample = sample_of(start)
    separator = find_separator(sample)
    width = sample_width(start, separator)
    check_shape(path.name, start.count(b"\n"), width)
    return _Text(path, sample, separator, width)


def _text_tables(text: _Text) -> Iterator[RawTable]:
    csv.field_size_limit(2**31 - 1)
    row = 1
    for content in _blocks(text.path):
        if not is_utf8(content) or has_escapes(content):
            raise WholeFileError
        lines = parse_regular(content, text.separator, text.width)
        if lines is None:
            lines = _parse_wider(content, text)
        is_cut = ends_early(content, text.sample, text.separator)
        yield RawTable.from_lines(text.path, lines, first_row=row, is_cut=is_cut)
        row += lines.height


def _parse_wider(content: bytes, text: _Text) -> pl.DataFrame:
    """Return the lines of regular text, one of which is wider than the first lines."""
    if not is_regular(content, text.separator):
        raise WholeFileError
    reader = csv.reader(io.StringIO(content.decode(), newline=""), delimiter=text.separator)
    lines = list(reader)
    width = max(text.width, *map(len, lines))
    check_shape(text.path.name, len(lines), width)
    padded = [[*line, *[None] * (width - len(line))] for line in lines]
    return pl.DataFrame(padded, schema={str(at): pl.String for at in range(width)}, orient="row")


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield pieces of about ``BATCH`` bytes that end with a line, outside of any quotes."""
    rest, is_first = b"", True
    try:
        with open_content(path) as stream:
            while read := stream.read(BATCH):
                content = (rest + read).removeprefix(_MARK) if is_first else rest + read
                end = _whole_lines(content)
                rest, is_first = content[end:], is_first and len(content) < len(_MARK)
                if end:
                    yield content[:end]
    except (OSError, EOFError, zlib.error):
        raise WholeFileError from None
    if rest:
        yield rest


def _whole_lines(content: bytes) -> int:
    """Return where the last complete line ends."""
    end = content.rfind(b"\n") + 1
    # numpy counts frequent letters in a third of the time of bytes.count
    is_open = np.count_nonzero(np.frombuffer(content, np.uint8, end) == ord('"')) % 2
    while end and is_open:
        start = content.rfind(b"\n", 0, end - 1) + 1
        is_open ^= content.count(b'"', start, end) % 2
        end = start
    return end


def _joined(one: RawTable | None, further: RawTable) -> RawTable:
    if one is None:
        return further
    lines = pl.concat([one.lines, further.lines], how="diagonal")
    problems = one.read_problems + further.read_problems
    rows = pl.concat([one.rows, further.rows])
    return replace(one, lines=lines, rows=rows, is_cut=further.is_cut, read_problems=problems)
