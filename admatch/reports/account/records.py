"""What an advertiser runs: the typed ``Account`` of campaigns, ad groups, products, targets."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

import polars as pl

from admatch.errors import Problem

ACCOUNT_SCHEMA: dict[str, pl.DataType] = {
    "file": pl.String(),
    "row": pl.Int64(),  # as a spreadsheet shows it: the first line of the file is row 1
    "start_date": pl.Date(),
    "end_date": pl.Date(),
    "currency": pl.String(),
    "ad_product": pl.String(),  # Sponsored Products, Sponsored Brands, …
    "entity": pl.String(),  # an Entity, or the file's own word for another kind
    "operation": pl.String(),  # Create, Update or Archive in a file to upload, else null
    "portfolio_id": pl.String(),
    "campaign_id": pl.String(),
    "ad_group_id": pl.String(),
    "ad_id": pl.String(),
    "target_id": pl.String(),  # of the keyword or the product target, negative ones too
    "portfolio": pl.String(),
    "campaign": pl.String(),
    "ad_group": pl.String(),
    "state": pl.String(),  # enabled, paused, archived
    "targeting_type": pl.String(),  # auto, manual
    "daily_budget": pl.Float64(),
    "ends_on": pl.String(),  # a campaign's last day, as the file writes it
    "bidding_strategy": pl.String(),  # as the file spells it
    "placement": pl.String(),  # a Placement, or the file's own word for another one
    "percentage": pl.Float64(),  # added to bids for a placement
    "sku": pl.String(),
    "asin": pl.String(),
    "default_bid": pl.Float64(),  # of the ad group
    "bid": pl.Float64(),
    "keyword": pl.String(),
    "match_type": pl.String(),  # a MatchType, or the file's own word for another one
    "expression": pl.String(),  # of a product target: asin="B0…", close-match, category="…"
    "impressions": pl.Int64(),
    "clicks": pl.Int64(),
    "spend": pl.Float64(),
    "sales": pl.Float64(),
    "orders": pl.Int64(),
    "units": pl.Int64(),
}


class Entity(StrEnum):
    """What a row of a bulk file describes, in Amazon's words."""

    PORTFOLIO = "Portfolio"
    CAMPAIGN = "Campaign"
    BIDDING_ADJUSTMENT = "Bidding Adjustment"
    CAMPAIGN_NEGATIVE_KEYWORD = "Campaign Negative Keyword"
    CAMPAIGN_NEGATIVE_PRODUCT = "Campaign Negative Product Targeting"
    AD_GROUP = "Ad Group"
    PRODUCT_AD = "Product Ad"
    KEYWORD = "Keyword"
    NEGATIVE_KEYWORD = "Negative Keyword"
    PRODUCT_TARGETING = "Product Targeting"
    NEGATIVE_PRODUCT_TARGETING = "Negative Product Targeting"


class MatchType(StrEnum):
    """How a keyword matches search terms, spelled as in bulk files."""

    EXACT = "exact"
    PHRASE = "phrase"
    BROAD = "broad"
    NEGATIVE_EXACT = "negativeExact"
    NEGATIVE_PHRASE = "negativePhrase"


class Placement(StrEnum):
    """Where on Amazon an ad is shown, spelled as in bulk files.

    ``BUSINESS`` is a site: its clicks count in one of the other three as well.
    """

    TOP = "Placement Top"
    REST = "Placement Rest Of Search"
    PRODUCT_PAGE = "Placement Product Page"
    BUSINESS = "Placement Amazon Business"


NEGATIVES = (
    Entity.CAMPAIGN_NEGATIVE_KEYWORD,
    Entity.CAMPAIGN_NEGATIVE_PRODUCT,
    Entity.NEGATIVE_KEYWORD,
    Entity.NEGATIVE_PRODUCT_TARGETING,
)
TARGETS = (Entity.KEYWORD, Entity.PRODUCT_TARGETING)


@dataclass(frozen=True)
class Account:
    """Everything that runs, one row per entity in ``frame`` (columns of ``ACCOUNT_SCHEMA``).

    A daily file gives one row per day and entity. The figures of a campaign, of its ad groups and
    of their targets count the same clicks three times: add up one kind of entity only. What a file
    lacks is null: reports have names but no IDs and no bids.
    """

    frame: pl.DataFrame
    sources: tuple[Path, ...]
    formats: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    skipped: int = 0

    def __len__(self) -> int:
        return self.frame.height

    def only(self, *entities: Entity) -> pl.DataFrame:
        """Return the rows that describe one of ``entities``."""
        return self.frame.filter(pl.col("entity").is_in([one.value for one in entities]))

    @property
    def negatives(self) -> pl.DataFrame:
        """The negative keywords and products, of campaigns and of ad groups."""
        return self.only(*NEGATIVES)

    @property
    def targets(self) -> pl.DataFrame:
        """The keywords and product targets that bring traffic."""
        return self.only(*TARGETS)

    @property
    def period(self) -> tuple[date, date] | None:
        """First and last day of the figures, or None where no file names them."""
        first, last = self.frame["start_date"].min(), self.frame["end_date"].max()
        return (first, last) if isinstance(first, date) and isinstance(last, date) else None
