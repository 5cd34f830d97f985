import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from admatch.match.words import WordEvidence

VOCABULARY = ["hose", "garden", "red", "fitting", "brass"]
texts = st.lists(
    st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=5).map(" ".join),
    min_size=1,
    max_size=15,
)
WEIGHT = 0.4


@settings(max_examples=60, deadline=None)
@given(texts, texts)
def test_what_is_looked_up_is_what_covers_all(documents, terms):
    words = WordEvidence.build(documents, documents)
    items = np.tile(np.arange(len(documents)), (len(terms), 1))
    for found, expected in zip(
        words.lazy_coverage(terms).of(items), words.dense_coverage(terms).of(items), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(texts, texts, st.integers(1, 20))
def test_the_best_by_words_are_those_that_covering_all_finds(documents, terms, k):
    words = WordEvidence.build(documents, documents)
    items = np.tile(np.arange(len(documents)), (len(terms), 1))
    singles, phrases, *_ = words.dense_coverage(terms).of(items)
    scores = singles + WEIGHT * phrases
    for row, found in zip(scores, words.lazy_coverage(terms).best(k, WEIGHT), strict=True):
        real = found[found >= 0]
        assert len(set(real.tolist())) == len(real) == min(k, int((row > 0).sum()))
        best = -np.sort(-row[row > 0])[:k]
        np.testing.assert_allclose(-np.sort(-row[real]), best, atol=1e-6)
