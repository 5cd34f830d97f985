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
    left_out: list[int] = []
    for key, share in (
        (CAMPAIGN, guard_rails.campaign_at_risk),
        (CURRENCY, guard_rails.sales_at_risk),
    ):
        remaining = ordered.filter(~pl.col("unit").is_in(left_out))
        totals = sales.group_by(key, maintain_order=True).agg(pl.col("expected_sales").sum())
        for name, part in remaining.group_by(key, maintain_order=True):
            here = pl.DataFrame(
                [name], schema={one: sales.schema[one] for one in key}, orient="row"
            )
            expected = totals.join(here, on=key, nulls_equal=True)["expected_sales"]
            most = share * float(expected.sum())
            left_out += part["unit"].filter(part["net_risk"].cum_sum() > most).to_list()
    return pl.Series("unit", left_out, dtype=pl.Int64)
