from datetime import date
from pathlib import Path

import polars as pl
import pytest
from PIL import Image

from admatch.catalog.records import Catalog, Product
from admatch.match.records import PRODUCTS_SCHEMA, TERMS_SCHEMA, Matches
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport

HOSTILE = "</script><script>alert(1)</script>"


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    picture = tmp_path / "lamp.png"
    Image.new("RGBA", (300, 200), (200, 30, 30, 128)).save(picture)
    return Catalog.from_products(
        [
            Product(
                "B0LAMP", "Desk lamp <b>", brand="Lux", price=19.5, currency="EUR",
                images=(str(picture),),
            ),
            Product("B0SHELF", "Floating shelf"),
            Product("B0IDLE", "Never searched for"),
        ]
    )  # fmt: skip


def report_row(row: int, term: str | None, kind: str, currency: str | None, **figures: object):
    known = {
        "file": "report.csv",
        "row": row,
        "start_date": date(2025, 3, 1),
        "end_date": date(2025, 3, 30),
        "currency": currency,
        "campaign": "Lamps",
        "search_term": term,
        "term_kind": kind,
        "impressions": 100,
        "clicks": 10,
        "spend": 5.0,
        "sales": 20.0,
        "orders": 1,
        "units": 1,
    } | figures
    return tuple(known.get(name) for name in REPORT_SCHEMA)


def make_matches(rows: list[tuple], terms: list[tuple], products: list[tuple]) -> Matches:
    report = SearchTermReport(
        frame=pl.DataFrame(rows, schema=REPORT_SCHEMA, orient="row"),
        sources=(Path("report.csv"),),
        granularity=Granularity.SUMMARY,
        window_days=7,
        skipped=1,
    )
    names = ["search_term", "outcome", "probability", "semantic_id"]
    schema = {name: TERMS_SCHEMA[name] for name in names}
    known = pl.DataFrame(terms, schema=schema, orient="row")
    return Matches(
        report=report,
        terms=known.with_columns(related_probability="probability").select(*TERMS_SCHEMA),
        products=pl.DataFrame(products, schema=PRODUCTS_SCHEMA, orient="row"),
    )


@pytest.fixture
def matches() -> Matches:
    """Seven rows: two of one term, one hostile term about nothing, three that are no term."""
    return make_matches(
        [
            report_row(2, "desk lamp", "keyword", "EUR", campaign="=Lamps"),
            report_row(3, HOSTILE, "keyword", "EUR", spend=3.0, sales=0.0, orders=0),
            report_row(4, "desk lamp", "keyword", "EUR", campaign="Shelves"),
            report_row(5, "*", "star", "EUR", spend=1.0),
            report_row(6, "b0abcdefgh", "asin", "GBP", spend=2.0),
            report_row(7, None, "empty", "EUR", spend=None),
            report_row(8, "desk lamp", "keyword", "GBP", spend=8.0),
        ],
        [
            ("desk lamp", "match", 0.93, "T·001·002·003"),
            (HOSTILE, "none", 0.04, "T·009·009·009"),
        ],
        [
            ("desk lamp", 1, "B0LAMP", "Desk lamp <b>", "M·001·002·200", 0.8, 0.9),
            ("desk lamp", 2, "B0SHELF", "Floating shelf", "T·001·077·001", 0.2, 0.1),
            (HOSTILE, 1, "B0SHELF", "Floating shelf", "T·001·077·001", 0.1, 0.04),
        ],
    )
