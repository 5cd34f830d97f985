"""Conversion rates of accounts, campaigns, ad groups and targetings: the plain prior."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from admatch.arrays import Floats
from admatch.impact.beta import Beta
from admatch.impact.columns import AD_GROUP, CAMPAIGN, CURRENCY, TARGET
from admatch.impact.strength import TELLING, fit_strength

# The account starts from 8 %, the middle of what Sponsored Products convert at, Beta(1.6, 18.4),
# worth five clicks. How far the levels below it are drawn to the one above is fitted.
ACCOUNT_CLICKS, USUAL_RATE = 5.0, 0.08
LEVELS = (CAMPAIGN, AD_GROUP, TARGET)


@dataclass(frozen=True)
class Level:
    """Rates by ``key``, each drawn by ``worth`` clicks to the rate of what contains it.

    ``table`` has the key, ``rate``, and ``clicks``: the mature ones of its own.
    """

    key: tuple[str, ...]
    table: pl.DataFrame
    worth: float

    @classmethod
    def fit(cls, rows: pl.DataFrame, key: tuple[str, ...]) -> "Level":
        """Return the level of rows with ``converted``, ``mature_clicks`` and ``above``.

        ``above`` is the rate of what contains the row. Worth is what fits best, as for terms.
        """
        sums = rows.group_by(key, maintain_order=True).agg(
            pl.col("above").first(),
            orders=pl.col("converted").sum().cast(pl.Float64),
            clicks=pl.col("mature_clicks").sum().cast(pl.Float64),
        )
        orders, above = sums["orders"].to_numpy(), sums["above"].to_numpy()
        # Of immature clicks more may have converted than were expected to be known.
        clicks = np.maximum(sums["clicks"].to_numpy(), orders)
        worth = fit_worth(orders, clicks, above)
        rate = clipped((orders + above * worth) / (clicks + worth))
        return cls(key, sums.select(*key, "clicks", rate=pl.Series(rate)), worth)

    def of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return ``rate`` and ``clicks`` of each row's own; null where the level lacks it."""
        found = rows.select(self.key).join(
            self.table, on=list(self.key), how="left", nulls_equal=True, maintain_order="left"
        )
        return found.select("rate", "clicks")

    def posterior(self, rows: pl.DataFrame) -> Beta:
        """Return what the rate of each row's own may be; rows of the level only."""
        own = self.of(rows)
        return Beta.of(own["rate"].to_numpy(), own["clicks"].to_numpy() + self.worth)


@dataclass(frozen=True)
class Shrinkage:
    """Rates by account (each currency is one), campaign, ad group and targeting."""

    accounts: pl.DataFrame
    levels: tuple[Level, ...]

    @classmethod
    def fit(cls, rows: pl.DataFrame) -> "Shrinkage":
        """Return the rates of rows of a ``RowEvidence``."""
        sums = pl.col("converted").sum(), pl.col("mature_clicks").sum()
        rate = (sums[0] + USUAL_RATE * ACCOUNT_CLICKS) / (sums[1] + ACCOUNT_CLICKS)
        accounts = rows.group_by(CURRENCY, maintain_order=True).agg(rate=rate.clip(1e-4, 0.95))
        known, levels = cls(accounts, ()), list[Level]()
        for key in LEVELS:
            above = pl.Series(known.rates(rows))
            levels.append(Level.fit(rows.with_columns(above=above), key))
            known = cls(accounts, tuple(levels))
        return known

    def level(self, key: tuple[str, ...]) -> Level:
        """Return the level of ad groups, say."""
        return next(one for one in self.levels if one.key == key)

    def rates(self, rows: pl.DataFrame) -> Floats:
        """Return the rate of each row's targeting, or of the smallest level above that is known."""
        rates = pl.Series(self.account_rates(rows))
        for level in self.levels:
            rates = level.of(rows)["rate"].fill_null(rates)
        return rates.to_numpy().astype(np.float64)

    def account_rates(self, rows: pl.DataFrame) -> Floats:
        """Return the rate of each row's account."""
        found = rows.select(CURRENCY).join(
            self.accounts, on=list(CURRENCY), how="left", nulls_equal=True, maintain_order="left"
        )
        return found["rate"].fill_null(USUAL_RATE).to_numpy().astype(np.float64)


def fit_worth(orders: Floats, clicks: Floats, above: Floats) -> float:
    """Return by how many clicks the groups of a level are drawn to the rates ``above`` them."""
    return fit_strength(orders, clicks, above, int((clicks >= TELLING).sum()))


def clipped(rates: Floats) -> Floats:
    """Return rates that are neither impossible nor certain."""
    within: Floats = rates.clip(1e-4, 0.95)
    return within
