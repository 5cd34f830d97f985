"""The settings of an account's entities: names, states, budgets, bids."""

import re

import polars as pl

from admatch.reports.account.records import Entity
from admatch.reports.account.values import translate
from admatch.reports.rows import Columns
from admatch.tables.raw import RawTable

_AD_PRODUCT = re.compile(r"sponsored[ _-]*(product|brand|display)", re.IGNORECASE)
_AD_PRODUCTS = {
    "product": "Sponsored Products",
    "brand": "Sponsored Brands",
    "display": "Sponsored Display",
}
_STATE_COLUMNS = {Entity.CAMPAIGN: "campaign_state", Entity.AD_GROUP: "ad_group_state"}


def find_settings(
    table: RawTable, columns: Columns, entity: pl.Series, numbers: pl.DataFrame
) -> pl.DataFrame:
    """Return the names, states, budgets and bids of each row; ``numbers`` are parsed columns."""
    texts = {
        "portfolio": columns.get("portfolio").str.strip_chars(),
        "campaign": _name(columns, "campaign", entity, Entity.CAMPAIGN),
        "ad_group": _name(columns, "ad_group", entity, Entity.AD_GROUP),
        "ad_product": _ad_products(table, columns),
        "operation": _word(columns.get("operation"), "operation"),
        "state": _word(_states(columns, entity), "state"),
        "targeting_type": _word(columns.get("targeting_type"), "targeting_type"),
        "bidding_strategy": columns.get("bidding_strategy"),
        "ends_on": columns.get("ends_on").str.strip_chars(),
        "placement": _word(columns.get("placement"), "placement"),
        "sku": columns.get("sku").str.strip_chars(),
        "asin": columns.get("asin").str.strip_chars().str.to_uppercase(),
    }
    return pl.DataFrame(texts).hstack(_amounts(columns, entity, numbers))


def _amounts(columns: Columns, entity: pl.Series, numbers: pl.DataFrame) -> pl.DataFrame:
    """Return daily_budget, percentage, default_bid and bid, null where the file has none."""
    nothing = pl.repeat(None, len(entity), dtype=pl.Float64, eager=True)
    names = ("daily_budget", "percentage", "default_bid", "default_bid_informational", "bid")
    budget, percentage, default, informational, bid = (
        numbers[name] if name in numbers.columns else nothing for name in names
    )
    lifetime = (
        columns.get("budget_type").str.contains("(?i)^(?:lifetime|.*laufzeit)").fill_null(False)
    )
    default = default.zip_with(default.is_not_null(), informational)
    if "default_bid" not in columns.headers:  # one column for the bids of ad groups and of targets
        is_group = entity == Entity.AD_GROUP.value
        default, bid = bid.set(~is_group, None), bid.set(is_group, None)
    return pl.DataFrame(
        {
            "daily_budget": budget.set(lifetime, None),
            "percentage": percentage,
            "default_bid": default,
            "bid": bid,
        }
    )


def _name(columns: Columns, column: str, entity: pl.Series, level: Entity) -> pl.Series:
    """Return the names of campaigns or ad groups: a row's own, or those given beside it."""
    own = columns.get("name").set((entity != level.value).fill_null(True), None)
    names = pl.DataFrame([columns.get(column), columns.get(f"{column}_informational"), own])
    return names.select(pl.coalesce(pl.all()).str.strip_chars()).to_series()


def _states(columns: Columns, entity: pl.Series) -> pl.Series:
    """Return each row's own state; files with several state columns have one for each level."""
    states = columns.get("state")
    for level, column in _STATE_COLUMNS.items():
        if column in columns.headers:
            states = columns.cells[column].zip_with(entity == level.value, states)
    return states


def _ad_products(table: RawTable, columns: Columns) -> pl.Series:
    """Return the ad product of each row, from its cell or else the name of the sheet or file."""
    written = _word(columns.get("ad_product"), "ad_product")
    found = _AD_PRODUCT.search(table.sheet or "") or _AD_PRODUCT.search(table.path.name)
    named = None if found is None else _AD_PRODUCTS[found[1].lower()]
    return written.fill_null(pl.lit(named, pl.String)) if named else written


def _word(cells: pl.Series, section: str) -> pl.Series:
    known = translate(cells, section)
    return known.zip_with(known.is_not_null(), cells.str.strip_chars())
