import numpy as np
import pytest

import admatch as am
from admatch.audit.trial import TRIAL_SCHEMA, try_listing
from admatch.errors import InputError


@pytest.fixture
def index(build, paint):
    return build(
        am.Product("P0", "oat drink", images=(paint("a", "red"),)),
        am.Product("P1", "whole milk"),
        am.Product("P2", "garden hose"),
    )


def test_terms_that_a_title_gains_and_loses(index):
    terms = ["oat drink", "garden shovel"]
    before = index.parts.vectors.copy()
    tried = try_listing(index, "P0", title="garden shovel", terms=terms)
    assert tried.terms.schema == TRIAL_SCHEMA
    assert tried.gains == ["garden shovel"]
    assert tried.loses == ["oat drink"]
    assert (tried.product_id, tried.title) == ("P0", "garden shovel")
    np.testing.assert_array_equal(index.parts.vectors, before)
    assert index.catalog["P0"].title == "oat drink"


def test_a_trial_is_the_same_as_indexing_anew(index, build):
    terms = ["oat drink", "garden shovel", "milk"]
    tried = try_listing(index, "P1", title="oat milk drink", terms=terms)
    products = [am.Product("P0", "oat drink", images=index.catalog["P0"].images)]
    anew = build(*products, am.Product("P1", "oat milk drink"), am.Product("P2", "garden hose"))
    for term, row in zip(terms, anew.search(terms), strict=True):
        match = next(one for one in row if one.product_id == "P1")
        row_after = tried.terms.filter(search_term=term).row(0, named=True)
        assert row_after["probability_after"] == pytest.approx(match.probability, abs=1e-4)


def test_another_picture(index, paint):
    tried = try_listing(index, "P1", image=paint("b", "green"), terms=["green", "whole milk"])
    assert tried.terms.height == 2
    assert 1 not in index.parts.pictured.products


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"product_id": "nobody", "title": "x"}, "no product 'nobody'"),
        ({"product_id": "P0"}, "nothing to try"),
        ({"product_id": "P0", "title": "  "}, "is empty"),
        ({"product_id": "P0", "image": b"no picture"}, "not a picture"),
    ],
)
def test_trials_that_cannot_be(index, given, message):
    with pytest.raises(InputError, match=message):
        try_listing(index, **given, terms=["oat"])


def test_repeated_terms_count_once(index):
    tried = try_listing(index, "P0", title="oat milk", terms=["oat", "oat"])
    assert tried.terms.height == 1
