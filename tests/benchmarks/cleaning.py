"""The openpyxl + pandas script that an analyst writes to read a search-term report.

It ends in the same typed table as ``read_report``: days, numbers, the kind of each term, and the
file's own ratios compared with its figures. Everything is vectorised.
"""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd

DATES = ["Start Date", "End Date"]
COUNTS = [
    "Impressions",
    "Clicks",
    "7 Day Total Orders (#)",
    "7 Day Total Units (#)",
    "7 Day Advertised SKU Units (#)",
    "7 Day Other SKU Units (#)",
]
AMOUNTS = [
    "Cost Per Click (CPC)",
    "Spend",
    "7 Day Total Sales",
    "Total Return on Advertising Spend (ROAS)",
    "7 Day Advertised SKU Sales",
    "7 Day Other SKU Sales",
]
SHARES = [
    "Click-Thru Rate (CTR)",
    "Total Advertising Cost of Sales (ACOS)",
    "7 Day Conversion Rate",
]
RATIOS = {
    "Click-Thru Rate (CTR)": ("Clicks", "Impressions", 1e-6),
    "Cost Per Click (CPC)": ("Spend", "Clicks", 0.006),
    "Total Advertising Cost of Sales (ACOS)": ("Spend", "7 Day Total Sales", 1e-2),
    "Total Return on Advertising Spend (ROAS)": ("7 Day Total Sales", "Spend", 0.006),
    "7 Day Conversion Rate": ("7 Day Total Orders (#)", "Clicks", 1e-6),
}
TERM = "Customer Search Term"


def read_csv(path: Path) -> pd.DataFrame:
    """Return the report; every column is read as text, so that no ID or term becomes a number."""
    return clean(pd.read_csv(path, dtype=str), by_pattern)


def read_csv_tuned(path: Path) -> pd.DataFrame:
    """Return the report as a profiler teaches to: whole numbers are parsed while reading, signs

    taken off by letters instead of patterns, and nothing is coerced.
    """
    texts = dict.fromkeys(["Campaign Name", "Ad Group Name", "Targeting", TERM], "str")
    return clean(pd.read_csv(path, dtype=texts), by_letters)


def read_xlsx(path: Path) -> pd.DataFrame:
    sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
    lines = sheet.iter_rows(values_only=True)
    header = next(lines)
    return clean(pd.DataFrame(lines, columns=header), by_pattern)


def clean(raw: pd.DataFrame, numbers: Callable[[pd.Series], pd.Series]) -> pd.DataFrame:
    """Return the report with typed columns; totals and empty lines are left out."""
    report = raw.rename(columns=str.strip)
    report = report[report["Campaign Name"].notna() & report["Clicks"].notna()].copy()
    for name in DATES:
        report[name] = pd.to_datetime(report[name], format="%b %d, %Y")
    for name in (*COUNTS, *AMOUNTS, *SHARES):
        if not pd.api.types.is_numeric_dtype(report[name]):
            report[name] = numbers(report[name])
    report[COUNTS] = report[COUNTS].fillna(0).astype("int64")
    terms = report[TERM].str.strip()
    report[TERM] = terms
    report["term_kind"] = "keyword"
    report.loc[terms.str.contains(r"^b0[a-z0-9]{8}$", case=False, na=False), "term_kind"] = "asin"
    report.loc[terms.str.contains('^(?:category|brand)="', na=False), "term_kind"] = "category"
    report.loc[terms == "*", "term_kind"] = "star"
    report.loc[terms.isna(), "term_kind"] = "empty"
    report.attrs["duplicates"] = int(report.duplicated(keep=False).sum())
    report.attrs["wrong"] = {
        name: int(((report[above] / report[below] - report[name]).abs() > slack).sum())
        for name, (above, below, slack) in RATIOS.items()
    }
    return report


def by_pattern(cells: pd.Series) -> pd.Series:
    """Return the floats in ``$1,234.50`` and ``12.5%``."""
    text = cells.astype("str")
    percent = text.str.endswith("%")
    values = pd.to_numeric(text.str.replace(r"[$€£,%]", "", regex=True), errors="coerce")
    return values.where(~percent, values / 100)


def by_letters(cells: pd.Series) -> pd.Series:
    values = cells.str.strip("$€£%").str.replace(",", "", regex=False).astype("float64")
    return values / 100 if cells.name in SHARES else values


def totals(report: pd.DataFrame) -> dict[str, float]:
    names = {
        "impressions": "Impressions",
        "clicks": "Clicks",
        "spend": "Spend",
        "sales": "7 Day Total Sales",
        "orders": "7 Day Total Orders (#)",
    }
    return {ours: float(report[name].sum()) for ours, name in names.items()}
