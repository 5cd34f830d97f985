"""The console's search-term report (Sponsored Products): columns, cells and files of Amazon."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import polars as pl
import xlsxwriter

from admatch.tables.atomic import replacing

KEY = ("campaign", "ad_group", "targeting", "match_type", "search_term")
PRODUCT_KEY = ("campaign", "ad_group", "sku", "product_id")
PURCHASED_KEY = (*PRODUCT_KEY, "targeting", "match_type", "companion_id")
SHEET = "Sponsored Product Search Term R"  # Amazon's own, cut at a sheet name's 31 letters

_COUNTRIES = {
    "USD": "United States",
    "CAD": "Canada",
    "GBP": "United Kingdom",
    "EUR": "Germany",
    "JPY": "Japan",
    "INR": "India",
}
_SALES = pl.col("sales_promoted") + pl.col("sales_halo")
# Amazon's headers, trailing blanks included, and the cells below them; amounts come in cents.
_COLUMNS: dict[str, pl.Expr] = {
    "Portfolio name": pl.col("portfolio"),
    "Currency": pl.col("currency"),
    "Campaign Name": pl.col("campaign"),
    "Ad Group Name": pl.col("ad_group"),
    "Retailer": pl.lit("Amazon"),
    "Country": pl.col("currency").replace_strict(_COUNTRIES, default=None),
    "Targeting": pl.col("targeting"),
    "Match Type": pl.col("match_type"),
    "Customer Search Term": pl.col("search_term"),
    "Impressions": pl.col("impressions"),
    "Clicks": pl.col("clicks"),
    "Click-Thru Rate (CTR)": pl.col("clicks") / pl.col("impressions"),
    "Cost Per Click (CPC)": pl.col("spend") / 100 / pl.col("clicks"),
    "Spend": pl.col("spend") / 100,
    "7 Day Total Sales ": _SALES / 100,
    "Total Advertising Cost of Sales (ACOS) ": pl.when(_SALES > 0).then(pl.col("spend") / _SALES),
    "Total Return on Advertising Spend (ROAS)": _SALES / pl.col("spend"),
    "7 Day Total Orders (#)": pl.col("orders"),
    "7 Day Total Units (#)": pl.col("units"),
    "7 Day Conversion Rate": pl.col("orders") / pl.col("clicks"),
    "7 Day Advertised SKU Units (#)": pl.col("units_promoted"),
    "7 Day Other SKU Units (#)": pl.col("units_halo"),
    "7 Day Advertised SKU Sales ": pl.col("sales_promoted") / 100,
    "7 Day Other SKU Sales ": pl.col("sales_halo") / 100,
}
_DATES = ("Date", "Start Date", "End Date")
MONEY = (
    "Cost Per Click (CPC)",
    "Spend",
    "7 Day Total Sales ",
    "7 Day Advertised SKU Sales ",
    "7 Day Other SKU Sales ",
)
PERCENT = (
    "Click-Thru Rate (CTR)",
    "Total Advertising Cost of Sales (ACOS) ",
    "7 Day Conversion Rate",
)
ROAS = "Total Return on Advertising Spend (ROAS)"
_SYMBOLS = {"USD": "$", "CAD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}


def summarise(rows: pl.DataFrame, key: Sequence[str] = KEY) -> pl.DataFrame:
    """Return one row for each key: figures summed, with the first and the last day that has any."""
    same = ("portfolio", "currency")
    figures = ("impressions", "clicks", "spend", "orders", "^units.*$", "^sales.*$")
    return (
        rows.group_by(*same, *key)
        .agg(
            pl.col("date").min().alias("start_date"),
            pl.col("date").max().alias("end_date"),
            pl.col(*figures).sum(),
        )
        .sort(*key)
    )


def in_console_columns(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows under Amazon's headers: 26 columns for a summary, 25 for daily rows."""
    return _under_headers(rows, _COLUMNS)


def in_advertised_columns(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows of products under the headers of the advertised product report."""
    renamed = {"Targeting": "Advertised SKU", "Match Type": "Advertised ASIN"}
    products = {"Advertised SKU": pl.col("sku"), "Advertised ASIN": pl.col("product_id")}
    columns = {renamed.get(header, header): cell for header, cell in _COLUMNS.items()}
    del columns["Customer Search Term"]
    return _under_headers(rows, columns | products)


def in_purchased_columns(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows of products bought under the headers of the purchased product report."""
    same = ("Portfolio name", "Currency", "Campaign Name", "Ad Group Name", "Targeting",
            "Match Type", "7 Day Other SKU Units (#)", "7 Day Other SKU Sales ")  # fmt: skip
    own = {
        "Advertised SKU": pl.col("sku"),
        "Advertised ASIN": pl.col("product_id"),
        "Purchased ASIN": pl.col("companion_id"),
        "7 Day Other SKU Orders (#)": pl.col("orders"),
    }
    return _under_headers(rows, {header: _COLUMNS[header] for header in same} | own)


def _under_headers(rows: pl.DataFrame, columns: Mapping[str, pl.Expr]) -> pl.DataFrame:
    spans = {"Start Date": "start_date", "End Date": "end_date"}
    names = {"Date": "date"} if "date" in rows.columns else spans
    dates = [pl.col(column).alias(header) for header, column in names.items()]
    return rows.select(*dates, *(cell.alias(header) for header, cell in columns.items()))


def write_console_csv(report: pl.DataFrame, path: Path) -> None:
    """Write a report as the console's CSV: ``"May 29, 2021"``, ``$1.15``, ``50.0000%``."""
    dates, money, percent, ratios = (
        [header for header in headers if header in report.columns]
        for headers in (_DATES, MONEY, PERCENT, (ROAS,))
    )
    symbol = pl.col("Currency").replace_strict(_SYMBOLS, default="")
    cells = report.with_columns(
        pl.col(dates).dt.strftime("%b %d, %Y"),
        *(pl.concat_str(symbol, _fixed(header, 2)).alias(header) for header in money),
        *(_fixed(header, 4, of=100) + "%" for header in percent),
        *(_fixed(header, 2) for header in ratios),
    )
    with replacing(path) as draft:
        draft.write_text(cells.write_csv(), encoding="utf-8", newline="")


def write_console_xlsx(report: pl.DataFrame, path: Path) -> None:
    """Write a report as the console's workbook: one sheet of typed cells."""
    with replacing(path) as draft, xlsxwriter.Workbook(draft) as book:
        book.set_properties({"created": datetime(2025, 1, 1)})  # the same bytes every time
        sheet = book.add_worksheet(SHEET)
        sheet.write_row(0, 0, report.columns)
        for column, header in enumerate(report.columns):
            style = book.add_format({"num_format": _number_format(header)})
            for row, value in enumerate(report[header].to_list(), start=1):
                if isinstance(value, str):
                    sheet.write_string(row, column, value)  # never taken for a formula
                elif value is not None:
                    sheet.write(row, column, value, style)


def _fixed(header: str, digits: int, of: int = 1) -> pl.Expr:
    """Return a column as text with ``digits`` decimals; null stays null."""
    text = f"{{:.{digits}f}}".format
    values = pl.col(header) * of
    return values.map_elements(text, return_dtype=pl.String).alias(header)


def _number_format(header: str) -> str:
    if header in _DATES:
        return "mmm dd, yyyy"
    if header in PERCENT:
        return "0.0000%"
    return "#,##0.00" if header in (*MONEY, ROAS) else "0"
