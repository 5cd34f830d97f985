"""A change as a row of a bulk sheet, and rows as a workbook."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from io import BytesIO

import xlsxwriter

from admatch.impact.changes import STRUCTURE, Change, Operation
from admatch.reports.account.records import Entity

SHEET = "Sponsored Products Campaigns"
# Amazon's template for sellers (AmazonAdvertisingBulksheetSellerTemplate.xlsx, 2025), in its order
COLUMNS = (
    *("Product", "Entity", "Operation", "Campaign ID", "Ad Group ID", "Portfolio ID", "Ad ID"),
    *("Keyword ID", "Product Targeting ID", "Campaign Name", "Ad Group Name", "Start Date"),
    *("End Date", "Targeting Type", "State", "Daily Budget", "SKU", "Ad Group Default Bid", "Bid"),
    *("Keyword Text", "Native Language Keyword", "Native Language Locale", "Match Type"),
    *("Bidding Strategy", "Placement", "Percentage", "Product Targeting Expression"),
    *("Audience ID", "Shopper Cohort Percentage", "Shopper Cohort Type", "Segment Name"),
)
_KEYWORDS = (Entity.KEYWORD, Entity.NEGATIVE_KEYWORD, Entity.CAMPAIGN_NEGATIVE_KEYWORD)
# With the time of day, every export of the same changes would be a different file.
_CREATED = datetime(2000, 1, 1)


def cells(change: Change) -> dict[str, str | float]:
    """Return the filled cells of the row that makes ``change``, by column.

    Names of campaigns and ad groups stay blank, as Amazon wants none in a keyword's row. So do the
    bid and the state of what is archived.
    """
    if change.entity in STRUCTURE and change.operation != Operation.UPDATE:
        return _structure_cells(change)
    if change.setting is not None:
        return _setting_cells(change)
    is_keyword = change.entity in _KEYWORDS
    match_type = change.match_type.value if change.match_type else None
    row: dict[str, str | float | None] = {
        "Product": "Sponsored Products",
        "Entity": change.entity.value,
        "Operation": change.operation.value,
        "Campaign ID": change.place.campaign_id,
        "Ad Group ID": change.place.ad_group_id,
        "Keyword ID" if is_keyword else "Product Targeting ID": change.target_id,
        "Keyword Text" if is_keyword else "Product Targeting Expression": change.text,
        "Match Type": match_type,
    }
    if change.operation != Operation.ARCHIVE:
        row |= {"State": change.state, "Bid": change.bid}
    return {column: value for column, value in row.items() if value is not None}


def _setting_cells(change: Change) -> dict[str, str | float]:
    """Return the filled cells of a new setting of a campaign."""
    row: dict[str, str | float | None] = {
        "Product": "Sponsored Products",
        "Entity": change.entity.value,
        "Operation": change.operation.value,
        "Campaign ID": change.place.campaign_id,
    }
    if change.entity == Entity.BIDDING_ADJUSTMENT:
        row |= {"Placement": change.text, "Percentage": change.setting}
    else:
        row |= {"Daily Budget": change.setting}
    return {column: value for column, value in row.items() if value is not None}


def _structure_cells(change: Change) -> dict[str, str | float]:
    """Return the filled cells of a new campaign, ad group or product ad, or of an end of one."""
    place, new = change.place, change.operation == Operation.CREATE
    row: dict[str, str | float | None] = {
        "Product": "Sponsored Products",
        "Entity": change.entity.value,
        "Operation": change.operation.value,
        "Campaign ID": place.campaign_id,
    }
    if change.entity != Entity.CAMPAIGN:
        row["Ad Group ID"] = place.ad_group_id
    if new:
        named: dict[Entity, dict[str, str | float | None]] = {
            Entity.CAMPAIGN: {"Campaign Name": change.text, "Daily Budget": change.setting},
            Entity.AD_GROUP: {"Ad Group Name": change.text, "Ad Group Default Bid": change.bid},
            Entity.PRODUCT_AD: {"SKU": change.text},
        }
        row |= {"State": change.state} | named[change.entity]
    return {column: value for column, value in row.items() if value is not None}


def workbook(rows: Iterable[Mapping[str, str | float]], decimals: int) -> bytes:
    """Return an xlsx file with one sheet of these rows; the same rows make the same bytes.

    Text is stored as text whatever it begins with, and amounts with ``decimals`` places.
    """
    content = BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    book.set_properties({"created": _CREATED})
    text = book.add_format({"num_format": "@"})
    number = book.add_format({"num_format": f"0.{'0' * decimals}" if decimals else "0"})
    whole = book.add_format({"num_format": "0"})
    sheet = book.add_worksheet(SHEET)
    for at, column in enumerate(COLUMNS):
        sheet.write_string(0, at, column, text)
    for line, row in enumerate(rows, start=1):
        for at, column in enumerate(COLUMNS):
            value = row.get(column)
            if isinstance(value, str):
                sheet.write_string(line, at, value, text)
            elif value is not None:
                sheet.write_number(line, at, value, whole if column == "Percentage" else number)
    book.close()
    return content.getvalue()
