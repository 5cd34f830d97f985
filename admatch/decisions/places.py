"""Where a term already has its exact keyword, and where it could get one."""

import polars as pl

from admatch.reports.account.records import MatchType


def exact_keywords(running: pl.DataFrame) -> pl.DataFrame:
    """Return by ``folded`` the first active exact keyword: exact_campaign, exact_ad_group."""
    exact = running.filter(pl.col("match_type") == MatchType.EXACT.value)
    ordered = exact.sort("stem", "campaign", "ad_group", maintain_order=True)
    return ordered.group_by(pl.col("stem").alias("folded"), maintain_order=True).agg(
        pl.col("campaign").first().alias("exact_campaign"),
        pl.col("ad_group").first().alias("exact_ad_group"),
    )


def destinations(
    rows: pl.DataFrame, running: pl.DataFrame, shown: pl.DataFrame, kinds: pl.DataFrame
) -> pl.DataFrame:
    """Return, by currency and product_id, the ad group for its new exact keywords.

    An ad group with keywords, in a campaign that is not automatic, which advertises the product;
    where the account does not tell that, one whose clicks came for it. The one with most exact
    keywords, then clicks, wins. Columns: currency, product_id, to_campaign, to_ad_group.
    """
    automatic = kinds.filter(pl.col("automatic").fill_null(False)).select("campaign")
    groups = (
        running.join(automatic, on="campaign", how="anti")
        .group_by("campaign", "ad_group")
        .agg((pl.col("match_type") == MatchType.EXACT.value).sum().alias("exact"))
    )
    traffic = (
        rows.drop_nulls("product_id")
        .group_by("currency", "campaign", "ad_group", "product_id")
        .agg(pl.col("clicks").sum())
    )
    if shown.height:
        found = _with_currency(shown, rows).join(
            traffic, on=["currency", "campaign", "ad_group", "product_id"], how="left",
            nulls_equal=True,
        )  # fmt: skip
    else:
        found = traffic.filter(pl.col("clicks") > 0)
    found = found.join(groups, on=["campaign", "ad_group"])
    order = ["currency", "product_id", "exact", "clicks", "campaign", "ad_group"]
    falling = [False, False, True, True, False, False]
    best = found.sort(order, descending=falling, nulls_last=True)
    return best.unique(["currency", "product_id"], keep="first", maintain_order=True).select(
        "currency", "product_id", to_campaign="campaign", to_ad_group="ad_group"
    )


def _with_currency(shown: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the ads with their campaign's currency, as the report has it.

    A campaign that the report lacks has the report's only currency; of several, it is left out.
    """
    seen = rows.select("currency", "campaign").unique()
    known = shown.join(seen, on="campaign")
    codes = rows["currency"].unique().to_list()
    if len(codes) != 1:
        return known
    others = shown.join(seen, on="campaign", how="anti")
    named = others.with_columns(pl.lit(codes[0], pl.String).alias("currency"))
    return pl.concat([known, named.select(known.columns)])
