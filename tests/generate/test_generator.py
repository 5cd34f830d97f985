import numpy as np
import pytest

from admatch.generate import generator as module
from admatch.generate.decoder import Decoder
from admatch.generate.generator import Generator
from admatch.generate.search import SearchBudget
from admatch.ids.semantic_id import Modality
from admatch.operations import normalized
from tests.conftest import random_unit

N = 60


@pytest.fixture
def catalog(codebooks):
    modalities = np.arange(N, dtype=np.int16) % 2
    return modalities, codebooks.encode(random_unit(N, seed=11))


@pytest.fixture
def scores(codebooks):
    return Decoder.untrained(codebooks)(random_unit(5, seed=12))


def cosine_from_ids(codebooks, codes):
    decoded = codebooks.decode_tree(codes.tree) + codebooks.decode_detail(codes.detail)
    return random_unit(5, seed=12) @ normalized(decoded).T


@pytest.mark.parametrize("exhaustive", [N, 0])
def test_it_ranks_by_the_cosine_that_ids_alone_give(
    codebooks, catalog, scores, exhaustive, monkeypatch
):
    monkeypatch.setattr(module, "EXHAUSTIVE", exhaustive)
    generated = Generator(codebooks, *catalog).generate(scores, N)
    expected = cosine_from_ids(codebooks, catalog[1])
    wanted = -np.sort(-expected, axis=1)
    found = generated.scores > -np.inf
    assert (found.sum(axis=1) == N).all()
    got = np.take_along_axis(expected, generated.items[:, :N], 1)
    np.testing.assert_allclose(got, wanted, atol=1e-5)


def test_scoring_given_products_equals_generating_them(codebooks, catalog, scores):
    generator = Generator(codebooks, *catalog)
    items = np.tile(np.arange(N), (5, 1))
    expected = cosine_from_ids(codebooks, catalog[1])
    np.testing.assert_allclose(generator.score(scores, items), expected, atol=1e-5)


@pytest.mark.parametrize("exhaustive", [N, 0])
def test_the_first_code_can_be_demanded(codebooks, catalog, scores, exhaustive, monkeypatch):
    monkeypatch.setattr(module, "EXHAUSTIVE", exhaustive)
    generated = Generator(codebooks, *catalog).generate(scores, N, {Modality.IMAGE})
    real = generated.items[generated.scores > -np.inf]
    assert set((catalog[0][real]).tolist()) == {Modality.IMAGE}


def test_look_ahead_scores_products_as_they_are_scored_alone(
    codebooks, catalog, scores, monkeypatch
):
    monkeypatch.setattr(module, "EXHAUSTIVE", 0)
    monkeypatch.setattr(module, "BUDGET", SearchBudget(nodes=2, leaves=20, products=10))
    generator = Generator(codebooks, *catalog)
    generated = generator.generate(scores, 5)
    assert (generated.scores > -np.inf).all()
    np.testing.assert_allclose(
        generator.score(scores, generated.items), generated.scores, atol=1e-5
    )
    assert all(len(set(row)) == 5 for row in generated.items.tolist())


def test_of_a_leaf_of_very_many_variations_some_are_scored(codebooks, scores, monkeypatch):
    """Products beyond the room are left out: time is bounded, whatever the catalog."""
    monkeypatch.setattr(module, "EXHAUSTIVE", 0)
    monkeypatch.setattr(module, "BUDGET", SearchBudget(nodes=2, leaves=20, products=10))
    one = codebooks.encode(np.repeat(random_unit(1, seed=5), N, axis=0))
    generated = Generator(codebooks, np.zeros(N, np.int16), one).generate(scores, 3)
    assert (generated.scores > -np.inf).all()
