"""Findings and products of a finished audit, as pages."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from admatch.errors import InputError
from admatch.web.frames import Frames

if TYPE_CHECKING:
    import polars as pl

_OWN = ("product_id", "title", "brand", "pictures", "findings", "score")
_FOUND = ("aspect", "severity", "score", "evidence", "remedy", "other_id")


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
    frame = _holding(frame, words, ("product_id", "title", "evidence"))
    shown = frame[(page - 1) * size : page * size]
    return frame.height, shown.select("product_id", "title", *_FOUND).to_dicts()


def products_page(
    frame: "pl.DataFrame", words: str | None, sort: str, page: int, size: int
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many products hold the words, and a page of them with their scores."""
    name = sort.removeprefix("-")
    sortable = [one for one in frame.columns if one not in ("brand",)]
    if name not in sortable:
        raise InputError(f"products cannot be sorted by '{name}'; use {', '.join(sortable)}")
    frame = _holding(frame, words, ("product_id", "title", "brand"))
    falling = [sort.startswith("-"), False]
    ordered = frame.sort(name, "product_id", descending=falling, nulls_last=True)
    rows = ordered[(page - 1) * size : page * size].to_dicts()
    return frame.height, [_with_scores(row) for row in rows]


def one_product(frames: Frames, result: Path, product_id: str) -> dict[str, Any] | None:
    """Return a product with its scores, findings, similar ones, and terms it lacks words of."""
    import polars as pl

    def of(name: str) -> "pl.DataFrame":
        frame = frames.get(result / f"{name}.parquet")
        return frame.filter(pl.col("product_id") == product_id)

    own = of("products").to_dicts()
    if not own:
        return None
    return _with_scores(own[0]) | {
        "details": of("findings").select(_FOUND).to_dicts(),
        "similar": of("similar").drop("product_id").to_dicts(),
        "terms": [
            row | {"missing": row["missing"] or []}
            for row in of("terms").drop("product_id", "title").to_dicts()
        ],
    }


def _with_scores(row: dict[str, Any]) -> dict[str, Any]:
    scores = {name: value for name, value in row.items() if name not in _OWN}
    return {name: row[name] for name in _OWN} | {"scores": scores}


def _holding(frame: "pl.DataFrame", words: str | None, names: Sequence[str]) -> "pl.DataFrame":
    import polars as pl

    if not words or not words.strip():
        return frame
    text = pl.concat_str(*names, separator=" ", ignore_nulls=True).str.to_lowercase()
    return frame.filter(text.str.contains(" ".join(words.lower().split()), literal=True))
