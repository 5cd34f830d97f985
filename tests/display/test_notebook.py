"""What Jupyter and marimo show of an object, and what a terminal does."""

from html.parser import HTMLParser

import polars as pl
import pytest
from PIL import Image

from admatch.catalog.records import Catalog, Product
from admatch.decisions.recommend import recommend
from admatch.display.notebook import SHOWN
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.impact.model import ImpactModel
from admatch.index.index import Index
from admatch.reports.account.records import MatchType
from tests.decisions.conftest import GOOD, background, make_matches, make_report, term

HOSTILE = '</style><script>alert("1")</script>'


class Seen(HTMLParser):
    """The elements of a piece of HTML, its text, and the addresses of its pictures."""

    def __init__(self, shown):
        super().__init__()
        self.elements, self.words, self.pictures, self._open = set(), [], [], []
        html = shown._repr_html_()
        self.feed(html)
        assert html.startswith('<div class="admatch">')
        assert not self._open, "an element is left open"

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        if tag not in ("img", "br"):
            self._open.append(tag)
        if tag == "img":
            self.pictures.append(dict(attrs)["src"])

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if "style" not in self._open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def catalog(tmp_path):
    Image.new("RGB", (300, 200), "red").save(tmp_path / "hose.png")
    return Catalog.from_products(
        [
            Product(
                "B0HOSE0001", f"Acme Hose {HOSTILE}", brand="Acme <b>", price=19.5, currency="EUR",
                images=(str(tmp_path / "hose.png"), ),
            ),
            Product("B0REEL0001", "Acme Reel", images=(str(tmp_path / "gone.png"),)),
        ]
    )  # fmt: skip


@pytest.fixture
def matches(catalog):
    report = make_report([*background(), term(HOSTILE, clicks=400), term("b0other001", clicks=3)])
    made = make_matches(report, {HOSTILE: (0.04, "B0HOSE0001")})
    return type(made)(report, made.terms, made.products, catalog)


@pytest.fixture
def impact(matches, catalog):
    return ImpactModel(seed=7).fit(matches.report, matches, catalog=catalog)


def test_a_catalog(catalog):
    seen = Seen(catalog)

    assert repr(catalog) == str(catalog) == "Catalog of 2 products, 1 brands, 2 with pictures"
    assert [uri.split(",")[0] for uri in seen.pictures] == ["data:image/jpeg;base64"]
    assert "script" not in seen.elements
    assert f"Acme Hose {HOSTILE}" in seen.text
    assert "Acme <b> €19.50" in seen.text
    assert "more products" not in seen.text


def test_a_large_catalog_is_cut():
    many = Catalog.from_products([Product(f"B{at}", "lamp") for at in range(SHOWN + 3)])
    assert "and 3 more products" in Seen(many).text


def test_an_index_tells_its_ids(catalog, encoder, model):
    unseen = Catalog(catalog.frame.with_columns(images=pl.lit([], pl.List(pl.String))))
    index = Index.build(unseen, encoder=encoder, model=model)

    assert repr(index) == "Index of 2 products, encoded by words"
    assert index.semantic_id("B0HOSE0001") in Seen(index).text


def test_matches(matches):
    seen = Seen(matches)

    assert (
        repr(matches)
        == "Matches of 14 rows, 13 search terms: 12 match, 1 none; 1 rows not applicable"
    )
    assert "script" not in seen.elements
    assert f"{HOSTILE} none 4.0 %" in seen.text
    assert "and 2 more terms" in seen.text
    assert set(seen.pictures) == {matches.catalog.picture("B0HOSE0001", 72)}


def test_matches_read_from_files_have_no_pictures(matches):
    bare = type(matches)(matches.report, matches.terms, matches.products)
    assert Seen(bare).pictures == []


def test_recommendations(matches, impact):
    advice = recommend(matches.report, matches, impact, target_acos=0.3)
    seen = Seen(advice)

    assert repr(advice).startswith("14 decisions: ")
    assert "target 30.0\u00a0%" in repr(advice)
    assert "script" not in seen.elements
    assert "negate-exact" in seen.text
    assert HOSTILE in seen.text
    assert seen.pictures


def test_what_if(matches, impact):
    changes = [
        Change.negative_keyword(name, MatchType.NEGATIVE_EXACT, Place(campaign, "All"))
        for name, campaign in ((HOSTILE, "Auto"), (GOOD[0], "Auto"), ("lamp <i>", "Nowhere"))
    ]
    effect = impact.what_if(ChangeSet(tuple(changes)), margin=0.3)
    seen = Seen(effect)

    assert repr(effect).startswith("ACOS ")
    assert {"script", "i"}.isdisjoint(seen.elements)
    assert f"{HOSTILE} Auto blocks" in seen.text
    assert "lamp <i>:" in seen.text
    assert "points" in seen.text
    assert len(seen.pictures) == 1
