"""What the clicks of each placement bring beside the others of its campaign: ``placements``."""

from dataclasses import dataclass

import polars as pl

from admatch.arrays import Floats
from admatch.impact.beta import Beta
from admatch.impact.shrinkage import ACCOUNT_CLICKS, USUAL_RATE, Level
from admatch.reports.account.records import Account, Entity, Placement
from admatch.reports.insights.records import Place

_PRODUCT = "Sponsored Products"
_KEY = ("campaign", "placement")
_SITES = (Placement.TOP, Placement.REST, Placement.PRODUCT_PAGE)  # every click is on one of these
_WORTH = 10.0  # orders by which an account's placement is drawn to converting like the others
SCHEMA: dict[str, pl.DataType] = {
    "campaign": pl.String(),
    "placement": pl.String(),  # a Placement
    "percentage": pl.Float64(),  # added to bids; 0 where the file has no line for it
    "clicks": pl.Int64(),
    "orders": pl.Int64(),
    "spend_share": pl.Float64(),  # of its campaign's spend
    "sales_share": pl.Float64(),  # expected, of its campaign's sales
    "rate": pl.Float64(),  # orders a click, worth ``weight`` clicks
    "weight": pl.Float64(),
}


@dataclass(frozen=True, slots=True)
class SalesShares:
    """What share of their campaigns' sales placements bring: beta rates times ``per_rate``."""

    rate: Beta
    per_rate: Floats

    @classmethod
    def of(cls, table: pl.DataFrame) -> "SalesShares":
        """Return the shares of rows of ``placements``."""
        rate = Beta.of(table["rate"].to_numpy(), table["weight"].to_numpy())
        return cls(rate, table["sales_share"].to_numpy() / rate.mean)


def placements(account: Account | None, reported: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return a line for each placement of a running campaign with clicks (``SCHEMA``).

    ``reported`` are rows of a report of placements: their figures are used where the account's own
    file has none, as what the API lists. Orders a click are drawn to what the account's clicks of
    that placement convert at, beside the others of their campaigns. An order is taken to be worth
    the same wherever it comes from.
    """
    rows = _figures(account, reported)
    if rows.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    campaign = Level.fit(rows.filter(_IS_SITE).with_columns(above=_account_rate(rows)), _KEY[:1])
    rows = rows.with_columns(usual=campaign.of(rows)["rate"])
    rows = rows.with_columns(above=(pl.col("usual") * _factors()).clip(1e-4, 0.95))
    level = Level.fit(rows, _KEY)
    rate = level.of(rows)["rate"]
    orders = pl.col("mature_clicks") * pl.col("rate")
    whole = (orders * _IS_SITE).sum().over("campaign")
    spend = (pl.col("spend") * _IS_SITE).sum().over("campaign")
    shares = rows.with_columns(
        rate=rate, weight=pl.col("mature_clicks") + level.worth
    ).with_columns(
        sales_share=(orders / whole).fill_nan(0.0).clip(0.0, 1.0),
        spend_share=pl.when(spend > 0).then(pl.col("spend") / spend).otherwise(0.0).clip(0.0, 1.0),
    )
    return shares.filter(spend > 0).select(list(SCHEMA))


_IS_SITE = pl.col("placement").is_in([one.value for one in _SITES])


_PLACEMENTS = {
    Place.TOP.value: Placement.TOP.value,
    Place.REST.value: Placement.REST.value,
    Place.PRODUCT.value: Placement.PRODUCT_PAGE.value,
    Place.BUSINESS.value: Placement.BUSINESS.value,
}


def _figures(account: Account | None, reported: pl.DataFrame | None) -> pl.DataFrame:
    """Return the figures of each placement of each running campaign, all of them with a line."""
    if account is None:
        return pl.DataFrame()
    sums = _adjustments(account)
    served = sums.filter((pl.col("clicks").sum() > 0).over("campaign"))
    lists_settings = account.targets["bid"].is_not_null().any()  # a report of campaigns does not
    if served.is_empty() and reported is not None and lists_settings:
        served = _reported(account, reported, sums)
    return served.sort(_KEY).with_columns(
        converted=pl.min_horizontal("orders", "clicks").cast(pl.Float64),
        mature_clicks=pl.col("clicks").cast(pl.Float64),
    )


def _reported(account: Account, reported: pl.DataFrame, sums: pl.DataFrame) -> pl.DataFrame:
    """Return a report's figures with the percentages in force; ``sums`` are ``_adjustments``."""
    running = account.only(Entity.CAMPAIGN).filter(
        pl.col("ad_product").fill_null(_PRODUCT) == _PRODUCT,
        pl.col("state").fill_null("enabled") == "enabled",
    )
    word = pl.col("placement").replace_strict(_PLACEMENTS, default=None, return_dtype=pl.String)
    rows = reported.with_columns(placement=word).drop_nulls(["placement", "clicks", "orders"])
    found = rows.join(running.select("campaign"), on="campaign", how="semi")
    figures = found.group_by(_KEY, maintain_order=True).agg(
        pl.col("clicks", "orders").sum(), pl.col("spend").fill_null(0.0).sum()
    )
    known = figures.join(sums.select(*_KEY, "percentage"), on=_KEY, how="left")
    return known.with_columns(pl.col("percentage").fill_null(0.0)).filter(
        (pl.col("clicks").sum() > 0).over("campaign")
    )


def _adjustments(account: Account) -> pl.DataFrame:
    """Return percentage and figures of each placement that the account's file names."""
    known = pl.col("placement").is_in([one.value for one in Placement])
    known &= pl.col("ad_product").fill_null(_PRODUCT) == _PRODUCT  # others have other placements
    rows = account.only(Entity.BIDDING_ADJUSTMENT).filter(known, pl.col("operation").is_null())
    off = account.only(Entity.CAMPAIGN).filter(pl.col("state").fill_null("enabled") != "enabled")
    rows = rows.join(off.select("campaign"), on="campaign", how="anti").drop_nulls("campaign")
    return rows.group_by(_KEY, maintain_order=True).agg(
        pl.col("percentage").drop_nulls().last().fill_null(0.0),
        pl.col("clicks", "orders").fill_null(0).sum(),
        pl.col("spend").fill_null(0.0).sum(),
    )


def _account_rate(rows: pl.DataFrame) -> pl.Expr:
    sites = rows.filter(_IS_SITE)
    orders = float(sites["converted"].sum()) + USUAL_RATE * ACCOUNT_CLICKS
    return pl.lit(min(orders / (float(sites["mature_clicks"].sum()) + ACCOUNT_CLICKS), 0.95))


def _factors() -> pl.Expr:
    """Return how many times the rate of its campaign each placement of the account converts at."""
    expected = (pl.col("usual") * pl.col("mature_clicks")).sum().over("placement")
    return (pl.col("converted").sum().over("placement") + _WORTH) / (expected + _WORTH)
