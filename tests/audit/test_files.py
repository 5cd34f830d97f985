import json

import polars as pl
import pytest

import admatch as am
from admatch.audit.audit import audit_listings

EVIL = '=HYPERLINK("http://x") <script>alert(1)</script>'


@pytest.fixture
def index(build, paint):
    return build(
        am.Product("P0", EVIL, brand="=1+1", bullets=("<b>hose</b>",), images=(paint("a", "red"),)),
        am.Product("P1", EVIL + "!", images=(paint("b", "green"), paint("c", "blue"))),
        am.Product("P2", "blue cup"),
    )


def test_a_page_that_runs_nothing(index, tmp_path):
    audit = audit_listings(index)
    am.write_audit_html(audit, index.catalog, tmp_path / "audit.html")
    page = (tmp_path / "audit.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "http://" not in page.replace("http://x", "")
    assert page.count("data:image/jpeg") >= 1
    assert "something to mend" in page


def test_a_page_of_nothing_to_mend(build, tmp_path):
    index = build(am.Product("P", "hose"))
    am.write_audit_html(audit_listings(index), index.catalog, tmp_path / "a.html")
    assert "Nothing to mend in 1 listing." in (tmp_path / "a.html").read_text()


def test_a_page_stays_small(build, tmp_path):
    index = build(*(am.Product(f"P{number}", "garden hose") for number in range(200)))
    audit = audit_listings(index)
    assert audit.products.filter(pl.col("findings") > 0).height == 200
    am.write_audit_html(audit, index.catalog, tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text()
    assert page.count("<article") == 60
    assert "and 140 more listings" in page


def test_tables(index, tmp_path):
    audit = audit_listings(index)
    am.write_audit_csv(audit, tmp_path / "audit.csv")
    for name in ("audit.csv", "audit.products.csv", "audit.similar.csv", "audit.brands.csv"):
        rows = pl.read_csv(tmp_path / name)
        texts = [value for column in rows for value in column if isinstance(value, str)]
        assert not any(text.startswith("=") for text in texts)
    am.write_audit_parquet(audit, tmp_path / "audit.parquet")
    kept = pl.read_parquet(tmp_path / "audit.parquet")
    assert kept["title"].to_list() == audit.products["title"].to_list()
    assert kept["findings"].list.len().sum() == audit.findings.height
    am.write_audit_json(audit, tmp_path / "audit.json")
    held = json.loads((tmp_path / "audit.json").read_text())
    assert len(held["products"]) == 3
    assert held["findings"] == audit.findings.to_dicts()
