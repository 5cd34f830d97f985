"""Pooled rates of rows that have seen no term of the row's own fold: ``cross_fitted``."""

import numpy as np
import polars as pl

from admatch.arrays import Floats, Ints, Mask
from admatch.impact.columns import CURRENCY
from admatch.impact.shrinkage import ACCOUNT_CLICKS, LEVELS, USUAL_RATE, clipped, fit_worth


def cross_fitted(rows: pl.DataFrame, folds: Ints) -> Floats:
    """Return the rate (n,) of each row's targeting, judged by the rows of other folds.

    It is ``Shrinkage.fit(others).rates(own)`` for each fold, on numbers instead of names: LightGBM
    needs it a hundred times.
    """
    numbers = [_numbers(rows, key) for key in (CURRENCY, *LEVELS)]
    orders, clicks = (
        rows[name].to_numpy().astype(np.float64) for name in ("converted", "mature_clicks")
    )
    rates = np.empty(rows.height)
    for fold in np.unique(folds):
        inside = folds == fold
        rates[inside] = _rates(numbers, orders, clicks, ~inside)[inside]
    return rates


def _rates(numbers: list[Ints], orders: Floats, clicks: Floats, learned: Mask) -> Floats:
    """Return the rates of all rows, by those ``learned`` from."""
    account, *levels = numbers
    own_orders, own_clicks, _ = _sums(account, orders, clicks, learned)
    rate = (own_orders + USUAL_RATE * ACCOUNT_CLICKS) / (own_clicks + ACCOUNT_CLICKS)
    above: Floats = clipped(rate)[account]
    for level in levels:
        own_orders, own_clicks, seen = _sums(level, orders, clicks, learned)
        own_clicks, containing = np.maximum(own_clicks, own_orders), np.empty(len(seen))
        containing[level] = above
        worth = fit_worth(own_orders[seen], own_clicks[seen], containing[seen])
        rate = clipped((own_orders + containing * worth) / (own_clicks + worth))
        above = np.where(seen[level], rate[level], above)
    return above


def _sums(
    numbers: Ints, orders: Floats, clicks: Floats, learned: Mask
) -> tuple[Floats, Floats, Mask]:
    """Return orders and clicks of each number in the learned rows, and whether there are any."""
    count, own = int(numbers.max(initial=-1)) + 1, numbers[learned]
    return (
        np.bincount(own, orders[learned], count).astype(np.float64),
        np.bincount(own, clicks[learned], count).astype(np.float64),
        np.bincount(own, minlength=count) > 0,
    )


def _numbers(rows: pl.DataFrame, key: tuple[str, ...]) -> Ints:
    """Return a number for each distinct key."""
    distinct = rows.select(key).unique(maintain_order=True).with_row_index("number")
    joined = rows.select(key).join(
        distinct, on=list(key), how="left", nulls_equal=True, maintain_order="left"
    )
    return joined["number"].to_numpy().astype(np.int64)
