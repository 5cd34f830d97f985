"""What Amazon's other reports say: the typed ``Insights``."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import polars as pl

from admatch.errors import Problem


class InsightKind(StrEnum):
    """What a table is; the value is its key in headers.toml and its name among the formats."""

    PURCHASED_PRODUCTS = "purchased_products"
    SEARCH_QUERIES = "search_queries"
    SEARCH_CATALOG = "search_catalog"
    TOP_TERMS = "top_terms"
    BUDGETS = "budgets"
    CAMPAIGN_DAYS = "campaign_days"
    PLACEMENTS = "placements"


class Place(StrEnum):
    """Where an ad was shown; a word of a file that is none of these stays as it is."""

    TOP = "top"  # first page of the search results
    REST = "rest"  # of the search results
    PRODUCT = "product"  # pages of products
    BUSINESS = "business"  # Amazon Business
    ELSEWHERE = "elsewhere"  # not on Amazon


_FROM: dict[str, pl.DataType] = {
    "file": pl.String(),
    "row": pl.Int64(),  # as a spreadsheet shows it: the first line of the file is row 1
    "start_date": pl.Date(),
    "end_date": pl.Date(),
    "currency": pl.String(),
}
_CAMPAIGN: dict[str, pl.DataType] = {"campaign": pl.String(), "campaign_id": pl.String()}
_SOLD: dict[str, pl.DataType] = {
    "orders": pl.Int64(),
    "units": pl.Int64(),
    "sales": pl.Float64(),
}
_FUNNEL = ("impressions", "clicks", "cart_adds", "purchases")

SCHEMAS: dict[InsightKind, dict[str, pl.DataType]] = {
    # Orders of a product that was not the advertised one, after a click on its ad.
    InsightKind.PURCHASED_PRODUCTS: _FROM
    | _CAMPAIGN
    | {
        "ad_group": pl.String(),
        "ad_group_id": pl.String(),
        "targeting": pl.String(),
        "match_type": pl.String(),
        "sku": pl.String(),  # advertised
        "asin": pl.String(),  # advertised
        "purchased_asin": pl.String(),
    }
    | _SOLD,
    # A query of shoppers: everybody's figures, and those of one's brand or of one product.
    InsightKind.SEARCH_QUERIES: _FROM
    | {"query": pl.String(), "asin": pl.String(), "score": pl.Int64(), "volume": pl.Int64()}
    | {name: pl.Int64() for name in _FUNNEL}
    | {f"own_{name}": pl.Int64() for name in _FUNNEL}
    | {"price": pl.Float64()},
    # A product in search results, whatever was searched.
    InsightKind.SEARCH_CATALOG: _FROM
    | {"asin": pl.String(), "title": pl.String(), "category": pl.String()}
    | {name: pl.Int64() for name in _FUNNEL}
    | {"sales": pl.Float64(), "price": pl.Float64()},
    # One of the products that shoppers of a term click most; shares are 0 … 1.
    InsightKind.TOP_TERMS: _FROM
    | {
        "query": pl.String(),
        "frequency_rank": pl.Int64(),  # 1 is searched most
        "position": pl.Int64(),  # 1 is clicked most
        "asin": pl.String(),
        "title": pl.String(),
        "click_share": pl.Float64(),
        "conversion_share": pl.Float64(),
    },
    InsightKind.BUDGETS: _FROM
    | _CAMPAIGN
    | {
        "state": pl.String(),
        "daily_budget": pl.Float64(),
        "recommended_budget": pl.Float64(),
        "time_in_budget": pl.Float64(),  # share of the time, 0 … 1
        "missed_impressions_low": pl.Int64(),
        "missed_impressions_high": pl.Int64(),
        "missed_clicks_low": pl.Int64(),
        "missed_clicks_high": pl.Int64(),
        "missed_sales_low": pl.Float64(),
        "missed_sales_high": pl.Float64(),
        "impressions": pl.Int64(),
        "clicks": pl.Int64(),
        "spend": pl.Float64(),
    }
    | _SOLD,
    # A campaign on one day: the API's report of campaigns.
    InsightKind.CAMPAIGN_DAYS: _FROM
    | _CAMPAIGN
    | {
        "daily_budget": pl.Float64(),
        "impressions": pl.Int64(),
        "clicks": pl.Int64(),
        "spend": pl.Float64(),
    }
    | _SOLD,
    InsightKind.PLACEMENTS: _FROM
    | _CAMPAIGN
    | {
        "placement": pl.String(),  # a Place, or the file's own word for another one
        "bidding_strategy": pl.String(),
        "impressions": pl.Int64(),
        "clicks": pl.Int64(),
        "spend": pl.Float64(),
    }
    | _SOLD,
}
# what a row is about, whatever its days
KEYS: dict[InsightKind, tuple[str, ...]] = {
    InsightKind.PURCHASED_PRODUCTS: (
        "currency", "campaign", "ad_group", "targeting", "match_type", "sku", "asin",
        "purchased_asin",
    ),
    InsightKind.SEARCH_QUERIES: ("query", "asin"),
    InsightKind.SEARCH_CATALOG: ("asin", "currency"),
    InsightKind.TOP_TERMS: ("query", "position"),
    InsightKind.BUDGETS: ("currency", "campaign"),
    InsightKind.CAMPAIGN_DAYS: ("currency", "campaign"),
    InsightKind.PLACEMENTS: ("currency", "campaign", "placement"),
}  # fmt: skip


def _empty() -> dict[InsightKind, pl.DataFrame]:
    return {}


@dataclass(frozen=True)
class Insights:
    """Amazon's other reports, a frame each (columns of ``SCHEMAS``); without rows where none is.

    What a file lacks is null. ``problems`` name what was left out, ``skipped`` counts its lines.
    """

    frames: dict[InsightKind, pl.DataFrame] = field(default_factory=_empty)
    sources: tuple[Path, ...] = ()
    formats: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: int = 0

    def __len__(self) -> int:
        return sum(frame.height for frame in self.frames.values())

    def of(self, kind: InsightKind) -> pl.DataFrame:
        """Return the rows of one kind."""
        return self.frames.get(kind, pl.DataFrame(schema=SCHEMAS[kind]))

    @property
    def purchases(self) -> pl.DataFrame:
        """Orders of products that were not the advertised ones."""
        return self.of(InsightKind.PURCHASED_PRODUCTS)

    @property
    def queries(self) -> pl.DataFrame:
        """Search Query Performance: what a market searches, clicks and buys."""
        return self.of(InsightKind.SEARCH_QUERIES)

    @property
    def catalog(self) -> pl.DataFrame:
        """Search Catalog Performance: what search results bring each product."""
        return self.of(InsightKind.SEARCH_CATALOG)

    @property
    def top_terms(self) -> pl.DataFrame:
        """Brand Analytics: the most frequent terms and the products clicked after them."""
        return self.of(InsightKind.TOP_TERMS)

    @property
    def budgets(self) -> pl.DataFrame:
        """How long campaigns had money left, and what they missed by Amazon's estimate."""
        return self.of(InsightKind.BUDGETS)

    @property
    def campaign_days(self) -> pl.DataFrame:
        """What each campaign spent on each day, with its daily budget."""
        return self.of(InsightKind.CAMPAIGN_DAYS)

    @property
    def placements(self) -> pl.DataFrame:
        """What each campaign spent and sold at each place."""
        return self.of(InsightKind.PLACEMENTS)
