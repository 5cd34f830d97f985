"""What an advertiser runs, listed by Amazon → ``Account``, and a file that reads back as one."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from admatch.amazon.client import AdsClient
from admatch.amazon.dialect import listed_rows, own_number
from admatch.amazon.dialects import find_dialect
from admatch.amazon.expressions import is_known_expression
from admatch.amazon.resources import resources
from admatch.errors import Problem, shorten
from admatch.messages import say
from admatch.reports.account.records import (
    ACCOUNT_SCHEMA,
    Account,
    Entity,
    MatchType,
    Placement,
)
from admatch.tables.atomic import replacing

FORMAT = "Amazon Ads API, Sponsored Products"
# Parents before children; rows of a kind that is not known here come last.
_ORDER = (
    *(Entity.CAMPAIGN, Entity.BIDDING_ADJUSTMENT, Entity.AD_GROUP, Entity.PRODUCT_AD),
    *(
        Entity.KEYWORD,
        Entity.PRODUCT_TARGETING,
        Entity.NEGATIVE_KEYWORD,
        Entity.NEGATIVE_PRODUCT_TARGETING,
    ),
    *(Entity.CAMPAIGN_NEGATIVE_KEYWORD, Entity.CAMPAIGN_NEGATIVE_PRODUCT),
)
# Headers of bulk files by column; read_account reads a file that has them.
_HEADERS = {
    "ad_product": "Product",
    "entity": "Entity",
    "campaign_id": "Campaign ID",
    "ad_group_id": "Ad Group ID",
    "portfolio_id": "Portfolio ID",
    "ad_id": "Ad ID",
    "keyword_id": "Keyword ID",
    "product_target_id": "Product Targeting ID",
    "campaign": "Campaign Name",
    "ad_group": "Ad Group Name",
    "state": "State",
    "targeting_type": "Targeting Type",
    "daily_budget": "Daily Budget",
    "currency": "Currency Code",
    "bidding_strategy": "Bidding Strategy",
    "placement": "Placement",
    "percentage": "Percentage",
    "sku": "SKU",
    "asin": "ASIN",
    "default_bid": "Ad Group Default Bid",
    "bid": "Bid",
    "keyword": "Keyword Text",
    "match_type": "Match Type",
    "expression": "Product Targeting Expression",
}
# Where ads are shown, in the words of version 3 and of version 1.
_PLACEMENTS = {
    "PLACEMENT_TOP": Placement.TOP,
    "TOP_OF_SEARCH": Placement.TOP,
    "PLACEMENT_REST_OF_SEARCH": Placement.REST,
    "REST_OF_SEARCH": Placement.REST,
    "PLACEMENT_PRODUCT_PAGE": Placement.PRODUCT_PAGE,
    "PRODUCT_PAGE": Placement.PRODUCT_PAGE,
    "SITE_AMAZON_BUSINESS": Placement.BUSINESS,
}


def list_account(client: AdsClient, currency: str | None = None) -> Account:
    """Return the campaigns, ad groups, ads, keywords, targets and negatives that are not archived.

    What placements add to bids has rows of its own, as in bulk files. ``currency`` is the
    profile's, which no row has. There are no figures. Kinds, match types and
    expressions that are not known here keep Amazon's words, and a problem names them. Raises
    ``AmazonError``.
    """
    rows = list(_named(_rows(client)))
    columns = [row | {"currency": currency, "row": at} for at, row in enumerate(rows, start=1)]
    frame = pl.DataFrame(columns, schema=ACCOUNT_SCHEMA)
    source = f"Amazon Ads API, profile {client.profile}"
    problems = tuple(_unknown(frame, Path(source)))
    return Account(frame.with_columns(file=pl.lit(source)), (), (FORMAT,), problems)


def write_account(account: Account, path: Path) -> None:
    """Write the account as JSON with the headers of bulk files, which ``read_account`` reads.

    JSON has no formulas, so texts need no escaping.
    """
    keyword = pl.col("keyword").is_not_null()
    frame = account.frame.with_columns(
        keyword_id=pl.when(keyword).then("target_id"),
        product_target_id=pl.when(~keyword).then("target_id"),
    )
    rows = frame.select(pl.col(name).alias(header) for name, header in _HEADERS.items())
    with replacing(path) as draft:
        draft.write_text(json.dumps(rows.to_dicts(), ensure_ascii=False), encoding="utf-8")


def _rows(client: AdsClient) -> list[dict[str, Any]]:
    """Return the rows, by kind of entity: the same order whatever a version lists together."""
    dialect = find_dialect(client.version)
    rows: list[dict[str, Any]] = []
    for resource in resources(client.version):
        for row in resource.listed(client):
            columns = dialect.columns(resource, row)
            rows.append(columns)
            if Entity.CAMPAIGN in resource.entities:
                rows += _adjustments(columns, dialect.adjustments(row))
    places = {entity: at for at, entity in enumerate(_ORDER)}
    return sorted(rows, key=lambda row: places.get(row["entity"], len(places)))


def _adjustments(campaign: dict[str, Any], listed: object) -> Iterator[dict[str, Any]]:
    """Yield a row for each placement that a campaign names, even one that adds nothing."""
    shared = {name: campaign[name] for name in ("ad_product", "campaign_id", "bidding_strategy")}
    for one in listed_rows(listed):
        word, percentage = str(one.get("placement")), own_number(one.get("percentage"))
        yield shared | {
            "entity": Entity.BIDDING_ADJUSTMENT.value,
            "ad_group_id": None,
            "placement": str(_PLACEMENTS.get(word, word)),
            "percentage": percentage,
        }


def _named(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the rows with the names of their campaigns and ad groups, which precede them.

    A target may name its ad group alone: its campaign is the ad group's.
    """
    campaigns: dict[str | None, str] = {}
    ad_groups: dict[str | None, dict[str, Any]] = {}
    for row in rows:
        if "campaign" in row:
            campaigns[row["campaign_id"]] = row["campaign"]
        elif "ad_group" in row:
            names = ("ad_group", "default_bid", "campaign_id")
            ad_groups[row["ad_group_id"]] = {name: row[name] for name in names}
        group = ad_groups.get(row["ad_group_id"], {}) if row["ad_group_id"] else {}
        campaign_id = row["campaign_id"] or group.get("campaign_id")
        yield row | group | {"campaign_id": campaign_id, "campaign": campaigns.get(campaign_id)}


def _unknown(frame: pl.DataFrame, source: Path) -> Iterator[Problem]:
    """Yield a problem for each word of Amazon that is not known here."""
    targets = frame.filter(pl.col("target_id").is_not_null())
    for column, known in (
        ("entity", lambda word: word in list(Entity)),
        ("match_type", lambda word: word in list(MatchType)),
        ("expression", is_known_expression),
    ):
        words = targets[column].drop_nulls().value_counts(sort=True).iter_rows()
        for word, count in sorted(words):
            if not known(word):
                what = say("amazon.list.unknown_word", n=count, word=shorten(word))
                yield Problem(source, what, say("amazon.list.kept"))
