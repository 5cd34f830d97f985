import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admatch.generate.decoder import Decoder
from admatch.generate.node_summaries import NodeSummaries
from admatch.generate.search import (
    SearchBudget,
    beam_search,
    look_ahead,
    score_leaves,
)
from admatch.ids.codebooks import Codes
from admatch.ids.semantic_id import Modality
from admatch.ids.trie import Trie
from tests.conftest import random_codebooks, random_unit

BOOKS = random_codebooks(7)
SIZES = (3, 3, 4, 5)  # modalities, then the codebooks' sizes
ALL_IDS = list(itertools.product(*map(range, SIZES)))

catalogs = st.lists(st.sampled_from(ALL_IDS), min_size=1, max_size=60).map(
    lambda rows: np.array(rows, dtype=np.int16)
)
modalities = st.sets(st.sampled_from(Modality), min_size=1)


def code_scores(seed: int, n: int = 3):
    return Decoder.untrained(BOOKS)(random_unit(n, seed))


def oracle(ids, scores, query: int, allowed) -> dict[tuple[int, ...], float]:
    """The slow way: add up the scores of the codes of every distinct ID of an allowed modality."""
    return {
        tuple(row): sum(
            float(level[query, code]) for level, code in zip(scores.tree, row[1:], strict=True)
        )
        for row in ids.tolist()
        if row[0] in allowed
    }


@settings(max_examples=50, deadline=None)
@given(catalogs, st.integers(0, 1000), modalities)
def test_scoring_all_leaves_equals_the_oracle(ids, seed, allowed):
    trie, scores = Trie.from_ids(ids), code_scores(seed)
    reached = score_leaves(trie, scores, allowed)
    paths = trie.paths(np.arange(len(trie.leaves))).tolist()
    for query in range(3):
        expected = oracle(ids, scores, query, allowed)
        for path, score in zip(paths, reached[query].tolist(), strict=True):
            assert abs(score - expected.get(tuple(path), -np.inf)) < 1e-5 or (
                score == -np.inf and tuple(path) not in expected
            )


@settings(max_examples=50, deadline=None)
@given(catalogs, st.integers(0, 1000), st.integers(1, 8), modalities)
def test_every_generated_id_is_in_the_catalog(ids, seed, width, allowed):
    trie, scores = Trie.from_ids(ids), code_scores(seed)
    beam = beam_search(trie, scores, width, allowed)
    held = {tuple(row) for row in ids.tolist() if row[0] in allowed}
    for query in range(3):
        real = beam.scores[query] > -np.inf
        paths = [tuple(path) for path in trie.paths(beam.leaves[query][real]).tolist()]
        assert set(paths) <= held
        assert len(paths) == len(set(paths))
        assert bool(paths) == bool(held)


@settings(max_examples=50, deadline=None)
@given(catalogs, st.integers(0, 1000), modalities)
def test_a_full_beam_equals_scoring_all_leaves(ids, seed, allowed):
    trie, scores = Trie.from_ids(ids), code_scores(seed)
    beam = beam_search(trie, scores, width=len(ids), modalities=allowed)
    every = -np.sort(-score_leaves(trie, scores, allowed), axis=1)
    # A shallow level may hold fewer prefixes than there are leaves, never the last one.
    np.testing.assert_allclose(beam.scores[:, : every.shape[1]], every, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(catalogs, st.integers(0, 1000))
def test_a_wider_beam_is_never_worse(ids, seed):
    trie, scores = Trie.from_ids(ids), code_scores(seed)
    best = [beam_search(trie, scores, width).scores[:, 0] for width in (1, 4, len(ids))]
    assert (best[0] <= best[2] + 1e-6).all()
    assert (best[1] <= best[2] + 1e-6).all()


def test_the_same_query_generates_the_same():
    ids = np.array(ALL_IDS, dtype=np.int16)
    trie = Trie.from_ids(ids)
    first, second = (beam_search(trie, code_scores(5), 8) for _ in range(2))
    np.testing.assert_array_equal(first.leaves, second.leaves)
    np.testing.assert_array_equal(first.scores, second.scores)


budgets = st.builds(SearchBudget, st.integers(1, 9), st.integers(1, 60), st.integers(1, 60))
levels = st.sampled_from([0, 4, 20])  # of the modalities, the first level or the second


def summarised(ids, nodes: int) -> tuple[Trie, Codes, NodeSummaries]:
    """Summaries of products with these IDs, of the deepest level with at most ``nodes``."""
    detail = np.random.default_rng(len(ids)).integers(0, 256, (len(ids), 4), dtype=np.uint8)
    codes, trie = Codes(ids[:, 1:].copy(), detail), Trie.from_ids(ids)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("admatch.generate.node_summaries.NODES", nodes)
        return trie, codes, NodeSummaries.build(BOOKS, trie, codes, BOOKS.lengths(codes))


@settings(max_examples=50, deadline=None)
@given(catalogs, levels, st.integers(0, 1000), budgets, modalities)
def test_look_ahead_finds_leaves_of_the_catalog_with_their_scores(
    ids, nodes, seed, budget, allowed
):
    (trie, _, summaries), scores = summarised(ids, nodes), code_scores(seed)
    found, every = (
        look_ahead(trie, summaries, scores, budget, allowed),
        score_leaves(trie, scores, allowed),
    )
    for query in range(3):
        real = found.scores[query] > -np.inf
        leaves = found.leaves[query][real]
        assert len(set(leaves.tolist())) == len(leaves) <= budget.products
        np.testing.assert_allclose(found.scores[query][real], every[query][leaves], atol=1e-5)


@settings(max_examples=50, deadline=None)
@given(catalogs, levels, st.integers(0, 1000), modalities)
def test_an_unlimited_budget_equals_scoring_all_leaves(ids, nodes, seed, allowed):
    (trie, _, summaries), scores = summarised(ids, nodes), code_scores(seed)
    found = look_ahead(trie, summaries, scores, SearchBudget(99, 99, 99), allowed)
    every = -np.sort(-score_leaves(trie, scores, allowed), axis=1)
    np.testing.assert_allclose(-np.sort(-found.scores, axis=1), every, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(catalogs, st.integers(0, 1000))
def test_a_summary_holds_the_mean_score_below_a_node(ids, seed):
    (_, codes, summaries), scores = summarised(ids, nodes=4), code_scores(seed)
    lengths = BOOKS.lengths(codes).tolist()
    below = np.concat(scores.tree[summaries.depth :], axis=1) @ summaries.below.T
    below_node = below + scores.query @ summaries.detail.T
    sums: dict[tuple[int, ...], list[float]] = {}
    for row, detail, length in zip(ids.tolist(), codes.detail.tolist(), lengths, strict=True):
        deep = zip(scores.tree[summaries.depth :], row[1 + summaries.depth :], strict=True)
        total = sum(float(level[0, code]) for level, code in deep)
        total += sum(float(scores.detail[0, s, code]) for s, code in enumerate(detail))
        sums.setdefault(tuple(row[: 1 + summaries.depth]), []).append(total / length)
    expected = [np.mean(sums[node]) for node in sorted(sums)]
    np.testing.assert_allclose(below_node[0], expected, atol=1e-5)


def test_the_most_promising_leaf_is_the_one_whose_products_score_best():
    """The IDs differ only in the last code, so that only the summaries of leaves differ."""
    ids = np.array([[0, 0, 0, leaf] for leaf in range(5) for _ in range(3)], dtype=np.int16)
    (trie, codes, summaries), scores = summarised(ids, nodes=4), code_scores(11)
    decoded = BOOKS.decode_tree(codes.tree) + BOOKS.decode_detail(codes.detail)
    unit = decoded / np.linalg.norm(decoded, axis=1, keepdims=True)
    means = (scores.query @ unit.T).reshape(3, 5, 3).mean(2)
    found = look_ahead(trie, summaries, scores, SearchBudget(4, 5, 5))
    assert found.leaves[:, 0].tolist() == means.argmax(1).tolist()
