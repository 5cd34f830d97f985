"""What serves terms: keywords and product targets with their bids and products."""

import polars as pl

from admatch.decisions.words import stems
from admatch.impact.columns import KEY, TARGET, TARGETING
from admatch.reports.account.records import NEGATIVES, Account, Entity, MatchType
from admatch.reports.account.values import translate
from admatch.reports.records import SearchTermReport

_ENDED = ("archived", "paused")
_OF_CAMPAIGNS = (Entity.CAMPAIGN_NEGATIVE_KEYWORD, Entity.CAMPAIGN_NEGATIVE_PRODUCT)


def main_targets(report: SearchTermReport) -> pl.DataFrame:
    """Return a row for each ``KEY``: the target that brought most of its clicks.

    Columns: ``KEY``, targeting, match_type (a ``MatchType`` or null), targets (how many served the
    term).
    """
    frame = report.frame.with_columns(
        match_type=_keyword_types(report), clicks=pl.col("clicks").fill_null(0)
    )
    sums = frame.group_by(*TARGET, "search_term").agg(pl.col("clicks").sum())
    ordered = sums.sort(*KEY, "clicks", *TARGETING, descending=[False] * 4 + [True, False, False])
    return ordered.group_by(KEY, maintain_order=True).agg(
        pl.col(TARGETING).first(), pl.len().alias("targets")
    )


def ended(rows: pl.DataFrame, account: Account | None) -> pl.Series:
    """Return whether each row's campaign or ad group runs no longer: nothing in it costs money."""
    over = pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)
    if account is None:
        return over
    for entity, key in (
        (Entity.CAMPAIGN, ["campaign"]),
        (Entity.AD_GROUP, ["campaign", "ad_group"]),
    ):
        stopped = pl.col("state").str.to_lowercase().is_in(_ENDED).all()  # of all with the name
        states = account.only(entity).group_by(key, maintain_order=True).agg(over=stopped)
        joined = rows.select(key).join(states, on=key, how="left", maintain_order="left")
        over = over | joined["over"].fill_null(False)
    return over


def bids(account: Account | None) -> pl.DataFrame:
    """Return the bids of running targets: campaign, ad_group, targeting, match_type, bid, own_bid.

    ``bid`` falls back on the ad group's default, ``own_bid`` does not.
    """
    if account is None:
        names = dict.fromkeys(("campaign", "ad_group", "targeting", "match_type"), pl.String())
        amounts = dict.fromkeys(("bid", "own_bid"), pl.Float64())
        return pl.DataFrame(schema={**names, **amounts})
    usual = (
        account.only(Entity.AD_GROUP)
        .select("campaign", "ad_group", usual="default_bid")
        .unique(["campaign", "ad_group"], maintain_order=True)
    )
    running = _running(account, Entity.KEYWORD, Entity.PRODUCT_TARGETING)
    named = running.join(
        usual, on=["campaign", "ad_group"], how="left", maintain_order="left"
    ).select(
        "campaign",
        "ad_group",
        targeting=pl.col("keyword").fill_null(pl.col("expression")).str.to_lowercase(),
        match_type="match_type",
        bid=pl.coalesce("bid", "usual"),
        own_bid="bid",
    )
    return named.unique(["campaign", "ad_group", "targeting", "match_type"], maintain_order=True)


def keywords(report: SearchTermReport, account: Account | None) -> pl.DataFrame:
    """Return the active keywords: campaign, ad_group, keyword, match_type, stem.

    Those of the report brought clicks, so they run; those of the account are enabled there.
    """
    seen = report.frame.select(
        "campaign",
        "ad_group",
        keyword="targeting",
        match_type=_keyword_types(report),
    )
    parts = [seen.drop_nulls("match_type")]
    if account is not None:
        running = _running(account, Entity.KEYWORD)
        parts.append(running.select("campaign", "ad_group", "keyword", "match_type"))
    active = pl.concat(parts).drop_nulls("keyword").unique(maintain_order=True)
    return active.with_columns(stem=stems(active["keyword"]))


_POSITIVE = (MatchType.EXACT, MatchType.PHRASE, MatchType.BROAD)


def _keyword_types(report: SearchTermReport) -> pl.Series:
    """Return each row's ``MatchType``, null where it is no keyword (auto groups, products)."""
    types = translate(report.frame["match_type"], "match_type")
    return types.set(~types.is_in([one.value for one in _POSITIVE]).fill_null(True), None)


def advertised(account: Account | None, products: pl.DataFrame | None) -> pl.DataFrame:
    """Return which products each ad group advertises: campaign, ad_group, product_id.

    By ASIN, or by SKU where ``products`` (product_id, sku) names it.
    """
    schema = {"campaign": pl.String, "ad_group": pl.String, "product_id": pl.String}
    if account is None:
        return pl.DataFrame(schema=schema)
    ads = _running(account, Entity.PRODUCT_AD).select("campaign", "ad_group", "asin", "sku")
    if products is not None:
        known = products.drop_nulls("sku").unique("sku", keep="first", maintain_order=True)
        ads = ads.join(
            known.select("sku", known="product_id"), on="sku", how="left", maintain_order="left"
        )
        ads = ads.with_columns(asin=pl.coalesce("asin", "known"))
    named = ads.drop_nulls("asin").select("campaign", "ad_group", product_id="asin")
    return named.unique(maintain_order=True)


def negatives(account: Account | None) -> pl.DataFrame:
    """Return the negatives in force: campaign, ad_group, their IDs, text, match_type, folded.

    ``ad_group`` is null where a whole campaign is meant, ``match_type`` for a product.
    """
    names = ("campaign", "ad_group", "campaign_id", "ad_group_id", "text", "match_type", "folded")
    if account is None:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    paused = account.only(Entity.CAMPAIGN).filter(pl.col("state").str.to_lowercase().is_in(_ENDED))
    running = _running(account, *NEGATIVES).join(
        paused.select("campaign"), on="campaign", how="anti"
    )
    whole = pl.col("entity").is_in([one.value for one in _OF_CAMPAIGNS])
    named = running.select(
        "campaign",
        pl.when(~whole).then("ad_group").alias("ad_group"),
        "campaign_id",
        pl.when(~whole).then("ad_group_id").alias("ad_group_id"),
        text=pl.coalesce("keyword", "expression"),
        match_type="match_type",
    ).drop_nulls("text")
    named = named.unique(["campaign", "ad_group", "text", "match_type"], maintain_order=True)
    return named.with_columns(folded=stems(named["text"])).select(names)


def campaign_kinds(account: Account | None) -> pl.DataFrame:
    """Return campaign and automatic (null where the files do not say)."""
    if account is None:
        return pl.DataFrame(schema={"campaign": pl.String, "automatic": pl.Boolean})
    rows = account.only(Entity.CAMPAIGN).select(
        "campaign", automatic=pl.col("targeting_type").str.to_lowercase() == "auto"
    )
    return rows.unique("campaign", maintain_order=True)


def _running(account: Account, *entities: Entity) -> pl.DataFrame:
    state = pl.col("state").fill_null("enabled").str.to_lowercase()
    return account.only(*entities).filter(
        ~state.is_in(_ENDED), pl.col("operation").is_null(), pl.col("campaign").is_not_null()
    )
