"""Vectors made ahead, in one process, and an index made of them."""

import sys

import numpy as np
import pytest

from admatch.distributed.cluster import ray_engine
from admatch.distributed.encode import encode_ahead, index_catalog
from admatch.distributed.engine import LocalEngine
from admatch.encode.cached_texts import CachedTexts
from admatch.encode.product_text import product_views
from admatch.errors import InputError, MissingDependencyError
from admatch.index.index import Index
from tests.conftest import WordEncoder


class Failing(WordEncoder):
    def encode_text(self, texts):
        raise MissingDependencyError("the weights are missing; run: pip install them")


def silent(stage, done, total):
    pass


@pytest.fixture
def catalog(index_folder):
    return Index.load(index_folder, encoder=WordEncoder()).catalog


def test_an_index_is_that_of_one_machine(catalog, model, tmp_path):
    alone = Index.build(catalog, encoder=WordEncoder(), model=model)
    given = {
        "cache": tmp_path / "cache",
        "engine": LocalEngine(),
        "encoder": WordEncoder(),
        "model": model,
    }
    index = index_catalog(catalog, **given)
    np.testing.assert_allclose(index.parts.vectors, alone.parts.vectors, atol=1e-3)
    np.testing.assert_array_equal(index.parts.generator.ids, alone.parts.generator.ids)
    again = index_catalog(catalog, **given | {"encoder": Failing()})  # asked for nothing
    np.testing.assert_array_equal(again.parts.vectors, index.parts.vectors)


def test_only_texts_that_are_not_cached_are_encoded(catalog, tmp_path, monkeypatch):
    monkeypatch.setattr("admatch.encode.cached_texts.CHUNK", 7)
    views = product_views(catalog.frame)
    reported = []
    for expected in (len(views), 0):
        cache = CachedTexts(WordEncoder(), tmp_path, silent)
        progress = lambda *stage: reported.append(stage)  # noqa: E731
        assert encode_ahead([*views, *views], cache, LocalEngine(), progress) == expected
    assert reported[-1] == ("encoding texts", len(views), len(views))
    vectors = cache.encode(views, "")
    np.testing.assert_allclose(vectors, WordEncoder().encode_text(views), atol=2e-3)


def test_what_a_worker_lacks_is_reported(tmp_path):
    cache = CachedTexts(Failing(), tmp_path, silent)
    with pytest.raises(MissingDependencyError, match="the weights are missing"):
        encode_ahead(["hose"], cache, LocalEngine(), silent)


@pytest.mark.parametrize("address", ["head", "head:", ":6379", "head:six"])
def test_an_address_that_is_none_is_reported(address):
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'admatch[ray]'")
    with pytest.raises(InputError, match=f"--address '{address}' is not HOST:PORT"):
        ray_engine(address).__enter__()


def test_without_ray_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    message = r"pip install 'admatch\[ray\]'"
    with pytest.raises(MissingDependencyError, match=message), ray_engine():
        pass
