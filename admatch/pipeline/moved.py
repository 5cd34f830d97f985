"""Terms whose first product orders changed, each with its reason: ``moved_lines``."""

import polars as pl

from admatch.messages import Message, say


def moved_lines(moved: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each term of ``Sold.changes`` with ``why``, most orders first."""
    orders = pl.col("alone") + pl.col("shown")
    rows = moved.sort(-orders, "search_term", maintain_order=True)
    reasons = [str(_reason(*pair)) for pair in rows.select("alone", "shown").iter_rows()]
    return rows.select(
        "search_term", "product_id", "title", why=pl.Series(reasons, dtype=pl.String),
        before="before", title_before="title_before",
        orders_alone=pl.col("alone").round(1), orders_shown=pl.col("shown").round(1),
    )  # fmt: skip


def _reason(alone: float, shown: float) -> Message:
    """Return why a product is first: the stronger of its reasons."""
    if max(alone, shown) < 1:
        return say("pipeline.moved.somewhere")
    if alone >= shown:
        return say("pipeline.moved.alone", n=round(alone))
    return say("pipeline.moved.shown", n=round(shown))
