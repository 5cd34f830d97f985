"""Text with separators (CSV, TSV, …) → a ``RawTable``."""

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl

from admatch.errors import InputError, Problem
from admatch.messages import say
from admatch.tables.encoding import to_utf8
from admatch.tables.limits import check_shape
from admatch.tables.raw import RawTable

_SEPARATORS = (",", ";", "\t", "|")
_SAMPLE_LETTERS = 1 << 18
_SHORT = 1 << 20  # bytes that are read before a thread has started
_PIECE = 1 << 16  # stays in the processor's cache: quotes are found twice as fast as in 1 MiB
_SAMPLE_LINES = 200
# a quote behind a backslash, with more text of the same cell behind it
_BACKSLASHED = re.compile(rb'[^\\\n]\\"[^,;\t|"\r\n]')
_WRAPPED = re.compile(rb'"(?:[^",;\t|]|"")*+[,;\t|](?:[^"]|"")*+"[,;\t|]*+')
_WRAPPED_LINES = 50
_ESCAPED_QUOTE = re.compile(rb'(?<!\\)((?:\\\\)*)\\"')


def read_delimited(path: Path, content: bytes) -> RawTable:
    """Return the table in ``content``; separator and quotes are found from the text."""
    csv.field_size_limit(2**31 - 1)  # of a cell, in letters: the module's own is 131,072
    content, problems = to_utf8(path, content)
    content = _unwrapped(_straighten(content))
    sample = sample_of(content)
    separator = find_separator(sample)
    check_shape(path.name, content.count(b"\n"), sample_width(content, separator))
    lines, unclosed = _parse(path, content, separator)
    is_cut = bool(unclosed) or ends_early(content, sample, separator)
    return RawTable.from_lines(path, lines, problems=problems + unclosed, is_cut=is_cut)


def sample_of(content: bytes) -> str:
    """Return the first letters of UTF-8 text."""
    return content[: 4 * _SAMPLE_LETTERS].decode("utf-8", "ignore")[:_SAMPLE_LETTERS]


def find_separator(text: str) -> str:
    """Return the separator that splits most of the first lines into equally many cells."""
    sample = text[:_SAMPLE_LETTERS]
    if (named := re.match(r'"?sep=(.)"?\r?\n', sample, re.IGNORECASE)) is not None:
        return named[1]
    return max(_SEPARATORS, key=lambda separator: _regularity(sample, separator))


def _regularity(sample: str, separator: str) -> tuple[float, int]:
    """Return the share of lines that are as wide as most or as the header at most, and a width.

    People's programs cut empty cells off the ends of lines; no line is wider than its header, the
    first line of several cells.
    """
    lines = _sample_lines(sample, separator)
    widths = Counter(len(line) for line in lines if len(line) > 1)
    if not widths:
        return 0.0, 1
    common = max(widths, key=lambda width: (widths[width], width))
    header = next(len(line) for line in lines if len(line) > max(1, common // 2))
    regular = sum(count for width, count in widths.items() if width <= header or width == common)
    return round(regular / len(lines), 1), max(common, header)


def _sample_lines(sample: str, separator: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
    return list(itertools.islice(reader, _SAMPLE_LINES))


def _straighten(content: bytes) -> bytes:
    """Return ``content`` with quotes doubled where a backslash escaped them, and line feeds."""
    if has_escapes(content):
        content = _ESCAPED_QUOTE.sub(rb'\1""', content)
    if b"\n" not in content and b"\r" in content:
        content = content.replace(b"\r", b"\n")
    return content


def _unwrapped(content: bytes) -> bytes:
    """Return ``content`` without quotes around whole lines.

    Spreadsheets write them around lines that they took for single cells.
    """
    lines = content.splitlines()
    if not content.startswith(b'"') or not all(map(_is_wrapped, lines[:_WRAPPED_LINES])):
        return content
    return b"".join(line.rstrip(b",;\t|")[1:-1].replace(b'""', b'"') + b"\n" for line in lines)


def _is_wrapped(line: bytes) -> bool:
    """Return whether a line is nothing but one quoted cell of several, or empty."""
    return not line.strip(b",;\t| ") or _WRAPPED.fullmatch(line) is not None


def has_escapes(content: bytes) -> bool:
    """Return whether quotes inside cells are escaped by a backslash."""
    return b"\\" in content and _BACKSLASHED.search(content) is not None


def _parse(path: Path, content: bytes, separator: str) -> tuple[pl.DataFrame, tuple[Problem, ...]]:
    lines = parse_regular(content, separator, sample_width(content, separator))
    return _parse_slowly(path, content, separator) if lines is None else (lines, ())


def sample_width(content: bytes, separator: str) -> int:
    """Return the number of cells in the longest of the first lines."""
    return max(map(len, _sample_lines(sample_of(content), separator)), default=1)


def parse_regular(content: bytes, separator: str, width: int) -> pl.DataFrame | None:
    """Return the lines of regular text, ``width`` cells each; None if it is irregular or wider."""
    if len(content) < _SHORT:
        try:
            return (
                _parse_fast(content, separator, width) if is_regular(content, separator) else None
            )
        except pl.exceptions.PolarsError:
            return None
    # nearly all text is regular: it is parsed while that is checked
    with ThreadPoolExecutor(1) as pool:
        regular = pool.submit(is_regular, content, separator)
        try:
            lines = _parse_fast(content, separator, width)
        except pl.exceptions.PolarsError:
            return None
        return lines if regular.result() else None


def _parse_short(content: bytes, separator: str, width: int) -> pl.DataFrame | None:
    if not is_regular(content, separator):
        return None
    try:
        return _parse_fast(content, separator, width)
    except pl.exceptions.PolarsError:
        return None


def _parse_fast(content: bytes, separator: str, width: int) -> pl.DataFrame:
    return pl.read_csv(
        content,
        has_header=False,
        separator=separator,
        schema={str(at): pl.String for at in range(width)},
        missing_columns="insert",
    )


def is_regular(content: bytes, separator: str) -> bool:
    """Return whether all quotes stand around whole cells or are doubled inside them.

    polars splits such text as Python's csv module does; it may split other text differently.
    """
    if b"\r" in content and content.count(b"\r") != content.count(b"\r\n"):
        return False
    fits = np.isin(np.arange(256), np.frombuffer(f'\r\n"{separator}'.encode(), np.uint8))
    inside = 0  # 1 where a piece begins inside quotes
    for before, count, behind in _quotes(content):
        if not (fits[before[inside::2]].all() and fits[behind[1 - inside :: 2]].all()):
            return False
        inside = (inside + count) % 2
    return not inside


def _quotes(content: bytes) -> Iterator[tuple[np.ndarray, int, np.ndarray]]:
    """Yield, a piece at a time, the letters before quotes, how many, and the letters behind them.

    The text counts as standing between line ends.
    """
    if b'"' not in content:
        return
    letters = np.frombuffer(content, np.uint8)
    for start in range(0, len(letters), _PIECE):
        quotes = np.flatnonzero(letters[start : start + _PIECE] == ord('"')) + start
        before = letters[quotes - 1]
        behind = letters[np.minimum(quotes + 1, len(letters) - 1)]
        if len(quotes) and quotes[0] == 0:
            before[0] = ord("\n")
        if len(quotes) and quotes[-1] == len(letters) - 1:
            behind[-1] = ord("\n")
        yield before, len(quotes), behind


def _parse_slowly(
    path: Path, content: bytes, separator: str
) -> tuple[pl.DataFrame, tuple[Problem, ...]]:
    """Read what polars refuses: overlong lines, stray quotes, a quote that is never closed."""
    text = content.decode("utf-8", "replace")
    lines = _split(path, text, separator, csv.QUOTE_MINIMAL)
    unquoted = _split(path, text, separator, csv.QUOTE_NONE) if '"' in text else []
    problems: tuple[Problem, ...] = ()
    # in files without quoting (Amazon's flat files) a cell may start with a quote that does not
    # quote it: reading it as quoted would swallow the lines up to the next quote
    if _regular_lines(unquoted) > _regular_lines(lines):
        lines = unquoted
    elif _ends_inside_quotes(text, separator):
        what, remedy = say("tables.delimited.unclosed"), say("tables.delimited.check_end")
        problems = (Problem(path, what, remedy),)
    width = max(map(len, lines), default=0)
    check_shape(path.name, len(lines), width)
    padded = [line + [None] * (width - len(line)) for line in lines]
    schema = {str(at): pl.String for at in range(width)}
    return pl.DataFrame(padded, schema=schema, orient="row"), problems


def _split(path: Path, text: str, separator: str, quoting: int) -> list[list[str | None]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting)  # type: ignore[arg-type]
    try:
        return list(reader)  # type: ignore[arg-type]
    except csv.Error as error:
        raise InputError(
            say("tables.delimited.inseparable", file=path.name, why=str(error))
        ) from None


def _regular_lines(lines: list[list[str | None]]) -> int:
    widths = Counter(map(len, lines))
    return max((count for width, count in widths.items() if width > 1), default=0)


def ends_early(content: bytes, sample: str, separator: str) -> bool:
    """Return whether the last line has no line end and fewer cells than most of ``sample`` have."""
    if content.endswith(b"\n"):
        return False
    widths = Counter(map(len, _sample_lines(sample, separator)))
    end = content[content.rfind(b"\n") + 1 :].decode("utf-8", "replace")
    last = _sample_lines(end, separator)[-1:]
    return bool(last) and len(last[0]) < widths.most_common(1)[0][0]


def _ends_inside_quotes(text: str, separator: str) -> bool:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for _ in reader:
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False
