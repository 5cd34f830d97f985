import numpy as np
import pytest
import torch

from admatch.generate.generator import Generator
from admatch.match.lexical import LexicalIndex
from admatch.match.retriever import Retrieved, Retriever
from tests.conftest import random_unit

TEXTS = [f"thing{i % 7} part{i % 5} model{i}" for i in range(30)]


@pytest.fixture
def retriever(model):
    vectors = random_unit(30, seed=21)
    codes = model.codebooks.encode(vectors)
    generator = Generator(model.codebooks, np.zeros(30, dtype=np.int16), codes)
    return Retriever(model, generator, vectors, LexicalIndex.build(TEXTS))


def slow_log_odds(retriever, terms, queries) -> np.ndarray:
    """Every product's features, one by one, and the logistic formula."""
    model, codes = retriever.model, retriever.generator.codes
    decoded = model.codebooks.decode_tree(codes.tree) + model.codebooks.decode_detail(codes.detail)
    unit = torch.nn.functional.normalize(decoded, dim=1).numpy()
    with torch.inference_mode():
        free, _ = model.decode_freely(model.decoder(torch.from_numpy(queries)))
    features = [
        queries @ random_unit(30, seed=21).T,
        LexicalIndex.build(TEXTS).coverage(terms),
        free.numpy()[:, None] - queries @ unit.T,
        np.full((len(terms), 30), np.log(30)),
    ]
    weighted = zip(model.belonging.weights, features, strict=True)
    return sum(weight * feature for weight, feature in weighted) + model.belonging.bias


def test_with_every_product_a_candidate_the_rank_is_exact(retriever):
    terms, queries = ["thing3 part3", "model7", "nothing known"], random_unit(3, seed=22)
    found = retriever.retrieve(terms, queries, 30)
    exact = slow_log_odds(retriever, terms, queries)
    for row in range(3):
        assert sorted(found.items[row]) == list(range(30))
        np.testing.assert_allclose(found.log_odds[row], np.sort(exact[row])[::-1], atol=1e-4)
        np.testing.assert_allclose(found.log_odds[row], exact[row][found.items[row]], atol=1e-4)


def test_a_large_catalog_ranks_its_candidates_the_same(model, retriever, monkeypatch):
    monkeypatch.setattr("admatch.generate.generator.EXHAUSTIVE", 0)
    monkeypatch.setattr("admatch.match.retriever.SHORTLIST", 30)
    generator = Generator(model.codebooks, np.zeros(30, np.int16), retriever.generator.codes)
    large = Retriever(model, generator, random_unit(30, seed=21), retriever.lexical)
    terms, queries = ["thing3 part3", "model7"], random_unit(2, seed=22)
    found = large.retrieve(terms, queries, 10)
    exact = np.sort(slow_log_odds(retriever, terms, queries), axis=1)[:, ::-1][:, :10]
    np.testing.assert_allclose(found.log_odds, exact, atol=1e-4)
    assert all(len(set(row)) == 10 for row in found.items.tolist())


def test_features_are_those_of_the_ranked_products(retriever):
    terms, queries = ["thing3 part3"], random_unit(1, seed=22)
    found = retriever.retrieve(terms, queries, 5)
    vectors = random_unit(30, seed=21)
    cosine = (queries @ vectors.T)[0][found.items[0]]
    np.testing.assert_allclose(found.features[0, :, 0], cosine, atol=1e-5)
    assert np.allclose(found.features[..., 3], np.log(30))


def test_a_small_catalog_gives_what_it_has(model):
    vectors = random_unit(2, seed=23)
    codes = model.codebooks.encode(vectors)
    generator = Generator(model.codebooks, np.zeros(2, dtype=np.int16), codes)
    retriever = Retriever(model, generator, vectors, LexicalIndex.build(["hose", "fitting"]))
    found = retriever.retrieve(["hose"], random_unit(1, seed=24), 10)
    real = found.items[0] >= 0
    assert sorted(found.items[0][real]) == [0, 1]
    assert (found.log_odds[0][~real] == -np.inf).all()


def test_a_term_nearer_to_the_universe_departs_further(model, retriever):
    universe = model.universe
    meant = model.codebooks.decode_tree(universe.codes.tree)[:1].numpy()
    meant /= np.linalg.norm(meant)
    own = random_unit(30, seed=21)[:1]
    found = retriever.retrieve(["x", "x"], np.concatenate([meant, own]), 1)
    assert found.features[0, 0, 2] > found.features[1, 0, 2]


def test_joined_blocks_come_in_the_order_asked_for(retriever):
    terms, queries = ["a", "b", "c"], random_unit(3, seed=25)
    blocks = [retriever.retrieve([terms[i]], queries[i : i + 1], 4) for i in range(3)]
    joined = Retrieved.joined(blocks, [2, 0, 0, 1])
    for row, block in enumerate((2, 0, 0, 1)):
        np.testing.assert_array_equal(joined.items[row], blocks[block].items[0])
        np.testing.assert_array_equal(joined.paths[row], blocks[block].paths[0])
