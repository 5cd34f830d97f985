"""What an advertiser runs, listed by Amazon → ``Account``, and a file that reads back as one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from admatch.amazon.client import AdsClient
from admatch.amazon.resources import resources
from admatch.amazon.rows import account_row
from admatch.reports.account.records import ACCOUNT_SCHEMA, Account
from admatch.tables.atomic import replacing

FORMAT = "Amazon Ads API, Sponsored Products"
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
    "sku": "SKU",
    "asin": "ASIN",
    "default_bid": "Ad Group Default Bid",
    "bid": "Bid",
    "keyword": "Keyword Text",
    "match_type": "Match Type",
    "expression": "Product Targeting Expression",
}


def list_account(client: AdsClient, currency: str | None = None) -> Account:
    """Return the campaigns, ad groups, ads, keywords, targets and negatives that are not archived.

    ``currency`` is the profile's, which no row has. There are no figures. Raises ``AmazonError``.
    """
    rows = list(_named(_rows(client)))
    columns = [row | {"currency": currency, "row": at} for at, row in enumerate(rows, start=1)]
    frame = pl.DataFrame(columns, schema=ACCOUNT_SCHEMA)
    source = f"Amazon Ads API, profile {client.profile}"
    return Account(frame.with_columns(file=pl.lit(source)), (), (FORMAT,))


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


def _rows(client: AdsClient) -> Iterator[dict[str, Any]]:
    for resource in resources():
        for row in resource.listed(client):
            yield account_row(resource, row)


def _named(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the rows with the names of their campaigns and ad groups, which precede them."""
    campaigns: dict[str | None, str] = {}
    ad_groups: dict[str | None, tuple[str, float | None]] = {}
    for row in rows:
        if "campaign" in row:
            campaigns[row["campaign_id"]] = row["campaign"]
        elif "ad_group" in row:
            ad_groups[row["ad_group_id"]] = row["ad_group"], row["default_bid"]
        group = ad_groups.get(row["ad_group_id"], (None, None))
        names: dict[str, Any] = {"campaign": campaigns.get(row["campaign_id"])}
        names |= {"ad_group": group[0], "default_bid": group[1]} if row["ad_group_id"] else {}
        yield row | names
