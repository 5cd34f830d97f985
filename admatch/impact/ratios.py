"""Order value and cost per click: amounts per count, drawn towards ad group and account."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from admatch.arrays import Floats
from admatch.impact.columns import AD_GROUP

_GROUP_COUNT = 3.0  # how many orders (clicks) an ad group's average is drawn to the account's by
_FEWEST = 8  # terms with an average of their own; with fewer, spreads are taken as usual
_USUAL = (0.2, 0.5)  # of logarithms: between terms, and within one


@dataclass(frozen=True)
class Ratios:
    """For each row the expected amount per count, and the deviation of its logarithm.

    ``within`` is the deviation of a single order's (click's) logarithm. Where a currency has no
    amounts at all, ``mean`` is NaN.
    """

    mean: Floats
    deviation: Floats
    within: float


def shrink(rows: pl.DataFrame, amount: str, count: str) -> Ratios:
    """Return what ``amount`` per ``count`` is to be expected of each row.

    Spreads of the logarithms, between terms and within them, are fitted by moments: of the
    squared distance from the ad group's mean, a share falls with the count.
    """
    frame = rows.select(*AD_GROUP, amount=pl.col(amount), n=pl.col(count).cast(pl.Float64))
    # an amount with nothing to divide by (sales without an order) says nothing about the ratio
    known = pl.col("amount").is_not_null() & (pl.col("amount") > 0) & (pl.col("n") > 0)
    frame = frame.with_columns(
        amount=pl.when(known).then("amount").otherwise(0.0),
        n=pl.when(known).then("n").otherwise(0.0),
    )
    account = pl.col("amount").sum().over("currency") / pl.col("n").sum().over("currency")
    frame = frame.with_columns(account=account)
    sums = [pl.col(name).sum().over(AD_GROUP) for name in ("amount", "n")]
    group = (sums[0] + _GROUP_COUNT * pl.col("account")) / (sums[1] + _GROUP_COUNT)
    values = frame.select("amount", "n", group=group).to_numpy().astype(np.float64)
    total, n, mean = values[:, 0], values[:, 1], values[:, 2]
    between, within = _spreads(total, n, mean)
    worth = (within / between) ** 2
    return Ratios((total + worth * mean) / (n + worth), within / np.sqrt(n + worth), within)


def _spreads(total: Floats, n: Floats, mean: Floats) -> tuple[float, float]:
    """Return the deviations of logarithms between rows and within them (of a single count)."""
    known = (n > 0) & (mean > 0)
    if known.sum() < _FEWEST:
        return _USUAL
    distance = np.log(total[known] / n[known] / mean[known])
    square = np.minimum(distance**2, 4.0)  # a wrong cell must not decide
    design = np.stack([np.ones(known.sum()), 1 / n[known]], axis=1)
    fitted, *_ = np.linalg.lstsq(design, square, rcond=None)
    between, within = np.sqrt(np.clip(fitted, 0.02**2, 1.5**2))
    return float(between), float(within)
