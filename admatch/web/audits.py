"""Findings and products of a finished audit, in pages."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from admatch.errors import InputError, shorten
from admatch.messages import say
from admatch.web.frame_cache import FrameCache

if TYPE_CHECKING:
    import polars as pl

_PRODUCT = ("product_id", "title", "brand", "pictures", "findings", "score")
_FINDING = ("aspect", "severity", "score", "evidence", "remedy", "other_id")


def findings_page(
    frame: "pl.DataFrame",
    words: str | None,
    aspect: str | None,
    severity: str | None,
    page: int,
    size: int,
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many findings there are of these kinds, and a page of them, worst first."""
    import polars as pl

    for name, value in (("aspect", aspect), ("severity", severity)):
        if value is not None:
            frame = frame.filter(pl.col(name) == value)
    frame = _containing(frame, words, ("product_id", "title", "evidence"))
    shown = frame[(page - 1) * size : page * size]
    return frame.height, [_finding(row, ("product_id", "title")) for row in shown.to_dicts()]


def products_page(
    frame: "pl.DataFrame", words: str | None, sort: str, page: int, size: int
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many products contain the words, and a page of them with their scores."""
    name = sort.removeprefix("-")
    sortable = [one for one in frame.columns if one not in ("brand",)]
    if name not in sortable:
        fields = ", ".join(sortable)
        raise InputError(say("web.audit.sort", name=shorten(name), fields=fields))
    frame = _containing(frame, words, ("product_id", "title", "brand"))
    descending = [sort.startswith("-"), False]
    ordered = frame.sort(name, "product_id", descending=descending, nulls_last=True)
    rows = ordered[(page - 1) * size : page * size].to_dicts()
    return frame.height, [_with_scores(row) for row in rows]


def one_product(frames: FrameCache, result: Path, product_id: str) -> dict[str, Any] | None:
    """Return a product with its scores, findings, similar ones, and terms whose words it lacks."""
    import polars as pl

    def of(name: str) -> "pl.DataFrame":
        frame = frames.get(result / f"{name}.parquet")
        return frame.filter(pl.col("product_id") == product_id)

    own = of("products").to_dicts()
    if not own:
        return None
    return _with_scores(own[0]) | {
        "details": [_finding(row) for row in of("findings").to_dicts()],
        "similar": of("similar").drop("product_id").to_dicts(),
        "terms": [
            row | {"missing": row["missing"] or []}
            for row in of("terms").drop("product_id", "title").to_dicts()
        ],
    }


def _finding(row: dict[str, Any], further: Sequence[str] = ()) -> dict[str, Any]:
    """Return a finding; audits of an earlier version have plain texts, without ``messages``."""
    messages = json.loads(row.get("messages") or "{}")
    return {name: messages.get(name, row[name]) for name in (*further, *_FINDING)}


def _with_scores(row: dict[str, Any]) -> dict[str, Any]:
    scores = {name: value for name, value in row.items() if name not in _PRODUCT}
    return {name: row[name] for name in _PRODUCT} | {"scores": scores}


def _containing(frame: "pl.DataFrame", words: str | None, names: Sequence[str]) -> "pl.DataFrame":
    """Return the rows that contain the words in one of some columns."""
    import polars as pl

    if not words or not words.strip():
        return frame
    text = pl.concat_str(*names, separator=" ", ignore_nulls=True).str.to_lowercase()
    return frame.filter(text.str.contains(" ".join(words.lower().split()), literal=True))
