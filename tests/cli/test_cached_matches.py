"""A second run over terms that are known retrieves nothing anew, and tells the same."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

import admatch
from admatch.encode.choice import LanguageWarning
from admatch.errors import InputError
from admatch.index.index import Index
from admatch.index.shipped import Pair
from admatch.pipeline import matching
from admatch.pipeline.cache import VARIABLE, FolderCache
from admatch.pipeline.matching import match
from admatch.pipeline.models import Models
from admatch.pipeline.open_index import ProductSource
from admatch.reports.reader import read_report
from tests.conftest import WordEncoder

pytestmark = pytest.mark.long

CATALOG = (
    "product_id,title,description\nB0SAMPLE01,oat milk 1 l,a drink\n"
    "B0SAMPLE02,whole milk 1 l,of cows\nB0SAMPLE03,oat drink vanilla,for coffee\n"
)
TERMS = ("oat milk", "whole milk", "garden hose", "*", "oat milk", "Oat  Milk", "red shoes")


@pytest.fixture
def shop(tmp_path, monkeypatch, model):
    """A catalog, and an encoder that tells what it reads."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    (tmp_path / "catalog.csv").write_text(CATALOG)

    class Shop:
        read: list = []  # noqa: RUF012 - of one test
        folder = tmp_path

        def report(self, terms=TERMS):
            lines = [f"A,B,{term},{place},1,0.5,0,0" for place, term in enumerate(terms, start=2)]
            head = "Campaign Name,Ad Group Name,Customer Search Term,Impressions,Clicks,Spend,"
            path = tmp_path / "report.csv"
            path.write_text("\n".join([head + "7 Day Total Sales,7 Day Total Orders (#)", *lines]))
            return read_report(path)

        def match(self, terms=TERMS, **wanted):
            self.read.clear()
            wanted = {"catalog": tmp_path / "catalog.csv", "index": None} | wanted
            source = ProductSource(**wanted)
            return match(self.report(terms), source, cache=FolderCache()).matches

    class Reader(WordEncoder):
        def encode_text(self, texts):
            Shop.read += texts
            return super().encode_text(texts)

    pair = Pair(Reader(), model)
    monkeypatch.setattr("admatch.pipeline.models.shipped_models", lambda: Models(lambda *_: pair))
    monkeypatch.setattr(Index, "build", _with(Index.build, Reader(), model=model))
    monkeypatch.setattr(Index, "load", _with(Index.load, Reader(), model=model))
    return Shop()


def _with(made, encoder, **more):
    return lambda *given, **named: made(*given, **(named | {"encoder": encoder} | more))


def test_what_is_kept_is_what_was_found(shop):
    first = shop.match()
    assert shop.read
    again = shop.match()
    assert shop.read == []
    assert again.terms.equals(first.terms)
    assert again.products.equals(first.products)
    assert again.frame.equals(first.frame)
    assert again.terms.schema == first.terms.schema


def test_only_new_terms_are_put_to_the_index(shop):
    shop.match(TERMS[:3])
    known = shop.match((*TERMS, "milk carton"))
    assert "whole milk" not in shop.read
    assert "milk carton" in shop.read
    shutil.rmtree(shop.folder / "cache")
    anew = shop.match((*TERMS, "milk carton"))
    assert_frame_equal(anew.frame, known.frame)  # but for the last digits: other blocks of terms
    assert "oat milk" in shop.read


def test_fewer_terms_in_another_order(shop):
    whole = shop.match()
    some = shop.match(("red shoes", "oat milk"))
    assert shop.read == []
    assert some.terms["search_term"].to_list() == ["red shoes", "oat milk"]
    assert some.products.equals(
        whole.products.filter(search_term="red shoes").vstack(
            whole.products.filter(search_term="oat milk")
        )
    )


@pytest.mark.parametrize("cause", ["title", "picture", "code", "language", "damage", "off"])
def test_matched_anew(shop, monkeypatch, cause):
    picture = shop.folder / "p.png"
    shutil.copy(next(Path("data/sample/images").iterdir()), picture)
    with_picture = CATALOG.replace("\n", ",images\n", 1).replace("a drink", "a drink,p.png")
    (shop.folder / "catalog.csv").write_text(with_picture if cause == "picture" else CATALOG)
    shop.match()
    if cause == "title":
        (shop.folder / "catalog.csv").write_text(CATALOG.replace("vanilla", "chocolate"))
    if cause == "picture":
        os.utime(picture, (1, 1))
    if cause == "code":
        monkeypatch.setattr(admatch, "__file__", str(shop.folder / "other.py"))
    if cause == "language":
        monkeypatch.setattr(matching, "foreign_language", lambda _: "de")
    if cause == "damage":
        (file,) = (shop.folder / "cache" / "matches").iterdir()
        file.write_bytes(file.read_bytes()[:100])
    if cause == "off":
        monkeypatch.setenv(VARIABLE, "")
    shop.match()
    assert "oat milk" in shop.read


def test_a_language_that_is_not_read_is_told_again(shop, monkeypatch):
    german = ("gartenschlauch für den balkon", "schlauch mit kupplung", "roter wasserschlauch")
    monkeypatch.setattr("admatch.encode.misfit.is_installed", lambda: False)
    monkeypatch.setattr(matching, "is_installed", lambda: False)
    shop.match(german)
    assert shop.read
    with pytest.warns(LanguageWarning, match="mostly German"):
        shop.match(german)
    assert shop.read == []
    monkeypatch.setattr(matching, "is_installed", lambda: True)
    shop.match(german)
    assert shop.read


def test_an_index_is_known_by_its_files(shop):
    index = Index.build(products_of(shop))
    index.save(shop.folder / "index")
    first = shop.match(catalog=None, index=shop.folder / "index")
    assert shop.read
    again = shop.match(catalog=None, index=shop.folder / "index")
    assert shop.read == []
    assert again.frame.equals(first.frame)
    assert again.catalog["B0SAMPLE02"].title == "whole milk 1 l"
    index.save(shop.folder / "index")
    shop.match(catalog=None, index=shop.folder / "index")
    assert shop.read
    with pytest.raises(InputError):
        shop.match(catalog=None, index=shop.folder / "nowhere")


def products_of(shop):
    from admatch.catalog.reader import read_catalog

    return read_catalog(shop.folder / "catalog.csv")


def test_a_known_report_needs_no_encoder(tmp_path):
    script = (
        "import sys\nfrom admatch.cli.main import app\n"
        "app(['match', 'data/sample/search_terms.csv', '--catalog', 'data/sample/catalog.csv',"
        " '--out', sys.argv[1]], standalone_mode=False)\nprint('onnxruntime' in sys.modules)"
    )
    told, files = [], []
    for run in ("first", "second"):
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / run)],
            capture_output=True, text=True, env=os.environ | {VARIABLE: str(tmp_path / "cache")},
        )  # fmt: skip
        told.append(done.stdout.splitlines()[-1:])
        names = ("matches.csv", "matches.parquet", "matches.html")
        files.append([(tmp_path / run / name).read_bytes() for name in names])
    assert told == [["True"], ["False"]]
    assert files[0] == files[1]
