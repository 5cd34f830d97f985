"""Conversion rates of ad groups, drawn towards their account: the plain prior."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from admatch.arrays import Floats, Ints
from admatch.impact.columns import AD_GROUP, CURRENCY

# An ad group's rate is drawn to its account's by twenty clicks. The account itself starts from 8 %,
# the middle of what Sponsored Products convert at, Beta(1.6, 18.4), worth five clicks.
AD_GROUP_CLICKS, ACCOUNT_CLICKS, USUAL_RATE = 20.0, 5.0, 0.08


@dataclass(frozen=True)
class Shrinkage:
    """Rates by account (each currency is one) and by ad group, from rows of a ``RowEvidence``."""

    accounts: pl.DataFrame
    groups: pl.DataFrame

    @classmethod
    def fit(cls, rows: pl.DataFrame) -> "Shrinkage":
        """Return the rates of rows with ``converted`` and ``mature_clicks``."""
        start = (pl.lit(USUAL_RATE), ACCOUNT_CLICKS)
        accounts = _pooled(rows, CURRENCY, *start).select(*CURRENCY, account_rate="rate")
        within = rows.join(accounts, on=CURRENCY, nulls_equal=True, maintain_order="left")
        groups = _pooled(within, AD_GROUP, pl.col("account_rate").first(), AD_GROUP_CLICKS)
        return cls(accounts, groups)

    def rates(self, rows: pl.DataFrame) -> Floats:
        """Return the rate of each row's ad group; of a new ad group that of its account."""
        return self._look_up(rows, pl.coalesce("rate", "account_rate"))

    def account_rates(self, rows: pl.DataFrame) -> Floats:
        """Return the rate of each row's account."""
        return self._look_up(rows, pl.col("account_rate"))

    def _look_up(self, rows: pl.DataFrame, rate: pl.Expr) -> Floats:
        joined = rows.select(AD_GROUP)
        for table, on in ((self.accounts, CURRENCY), (self.groups, AD_GROUP)):
            joined = joined.join(table, on=on, how="left", nulls_equal=True, maintain_order="left")
        return joined.select(rate.fill_null(USUAL_RATE)).to_series().to_numpy().astype(np.float64)


def _pooled(rows: pl.DataFrame, key: tuple[str, ...], mean: pl.Expr, worth: float) -> pl.DataFrame:
    orders, clicks = pl.col("converted").sum(), pl.col("mature_clicks").sum()
    # Of immature clicks more may have converted than were expected to be known.
    return rows.group_by(key, maintain_order=True).agg(
        rate=((orders + mean * worth) / (clicks + worth)).clip(1e-4, 0.95)
    )


def cross_fitted(rows: pl.DataFrame, folds: Ints) -> Floats:
    """Return the rate of each row's ad group, judged by the rows of other folds."""
    rates = np.empty(rows.height)
    for fold in np.unique(folds):
        inside = folds == fold
        rates[inside] = Shrinkage.fit(rows.filter(~inside)).rates(rows.filter(inside))
    return rates
