"""Large invented search-term reports in the spelling of Amazon's console."""

import re
from pathlib import Path

import numpy as np
import polars as pl
import xlsxwriter

from admatch.simulate.console import MONEY, PERCENT, ROAS

ROOT = Path(__file__).parents[2]
SOURCES = ("data/sample/catalog.csv", "admatch/simulate/shopper_terms.toml")
TERMS, CAMPAIGNS, AD_GROUPS = 200_000, 60, 8
MATCH_TYPES = ("BROAD", "PHRASE", "EXACT", "-")
DAYS = 365


def invented_figures(rows: int, seed: int) -> pl.DataFrame:
    """Return ``rows`` rows under the console's headers, typed; amounts hold together."""
    rng = np.random.default_rng(seed)
    clicks = np.minimum(rng.zipf(2.0, rows), 2_000)
    spend = (clicks * rng.integers(5, 300, rows)).astype(np.int64)  # cents
    orders = rng.binomial(clicks, 0.08)
    sales = orders * rng.integers(899, 8_999, rows)
    promoted = (sales * rng.choice([0.0, 0.4, 1.0], rows)).astype(np.int64)
    campaign = rng.integers(0, CAMPAIGNS, rows)
    start = rng.integers(0, DAYS, rows)
    term = np.minimum(rng.zipf(1.3, rows), TERMS) - 1
    terms = invented_terms(rng)
    frame = pl.DataFrame(
        {
            "start": start,
            "end": np.minimum(start + rng.integers(0, 30, rows), DAYS - 1),
            "portfolio": pl.Series([f"Portfolio {i % 7}" for i in range(CAMPAIGNS)])[campaign],
            "campaign": pl.Series([f"SP | Campaign {i:02}, manual" for i in range(CAMPAIGNS)])[
                campaign
            ],
            "ad_group": pl.Series([f"Ad group {i}" for i in range(AD_GROUPS)])[
                rng.integers(0, AD_GROUPS, rows)
            ],
            "targeting": terms[term % 5_000],
            "match": pl.Series(MATCH_TYPES)[rng.integers(0, len(MATCH_TYPES), rows)],
            "term": terms[np.where(rng.random(rows) < 0.5, term, rng.integers(0, TERMS, rows))],
            "impressions": clicks * rng.integers(2, 400, rows),
            "clicks": clicks,
            "spend": spend,
            "sales": sales,
            "orders": orders,
            "units": orders + rng.binomial(orders, 0.2),
            "promoted": promoted,
        }
    )
    return frame.select(**_columns())


def invented_terms(rng: np.random.Generator) -> pl.Series:
    """Return ``TERMS`` distinct terms of one to five shop words, a few of them ASINs."""
    text = " ".join((ROOT / source).read_text(encoding="utf-8") for source in SOURCES)
    words = pl.Series(sorted(set(re.findall(r"[a-z]{3,}", text.lower()))))
    picked = [words[rng.integers(0, len(words), TERMS)] for _ in range(4)]
    frame = pl.DataFrame({str(place): picked[place] for place in range(4)}).with_row_index("n")
    length = pl.Series("length", rng.integers(2, 5, TERMS))
    asin = pl.format("b0{}", pl.format("{}", pl.col("n") + 10_000_000))
    typed = pl.concat_str(
        "0",
        *(pl.when(length > place).then(pl.lit(" ") + pl.col(str(place))) for place in (1, 2, 3)),
        pl.when(pl.col("n") >= 2_000).then(pl.format(" {}", pl.col("n"))),
        ignore_nulls=True,
    )
    return frame.select(pl.when(pl.col("n") % 50 == 0).then(asin).otherwise(typed)).to_series()


def write_large_csv(frame: pl.DataFrame, path: Path, *, append: bool = False) -> None:
    """Write (or append) rows as the console spells them: ``"Feb 16, 2023"``, ``$1.30``."""
    cells = frame.with_columns(
        pl.col("^(.* )?Date$").dt.strftime("%b %d, %Y"),
        *(_dollars(pl.col(name)).alias(name) for name in MONEY),
        *(_fixed(pl.col(name) * 100, 4) + "%" for name in PERCENT),
        _fixed(pl.col(ROAS), 2),
    )
    with path.open("ab" if append else "wb") as file:
        cells.write_csv(file, include_header=not append)


def write_large_xlsx(frame: pl.DataFrame, path: Path) -> None:
    """Write rows as the console's workbook: numbers and dates in typed cells."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Sponsored Product Search Term R")
        day = book.add_format({"num_format": "mmm dd, yyyy"})
        sheet.write_row(0, 0, frame.columns)
        for row, cells in enumerate(frame.iter_rows(), start=1):
            sheet.write_datetime(row, 0, cells[0], day)
            sheet.write_datetime(row, 1, cells[1], day)
            for place, cell in enumerate(cells[2:], start=2):
                if cell is not None:
                    sheet.write(row, place, cell)


def _columns() -> dict[str, pl.Expr]:
    spend, sales, clicks = pl.col("spend") / 100, pl.col("sales") / 100, pl.col("clicks")
    first = pl.date(2022, 1, 1)
    return {
        "Start Date": first + pl.duration(days="start"),
        "End Date": first + pl.duration(days="end"),
        "Portfolio name": pl.col("portfolio"),
        "Currency": pl.lit("USD"),
        "Campaign Name": pl.col("campaign"),
        "Ad Group Name": pl.col("ad_group"),
        "Targeting": pl.col("targeting"),
        "Match Type": pl.col("match"),
        "Customer Search Term": pl.col("term"),
        "Impressions": pl.col("impressions"),
        "Clicks": clicks,
        "Click-Thru Rate (CTR)": clicks / pl.col("impressions"),
        "Cost Per Click (CPC)": spend / clicks,
        "Spend": spend,
        "7 Day Total Sales ": sales,
        "Total Advertising Cost of Sales (ACOS) ": pl.when(sales > 0).then(spend / sales),
        "Total Return on Advertising Spend (ROAS)": sales / spend,
        "7 Day Total Orders (#)": pl.col("orders"),
        "7 Day Total Units (#)": pl.col("units"),
        "7 Day Conversion Rate": pl.col("orders") / clicks,
        "7 Day Advertised SKU Units (#)": pl.col("orders"),
        "7 Day Other SKU Units (#)": pl.col("units") - pl.col("orders"),
        "7 Day Advertised SKU Sales ": pl.col("promoted") / 100,
        "7 Day Other SKU Sales ": (pl.col("sales") - pl.col("promoted")) / 100,
    }


def _fixed(value: pl.Expr, digits: int) -> pl.Expr:
    """Return numbers as text with so many decimals."""
    whole = (value * 10**digits).round().cast(pl.Int64)
    rest = (whole % 10**digits).cast(pl.String).str.zfill(digits)
    return (whole // 10**digits).cast(pl.String) + "." + rest


def _dollars(value: pl.Expr) -> pl.Expr:
    text = _fixed(value, 2)
    return pl.lit("$") + text.str.replace(r"([0-9])([0-9]{3})\.", "${1},${2}.")
