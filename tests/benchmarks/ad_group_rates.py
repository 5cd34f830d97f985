"""The baseline of conversion rates: an ad group's own, drawn to its account's by twenty clicks."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from admatch.impact.columns import AD_GROUP

CLICKS, ACCOUNT_CLICKS, USUAL_RATE = 20.0, 5.0, 0.08


@dataclass(frozen=True)
class AdGroupRates:
    """Rates of rows of one currency, from ``converted`` and ``mature_clicks``."""

    account: float
    groups: pl.DataFrame

    @classmethod
    def fit(cls, rows: pl.DataFrame) -> "AdGroupRates":
        orders, clicks = pl.col("converted").sum(), pl.col("mature_clicks").sum()
        usual = (orders + USUAL_RATE * ACCOUNT_CLICKS) / (clicks + ACCOUNT_CLICKS)
        account = float(rows.select(usual.clip(1e-4, 0.95)).item())
        drawn = ((orders + account * CLICKS) / (clicks + CLICKS)).clip(1e-4, 0.95)
        return cls(account, rows.group_by(AD_GROUP, maintain_order=True).agg(rate=drawn))

    def rates(self, rows: pl.DataFrame) -> np.ndarray:
        found = rows.select(AD_GROUP).join(
            self.groups, on=list(AD_GROUP), how="left", nulls_equal=True, maintain_order="left"
        )
        return found["rate"].fill_null(self.account).to_numpy()

    def account_rates(self, rows: pl.DataFrame) -> np.ndarray:
        return np.full(rows.height, self.account)
