"""Product texts made plain: without markup and entities, lists of bullets and images split."""

import html
import json

import polars as pl

from admatch.tables.json_text import load_json

_HIDDEN = r"(?is)<(?:script|style)\b.*?</(?:script|style)\s*>|<!--.*?-->"
_BREAK = r"(?i)<(?:br|/p|/li|/div|/h[1-6]|/tr)\b[^>]*>"
_TAG = r"</?[A-Za-z][^<>]*>"
_BULLET = r"^\s*[•●▪◦‣*·–—-]+\s+"
# what an item of a JSON list is shown by: a picture's address, a category's name
_TELLING = ("node", "src", "originalSrc", "url", "image", "value", "name", "title", "text")
# A comma separates images only after a picture's ending or before an address: names may have one.
_AFTER_ENDING = r"(?i)(\.(?:jpe?g|png|webp|gif|bmp|tiff?|avif))\s*,\s*"
_BEFORE_ADDRESS = r"(?i)\s*,\s*(https?://)"


def plain(cells: pl.Series) -> pl.Series:
    """Return texts on one line, without tags and entities; null where nothing is left."""
    return _one_line(_without_markup(cells))


def plain_lines(cells: pl.Series) -> pl.Series:
    """Return lists of the lines of each text, without tags, entities and bullet signs."""
    lines = _without_markup(cells).to_frame("cell").with_row_index("at")
    parted = lines.with_columns(pl.col("cell").str.split("\n")).explode("cell")
    shown = _one_line(parted["cell"].str.replace(_BULLET, ""))
    return _gather(parted.with_columns(shown.alias("cell")), len(cells)).alias(cells.name)


def split_images(cells: pl.Series) -> pl.Series:
    """Return lists of the paths or addresses in each cell, split at ``|``, ``;`` and line ends."""
    joined = (
        _from_json(cells, "|")
        .str.replace_all(_AFTER_ENDING, "${1}|")
        .str.replace_all(_BEFORE_ADDRESS, "|${1}")
    )
    parts = joined.str.replace_all(r"\s*[;\n]\s*", "|").str.split("|").to_frame("cell")
    single = parts.with_row_index("at").explode("cell")
    single = single.with_columns(pl.col("cell").str.strip_chars(' \t\r"'))
    return _gather(single, len(cells)).alias(cells.name)


def _without_markup(cells: pl.Series) -> pl.Series:
    text = _unescaped(_from_json(cells, "\n"))
    return (
        text.str.replace_all(_HIDDEN, " ").str.replace_all(_BREAK, "\n").str.replace_all(_TAG, " ")
    )


def _one_line(cells: pl.Series) -> pl.Series:
    text = cells.str.replace_all(r"[\s\x00-\x1f]+", " ").str.strip_chars()
    return text.set(text.str.len_bytes() == 0, None)


def _unescaped(cells: pl.Series) -> pl.Series:
    escaped = cells.str.contains(r"&(?:#\w+|[A-Za-z]+);").fill_null(False)
    return _changed(cells, escaped, _without_entities)


def _without_entities(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:  # the number of a letter has thousands of digits
        return text


def _from_json(cells: pl.Series, separator: str) -> pl.Series:
    """Return cells with those that hold a JSON list joined by ``separator``."""
    listed = cells.str.contains(r"^\s*\[[\s\S]*\]\s*$").fill_null(False)
    return _changed(cells, listed, lambda cell: _joined(cell, separator))


def _changed(cells: pl.Series, chosen: pl.Series, change: object) -> pl.Series:
    if not chosen.any():
        return cells
    new = cells.filter(chosen).map_elements(change, return_dtype=pl.String)  # type: ignore[arg-type]
    return cells.scatter(chosen.arg_true(), new)


def _joined(cell: str, separator: str) -> str:
    try:
        values = load_json(cell)
    except (json.JSONDecodeError, RecursionError):
        return cell
    return separator.join(filter(None, map(_text_of, values)))


def _text_of(value: object) -> str:
    """Return an item of a JSON list as text: of a record, its address or its name."""
    if isinstance(value, dict):
        held = (value.get(name) for name in _TELLING)
        return next((text for one in held if (text := _text_of(one))), "")
    return "" if value is None else str(value)


def _gather(parts: pl.DataFrame, count: int) -> pl.Series:
    """Return one list for each of ``count`` rows: its non-empty parts in order, once each."""
    filled = parts.filter(pl.col("cell").str.len_bytes() > 0)
    lists = filled.group_by("at", maintain_order=True).agg(
        pl.col("cell").unique(maintain_order=True)
    )
    every = pl.DataFrame({"at": pl.Series(range(count), dtype=pl.UInt32)})
    joined = every.join(lists, on="at", how="left", maintain_order="left")["cell"]
    return joined.cast(pl.List(pl.String)).fill_null(pl.Series([[]], dtype=pl.List(pl.String)))
