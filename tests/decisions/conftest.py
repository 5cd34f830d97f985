"""A small account whose right decisions are plain: a dozen terms, and what a test adds."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from admatch.catalog.records import Catalog, Product
from admatch.decisions.recommend import recommend
from admatch.impact.model import ImpactModel
from admatch.match.records import PRODUCTS_SCHEMA, TERMS_SCHEMA, Matches
from admatch.reports.account.records import ACCOUNT_SCHEMA, Account, Entity
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport, TermKind
from admatch.reports.terms import classify_terms

PRODUCTS = {"B0HOSE0001": "Acme Garden Hose, 50 ft", "B0REEL0001": "Acme Hose Reel, Wall Mounted"}
# Orders of 300 clicks each: terms differ much, so that a term's own clicks count for much.
ORDERS = (3, 90, 12, 60, 30, 75, 6, 45, 24, 66, 36, 81)
GOOD = [f"garden watering w{number}" for number in range(len(ORDERS))]


def term(text, clicks=0, orders=0, **more):
    """Return a row: a click costs 1, an order brings 30."""
    row = {
        "search_term": text,
        "clicks": clicks,
        "orders": orders,
        "spend": float(clicks),
        "sales": 30.0 * orders,
        "sales_promoted": 30.0 * orders,
        "sales_halo": 0.0,
        "impressions": clicks * 100,
        "units": orders,
        "campaign": "Auto",
        "ad_group": "All",
        "targeting": "close-match",
        "match_type": "-",
        "currency": "USD",
        "start_date": date(2025, 5, 1),
        "end_date": date(2025, 5, 31),
        "file": "report.csv",
    }
    return row | more


def background():
    return [term(text, 300, orders) for text, orders in zip(GOOD, ORDERS, strict=True)]


def make_report(rows, granularity=Granularity.SUMMARY, window=7):
    frame = pl.DataFrame(
        [row | {"row": at} for at, row in enumerate(rows, start=2)],
        schema={name: kind for name, kind in REPORT_SCHEMA.items() if name != "term_kind"},
    )
    frame = frame.with_columns(term_kind=classify_terms(frame["search_term"]))
    return SearchTermReport(
        frame.select(list(REPORT_SCHEMA)), (Path("report.csv"),), granularity, window
    )


def make_matches(report, about=None, default=0.9):
    """Return matches in which each term is about the hose with the given probability."""
    about = about or {}
    terms, products = [], []
    typed = report.frame.filter(pl.col("term_kind") == TermKind.KEYWORD.value)
    for text in typed["search_term"].unique(maintain_order=True):
        given = about.get(text, default)
        sure, product = given if isinstance(given, tuple) else (given, "B0HOSE0001")
        other = next(name for name in PRODUCTS if name != product)
        outcome = "match" if sure >= 0.5 else "none"
        line = {"search_term": text, "outcome": outcome, "probability": sure}
        terms.append(line | {"semantic_id": "T·1"})
        for rank, (name, p) in enumerate(((product, sure * 0.8), (other, sure * 0.1)), start=1):
            products.append((text, rank, name, PRODUCTS[name], "T·1", 0.0, p))
    return Matches(
        report,
        pl.DataFrame(terms, schema=TERMS_SCHEMA),
        pl.DataFrame(products, schema=PRODUCTS_SCHEMA, orient="row"),
    )


def make_catalog():
    return Catalog.from_products([Product(n, t, brand="Acme") for n, t in PRODUCTS.items()])


def make_account(*rows):
    """Return an account: an automatic campaign, a manual one, and what a test adds."""
    usual = [
        entity(Entity.CAMPAIGN, "Auto", None, targeting_type="auto"),
        entity(Entity.AD_GROUP, "Auto", "All", default_bid=1.0),
        entity(Entity.CAMPAIGN, "Manual", None, targeting_type="manual"),
        entity(Entity.AD_GROUP, "Manual", "Reels", default_bid=1.0),
        entity(Entity.PRODUCT_AD, "Auto", "All", asin="B0HOSE0001"),
        entity(Entity.PRODUCT_AD, "Manual", "Reels", asin="B0REEL0001"),
        entity(Entity.KEYWORD, "Manual", "Reels", keyword="hose reel", match_type="exact"),
    ]
    frame = pl.DataFrame([*usual, *rows], schema=ACCOUNT_SCHEMA)
    return Account(frame, (Path("bulk.xlsx"),), ("bulk",))


def entity(kind, campaign, ad_group, **more):
    ids = {"campaign_id": f"1{len(campaign)}", "ad_group_id": ad_group and f"2{len(ad_group)}"}
    base = {"entity": kind.value, "campaign": campaign, "ad_group": ad_group, "state": "enabled"}
    return base | ids | {"currency": "USD", "ad_product": "Sponsored Products"} | more


class Advised:
    """Decisions by term, for the ad group "All" unless another is named."""

    def __init__(self, advice):
        self.advice = advice

    def row(self, text, ad_group="All"):
        frame = self.advice.frame
        found = frame.filter((pl.col("search_term") == text) & (pl.col("ad_group") == ad_group))
        return found.row(0, named=True)

    def action(self, text, ad_group="All"):
        return self.row(text, ad_group)["action"]


@pytest.fixture
def advise():
    """Return decisions on the good terms and further rows."""

    def run(*rows, about=None, default=0.9, target=0.3, report=None, catalog=None, **more):
        read = make_report([*background(), *rows]) if report is None else report
        matches = make_matches(read, about, default)
        own = make_catalog() if catalog is None else catalog
        model = ImpactModel(seed=7).fit(read, matches, catalog=own)
        return Advised(recommend(read, matches, model, target_acos=target, catalog=own, **more))

    return run
