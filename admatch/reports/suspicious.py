"""Rows whose figures contradict each other: reported, never changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from admatch.errors import Problem
from admatch.messages import Message, say
from admatch.reports.exchange import ExchangeRates

_HIGHEST_CPC = 1000.0  # US dollars: the most that Amazon takes as a bid
_HIGHEST_ELSEWHERE = 1e5  # of a currency that is unknown or has no rate
_NEGATIVE = ("impressions", "clicks", "spend", "sales", "orders", "units")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """How many rows have a contradiction, and the number of the first of them, if any."""

    count: int
    first: int | None

    def __add__(self, further: "Contradiction") -> "Contradiction":
        rows = (one for one in (self.first, further.first) if one is not None)
        first = min(rows, default=None)  # rows without a term are counted after all others
        return Contradiction(self.count + further.count, first)


def contradictions(rows: pl.DataFrame) -> dict[str, Contradiction]:
    """Return the rows that contradict themselves, by kind of contradiction.

    ``rows`` has columns of ``REPORT_SCHEMA``; a figure that the file lacks contradicts nothing.
    """
    tests = _tests()
    found = rows.select(
        *(pl.col("row").filter(test).len().alias(f"{kind}/count") for kind, test in tests.items()),
        *(
            pl.col("row").filter(test).first().alias(f"{kind}/first")
            for kind, test in tests.items()
        ),
    ).row(0, named=True)
    return {kind: Contradiction(found[f"{kind}/count"], found[f"{kind}/first"]) for kind in tests}


def contradiction_notices(path: Path, found: Mapping[str, Contradiction]) -> Iterator[Problem]:
    """Yield a problem for each contradiction that rows have, naming the first of them."""
    remedy = say("reports.suspicious.compare_console")
    for kind, one in found.items():
        if one.count:
            yield Problem(path, _message(kind, one.count), remedy, row=one.first)


def highest_cpc() -> pl.Expr:
    """Return the most that a click can cost in each row's currency."""
    highest = _highest_by_currency()
    known = pl.col("currency").replace_strict(highest, default=None, return_dtype=pl.Float64)
    return known.fill_null(_HIGHEST_ELSEWHERE)


@cache
def _highest_by_currency() -> dict[str, float]:
    rates = ExchangeRates.load()
    return {code: _HIGHEST_CPC * rates.rate("USD", code) for code in rates.worth}


def _tests() -> dict[str, pl.Expr]:
    clicks, orders, sales = pl.col("clicks"), pl.col("orders"), pl.col("sales")
    return {
        "more_clicks": clicks > pl.col("impressions"),
        "more_orders": orders > clicks,
        "cost_without_click": (pl.col("spend") > 0) & (clicks == 0),
        "click_without_cost": (clicks > 0) & (pl.col("spend") == 0),
        "high_cost": (clicks > 0) & (pl.col("spend") > clicks * highest_cpc()),
        "sales_without_order": (sales > 0) & (orders == 0),
        "orders_without_sales": (orders > 0) & (sales == 0),
        "below_zero": pl.any_horizontal(pl.col(name) < 0 for name in _NEGATIVE),
        "end_before_start": pl.col("end_date") < pl.col("start_date"),
    }


def _message(kind: str, n: int) -> Message:
    return {
        "more_clicks": say("reports.suspicious.more_clicks", n=n),
        "more_orders": say("reports.suspicious.more_orders", n=n),
        "cost_without_click": say("reports.suspicious.cost_without_click", n=n),
        "click_without_cost": say("reports.suspicious.click_without_cost", n=n),
        "high_cost": say("reports.suspicious.high_cost", n=n),
        "sales_without_order": say("reports.suspicious.sales_without_order", n=n),
        "orders_without_sales": say("reports.suspicious.orders_without_sales", n=n),
        "below_zero": say("reports.suspicious.below_zero", n=n),
        "end_before_start": say("reports.suspicious.end_before_start", n=n),
    }[kind]
