import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from admatch.catalog.records import Catalog
from admatch.errors import Problem
from admatch.export.html import write_html

from .conftest import HOSTILE, make_matches, report_row


class Reader(HTMLParser):
    """Collects what a browser would run, load and show."""

    def __init__(self):
        super().__init__()
        self.scripts, self.loaded, self.words, self._tags = [], [], [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "script":
            self.scripts.append((values.get("type"), ""))
        self.loaded += [value for name, value in attributes if name in {"src", "srcset"}]
        if tag == "link":
            self.loaded.append(values.get("href"))
        self._tags.append(tag)

    def handle_endtag(self, tag):
        while self._tags and self._tags.pop() != tag:
            pass

    def handle_data(self, data):
        inside = self._tags[-1] if self._tags else ""
        if inside == "script":
            kind, text = self.scripts[-1]
            self.scripts[-1] = (kind, text + data)
        elif inside != "style":
            self.words.append(data)


@pytest.fixture
def page(matches, catalog, tmp_path):
    write_html(matches, catalog, tmp_path / "matches.html")
    return (tmp_path / "matches.html").read_text(encoding="utf-8")


def read(page):
    reader = Reader()
    reader.feed(page)
    return reader


def data_of(page):
    return json.loads(next(text for kind, text in read(page).scripts if kind))


def test_nothing_is_loaded_from_outside(page):
    assert read(page).loaded == []
    assert "default-src 'none'; img-src data:" in page
    assert not re.search(r"https?://", page)


def test_hostile_text_stays_text(page):
    reader = read(page)

    assert len(reader.scripts) == 2
    assert data_of(page)["terms"]["term"][1] == HOSTILE
    assert any(HOSTILE in word for word in reader.words)  # among the costliest terms


def test_line_separators_do_not_break_the_data(catalog, tmp_path):
    matches = make_matches([report_row(2, "a\u2028b&c", "keyword", "EUR")], [], [])
    write_html(matches, catalog, tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")

    assert "\u2028" not in page
    assert data_of(page)["terms"]["term"] == ["a\u2028b&c"]


def test_the_headline_counts_distinct_terms_and_what_the_others_cost(page):
    words = " ".join(" ".join(read(page).words).split())

    assert "1 of 2 search terms are about something you sell." in words
    assert re.search(r"1 is about something else and took €3\.00 , 21\.4 % of the spend", words)
    assert "7 rows: 3 about a product, 0 related, 1 none of mine, 3 not applicable." in words
    assert "1 further row was unreadable and skipped." in words


def test_each_picture_is_embedded_once(page):
    data = data_of(page)

    assert page.count("data:image/jpeg;base64,") == 1
    assert list(data["pictures"]) == [str(number_of(data, "B0LAMP"))]


def number_of(data, product_id):
    return [product["id"] for product in data["products"]].index(product_id)


def test_terms_name_their_products_by_number(page):
    data = data_of(page)

    lamp, shelf = number_of(data, "B0LAMP"), number_of(data, "B0SHELF")
    assert data["terms"]["found"][0] == [[lamp, 0.9], [shelf, 0.1]]
    assert data["products"][lamp]["path"] == "M·001·002·200"
    assert data["products"][number_of(data, "B0IDLE")].get("path") is None
    assert data["campaigns"] == ["=Lamps", "Shelves", "Lamps"]
    assert data["currencies"][1] == {"code": "GBP", "prefix": "£", "decimals": 2}


def test_products_that_no_term_retrieves_are_the_first_to_be_left_out(
    matches, catalog, tmp_path, monkeypatch
):
    monkeypatch.setattr("admatch.export.payload.PRODUCTS_SHOWN", 2)
    write_html(matches, catalog, tmp_path / "a.html")
    data = data_of((tmp_path / "a.html").read_text(encoding="utf-8"))

    assert [product["id"] for product in data["products"]] == ["B0LAMP", "B0SHELF"]
    assert data["productsInAll"] == 3


def test_problems_are_listed(matches, catalog, tmp_path):
    problem = Problem(Path("c.csv"), "title is missing", "give it a title", row=4)
    faulty = Catalog(catalog.frame, problems=(problem,) * 60)
    write_html(matches, faulty, tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")

    assert "c.csv, row 4: title is missing; give it a title." in page
    assert "60 remarks" in page
    assert "and 10 more." in page


@pytest.mark.parametrize(
    ("rows", "terms", "headline"),
    [
        ([], [], "This report has no search term that a shopper typed."),
        ([report_row(2, "a", "keyword", "EUR")], [("a", "match", 0.9, "T·1")],
         "The one search term is about something you sell."),
        ([report_row(2, "a", "keyword", None, spend=None)], [("a", "none", 0.1, "T·1")],
         "None of 1 search term is about something you sell."),
        ([report_row(2, "a", "keyword", "EUR"), report_row(3, "b", "keyword", "EUR")],
         [("a", "match", 0.9, "T·1"), ("b", "related", 0.3, "T·1")],
         "1 of 2 search terms are about something you sell."),
    ],
)  # fmt: skip
def test_small_reports(catalog, tmp_path, rows, terms, headline):
    write_html(make_matches(rows, terms, []), catalog, tmp_path / "a.html")

    assert headline in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_progress_is_reported_for_each_picture(matches, catalog, tmp_path):
    heard = []
    write_html(matches, catalog, tmp_path / "a.html", progress=lambda *step: heard.append(step))

    assert heard == [("pictures", 1, 3), ("pictures", 2, 3), ("pictures", 3, 3)]


def test_the_same_input_gives_the_same_page(matches, catalog, tmp_path, page):
    write_html(matches, catalog, tmp_path / "again.html")

    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page


def test_a_note_stands_above_the_terms_and_its_words_are_no_markup(matches, catalog, tmp_path):
    write_html(matches, catalog, tmp_path / "noted.html", note="2 terms <b>sold</b>")

    text = (tmp_path / "noted.html").read_text(encoding="utf-8")
    assert '<p class="how">2 terms &lt;b&gt;sold&lt;/b&gt;</p>' in text
