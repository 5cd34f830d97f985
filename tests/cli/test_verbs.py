"""search, show, index and demo."""

import csv
import io
import json
from pathlib import Path

import pytest

from admatch.errors import MissingDependencyError
from admatch.ids.semantic_id import Modality
from admatch.match.records import Match
from admatch.pipeline.sample import sample_folder

from .conftest import IDS


def read_csv(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_search_csv(run):
    rows = read_csv(run("search", "milk", "oat", "-k", "2", "--format", "csv").stdout)

    assert [(row["query"], row["rank"]) for row in rows] == [
        ("milk", "1"), ("milk", "2"), ("oat", "1"), ("oat", "2"),
    ]  # fmt: skip
    assert rows[0]["product_id"] == "B0SAMPLE01"


def test_search_csv_without_results_still_has_headers(run, monkeypatch):
    monkeypatch.setattr("tests.cli.conftest.FakeIndex.search", lambda *_, **__: [[]])

    assert run("search", "x", "--format", "csv").stdout.startswith("query,rank,product_id,")


def test_search_json(run):
    rows = json.loads(run("search", "milk", "--format", "json").stdout)

    assert rows[2] == {
        "query": "milk", "rank": 3, "product_id": "B0SAMPLE03", "title": "Lemon\x1b[31m",
        "semantic_id": "M·044·005·006", "score": 0.5, "probability": 0.25,
    }  # fmt: skip


def test_search_table_shows_text_as_it_is_without_control_codes(run):
    printed = run("search", "milk").stdout

    assert "Oat drink [bold]1 l[/bold]" in printed
    assert "\x1b" not in printed
    assert "25.0\u00a0%" in printed


def test_search_without_products_uses_the_sample(run, calls):
    run("search", "milk")

    assert calls.catalogs == [("catalog.csv", {}, None)]


def test_a_column_can_be_named_wherever_a_catalog_is_read(run, calls):
    run("search", "milk", "--catalog", "data/sample/catalog.csv", "--column", "title=Name")

    assert calls.catalogs == [("catalog.csv", {"title": "Name"}, None)]


def test_show_tree_puts_shared_codes_on_one_line(run):
    printed = [line.rstrip() for line in run("show", "B0SAMPLE01").stdout.splitlines()]

    assert printed[1:] == [
        "├── T·001·002",
        "│   ├── 003  Oat drink [bold]1 l[/bold]  B0SAMPLE01  ← this one",
        "│   └── 200  Whole milk  B0SAMPLE02  0.50",
        "└── M·044·005·006  Lemon [31m  B0SAMPLE03  0.50",
    ]


def test_products_of_one_id_share_a_leaf(run, monkeypatch):
    monkeypatch.setitem(IDS, "B0SAMPLE02", "T·001·002·003")
    printed = [line.rstrip() for line in run("show", "B0SAMPLE01").stdout.splitlines()]

    assert printed[1:4] == [
        "├── T·001·002·003",
        "│   ├── Oat drink [bold]1 l[/bold]  B0SAMPLE01  ← this one",
        "│   └── Whole milk  B0SAMPLE02  0.50",
    ]


def test_show_json(run):
    printed = json.loads(run("show", "B0SAMPLE01", "--format", "json").stdout)

    assert printed["semantic_id"] == "T·001·002·003"
    assert [near["product_id"] for near in printed["neighbours"]] == ["B0SAMPLE02", "B0SAMPLE03"]


def test_show_csv_begins_with_the_product_itself(run):
    rows = read_csv(run("show", "B0SAMPLE01", "--format", "csv").stdout)

    assert [row["product_id"] for row in rows] == ["B0SAMPLE01", "B0SAMPLE02", "B0SAMPLE03"]
    assert rows[0]["shared_codes"] == "3"


def test_show_of_an_unknown_product(run):
    done = run("show", "B0ABSENT")

    assert done.exit_code == 1
    assert done.stderr == "admatch: no product 'B0ABSENT' in this catalog of 3\n"


def test_index_hands_over_columns_and_cache(run, calls, tmp_path):
    done = run(
        "index", "data/sample/catalog.csv", "--out", "held", "--column", "title=Artikel=Name",
        "--column", "brand=Marke", "--image-cache", "pictures",
    )  # fmt: skip

    assert done.exit_code == 0
    (name, columns, cache) = calls.catalogs[0]
    assert (name, columns) == ("catalog.csv", {"title": "Artikel=Name", "brand": "Marke"})
    assert str(cache) == "pictures"
    assert (tmp_path / "held").is_dir()
    assert done.stdout == ""
    assert "3 products indexed in held" in done.stderr


def test_demo_writes_the_page_and_tells_what_it_found(run, tmp_path):
    done = run("demo")

    assert done.exit_code == 0
    assert (tmp_path / "admatch-demo" / "matches.html").is_file()
    for text in (
        "3 products, 4 report rows",
        "$3.00 (25.0\u00a0% of the spend) went to terms about nothing that this shop sells",
        "oat milk  97.0\u00a0%  → Oat drink [bold]1 l[/bold]",
        "garden hose  2.0\u00a0%  nearest: Whole milk",
        "*  star, not a shopper's words",
        "for 2 terms: of those about a product, 100\u00a0% were found and 100\u00a0% have",
        "of the others, 100\u00a0% were left unmatched",
        "admatch-demo/matches.html",
        "admatch match YOUR_REPORT.xlsx --catalog YOUR_PRODUCTS.csv",
    ):
        assert text in done.stdout


def test_an_installation_without_the_sample_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr("admatch.pipeline.sample._FOLDERS", (tmp_path,))

    with pytest.raises(MissingDependencyError, match="install admatch again"):
        sample_folder()


def test_search_by_picture_and_words(run, monkeypatch):
    asked = {}

    def search(self, queries, k, images, modalities):
        asked.update(queries=queries, images=images, modalities=modalities)
        return [[Match("B0SAMPLE01", "Oat drink", "B·1", 0.61)] for _ in queries]

    monkeypatch.setattr("tests.cli.conftest.FakeIndex.search", search)
    done = run("search", "--image", "photo.jpg", "in green", "--format", "json")
    assert asked.pop("modalities") is None
    assert asked == {"queries": ["in green"], "images": [Path("photo.jpg")]}
    run("search", "green", "--modality", "image", "--modality", "both")
    assert asked["modalities"] == {Modality.IMAGE, Modality.TEXT_IMAGE}
    (row,) = json.loads(done.stdout)
    assert (row["query"], row["probability"]) == ("photo.jpg in green", None)
    table = run("search", "--image", "photo.jpg")
    assert asked["queries"] == [""]
    assert "–" in table.stdout


def test_search_asks_for_words_or_a_picture(run):
    assert "give a QUERY, or a picture with --image" in run("search").stderr


def test_explain_in_words_and_figures(run):
    printed = run("explain", "oat milk", "B0SAMPLE01").stdout
    assert "match: 95 % sure, ranked 1 of 3." in printed
    figures = json.loads(run("explain", "oat milk", "B0SAMPLE01", "--format", "json").stdout)
    assert (figures["words_missing"], figures["shared_codes"]) == (["milk"], 2)
    assert figures["sentences"][0] in printed
    head, row = run("explain", "oat milk", "B0SAMPLE01", "--format", "csv").stdout.splitlines()
    assert head.startswith("search_term,product_id,title,outcome,probability,rank")
    assert row.startswith("oat milk,B0SAMPLE01,")
