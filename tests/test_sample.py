"""data/sample is what tests/make_sample.py makes, byte for byte."""

import zipfile
from pathlib import Path

import pytest

from admatch.catalog.reader import read_catalog
from tests.make_sample import SAMPLE, make_catalog, make_reports

GROCERY = Path(__file__).parents[1] / "../shared/data/images/grocery_store"


def test_the_catalog_reads_without_a_problem():
    catalog = read_catalog(SAMPLE / "catalog.csv")
    assert len(catalog) == 81
    assert catalog.problems == ()
    assert catalog.skipped == 0
    for product in catalog:
        assert product.product_id.startswith("B0SAMPLE")
        assert len(product.product_id) == 10
        assert product.title
        assert product.description
        assert product.price
        assert len(product.images) == 1


def test_the_reports_are_made_again_byte_for_byte(tmp_path):
    make_reports(SAMPLE / "catalog.csv", tmp_path)
    texts = ("search_terms.csv", "search_terms_daily.csv", "advertised_products.csv", "truth.csv")
    for name in texts:
        assert (tmp_path / name).read_bytes() == (SAMPLE / name).read_bytes(), name
    # the parts of a workbook, as compression may differ between machines
    for name in ("search_terms.xlsx", "bulk.xlsx"):
        assert _parts(tmp_path / name) == _parts(SAMPLE / name), name


@pytest.mark.skipif(not GROCERY.exists(), reason="the shared data is not here")
def test_the_catalog_is_made_again_byte_for_byte(tmp_path):
    make_catalog(GROCERY, tmp_path)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in _files(tmp_path)}
    assert len(made) == 83
    for name, content in made.items():
        assert (SAMPLE / name).read_bytes() == content, name


def test_the_sample_is_small_licensed_and_says_what_it_is():
    assert sum(path.stat().st_size for path in _files(SAMPLE)) < 4 * 2**20
    assert "MIT License" in (SAMPLE / "LICENSE-grocery-store.txt").read_text()
    assert "synthetic" in (SAMPLE / "README.md").read_text()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name) for name in book.namelist()}
