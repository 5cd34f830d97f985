import numpy as np
import pytest

from admatch.encode.product_pictures import Pictured
from admatch.match.meaning import MeaningFeatures
from tests.conftest import random_unit

N = 40
TEXTS = random_unit(N, seed=1)
GENERIC = random_unit(50, seed=2)


def pictured(vectors, products=None):
    return Pictured(np.arange(len(vectors)) if products is None else products, vectors)


def alike(vectors, noise=0.05):
    seen = vectors + noise * random_unit(len(vectors), seed=3)
    return seen / np.linalg.norm(seen, axis=1, keepdims=True)


def of(texts, seen):
    return MeaningFeatures.of(texts, seen, lambda: GENERIC)


def test_a_product_whose_text_hides_what_its_picture_shows_is_found_by_it():
    hidden = TEXTS.copy()
    hidden[5] = random_unit(1, seed=9)[0]
    meaning = of(hidden, pictured(alike(TEXTS)))
    before, after = hidden @ TEXTS[5], meaning.vectors @ TEXTS[5]
    assert (after > after[5]).sum() < (before > before[5]).sum()
    assert np.argmax(after - before) == 5


def test_pictures_that_agree_with_no_text_count_next_to_nothing():
    strangers = of(TEXTS, pictured(random_unit(N, seed=4)))
    friends = of(TEXTS, pictured(alike(TEXTS)))
    moved = [np.linalg.norm(m.vectors - TEXTS, axis=1).mean() for m in (strangers, friends)]
    assert moved[0] < moved[1] / 3
    opposed = of(TEXTS, pictured(-TEXTS))
    np.testing.assert_array_equal(opposed.vectors, TEXTS)


def test_the_lift_is_what_pictures_add_to_the_best_product_of_a_generic_query():
    meaning = of(TEXTS, pictured(alike(TEXTS)))
    best = [(GENERIC @ vectors.T).max(1) for vectors in (meaning.vectors, TEXTS)]
    assert meaning.lift == pytest.approx((best[0] - best[1]).mean(), abs=1e-6)
    assert meaning.lift > 0


@pytest.mark.parametrize("seen", [None, pictured(TEXTS[:0]), pictured(TEXTS[:1])])
def test_without_pictures_to_compare_texts_stay_what_they_are(seen):
    meaning = of(TEXTS, seen)
    assert meaning.vectors is TEXTS
    assert meaning.lift == 0


def test_products_without_a_picture_keep_their_text():
    some = np.arange(0, N, 2)
    meaning = of(TEXTS, pictured(alike(TEXTS)[some], some))
    np.testing.assert_array_equal(meaning.vectors[1::2], TEXTS[1::2])


def test_equal_pictures_say_nothing():
    same = np.repeat(TEXTS[:1], N, axis=0)
    np.testing.assert_allclose(of(TEXTS, pictured(same)).vectors, TEXTS, atol=1e-6)
