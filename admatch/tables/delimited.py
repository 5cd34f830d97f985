"""Text with separators (CSV, TSV, …) → a ``RawTable``."""

import csv
import io
import itertools
import re
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl

from admatch.errors import InputError, Problem
from admatch.tables.encoding import decode
from admatch.tables.raw import RawTable

_SEPARATORS = (",", ";", "\t", "|")
_SAMPLE_CHARACTERS = 1 << 18
_SAMPLE_LINES = 200
# a quote behind a backslash, with more text of the same cell behind it
_BACKSLASHED = re.compile(r'[^\\\n]\\"[^,;\t|"\r\n]')
_ESCAPED_QUOTE = re.compile(r'(?<!\\)((?:\\\\)*)\\"')


def read_delimited(path: Path, content: bytes) -> RawTable:
    """Return the table that ``content`` holds, its separator and quotes found from the text."""
    csv.field_size_limit(2**31 - 1)  # of a cell, in letters: the module's own is 131,072
    text, problems = decode(path, content)
    text = _straighten(text)
    separator = find_separator(text)
    lines, unclosed = _parse(path, text, separator)
    is_cut = bool(unclosed) or _ends_early(text, separator)
    return RawTable.from_lines(path, lines, problems=problems + unclosed, is_cut=is_cut)


def find_separator(text: str) -> str:
    """Return the separator that splits most of the first lines into equally many cells."""
    sample = text[:_SAMPLE_CHARACTERS]
    if (named := re.match(r'"?sep=(.)"?\r?\n', sample, re.IGNORECASE)) is not None:
        return named[1]
    return max(_SEPARATORS, key=lambda separator: _regularity(sample, separator))


def _regularity(sample: str, separator: str) -> tuple[float, int]:
    """Return the share of lines that have the commonest number of cells, and that number."""
    lines = _sample_lines(sample, separator)
    widths = Counter(len(line) for line in lines if len(line) > 1)
    shares = [(round(count / len(lines), 1), width) for width, count in widths.items()]
    return max(shares, default=(0.0, 1))


def _sample_lines(sample: str, separator: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
    return list(itertools.islice(reader, _SAMPLE_LINES))


def _straighten(text: str) -> str:
    """Return ``text`` with quotes doubled where a backslash escaped them, and line feeds."""
    if '\\"' in text and _BACKSLASHED.search(text):
        text = _ESCAPED_QUOTE.sub(r'\1""', text)
    if "\n" not in text and "\r" in text:
        text = text.replace("\r", "\n")
    return text


def _parse(path: Path, text: str, separator: str) -> tuple[pl.DataFrame, tuple[Problem, ...]]:
    content = text.encode("utf-8", "replace")
    if not _is_regular(content, separator):
        return _parse_slowly(path, text, separator)
    width = max(map(len, _sample_lines(text[:_SAMPLE_CHARACTERS], separator)), default=1)
    try:
        lines = pl.read_csv(
            content,
            has_header=False,
            separator=separator,
            schema={str(place): pl.String for place in range(width)},
            missing_columns="insert",
        )
    except pl.exceptions.PolarsError:
        return _parse_slowly(path, text, separator)
    return lines, ()


def _is_regular(content: bytes, separator: str) -> bool:
    """Tell whether all quotes stand around whole cells or are doubled inside them.

    polars splits such text as Python's csv module does; other text it may split otherwise.
    """
    if content.count(b"\r") != content.count(b"\r\n"):
        return False
    letters = np.frombuffer(b"\n" + content + b"\n", np.uint8)
    quotes = np.flatnonzero(letters == ord('"'))
    opening, closing = quotes[0::2], quotes[1::2]
    if len(opening) != len(closing):
        return False
    around = np.concatenate([letters[opening - 1], letters[closing + 1]])
    return bool(np.isin(around, np.frombuffer(f'\r\n"{separator}'.encode(), np.uint8)).all())


def _parse_slowly(
    path: Path, text: str, separator: str
) -> tuple[pl.DataFrame, tuple[Problem, ...]]:
    """Read what polars refuses: overlong lines, stray quotes, a quote that is never closed."""
    lines = _split(path, text, separator, csv.QUOTE_MINIMAL)
    unquoted = _split(path, text, separator, csv.QUOTE_NONE) if '"' in text else []
    problems: tuple[Problem, ...] = ()
    # in files without quoting (Amazon's flat files) a cell that starts with a quote is no quoted
    # cell: taking it for one would swallow the lines up to the next quote
    if _regular_lines(unquoted) > _regular_lines(lines):
        lines = unquoted
    elif _ends_inside_quotes(text, separator):
        what = "the last cell opens a quote that is never closed: it was cut off, or lacks a quote"
        problems = (Problem(path, what, "check the last rows, or download the file again"),)
    width = max(map(len, lines), default=0)
    padded = [line + [None] * (width - len(line)) for line in lines]
    schema = {str(place): pl.String for place in range(width)}
    return pl.DataFrame(padded, schema=schema, orient="row"), problems


def _split(path: Path, text: str, separator: str, quoting: int) -> list[list[str | None]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting)  # type: ignore[arg-type]
    try:
        return list(reader)  # type: ignore[arg-type]
    except csv.Error as error:
        raise InputError(
            f"{path.name}: the cells cannot be told apart ({error}); save the file again as CSV"
        ) from None


def _regular_lines(lines: list[list[str | None]]) -> int:
    widths = Counter(map(len, lines))
    return max((count for width, count in widths.items() if width > 1), default=0)


def _ends_early(text: str, separator: str) -> bool:
    """Tell whether the last line has no line end and fewer cells than most lines have."""
    if text.endswith("\n"):
        return False
    start = text.rfind("\n") + 1
    widths = Counter(map(len, _sample_lines(text[:_SAMPLE_CHARACTERS], separator)))
    last = _sample_lines(text[start:], separator)[-1:]
    return bool(last) and len(last[0]) < widths.most_common(1)[0][0]


def _ends_inside_quotes(text: str, separator: str) -> bool:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for _ in reader:
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False
