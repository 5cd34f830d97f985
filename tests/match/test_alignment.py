"""Terms turned towards products: with the matrix, and without one."""

from dataclasses import replace

import numpy as np

from admatch.match.alignment import FILE, Alignment
from admatch.match.universal import UniversalModel
from tests.conftest import DIM, random_unit
from tests.match.test_retriever import retriever_of

TERMS = ["thinga partv", "thingb", "something else"]


def turned() -> Alignment:
    """An alignment that swaps two directions."""
    weights = np.eye(DIM, dtype=np.float32)
    weights[[0, 1]] = weights[[1, 0]]
    return Alignment(weights)


def test_terms_keep_their_length_and_are_multiplied():
    terms = random_unit(5, seed=3)
    found = turned()(terms)
    np.testing.assert_allclose(found[:, 0], terms[:, 1], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


def test_an_alignment_that_turns_nothing_changes_nothing(model):
    queries = random_unit(3, seed=5)
    plain = retriever_of(model, 30).retrieve(TERMS, queries, 4)
    same = replace(model, alignment=Alignment(np.eye(DIM, dtype=np.float32)))
    aligned = retriever_of(same, 30).retrieve(TERMS, queries, 4)
    np.testing.assert_array_equal(plain.items, aligned.items)
    np.testing.assert_allclose(plain.log_odds, aligned.log_odds, atol=1e-5)


def test_products_are_compared_with_what_terms_are_turned_to(model):
    queries = random_unit(3, seed=5)
    one = retriever_of(replace(model, alignment=turned()), 30)
    other = queries.copy()
    other[:, [0, 1]] = other[:, [1, 0]]
    products = random_unit(30, seed=21)
    np.testing.assert_allclose(one.similarity(queries), other @ products.T, atol=1e-5)


def test_a_model_is_saved_with_its_alignment(model, tmp_path):
    model.save(tmp_path)
    assert not (tmp_path / FILE).exists()
    assert UniversalModel.load(tmp_path).alignment is None
    replace(model, alignment=turned()).save(tmp_path)
    found = UniversalModel.load(tmp_path).alignment
    np.testing.assert_array_equal(found.weights, turned().weights)
