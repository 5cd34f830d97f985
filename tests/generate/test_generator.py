import numpy as np
import pytest
import torch

from admatch.generate import generator as module
from admatch.generate.decoder import Decoder
from admatch.generate.generator import Generator
from admatch.generate.search import SearchBudget
from admatch.ids.semantic_id import Modality
from tests.conftest import random_unit

N = 60


@pytest.fixture
def catalog(codebooks):
    modalities = np.arange(N, dtype=np.int16) % 2
    return modalities, codebooks.encode(random_unit(N, seed=11))


@pytest.fixture
def scores(codebooks):
    with torch.inference_mode():
        return Decoder(codebooks)(torch.from_numpy(random_unit(5, seed=12)))


def cosine_from_ids(codebooks, codes):
    decoded = codebooks.decode_tree(codes.tree) + codebooks.decode_detail(codes.detail)
    queries = torch.from_numpy(random_unit(5, seed=12))
    return queries @ torch.nn.functional.normalize(decoded, dim=1).T


@pytest.mark.parametrize("exhaustive", [N, 0])
def test_it_ranks_by_the_cosine_that_ids_alone_give(
    codebooks, catalog, scores, exhaustive, monkeypatch
):
    monkeypatch.setattr(module, "EXHAUSTIVE", exhaustive)
    generated = Generator(codebooks, *catalog).generate(scores, N)
    expected = cosine_from_ids(codebooks, catalog[1])
    wanted = expected.sort(dim=1, descending=True).values
    found = generated.scores > -torch.inf
    assert (found.sum(dim=1) == N).all()
    # bfloat16 in the exhaustive path
    got = expected.gather(1, generated.items[:, :N])
    torch.testing.assert_close(got, wanted, atol=4e-3, rtol=0)


def test_scoring_given_products_equals_generating_them(codebooks, catalog, scores):
    generator = Generator(codebooks, *catalog)
    items = torch.arange(N).expand(5, N)
    expected = cosine_from_ids(codebooks, catalog[1])
    torch.testing.assert_close(generator.score(scores, items), expected)


@pytest.mark.parametrize("exhaustive", [N, 0])
def test_the_first_code_can_be_demanded(codebooks, catalog, scores, exhaustive, monkeypatch):
    monkeypatch.setattr(module, "EXHAUSTIVE", exhaustive)
    generated = Generator(codebooks, *catalog).generate(scores, N, {Modality.IMAGE})
    real = generated.items[generated.scores > -torch.inf]
    assert set((catalog[0][real.numpy()]).tolist()) == {Modality.IMAGE}


def test_look_ahead_scores_products_as_they_are_scored_alone(
    codebooks, catalog, scores, monkeypatch
):
    monkeypatch.setattr(module, "EXHAUSTIVE", 0)
    monkeypatch.setattr(module, "BUDGET", SearchBudget(nodes=2, leaves=20, products=10))
    generator = Generator(codebooks, *catalog)
    generated = generator.generate(scores, 5)
    assert (generated.scores > -torch.inf).all()
    torch.testing.assert_close(generator.score(scores, generated.items), generated.scores)
    assert all(len(set(row)) == 5 for row in generated.items.tolist())


def test_of_a_leaf_of_very_many_variations_some_are_scored(codebooks, scores, monkeypatch):
    """Products beyond the room are left out: time is bounded, whatever the catalog."""
    monkeypatch.setattr(module, "EXHAUSTIVE", 0)
    monkeypatch.setattr(module, "BUDGET", SearchBudget(nodes=2, leaves=20, products=10))
    one = codebooks.encode(np.repeat(random_unit(1, seed=5), N, axis=0))
    generated = Generator(codebooks, np.zeros(N, np.int16), one).generate(scores, 3)
    assert (generated.scores > -torch.inf).all()
