import numpy as np
import pytest

from admatch.generate.generator import Generator
from admatch.match.lexical import LexicalIndex
from admatch.match.ranking import ALONE, FEEDBACK, LOOSE, NEIGHBOURS, SHARE, TIGHT, Ranking
from admatch.match.relevance import FEATURES
from admatch.match.retriever import Retrieved, Retriever
from admatch.match.tokens import pairs
from admatch.match.words import WordEvidence
from admatch.operations import normalized
from tests.conftest import random_unit

TITLES = [f"thing{'abcdefg'[i % 7]} part{'vwxyz'[i % 5]}" for i in range(30)]
TEXTS = [f"{title} model{i}" for i, title in enumerate(TITLES)]


@pytest.fixture
def retriever(model):
    return retriever_of(model, 30)


def retriever_of(model, size: int) -> Retriever:
    """The retriever of the first ``size`` products."""
    vectors = random_unit(30, seed=21)[:size]
    codes = model.codebooks.encode(vectors)
    generator = Generator(model.codebooks, np.zeros(size, dtype=np.int16), codes)
    words = WordEvidence.build(TEXTS[:size], TITLES[:size])
    return Retriever(model, generator, vectors, words, of_letters)


def of_letters(words: list[str]) -> np.ndarray:
    """A unit vector for each word, from its letters."""
    counts = np.array([[word.count(one) for one in "abcdefghijklmnopqrstuvwxyz"] for word in words])
    counts = counts.astype(np.float32) + 0.1
    return counts / np.linalg.norm(counts, axis=1, keepdims=True)


def slow_ranking(retriever, terms, queries) -> np.ndarray:
    """The score of every product, one by one: Rocchio's feedback, then cosine and words."""
    size, ranking = len(retriever.generator), Ranking()
    vectors = random_unit(30, seed=21)[:size]
    coverage = LexicalIndex.build(TEXTS[:size]).coverage(terms)
    phrases = LexicalIndex.build(TITLES[:size], pairs).coverage(terms)
    scores = []
    for row, query in enumerate(queries):
        words = ranking.coverage * coverage[row] + ranking.phrases * phrases[row]
        first = np.argsort(-(vectors @ query + words))[:FEEDBACK]
        mean = vectors[first].mean(0)
        agreed = np.clip((np.linalg.norm(mean) - LOOSE) / (TIGHT - LOOSE), 0, 1)
        meant = query + ranking.feedback * agreed * mean
        scores.append(vectors @ (meant / np.linalg.norm(meant)) + words)
    return np.array(scores)


def slow_log_odds(retriever, terms, queries, scores) -> np.ndarray:
    """Every product's features, one by one, and the logistic formula."""
    model, codes = retriever.model, retriever.generator.codes
    decoded = model.codebooks.decode_tree(codes.tree) + model.codebooks.decode_detail(codes.detail)
    unit = normalized(decoded)
    free, paths = model.decode_freely(model.decoder(queries))
    ids = retriever.generator.ids
    shared = [[np.cumprod(own == path)[1:].sum() for own in ids] for path in paths]
    every = np.ones((len(terms), 30))
    features = {
        "score": scores,
        "cosine": queries @ random_unit(30, seed=21).T,
        "coverage": LexicalIndex.build(TEXTS).coverage(terms),
        "phrases": LexicalIndex.build(TITLES, pairs).coverage(terms),
        "departure": free[:, None] - queries @ unit.T,
        "free": free[:, None] * every,
        "shared": np.array(shared),
        "agreeing": 0 * every,
        "contradicting": 0 * every,
        "head": every,
        "missing": 0 * every,
        "least": every,
        "nearest": every,
        "log_size": np.log(30) * every,
    }
    weighted = zip(model.relevance.own.weights, FEATURES, strict=True)
    return sum(weight * features[name] for weight, name in weighted) + model.relevance.own.bias


def slow_order(scores, vectors, k) -> tuple[list[int], np.ndarray]:
    """The first few by their own score, the others by the mean of theirs and their neighbours'.

    With it, the score by which each product is ranked.
    """
    first = np.argsort(-scores, kind="stable").tolist()[: min(k, ALONE)]
    spread = []
    for own, vector in enumerate(vectors):
        nearest = [other for other in np.argsort(-(vectors @ vector)).tolist() if other != own]
        spread.append((1 - SHARE) * scores[own] + SHARE * scores[nearest[:NEIGHBOURS]].mean())
    order = [*first, *(i for i in np.argsort(-np.array(spread)).tolist() if i not in first)][:k]
    return order, np.where(np.isin(np.arange(len(scores)), first), scores, spread)


def check_against_the_slow_way(found, retriever, terms, queries, k):
    vectors = random_unit(30, seed=21)
    ranked = [slow_order(row, vectors, k) for row in slow_ranking(retriever, terms, queries)]
    odds = slow_log_odds(retriever, terms, queries, np.array([scores for _, scores in ranked]))
    for row, (order, _) in enumerate(ranked):
        np.testing.assert_array_equal(found.items[row], order)
        np.testing.assert_allclose(
            found.log_odds[row], np.minimum.accumulate(odds[row][order]), atol=2e-3
        )


def test_with_every_product_a_candidate_the_rank_is_exact(retriever):
    terms, queries = ["thingd party", "model7", "nothing known"], random_unit(3, seed=22)
    found = retriever.retrieve(terms, queries, 30)
    check_against_the_slow_way(found, retriever, terms, queries, 30)


def test_the_first_few_do_not_depend_on_how_many_are_asked_for(retriever):
    terms, queries = ["thingd party", "model7"], random_unit(2, seed=22)
    few, many = (retriever.retrieve(terms, queries, k) for k in (5, 30))
    np.testing.assert_array_equal(few.items, many.items[:, :5])
    ten = retriever.retrieve(terms, queries, 10)
    np.testing.assert_array_equal(ten.items, many.items[:, :10])


def test_a_catalog_of_fewer_products_than_finds_counts_each_once(model):
    small = retriever_of(model, 5)
    terms, queries = ["thingd party", "nothing known"], random_unit(2, seed=22)
    found = small.retrieve(terms, queries, 5)
    scores = slow_ranking(small, terms, queries)
    np.testing.assert_array_equal(found.items, np.argsort(-scores, axis=1))
    column = FEATURES.index("score")
    np.testing.assert_allclose(found.features[..., column], -np.sort(-scores, axis=1), atol=1e-5)


def test_a_large_catalog_ranks_its_candidates_the_same(model, retriever, monkeypatch):
    monkeypatch.setattr("admatch.generate.generator.EXHAUSTIVE", 0)
    generator = Generator(model.codebooks, np.zeros(30, np.int16), retriever.generator.codes)
    large = Retriever(model, generator, random_unit(30, seed=21), retriever.words, of_letters)
    terms, queries = ["thingd party", "model7"], random_unit(2, seed=22)
    found = large.retrieve(terms, queries, 15)
    check_against_the_slow_way(found, retriever, terms, queries, 15)


def test_features_are_those_of_the_ranked_products(retriever):
    terms, queries = ["thingd party"], random_unit(1, seed=22)
    found = retriever.retrieve(terms, queries, 5)
    vectors = random_unit(30, seed=21)
    cosine = (queries @ vectors.T)[0][found.items[0]]
    np.testing.assert_allclose(found.features[0, :, FEATURES.index("cosine")], cosine, atol=1e-5)
    assert np.allclose(found.features[..., FEATURES.index("log_size")], np.log(30))


def test_no_product_has_higher_odds_than_the_one_before_it(retriever):
    found = retriever.retrieve(["thingd party", "model7"], random_unit(2, seed=25), 20)
    assert (np.diff(found.log_odds, axis=1) <= 0).all()


def test_a_small_catalog_gives_what_it_has(model):
    vectors = random_unit(2, seed=23)
    codes = model.codebooks.encode(vectors)
    generator = Generator(model.codebooks, np.zeros(2, dtype=np.int16), codes)
    words = WordEvidence.build(["hose", "fitting"], ["hose", "fitting"])
    retriever = Retriever(model, generator, vectors, words, of_letters)
    found = retriever.retrieve(["hose"], random_unit(1, seed=24), 10)
    real = found.items[0] >= 0
    assert sorted(found.items[0][real]) == [0, 1]
    assert (found.log_odds[0][~real] == -np.inf).all()


def test_a_term_nearer_to_the_universe_departs_further(model, retriever):
    universe = model.universe
    meant = model.codebooks.decode_tree(universe.codes.tree)[:1]
    meant /= np.linalg.norm(meant)
    own = random_unit(30, seed=21)[:1]
    found = retriever.retrieve(["x", "x"], np.concatenate([meant, own]), 1)
    column = FEATURES.index("departure")
    assert found.features[0, 0, column] > found.features[1, 0, column]


def test_joined_blocks_come_in_the_order_asked_for(retriever):
    terms, queries = ["a", "b", "c"], random_unit(3, seed=25)
    blocks = [retriever.retrieve([terms[i]], queries[i : i + 1], 4) for i in range(3)]
    joined = Retrieved.joined(blocks, [2, 0, 0, 1])
    for row, block in enumerate((2, 0, 0, 1)):
        np.testing.assert_array_equal(joined.items[row], blocks[block].items[0])
        np.testing.assert_array_equal(joined.paths[row], blocks[block].paths[0])


def test_a_query_moves_only_as_far_as_its_first_finds_agree():
    same = np.array([[0, 1, 0]] * 3, np.float32)
    apart = np.eye(3, dtype=np.float32)
    query = np.array([[1, 0, 0]], np.float32)
    rows = np.arange(3)[None]
    assert Ranking().moved(query, rows, apart).tolist() == query.tolist()  # a mean of length .58
    expected = normalized(query + Ranking().feedback * same[:1])
    np.testing.assert_allclose(Ranking().moved(query, rows, same), expected, 1e-6)
