"""Keywords of a finished run that compete, are blocked or never serve, with their money."""

import json
from pathlib import Path
from typing import Any

from admatch.web.frame_cache import FrameCache

FILE = "hygiene.parquet"
_FIELDS = (
    *("issue", "campaign", "ad_group", "keyword", "match_type"),
    *("clicks", "spend", "orders", "sales"),
)


def keyword_page(frames: FrameCache, result: Path, page: int, size: int) -> dict[str, Any]:
    """Return a page of keywords with an issue, those that cost most first, and sums by issue.

    A keyword may have several issues; ``spend`` of all counts it once.
    """
    import polars as pl

    if not (result / FILE).exists():  # of an earlier admatch, or without a bulk file
        return {"total": 0, "page": page, "size": size, "spend": None, "issues": [], "items": []}
    rows = frames.get(result / FILE)
    issues = rows.group_by("issue", maintain_order=True).agg(
        keywords=pl.len(), spend=_sum(pl.col("spend"))
    )
    place = [pl.col(one) for one in ("campaign", "ad_group", "target_id", "keyword", "match_type")]
    once = rows.unique(place, maintain_order=True)
    order = rows.sort("spend", descending=True, nulls_last=True, maintain_order=True)
    shown = order[(page - 1) * size : page * size].select(*_FIELDS, "what_message")
    items = shown.to_dicts()
    for one in items:
        one["what"] = json.loads(one.pop("what_message"))
    return {
        "total": rows.height,
        "page": page,
        "size": size,
        "spend": once.select(_sum(pl.col("spend"))).item(),
        "issues": issues.to_dicts(),
        "items": items,
    }


def _sum(amounts: Any) -> Any:  # noqa: ANN401 - expressions of polars, which is imported late
    """Return a sum that is null where no amount is known."""
    import polars as pl

    return pl.when(amounts.is_not_null().any()).then(amounts.sum())
