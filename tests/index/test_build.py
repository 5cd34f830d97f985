import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import admatch as am
from admatch.errors import InputError
from admatch.generate.generator import Generator
from admatch.index.index import Index
from admatch.index.parts import Parts
from tests.conftest import WordEncoder

WORDS = ["red", "garden", "hose", "brass", "fitting", "tube", "voice"]
titles = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
# Few ids, so that products are often changed, and few titles, so that several have the same.
products = st.builds(
    am.Product,
    product_id=st.integers(0, 9).map("P{}".format),
    title=titles,
    description=st.none() | titles,
    price=st.none() | st.floats(1, 9),
)
catalogs = st.lists(products, min_size=1, max_size=8, unique_by=lambda p: p.product_id).map(
    am.Catalog.from_products
)


class CountingEncoder(WordEncoder):
    def __init__(self):
        self.read: list[str] = []

    def encode_text(self, texts):
        self.read += texts
        return super().encode_text(texts)


def assert_equal(one: Parts, other: Parts) -> None:
    np.testing.assert_allclose(one.vectors, other.vectors, atol=1e-6)
    np.testing.assert_array_equal(one.generator.ids, other.generator.ids)
    np.testing.assert_array_equal(one.generator.codes.detail, other.generator.codes.detail)
    for own, expected in ((one.words, other.words), (one.generator, other.generator)):
        tables = expected.tables()
        assert own.tables().keys() == tables.keys()
        for name, table in own.tables().items():
            np.testing.assert_array_equal(table, tables[name], name)
    assert one.catalog.frame.equals(other.catalog.frame)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=catalogs, after=catalogs)
def test_an_index_updated_equals_one_built_anew(model, before, after):
    encoder = CountingEncoder()
    index = Index.build(before, encoder=encoder, model=model)
    encoder.read.clear()
    updated = index.updated(after)
    known = {(p.product_id, p.title, p.description) for p in before}
    new = [p for p in after if (p.product_id, p.title, p.description) not in known]
    assert len(encoder.read) <= 2 * len(new)
    assert_equal(updated.parts, Index.build(after, encoder=encoder, model=model).parts)


def test_an_index_updated_is_saved_and_loaded(model, tmp_path):
    catalog = am.Catalog.from_products([am.Product("P1", "red hose"), am.Product("P2", "tube")])
    later = am.Catalog.from_products(
        [am.Product("P3", "brass fitting"), am.Product("P1", "red hose")]
    )
    Index.build(catalog, encoder=WordEncoder(), model=model).save(tmp_path / "index")
    index = Index.load(tmp_path / "index", encoder=WordEncoder(), model=model).updated(later)
    index.save(tmp_path / "index")  # over the files that it still reads from
    loaded = Index.load(tmp_path / "index", encoder=WordEncoder(), model=model)
    assert_equal(loaded.parts, Index.build(later, encoder=WordEncoder(), model=model).parts)
    assert loaded.catalog.content_hash == later.content_hash
    assert loaded.search(["fitting"]) == index.search(["fitting"])


def test_saved_tables_give_the_results_of_new_ones(model, monkeypatch):
    """With look-ahead, too, in place of scoring every leaf."""
    monkeypatch.setattr("admatch.generate.generator.EXHAUSTIVE", 10)
    universe = model.universe
    again = Generator(universe.codebooks, universe.ids[:, 0], universe.codes, universe.tables())
    assert "outlook.sketch" in universe.tables()
    scores = model.decoder(WordEncoder().encode_text(["red hose", "tube"]))
    one, other = (generator.generate(scores, 5) for generator in (universe, again))
    np.testing.assert_array_equal(one.items, other.items)
    np.testing.assert_array_equal(one.scores, other.scores)


def test_an_empty_catalog_does_not_replace_an_index(model):
    index = Index.build(
        am.Catalog.from_products([am.Product("P1", "hose")]), encoder=WordEncoder(), model=model
    )
    with pytest.raises(InputError, match="no products"):
        index.updated(am.Catalog.from_products([]))


def test_what_matching_does_not_need_is_not_loaded():
    """Imports are the longest part of the work on a small report."""
    heavy = "{'transformers', 'sentence_transformers', 'torchvision', 'sklearn', 'lightgbm'}"
    script = f"import sys, admatch.index.index; sys.exit(len({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_importing_admatch_loads_nothing():
    script = "import sys, admatch; sys.exit(len({'torch', 'lightgbm', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
