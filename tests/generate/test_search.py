import itertools

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from admatch.generate.decoder import Decoder
from admatch.generate.search import beam_search, best_places, score_leaves
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
    with torch.inference_mode():
        return Decoder(BOOKS)(torch.from_numpy(random_unit(n, seed)))


def oracle(ids, scores, query: int, allowed) -> dict[tuple[int, ...], float]:
    """The slow way: every distinct ID of an allowed modality, its codes' scores added up."""
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
    paths = trie.paths(torch.arange(len(trie.leaves))).tolist()
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
    every = score_leaves(trie, scores, allowed).sort(dim=1, descending=True).values
    # A shallow level may hold fewer prefixes than there are leaves, never the last one.
    torch.testing.assert_close(beam.scores[:, : every.shape[1]], every)


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
    assert torch.equal(first.leaves, second.leaves)
    assert torch.equal(first.scores, second.scores)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.integers(1, 20), st.integers(0, 999))
def test_the_best_places_are_those_that_sorting_finds(n, k, seed):
    scores = torch.from_numpy(np.random.default_rng(seed).integers(0, 50, (3, n)).astype("f4"))
    k = min(k, n)
    found = best_places(scores, k)
    assert all(len(set(row)) == k for row in found.tolist())
    best = scores.sort(dim=1, descending=True).values[:, :k]
    assert torch.equal(scores.gather(1, found).sort(dim=1, descending=True).values, best)
