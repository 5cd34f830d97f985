"""Where a term already has its exact keyword, and where it could get one."""

import polars as pl

from admatch.impact.columns import AD_GROUP
from admatch.reports.account.records import MatchType


def exact_keywords(running: pl.DataFrame) -> pl.DataFrame:
    """Return for each ``folded`` term its first active exact keyword.

    Columns: folded, exact_campaign, exact_ad_group.
    """
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

    It has keywords, is not in an automatic campaign, and advertises the product; where the account
    does not say what is advertised, its clicks came for the product. The ad group with most exact
    keywords, then most clicks, wins. Columns: currency, product_id, to_campaign, to_ad_group.
    """
    automatic = kinds.filter(pl.col("automatic").fill_null(False)).select("campaign")
    groups = (
        running.join(automatic, on="campaign", how="anti")
        .group_by("campaign", "ad_group")
        .agg((pl.col("match_type") == MatchType.EXACT.value).sum().alias("exact"))
    )
    traffic = (
        rows.drop_nulls("product_id").group_by(*AD_GROUP, "product_id").agg(pl.col("clicks").sum())
    )
    if shown.height:
        candidates = _with_currency(shown, rows).join(
            traffic, on=[*AD_GROUP, "product_id"], how="left",
            nulls_equal=True,
        )  # fmt: skip
    else:
        candidates = traffic.filter(pl.col("clicks") > 0)
    candidates = candidates.join(groups, on=["campaign", "ad_group"])
    order = ["currency", "product_id", "exact", "clicks", "campaign", "ad_group"]
    falling = [False, False, True, True, False, False]
    best = candidates.sort(order, descending=falling, nulls_last=True)
    return best.unique(["currency", "product_id"], keep="first", maintain_order=True).select(
        "currency", "product_id", to_campaign="campaign", to_ad_group="ad_group"
    )


def _with_currency(shown: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the ads with their campaign's currency, as the report has it.

    A campaign that the report lacks gets the report's only currency; with several it is left out.
    """
    seen = rows.select("currency", "campaign").unique()
    known = shown.join(seen, on="campaign")
    codes = rows["currency"].unique().to_list()
    if len(codes) != 1:
        return known
    others = shown.join(seen, on="campaign", how="anti")
    named = others.with_columns(pl.lit(codes[0], pl.String).alias("currency"))
    return pl.concat([known, named.select(known.columns)])
