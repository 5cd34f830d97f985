import numpy as np
import pytest

from admatch.generate.generator import Generator
from admatch.match.lexical import LexicalIndex
from admatch.match.retriever import COVERAGE_WEIGHT, Retrieved, Retriever
from tests.conftest import random_unit

TEXTS = [f"thing{i % 7} part{i % 5} model{i}" for i in range(30)]


@pytest.fixture
def retriever(model):
    vectors = random_unit(30, seed=21)
    codes = model.codebooks.encode(vectors)
    generator = Generator(model.codebooks, np.zeros(30, dtype=np.int16), codes)
    return Retriever(model, generator, vectors, LexicalIndex.build(TEXTS))


def test_with_every_product_a_candidate_the_rank_is_exact(retriever):
    terms, queries = ["thing3 part3", "model7", "nothing known"], random_unit(3, seed=22)
    found = retriever.retrieve(terms, queries, 30)
    cosine = queries @ random_unit(30, seed=21).T
    exact = cosine + COVERAGE_WEIGHT * LexicalIndex.build(TEXTS).coverage(terms)
    for row in range(3):
        assert sorted(found.items[row]) == list(range(30))
        np.testing.assert_allclose(found.scores[row], np.sort(exact[row])[::-1], atol=1e-5)
        np.testing.assert_allclose(found.scores[row], exact[row][found.items[row]], atol=1e-5)


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
    assert (found.scores[0][~real] == -np.inf).all()


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
