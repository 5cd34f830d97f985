import numpy as np
import pytest

from admatch.encode.product_pictures import Pictured
from admatch.generate.decoder import Decoder
from admatch.ids.semantic_id import Modality
from admatch.match.views import Views
from tests.conftest import random_unit

N, PICTURES = 30, np.arange(0, 30, 2)


@pytest.fixture
def views(codebooks):
    return Views.build(codebooks, random_unit(N, 1), Pictured(PICTURES, random_unit(15, 2)))


@pytest.fixture
def search(views, codebooks):
    decoder = Decoder.untrained(codebooks)
    return lambda queries, k, modalities=None: views.search(decoder, queries, k, modalities)


@pytest.mark.parametrize("modality", list(Modality))
def test_only_the_modality_asked_for_is_found_and_it_is_the_exact_best(views, search, modality):
    queries = random_unit(5, 9)
    own = views.generator.ids[:, 0] == modality
    for query, found in zip(queries, search(queries, 4, {modality}), strict=True):
        exact = np.where(own, views.vectors @ query, -np.inf)
        best = np.argsort(-exact)[:4]
        assert [one.view for one in found] == best.tolist()
        assert [one.product for one in found] == views.products[best].tolist()
        np.testing.assert_allclose([one.cosine for one in found], exact[best], atol=1e-5)


def test_by_default_each_product_stands_with_its_fullest_view(views, search):
    (found,) = search(random_unit(1, 9), N)
    assert sorted(one.product for one in found) == list(range(N))
    letters = {one.product: Modality(views.generator.ids[one.view, 0]) for one in found}
    assert all(
        letter == (Modality.TEXT if product % 2 else Modality.TEXT_IMAGE)
        for product, letter in letters.items()
    )


def test_several_modalities_give_each_product_once(search):
    (found,) = search(random_unit(1, 9), N, set(Modality))
    assert sorted(one.product for one in found) == list(range(N))
    assert [one.cosine for one in found] == sorted((one.cosine for one in found), reverse=True)


def test_without_pictures_nothing_is_found_among_them(codebooks):
    none = Pictured(np.empty(0, np.int64), np.empty((0, 16), np.float32))
    views = Views.build(codebooks, random_unit(3, 1), none)
    decoder = Decoder.untrained(codebooks)
    assert views.search(decoder, random_unit(2, 5), 3, {Modality.IMAGE}) == [[], []]
    assert len(views.search(decoder, random_unit(2, 5), 3, None)[0]) == 3
