import numpy as np
import pytest

from admatch.errors import InputError
from admatch.training.images import Shown, fit_projection
from tests.conftest import random_unit


def shown_by_plan(seed: int, texts, plan) -> Shown:
    """Pictures whose features are a fixed linear image of their text's vector, with noise."""
    rng = np.random.default_rng(seed)
    shows = rng.integers(0, len(texts), 300)
    features = texts[shows] @ plan + 0.3 * rng.normal(size=(300, 1280))
    scores = np.zeros((300, 1000), np.float32)
    return Shown(features.astype(np.float32), scores, texts, shows, np.ones(300))


def test_pictures_never_seen_find_their_texts():
    texts, plan = random_unit(12, 1), np.random.default_rng(2).normal(size=(16, 1280)) / 4
    class_texts = random_unit(1000, 3)
    projection = fit_projection(shown_by_plan(4, texts, plan), class_texts, "words")
    others = shown_by_plan(5, texts, plan)
    vectors = projection.project(others.features, others.scores)
    assert ((vectors @ texts.T).argmax(1) == others.shows).mean() > 0.95
    again = fit_projection(shown_by_plan(4, texts, plan), class_texts, "words")
    np.testing.assert_array_equal(again.weight, projection.weight)


def test_one_text_alone_is_refused():
    texts, plan = random_unit(1, 1), np.ones((16, 1280))
    with pytest.raises(InputError, match="at least two products"):
        fit_projection(shown_by_plan(4, texts, plan), random_unit(1000, 3), "words")
