"""Several files of an account → one ``Account`` that counts nothing twice."""

from collections.abc import Sequence

import polars as pl

from admatch.errors import Problem
from admatch.messages import say
from admatch.reports.account.records import ACCOUNT_SCHEMA, Account, Entity

# what a later file may add to an entity whose figures an earlier one has
_SETTINGS = (
    "ad_product", "currency", "portfolio_id", "campaign_id", "ad_group_id", "ad_id", "target_id",
    "portfolio", "state", "targeting_type", "daily_budget", "ends_on", "bidding_strategy",
    "percentage", "sku", "asin", "default_bid", "bid",
)  # fmt: skip
_OWN_IDS = {
    Entity.PORTFOLIO: "portfolio_id",
    Entity.CAMPAIGN: "campaign_id",
    Entity.BIDDING_ADJUSTMENT: "campaign_id",
    Entity.AD_GROUP: "ad_group_id",
    Entity.PRODUCT_AD: "ad_id",
}


def combine_accounts(accounts: Sequence[Account]) -> Account:
    """Return the rows of all files; those of one entity and the same days appear once.

    An entity is the same by its ID or, where one of the files has none, by its names (campaign,
    ad group, product, keyword and match type). Of an entity in several files, the figures of the
    first file are used; states, bids, IDs and other settings that it lacks come from the later
    ones. Rows about days outside the first file's period of the entity are kept.
    """
    frame, problems = accounts[0].frame, [*accounts[0].problems]
    for account in accounts[1:]:
        frame, notices = _add(frame, account)
        problems += [*account.problems, *notices]
    return joined(accounts, frame, problems)


def joined(
    accounts: Sequence[Account], frame: pl.DataFrame, problems: Sequence[Problem]
) -> Account:
    """Return ``accounts`` as one, with each problem once."""
    return Account(
        frame=frame,
        sources=tuple(dict.fromkeys(path for one in accounts for path in one.sources)),
        formats=tuple(dict.fromkeys(name for one in accounts for name in one.formats)),
        problems=tuple(dict.fromkeys(problems)),
        skipped=sum(one.skipped for one in accounts),
    )


def _add(frame: pl.DataFrame, later: Account) -> tuple[pl.DataFrame, list[Problem]]:
    """Return ``frame`` with the rows of ``later`` that it does not have."""
    product = _product(frame, later.frame)
    ours, theirs = _with_keys(frame, product), _with_keys(later.frame, product)
    entities = ours.group_by("by_id", "by_name", maintain_order=True).agg(
        first=pl.col("start_date").min(), last=pl.col("end_date").max()
    )
    entities = entities.with_row_index("number")
    theirs = _match(theirs, entities)
    outside = (pl.col("end_date") < pl.col("first")) | (pl.col("start_date") > pl.col("last"))
    is_known = pl.col("number").is_not_null() & ~outside.fill_null(False)
    again, new = theirs.filter(is_known), theirs.filter(~is_known)
    if not again.height:
        return pl.concat([frame, later.frame]), []
    numbered = ours.join(
        entities, on=["by_id", "by_name"], how="left", maintain_order="left", nulls_equal=True
    )
    both = pl.concat([_fill(numbered, again), new.select(*ACCOUNT_SCHEMA)])
    what = say("reports.account.known_already", again=again.height, rows=theirs.height)
    return both, [Problem(later.sources[0], what, say("reports.account.nothing_to_do"))]


def _product(*frames: pl.DataFrame) -> pl.Expr:
    """Return what distinguishes products: SKUs where all files have them, else ASINs."""
    if all(frame["sku"].null_count() < frame.height for frame in frames):
        return pl.coalesce("sku", "asin")
    return pl.coalesce("asin", "sku")


def _with_keys(frame: pl.DataFrame, product: pl.Expr) -> pl.DataFrame:
    """Return the rows with ``by_id`` (null without an ID of their own) and ``by_name``.

    An entity has several rows where a file has one per day.
    """
    own: pl.Expr = pl.when(~pl.col("entity").is_in([*map(str, _OWN_IDS)])).then("target_id")
    for entity, name in _OWN_IDS.items():
        own = pl.when(pl.col("entity") == entity.value).then(name).otherwise(own)
    names = (
        pl.when(pl.col("entity") == Entity.PORTFOLIO.value).then("portfolio"),
        pl.coalesce("campaign", "campaign_id"),
        pl.coalesce("ad_group", "ad_group_id"),
        product,
        pl.col("placement"),
        pl.col("keyword").str.to_lowercase(),
        pl.col("match_type"),
        pl.col("expression").str.to_lowercase(),
    )
    filled = [name.fill_null("") for name in names]
    return frame.with_columns(
        by_id=pl.concat_str("entity", own, pl.col("placement").fill_null(""), separator="\t"),
        by_name=pl.concat_str("entity", *filled, separator="\t"),
    )


def _match(rows: pl.DataFrame, entities: pl.DataFrame) -> pl.DataFrame:
    """Return ``rows`` with the number, first and last day of each row's entity, or null."""
    with_id = entities.filter(pl.col("by_id").is_not_null()).unique("by_id", keep="first")
    by_id = rows.join(
        with_id.select("by_id", id_number="number"), on="by_id", how="left", maintain_order="left"
    )
    named = entities.unique("by_name", keep="first", maintain_order=True)
    by_name = by_id.join(
        named.select("by_name", name_number="number", other_id="by_id"),
        on="by_name",
        how="left",
        maintain_order="left",
    )
    either_lacks_id = pl.col("by_id").is_null() | pl.col("other_id").is_null()
    number = pl.coalesce("id_number", pl.when(either_lacks_id).then("name_number"))
    spans = entities.select("number", "first", "last")
    return by_name.with_columns(number=number).join(
        spans, on="number", how="left", maintain_order="left"
    )


def _fill(ours: pl.DataFrame, again: pl.DataFrame) -> pl.DataFrame:
    """Return our rows, with the settings that they lack from later rows of the same entities."""
    settings = again.group_by("number").agg(
        pl.col(name).drop_nulls().first().alias(f"{name}_later") for name in _SETTINGS
    )
    both = ours.join(settings, on="number", how="left", maintain_order="left")
    filled = both.with_columns(pl.coalesce(name, f"{name}_later") for name in _SETTINGS)
    return filled.select(*ACCOUNT_SCHEMA)
