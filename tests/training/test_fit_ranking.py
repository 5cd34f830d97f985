import numpy as np
import pytest

from admatch.match.ranking import Ranking
from admatch.training.fit_ranking import GRID, _judged, _ndcg, _nearest_of_the_best
from admatch.training.pairs import Pairs


def gains(best: Ranking, by: float, queries: int = 200):
    noise = np.random.default_rng(1).normal(0, 0.1, (len(GRID), queries))
    return noise + np.array([by * (ranking == best) for ranking in GRID])[:, None]


def test_weights_that_are_surely_better_are_taken():
    assert _nearest_of_the_best(gains(Ranking(1.5, 0.4, 0.0), by=0.5)) == Ranking(1.5, 0.4, 0.0)


def test_where_pairs_cannot_tell_the_default_stays():
    assert _nearest_of_the_best(np.ones((len(GRID), 3))) == Ranking()
    assert Ranking() in GRID


def test_ndcg_is_one_for_the_ideal_order_and_falls_with_rank():
    judged = [{0: 1.0, 1: 0.5}]
    values = [_ndcg(np.array([row]), judged)[0] for row in ([0, 1, 2], [1, 0, 2], [2, 0, 1])]
    assert values[0] == pytest.approx(1.0)
    assert values == sorted(values, reverse=True)


def test_queries_without_a_fitting_product_are_left_out():
    pairs = Pairs(["a", "a", "b"], np.array([0, 1, 2]), np.array([1.0, 0.1, 0.0], np.float32))
    queries, grades = _judged(pairs)
    assert queries == ["a"]
    assert grades == [{0: 1.0, 1: pytest.approx(0.1)}]
