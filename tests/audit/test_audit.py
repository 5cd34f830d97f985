import numpy as np
import polars as pl
import pytest
from PIL import Image

import admatch as am
from admatch.audit.agreement import image_title
from admatch.audit.audit import audit_listings
from admatch.audit.description import covered
from admatch.audit.gallery import more_pictures
from admatch.audit.keywords import keywords, word_runs
from admatch.audit.material import hidden_terms
from admatch.audit.records import SCORED, Aspect


def test_a_swapped_picture_is_the_worst(shop, gather):
    judged = image_title(gather(shop))
    assert np.nanargmin(judged.scores) == 0
    assert np.isnan(judged.scores[2])
    assert np.isnan(judged.scores[3])


def test_every_product_has_a_row(shop):
    audit = audit_listings(shop)
    assert audit.products["product_id"].to_list() == [f"P{number}" for number in range(30)]
    assert set(SCORED) < set(audit.products.columns)
    assert audit.products["pictures"].to_list()[:5] == [1, 1, 0, 0, 1]
    counted = audit.findings["product_id"].value_counts().sum()["count"].item()
    assert audit.products["findings"].sum() == counted
    assert "P0" in audit.findings.filter(aspect=Aspect.IMAGE_TITLE)["product_id"]
    assert len(audit.problems) == 1
    assert "broken.png" in str(audit.problems[0])
    assert any("search-term report" in note for note in audit.notes)


@pytest.mark.parametrize(
    "title", ["a" * 300_000, " ".join(f"w{number}" for number in range(2_000)), "hose " * 2_000]
)
def test_an_endless_title_takes_no_longer_than_a_long_one(build, title):
    bullets = ("b " * 1_000, *["hose"] * 100)
    endless = am.Product("P0", title, description=title, bullets=bullets)
    audit = audit_listings(build(endless, am.Product("P1", "red hose", description="A red hose")))
    assert audit.products.height == 2
    assert audit.products["title"].str.len_chars().max() <= 1_000


def test_the_same_audit_again(shop):
    one, other = audit_listings(shop), audit_listings(shop)
    for frame in ("products", "findings", "similar", "brands", "terms"):
        assert getattr(one, frame).equals(getattr(other, frame), null_equal=True)


def test_nothing_is_written_into_the_index(shop):
    before = shop.parts.vectors.copy()
    audit_listings(shop)
    np.testing.assert_array_equal(shop.parts.vectors, before)


@pytest.mark.parametrize("blind", [True, False])
def test_one_bare_product(build, blind):
    audit = audit_listings(build(am.Product("P", "hose"), blind=blind))
    assert len(audit) == 1
    assert audit.similar.is_empty()
    assert audit.findings.filter(pl.col("severity") != "low").is_empty()


def test_a_catalog_in_another_language(build):
    titles = [
        "ホース 庭用 青い",
        "シャベル 園芸 鉄製",
        "じょうろ 5 リットル 緑",
        "植木鉢 陶器 白い",
    ]
    products = [am.Product(f"P{n}", title) for n, title in enumerate(titles)]
    audit = audit_listings(build(*products))
    assert audit.products["description"].is_null().all()
    assert audit.products["image_claims"].is_null().all()
    assert any("English only" in note for note in audit.notes)


def test_pictures_that_add_nothing(build, gather, paint):
    same = (paint("a", "red"), paint("b", "red"), paint("c", "red"))
    index = build(
        am.Product("P0", "red hose", images=same),
        am.Product("P1", "green hose", images=(paint("d", "green"),)),
        am.Product("P2", "blue hose"),
    )
    judged = more_pictures(gather(index))
    assert judged.scores[0] == 0
    assert np.isnan(judged.scores[1:]).all()
    own = [finding for finding in judged.findings if finding.row == 0]
    assert "Pictures 2, 3 nearly repeat other pictures" in own[0].evidence


def test_back_end_words_that_are_wasted(build, gather):
    hidden = (("search_terms", "hose garden"), ("search_terms2", "hoses xbox"), ("color", "red"))
    index = build(
        am.Product("P0", "red hose", description="for the garden", attributes=hidden),
        am.Product("P1", "blue cup"),
    )
    assert hidden_terms(index.catalog.frame) == ["hose garden hoses xbox", ""]
    judged = keywords(gather(index))
    assert judged.scores[0] <= 50
    assert np.isnan(judged.scores[1])
    assert "“hose” is in the title already" in judged.findings[0].evidence


def test_what_a_text_covers(build, gather):
    index = build(
        am.Product("P0", "Glass jar for jam, 500 ml", bullets=("ideal for the kitchen",)),
        am.Product("P1", "Thing"),
    )
    assert covered(gather(index)).tolist() == [[True] * 4, [False] * 4]


def test_what_similar_listings_say_is_missed(build):
    related = [
        am.Product(f"P{n}", f"glass jar number{n}", description="for jam, 500 ml") for n in range(8)
    ]
    audit = audit_listings(build(*related, am.Product("Q", "glass jar", description="nice one")))
    missed = audit.findings.filter(aspect=Aspect.DESCRIPTION, product_id="Q")["evidence"]
    assert any("how large" in sentence for sentence in missed)


def test_listings_that_are_nearly_the_same(build):
    audit = audit_listings(
        build(
            am.Product("P0", "garden hose 15 m"),
            am.Product("P1", "hose garden 15 m"),
            am.Product("P2", "blue cup", parent_id="C"),
            am.Product("P3", "cup blue", parent_id="C"),
        )
    )
    kinds = {(row[0], row[3]): row[6] for row in audit.similar.rows()}
    assert kinds["P0", "P1"] == kinds["P1", "P0"] == "near-duplicate"
    assert kinds["P2", "P3"] == "variation"
    alike = audit.findings.filter(aspect=Aspect.LIKENESS)
    assert alike.select("product_id", "other_id").rows() == [("P0", "P1"), ("P1", "P0")]


def test_a_brand_with_one_odd_picture(build, paint, tmp_path):
    products = [
        am.Product(f"P{n}", f"hose {n}", brand="Acme", images=(paint(f"p{n}", "blue"),))
        for n in range(10)
    ]
    Image.new("RGB", (8, 8), "white").save(tmp_path / "white.png")
    odd = (str(tmp_path / "white.png"),)
    products[4] = am.Product("P4", "hose 4", brand="Acme", images=odd)
    audit = audit_listings(build(*products))
    row = audit.brands.row(0, named=True)
    assert (row["brand"], row["pictured"], row["outliers"]) == ("Acme", 10, ["P4"])
    assert row["consistency"] == pytest.approx(90)


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("", []),
        ("a", ["a"]),
        ("a b, c d; e", ["a b c d e"]),
        ("a b c d e f g", ["a b c d e f g"]),
        ("a b c d e f g h", ["a b c d e", "f g h"]),
    ],
)
def test_runs_of_words(text, runs):
    assert word_runs(text) == runs
