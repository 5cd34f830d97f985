"""How much all negations of a run may cost together (guard-rail 5)."""

import polars as pl

from admatch.decisions.actions import NEGATIONS
from admatch.decisions.guard_rails import GuardRails
from admatch.impact.columns import CAMPAIGN, CURRENCY

SHARED = 0.15  # deviation of a factor by which all rows may be wrong together: an assumption


def beyond_caps(units: pl.DataFrame, sales: pl.DataFrame, guard_rails: GuardRails) -> pl.Series:
    """Return the numbers of negations that no longer fit under the caps.

    ``sales`` are the expected ones by currency and campaign. Negations that gain most for what
    they put at risk (``net_risk``) come first.
    """
    negations = units.filter(pl.col("action").is_in([one.value for one in NEGATIONS]))
    gain = pl.col("gain") / (pl.col("net_risk") + 1e-9)
    ordered = negations.with_columns(density=gain).sort("density", "unit", descending=[True, False])
    left_out = ordered["unit"].clear()
    for key, share in (
        (CAMPAIGN, guard_rails.campaign_at_risk),
        (CURRENCY, guard_rails.sales_at_risk),
    ):
        remaining = ordered.filter(~pl.col("unit").is_in(left_out.implode()))
        totals = sales.group_by(key).agg(most=share * pl.col("expected_sales").sum())
        known = remaining.join(totals, on=key, how="left", nulls_equal=True, maintain_order="left")
        late = pl.col("net_risk").cum_sum().over(key) > pl.col("most").fill_null(0.0)
        left_out = pl.concat([left_out, known.filter(late)["unit"]])
    return left_out
