"""Terms whose first product orders changed, each with its reason: ``moved_lines``."""

import polars as pl

from admatch.messages import Message, say

_ORDERS = ("alone", "shown", "beside")


def moved_lines(moved: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each term of ``Sold.changes`` with ``why``, most orders first."""
    orders = pl.col("alone") + pl.col("shown")
    rows = moved.sort(-orders, -pl.col("beside"), "search_term", maintain_order=True)
    reasons = [str(_reason(*each)) for each in rows.select(_ORDERS).iter_rows()]
    return rows.select(
        "search_term", "product_id", "title", why=pl.Series(reasons, dtype=pl.String),
        before="before", title_before="title_before",
        orders_alone=pl.col("alone").round(1), orders_shown=pl.col("shown").round(1),
    )  # fmt: skip


def _reason(alone: float, shown: float, beside: float) -> Message:
    """Return why a product is first: its strongest reason, its own orders before others'."""
    if max(alone, shown) >= 1:
        if alone >= shown:
            return say("pipeline.moved.alone", n=round(alone))
        return say("pipeline.moved.shown", n=round(shown))
    if beside >= 1:
        return say("pipeline.moved.beside")
    return say("pipeline.moved.somewhere")
