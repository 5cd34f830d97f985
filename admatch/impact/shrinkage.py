"""Conversion rates of ad groups, drawn towards their account: the plain prior."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
# Twenty clicks an ad group: the baseline of reference/impact.md. The account itself starts from
# 8 %, the middle of the Beta(1.6, 18.4) of reference/ppc.md section 5, worth five clicks.
AD_GROUP_CLICKS, ACCOUNT_CLICKS, USUAL_RATE = 20.0, 5.0, 0.08
_ACCOUNT, _GROUP = ("currency",), ("currency", "campaign", "ad_group")


@dataclass(frozen=True)
class Shrinkage:
    """Rates by account (each currency is one) and by ad group, from rows of an ``RowEvidence``."""

    accounts: pl.DataFrame
    groups: pl.DataFrame

    @classmethod
    def fit(cls, rows: pl.DataFrame) -> "Shrinkage":
        """Return the rates of rows with ``converted`` and ``mature_clicks``."""
        start = (pl.lit(USUAL_RATE), ACCOUNT_CLICKS)
        accounts = _pooled(rows, _ACCOUNT, *start).select(*_ACCOUNT, account_rate="rate")
        within = rows.join(accounts, on=_ACCOUNT, nulls_equal=True)
        groups = _pooled(within, _GROUP, pl.col("account_rate").first(), AD_GROUP_CLICKS)
        return cls(accounts, groups)

    def rates(self, rows: pl.DataFrame) -> Floats:
        """Return the rate of each row's ad group; of a new one that of its account."""
        return self._look_up(rows, pl.coalesce("rate", "account_rate"))

    def account_rates(self, rows: pl.DataFrame) -> Floats:
        """Return the rate of each row's account."""
        return self._look_up(rows, pl.col("account_rate"))

    def _look_up(self, rows: pl.DataFrame, rate: pl.Expr) -> Floats:
        found = rows.select(_GROUP)
        for table, on in ((self.accounts, _ACCOUNT), (self.groups, _GROUP)):
            found = found.join(table, on=on, how="left", nulls_equal=True, maintain_order="left")
        return found.select(rate.fill_null(USUAL_RATE)).to_series().to_numpy().astype(np.float64)


def _pooled(rows: pl.DataFrame, key: tuple[str, ...], mean: pl.Expr, worth: float) -> pl.DataFrame:
    orders, clicks = pl.col("converted").sum(), pl.col("mature_clicks").sum()
    # Of immature clicks more may have converted than were expected to be known.
    return rows.group_by(key).agg(
        rate=((orders + mean * worth) / (clicks + worth)).clip(1e-4, 0.95)
    )


def cross_fitted(rows: pl.DataFrame, folds: npt.NDArray[np.int64]) -> Floats:
    """Return the rate of each row's ad group, as the rows of other folds tell it."""
    rates = np.empty(rows.height)
    for fold in np.unique(folds):
        held = folds == fold
        rates[held] = Shrinkage.fit(rows.filter(~held)).rates(rows.filter(held))
    return rates
