"""Rows whose figures contradict each other: told, never changed."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from admatch.errors import Problem

_CHECK = "they were kept as they are; compare them with the console"
_NEGATIVE = ("impressions", "clicks", "spend", "sales", "orders", "units")


def suspicious_rows(file: Path, rows: pl.DataFrame) -> Iterator[Problem]:
    """Yield a problem for each contradiction that rows have, naming the first of them.

    ``rows`` has columns of ``REPORT_SCHEMA``; a figure that the file lacks contradicts nothing.
    """
    for what, contradiction in _contradictions().items():
        found = rows.filter(contradiction)["row"]
        if found.len():
            many = "1 row has" if found.len() == 1 else f"{found.len()} rows have"
            yield Problem(file, f"{many} {what}", _CHECK, row=found[0])


def _contradictions() -> dict[str, pl.Expr]:
    clicks, orders, sales = pl.col("clicks"), pl.col("orders"), pl.col("sales")
    return {
        "more clicks than impressions": clicks > pl.col("impressions"),
        "more orders than clicks": orders > clicks,
        "cost without a click": (pl.col("spend") > 0) & (clicks == 0),
        "sales without an order": (sales > 0) & (orders == 0),
        "orders without sales": (orders > 0) & (sales == 0),
        "figures below zero": pl.any_horizontal(pl.col(name) < 0 for name in _NEGATIVE),
        "an end before their start": pl.col("end_date") < pl.col("start_date"),
    }
