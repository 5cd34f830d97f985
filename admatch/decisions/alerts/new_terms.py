"""Search terms that are new, cost much and sold nothing."""

from collections.abc import Iterator
from datetime import date, timedelta

import polars as pl

from admatch.decisions.alerts.records import Alert, AlertKind
from admatch.decisions.alerts.weeks import WEEK, Days
from admatch.display.money import money
from admatch.messages import say

_PAST = 5  # weeks whose new terms say what is usual; more days before them say what is known
_KNOWN = 14  # days
_MORE = 1.7  # times what the dearest new term of those weeks cost
_ORDERS = 1.5  # times what an order costs usually


def new_term_alerts(days: Days, until: date) -> Iterator[Alert]:
    """Yield an alert for each term first seen in the last week that cost unusually much.

    ``days`` are those until then.
    """
    oldest = until - timedelta(days=WEEK * (_PAST + 1) + _KNOWN - 1)
    if days.first is None or days.first > oldest:
        return
    age = (pl.lit(until) - pl.col("first")).dt.total_days()
    terms = days.terms.group_by("currency", "term", maintain_order=True).agg(
        pl.col("first").first(), pl.col("spend", "clicks", "orders").sum()
    )
    terms = terms.with_columns(week=age // WEEK).filter(pl.col("orders") == 0)
    for (currency,), own in terms.group_by("currency", maintain_order=True):
        code = str(currency) if currency else None
        yield from _of_currency(own, _usual_cost(days.bought, code), code, until)


def _usual_cost(bought: pl.DataFrame, currency: str | None) -> float:
    own = bought.filter(pl.col("currency").eq_missing(pl.lit(currency, pl.String)))
    return float(own["spend"].sum()) / max(float(own["orders"].sum()), 1.0)


def _of_currency(
    terms: pl.DataFrame, order: float, currency: str | None, until: date
) -> Iterator[Alert]:
    past = terms.filter(pl.col("week").is_between(1, _PAST))["spend"].max()
    usual = past if isinstance(past, float) else 0.0
    least = max(_MORE * usual, _ORDERS * order)
    dear = terms.filter(pl.col("week") == 0, pl.col("spend") > least)
    for row in dear.sort("spend", "term", descending=[True, False]).iter_rows(named=True):
        message = say(
            "decisions.alerts.new_term", term=row["term"], spend=money(row["spend"], currency),
            n=row["clicks"], usual=money(usual, currency),
        )  # fmt: skip
        yield Alert(
            AlertKind.NEW_TERM, until, currency, None, None, row["term"], usual, row["spend"],
            message,
        )  # fmt: skip
