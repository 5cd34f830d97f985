import json

import polars as pl
import pytest

import admatch as am
from admatch.audit.audit import audit_listings
from admatch.messages import Message, from_json

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
    assert "something to improve" in page


def test_a_page_of_nothing_to_mend(build, tmp_path):
    index = build(am.Product("P", "hose"))
    am.write_audit_html(audit_listings(index), index.catalog, tmp_path / "a.html")
    assert "Nothing to improve in 1 listing." in (tmp_path / "a.html").read_text()


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
    assert held["findings"] == audit.findings.drop("messages").to_dicts()


def test_every_sentence_knows_how_to_be_said_in_chinese(index):
    audit = audit_listings(index)
    assert audit.findings.height
    for row in audit.findings.iter_rows(named=True):
        both = {name: from_json(one) for name, one in json.loads(row["messages"]).items()}
        assert both == {"evidence": row["evidence"], "remedy": row["remedy"]}
        assert all(isinstance(one, Message) for one in both.values())
        assert all(one.in_language("zh") != one for one in both.values())
    assert audit.notes
    assert all(isinstance(one, Message) for one in audit.notes)


def test_what_only_the_page_needs_is_in_no_file_for_people(index, tmp_path):
    audit = audit_listings(index)
    am.write_audit_csv(audit, tmp_path / "a.csv")
    am.write_audit_json(audit, tmp_path / "a.json")
    am.write_audit_parquet(audit, tmp_path / "a.parquet")
    assert "messages" not in pl.read_csv(tmp_path / "a.csv").columns
    assert "messages" not in (tmp_path / "a.json").read_text()
    nested = pl.read_parquet_schema(tmp_path / "a.parquet")["findings"].inner
    assert "messages" not in [field.name for field in nested.fields]
