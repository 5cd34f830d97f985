"""Guard-rail 5: how much all negations of a run may cost together."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.decisions.actions import NEGATIONS
from admatch.decisions.guard_rails import GuardRails

Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]
UPPER = 1.2816  # standard deviations to the upper end of an 80 % interval
SHARED = 0.15  # deviation of a factor that all rows may be wrong by together: an assumption


def upper_sums(expected: Floats, variance: Floats) -> Floats:
    """Return the upper ends of the 80 % intervals of the running sums."""
    total = np.cumsum(expected)
    found: Floats = total + UPPER * np.sqrt(np.cumsum(variance) + (SHARED * total) ** 2)
    return found


def beyond_caps(units: pl.DataFrame, sales: pl.DataFrame, guard_rails: GuardRails) -> pl.Series:
    """Return the numbers of negations that do not fit under the caps any more.

    ``sales`` are the expected ones by currency and campaign. Negations that gain most for what
    they put at risk come first; each counts with the upper end of the sum's interval.
    """
    negations = units.filter(pl.col("action").is_in([one.value for one in NEGATIONS]))
    gain = pl.col("profit_gain") / (pl.col("sales_at_risk") + 1e-9)
    ordered = negations.with_columns(density=gain).sort("density", "unit", descending=[True, False])
    left_out: list[int] = []
    for key, share in (
        (["currency", "campaign"], guard_rails.campaign_at_risk),
        (["currency"], guard_rails.sales_at_risk),
    ):
        kept = ordered.filter(~pl.col("unit").is_in(left_out))
        totals = sales.group_by(key).agg(pl.col("expected_sales").sum())
        for name, part in kept.group_by(key, maintain_order=True):
            wanted = pl.DataFrame(
                [name], schema={one: sales.schema[one] for one in key}, orient="row"
            )
            known = totals.join(wanted, on=key, nulls_equal=True)["expected_sales"]
            most = share * float(known.sum())
            upper = upper_sums(part["sales_at_risk"].to_numpy(), part["risk_variance"].to_numpy())
            left_out += part["unit"].filter(pl.Series(upper > most)).to_list()
    return pl.Series("unit", left_out, dtype=pl.Int64)
