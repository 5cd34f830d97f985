"""How far a run is: it moves with the clock, and never goes back."""

from itertools import pairwise

from admatch.web.work.eta import STAGES, seconds_left, share_done
from admatch.web.work.queues import Progress

PRODUCTS, TERMS = 81, 324


def test_a_stage_that_is_silent_moves_with_the_clock():
    progress = Progress(0.0)
    progress.move("loading models", 1, 1, 10.0)
    shares = [share_done(progress, PRODUCTS, TERMS, now) for now in range(10, 40)]
    assert all(later > earlier for earlier, later in pairwise(shares))


def test_the_next_stage_goes_on_from_where_the_silent_one_was():
    progress = Progress(0.0)
    progress.move("loading models", 1, 1, 10.0)
    before = share_done(progress, PRODUCTS, TERMS, 20.0)
    progress.move("encoding products", 0, 81, 20.0)
    assert share_done(progress, PRODUCTS, TERMS, 20.5) > before
    progress.move("encoding products", 81, 81, 21.0)
    assert progress.over
    at_end = share_done(progress, PRODUCTS, TERMS, 21.0)
    progress.move("encoding terms", 1, 324, 30.0)
    assert share_done(progress, PRODUCTS, TERMS, 30.0) > at_end > before


def test_the_time_left_falls_and_ends_at_a_second():
    progress = Progress(0.0)
    left = []
    for number, stage in enumerate(STAGES):
        progress.move(stage, 0, 1, 2.0 * number)
        left += [seconds_left(progress, 2.0 * number + one, PRODUCTS, TERMS) for one in (0.5, 1.5)]
    assert left == sorted(left, reverse=True)
    assert left[-1] >= 1
