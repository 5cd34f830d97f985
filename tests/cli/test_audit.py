import json

import polars as pl
import pytest

import admatch.audit.audit
import admatch.audit.trial
from admatch.audit.records import (
    BRANDS_SCHEMA,
    FINDINGS_SCHEMA,
    SCORED,
    SIMILAR_SCHEMA,
    TERMS_SCHEMA,
    Audit,
)
from admatch.audit.trial import TRIAL_SCHEMA, Trial

REPORT, CATALOG = "data/sample/search_terms.csv", "data/sample/catalog.csv"
FILES = ("audit.html", "audit.csv", "audit.parquet", "audit.json")


@pytest.fixture
def asked(monkeypatch):
    """An audit that is known by heart stands for the real one; what it was asked is kept."""
    heard = []

    def audit_listings(index, **given):
        heard.append(given)
        frame = index.catalog.frame.select("product_id", "title", "brand")
        scores = [pl.lit(50.0).alias(name) for name in ("score", *SCORED, "brand_style")]
        products = frame.with_columns(pl.lit(0).alias("pictures"), pl.lit(1).alias("findings"))
        evidence = "The title says it again [red]"
        found = [
            (*row, "stuffing", "high", 0.5, evidence, "Say it once", None, None)
            for row in frame.select("product_id", "title").rows()
        ]
        return Audit(
            products.with_columns(*scores),
            pl.DataFrame(found, schema=FINDINGS_SCHEMA, orient="row"),
            pl.DataFrame(schema=SIMILAR_SCHEMA),
            pl.DataFrame(schema=BRANDS_SCHEMA),
            pl.DataFrame(schema=TERMS_SCHEMA),
            ("no product has bullets",),
        )

    def try_listing(index, product_id, **given):
        heard.append({"product_id": product_id, **given})
        rows = [("oat milk", "gains", None, 2, 0.1, 0.9, -1.0, 1.0)]
        frame = pl.DataFrame(rows, schema=TRIAL_SCHEMA, orient="row")
        return Trial(product_id, given["title"] or "as it was", frame)

    monkeypatch.setattr(admatch.audit.audit, "audit_listings", audit_listings)
    monkeypatch.setattr(admatch.audit.trial, "try_listing", try_listing)
    return heard


def test_an_audit_in_a_folder(run, asked, tmp_path):
    out = tmp_path / "audit"
    done = run("audit", CATALOG, "--report", REPORT, "--out", out)
    assert done.exit_code == 0, done.stderr
    assert all((out / name).is_file() for name in FILES)
    assert asked[0]["report"] is not None
    assert "The title says it again [red]" in done.stdout
    assert "3 of 3 listings can be improved: 3 findings" in done.stdout
    assert "no product has bullets" in done.stderr
    assert len(json.loads((out / "audit.json").read_text())["findings"]) == 3


def test_the_sample_where_no_catalog_is_named(run, asked, tmp_path):
    assert run("audit", "--out", tmp_path / "a").exit_code == 0
    assert asked[0]["report"] is None


def test_a_title_is_tried(run, asked):
    words = ("--try-title", "Oat milk", "--catalog", CATALOG, "--report", REPORT, "--term", "oat")
    done = run("audit", *words, "B0SAMPLE01")
    assert done.exit_code == 0, done.stderr
    assert asked[0] == {
        "product_id": "B0SAMPLE01",
        "title": "Oat milk",
        "image": None,
        "terms": ["oat", "oat milk", "garden hose"],
    }
    assert "gains" in done.stdout
    assert "of 1 term, it gains 1 and loses 0" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--try-title", "x"), "say which product"),
        (("A", "--try-title", "x"), "say which terms"),
        (("a.csv", "--catalog", "b.csv"), "give the catalog once"),
    ],
)
def test_wrong_usage(run, words, message):
    done = run("audit", *words)
    assert done.exit_code == 2
    assert message in done.stderr
