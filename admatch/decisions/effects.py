"""What each decision changes in the coming period: ``with_effects``."""

from collections.abc import Mapping

import polars as pl

from admatch.decisions.actions import NEGATIONS, Action
from admatch.impact.beta import Beta
from admatch.impact.columns import CAMPAIGN
from admatch.impact.elasticities import COST_POWER, VOLUME_POWER


def with_effects(rows: pl.DataFrame, rho: float, capped: Mapping[str, float]) -> pl.DataFrame:
    """Return decided rows with ACOS before and after, spend freed, sales at risk, and the gain.

    Amounts are of a period as long as the report. ``rho`` is the share of blocked clicks that
    reappear elsewhere in the account, at its average figures or better: they save nothing and lose
    nothing. A new bid changes every row that its targeting serves. ``capped`` campaigns spend again
    what is freed (``budgets.capped_campaigns``): ``spent_again`` is that part, and the sales that
    it brings are in ``sales_change``. ``sales_value`` is what the change of sales is worth, at the
    row's margin or else its target, ``sales_allowed`` the spend that the target allows for it.
    """
    negated = pl.col("action").is_in([one.value for one in NEGATIONS])
    isolated = pl.col("action") == Action.ISOLATE.value  # the same clicks, at the other bid
    bid = pl.col("factor").is_not_null() & ~negated & ~isolated
    volume = pl.when(negated).then(rho).when(bid).then(pl.col("factor") ** VOLUME_POWER[0])
    price = (
        pl.when(bid).then(pl.col("factor") ** COST_POWER[0]).when(isolated).then(pl.col("factor"))
    ).otherwise(1.0)
    posterior = _posterior(rows)
    rows = rows.with_columns(
        volume=volume.otherwise(1.0), price=price,
        variance=pl.Series(posterior.variance), effective=pl.Series(posterior.mean),
    )  # fmt: skip
    value = pl.col("expected_clicks") * pl.col("order_value")
    rows = rows.with_columns(
        expected_spend=pl.col("cost"),
        expected_sales=value * pl.col("effective"),
        acos_before=pl.col("cpc") / (pl.col("rate") * pl.col("order_value")),
        acos_before_low=pl.col("cpc") / (pl.col("rate_high") * pl.col("order_value")),
        acos_before_high=pl.col("cpc") / (pl.col("rate_low") * pl.col("order_value")),
        sales_deviation=_deviation(),
    )
    left = pl.col("volume")
    lost = (1 - left).clip(0)
    rows = rows.with_columns(
        *(_after(name) for name in ("acos_before", "acos_before_low", "acos_before_high")),
        spend_freed=pl.col("expected_spend") * (1 - left * pl.col("price")),
        sales_change=pl.col("expected_sales") * (left - 1),
        sales_at_risk=pl.col("expected_sales") * lost,
        sales_at_risk_high=value * pl.col("rate_high") * lost,
    )
    return _with_spent_again(rows, capped).with_columns(
        sales_value=pl.col("worth") * pl.col("sales_change"),
        sales_allowed=pl.col("target_acos") * pl.col("sales_change"),
        gain=pl.col("worth") * pl.col("sales_change") + pl.col("spend_freed"),
    )


def _posterior(rows: pl.DataFrame) -> Beta:
    """Return the rate that each row's change meets: of a phrase, that of all its terms together."""
    phrase = pl.col("action") == Action.NEGATE_PHRASE.value
    pooled = rows.select(
        pl.when(phrase).then(f"phrase_{name}").otherwise(name).alias(name)
        for name in ("rate", "weight")
    )
    return Beta.of(pooled["rate"].to_numpy(), pooled["weight"].to_numpy())


def _with_spent_again(rows: pl.DataFrame, capped: Mapping[str, float]) -> pl.DataFrame:
    """Return the rows without the freed spend that their campaign spends again, but with its sales.

    It buys clicks like those that the campaign has left when everything decided is done. Sales that
    are lost before that are ``sales_moved``, by which risk is told.
    """
    rows = rows.with_columns(sales_moved="sales_change")
    if not capped:
        return rows.with_columns(spent_again=pl.lit(0.0))
    share = pl.col("campaign").replace_strict(capped, default=0.0, return_dtype=pl.Float64)
    left = {
        "spend": pl.col("expected_spend") - pl.col("spend_freed"),
        "sales": (pl.col("expected_sales") + pl.col("sales_change")).fill_null(0.0),
    }
    sums = {name: one.sum().over(CAMPAIGN) for name, one in left.items()}
    rows = rows.with_columns(
        share=pl.when(sums["spend"] > 0).then(share).otherwise(0.0),
        brings=pl.when(sums["spend"] > 0).then(sums["sales"] / sums["spend"]).otherwise(0.0),
    ).with_columns(spent_again=pl.col("share") * pl.col("spend_freed"))
    return rows.with_columns(
        spend_freed=pl.col("spend_freed") - pl.col("spent_again"),
        sales_change=pl.col("sales_change") + pl.col("spent_again") * pl.col("brings"),
    ).drop("share", "brings")


def _after(name: str) -> pl.Expr:
    """Return the ACOS of what is left of a row; null where nothing is left."""
    left = pl.col("volume") > 0
    return pl.when(left).then(pl.col(name) * pl.col("price")).alias(name.replace("before", "after"))


def _deviation() -> pl.Expr:
    """Return the standard deviation of a row's coming sales: of its rate, and of single orders."""
    clicks, value, rate = pl.col("expected_clicks"), pl.col("order_value"), pl.col("effective")
    orders = clicks * rate * (1 - rate) + clicks**2 * pl.col("variance")
    return (value * orders.sqrt()).fill_null(0.0)
