import numpy as np
import pytest

from admatch.generate.augment import REWRITES, Listing
from admatch.generate.decoder import Decoder
from admatch.generate.generator import Generator
from admatch.match.advertisers import (
    NAMES,
    NEAR,
    TERMS,
    Advertiser,
    Listings,
    Market,
    of_brands,
    of_kinds,
)
from admatch.match.relevance import FEATURES, RelevanceModel
from admatch.match.universal import UniversalModel
from tests.conftest import DIM, OWN, WordEncoder, random_codebooks, random_unit

BOOKS = random_codebooks(3)
BRANDS = ("Acme", "Birch", None)


@pytest.fixture(scope="module")
def listings():
    titles = [f"{name} thing {i}" for i in range(40) for name in ("Acme", "Birch", "Cedar")]
    vectors = WordEncoder().encode_text(titles)
    made = [Listing(title, BRANDS[i % 3]) for i, title in enumerate(titles)]
    return Listings(made, titles, vectors, BOOKS.encode(vectors))


@pytest.mark.parametrize("seed", range(5))
def test_an_advertiser_of_kinds_sells_half_of_them_at_most(listings, seed):
    market = of_kinds(listings, 20, 2, np.random.default_rng(seed))
    first = listings.codes.tree[:, 0]
    inside = np.r_[market.sold, market.rivals]
    assert len(market.sold) == min(20, len(inside) // 2)
    assert not set(first[inside]) & set(first[market.elsewhere])
    assert sorted(np.r_[inside, market.elsewhere]) == list(range(len(listings)))


@pytest.mark.parametrize("seed", range(5))
def test_an_advertiser_of_brands_sells_whole_ones_but_for_the_last(listings, seed):
    market = of_brands(listings, 50, np.random.default_rng(seed))
    brands = np.arange(len(listings)) % 3  # the third is only known by its titles' first word
    sold = np.bincount(brands[market.sold], minlength=3)
    assert sorted(sold) == [0, 10, 40]
    assert set(brands[market.rivals]) == set(np.flatnonzero(sold == 0))
    assert not len(market.elsewhere)


def test_a_single_brand_has_no_rivals(listings):
    alone = Listings([Listing("thing", "Acme")] * 9, ["thing"] * 9, random_unit(9, 1), None)
    market = of_brands(alone, 4, np.random.default_rng(1))
    assert len(market.sold) == 4
    assert not len(market.rivals)


def test_terms_of_rivals_are_of_none_that_is_nearly_sold(listings):
    model = UniversalModel(
        "words", BOOKS, Decoder.untrained(BOOKS), _universe(), RelevanceModel(OWN, OWN), {}
    )
    # A rival sells the first product, too.
    vectors = listings.vectors.copy()
    vectors[1] = vectors[0]
    same = Listings(listings.listings, listings.texts, vectors, listings.codes)
    market = Market(np.array([0, 3, 6]), np.array([1, 4, 7, 10]), np.array([2]))
    advertiser = Advertiser(model, same, market, WordEncoder().encode_text)
    sample = advertiser.sample(["zebra", "quartz"], REWRITES, np.random.default_rng(1))
    near = (vectors[market.rivals] @ vectors[market.sold].T).max(axis=1)
    assert near[0] > NEAR
    missed = int((near < NEAR).sum())
    named = NAMES + int(sample.near.sum())  # of own products, and near misses, which come first
    assert sample.own.sum() == TERMS + NAMES
    assert sample.own[named : named + TERMS].all()
    typed = len(sample.own) - named - 2 * TERMS - missed
    assert 0 < typed <= TERMS
    assert sample.related[sample.own].all()
    assert not sample.related[-typed:].any()
    assert sample.evidence.shape == (len(sample.own), len(FEATURES))


def _universe():
    return Generator(BOOKS, np.zeros(30, np.int16), BOOKS.encode(random_unit(30, 5, DIM)))
