"""Decide about the sample and print a digest of every table, for ``test_same_bytes``."""

import hashlib
import sys
import zlib
from pathlib import Path

import polars as pl

from admatch.catalog.reader import read_catalog
from admatch.decisions.backtest import backtest
from admatch.decisions.bids import bid_table
from admatch.decisions.recommend import recommend
from admatch.impact.model import ImpactModel
from admatch.match.records import PRODUCTS_SCHEMA, TERMS_SCHEMA, Matches
from admatch.reports.account.reader import read_account
from admatch.reports.reader import read_report

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


def invented_matches(report, catalog):
    """Return matches that depend on nothing but the terms: three products of each, by checksum."""
    products = catalog.frame.select("product_id", "title").rows()
    terms, retrieved = [], []
    typed = report.frame.filter(pl.col("term_kind") == "keyword")["search_term"]
    for text in typed.drop_nulls().unique().sort():
        number = zlib.crc32(text.encode())
        sure = number % 97 / 97
        outcome = "match" if sure >= 0.5 else "none"
        terms.append((text, outcome, sure, sure, f"T·{number % 9}·{number % 31}"))
        for rank in (1, 2, 3):
            name, title = products[(number // rank) % len(products)]
            retrieved.append((text, rank, name, title, "T·1·2", 0.0, sure / rank))
    return Matches(
        report,
        pl.DataFrame(terms, schema=TERMS_SCHEMA, orient="row"),
        pl.DataFrame(retrieved, schema=PRODUCTS_SCHEMA, orient="row"),
        catalog,
    )


def tables():
    """Yield every table of a run over the daily report, with its name."""
    report = read_report(SAMPLE / "search_terms_daily.csv")
    catalog, account = read_catalog(SAMPLE / "catalog.csv"), read_account(SAMPLE / "bulk.xlsx")
    matches = invented_matches(report, catalog)
    model = ImpactModel(seed=7).fit(report, matches, catalog=catalog)
    yield "posteriors", model.posteriors
    tested = backtest(report, matches, catalog=catalog)
    yield "calibration", tested.calibration
    advice = recommend(
        report, matches, model, target_acos=0.3, account=account, catalog=catalog, backtest=tested
    )
    for name in ("frame", "frontier", "totals", "rows"):
        yield name, getattr(advice, name)
    effect = model.what_if(advice.best(), draws=200)
    yield "sensitivity", effect.sensitivity
    yield "blast_radius", effect.blast_radius
    yield "bids", bid_table(advice, account, 0.2)


if __name__ == "__main__":
    for name, table in tables():
        digest = hashlib.sha256(table.write_ndjson().encode()).hexdigest()
        sys.stdout.write(f"{name} {digest}\n")
