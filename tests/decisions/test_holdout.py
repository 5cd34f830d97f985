"""What changes did beside those that chance left undone, where the truth is known."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from admatch.decisions.holdout import compare, name_of, part
from admatch.decisions.outcomes import AFTER, BEFORE, AppliedChanges, observe
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.reports.account.records import MatchType

PLACE = Place("C", "G")
PROPOSED = date(2026, 3, 1)
SEEN = PROPOSED + timedelta(3)


def negative(text):
    return Change.negative_keyword(text, MatchType.NEGATIVE_EXACT, PLACE)


CHANGES = ChangeSet(tuple(negative(f"term {number}") for number in range(400)))


def test_the_draw_is_the_same_every_night_and_has_the_share_asked_for():
    made, held = part(CHANGES, "Shop", 0.2, ())
    assert part(CHANGES, "Shop", 0.2, ()) == (made, held)
    assert len(made) + len(held) == 400
    assert 50 < len(held) < 110
    assert set(part(CHANGES, "Shop", 0.3, ())[1]) > set(held)  # more are held, none let go
    assert set(part(CHANGES, "Other", 0.2, ())[1]) != set(held)
    assert not part(CHANGES, "Shop", 0.0, ())[1]


def test_released_changes_and_new_keywords_are_made():
    held = part(CHANGES, "Shop", 0.2, ())[1]
    released = frozenset(map(name_of, held))
    assert part(CHANGES, "Shop", 0.2, released)[0] == CHANGES
    new = ChangeSet((Change.keyword("hose", MatchType.EXACT, PLACE, 0.5),))
    assert part(new, "Shop", 0.5, ())[0] == new


def test_a_bid_is_the_same_change_whatever_it_moves_to():
    one, other = (Change.keyword_bid("hose", MatchType.EXACT, PLACE, bid) for bid in (0.5, 0.6))
    assert name_of(one) == name_of(other)


def facts(seed, terms=60, true=3.0, luck=4.0):
    """Return daily rows of some terms that had just cost ``luck`` a day more than they do.

    Those that were made cost ``true`` less afterwards; 'milk' goes on as it was.
    """
    rng = np.random.default_rng(seed)
    made, held = part(ChangeSet(CHANGES.changes[:terms]), "Shop", 0.4, ())
    gone = {change.text for change in made}
    rows = []
    for day in range(-BEFORE, 3 + AFTER):
        day_row = {"start_date": PROPOSED + timedelta(day), "campaign": "C", "ad_group": "G"}
        for change in (*made, *held):
            spend = 6.0 + (luck if day < 0 else -true if change.text in gone and day >= 3 else 0)
            rows.append(day_row | {"search_term": change.text, "spend": spend + rng.normal(0, 1)})
        rows.append(day_row | {"search_term": "milk", "spend": 20_000 + rng.normal(0, 5)})
    frame = pl.DataFrame(rows).with_columns(sales=pl.col("spend") * 0.5, targeting=pl.lit("auto"))
    night = AppliedChanges("n", PROPOSED, SEEN, tuple(made), 1.0, 0.0)
    return frame, night, AppliedChanges("n", PROPOSED, SEEN, tuple(held), 0.0, 0.0)


def test_what_was_luck_is_not_taken_for_an_effect():
    frame, made, held = facts(seed=1)
    found = compare(frame, [made], [held], made.changes)
    assert (found.nights, found.treated, found.held) == (1, len(made.changes), len(held.changes))
    assert found.freed == pytest.approx(3.0, abs=0.2)
    assert found.freed_low < found.freed < found.freed_high
    assert found.lost == pytest.approx(1.5, abs=0.1)
    # against rows that nothing changed, the luck is counted as well
    beside = observe(frame, made, made.changes, seed=7)
    assert beside.freed / len(made.changes) == pytest.approx(7.0, abs=0.5)


def test_four_of_five_intervals_hold_the_truth():
    inside = 0
    for seed in range(25):
        frame, made, held = facts(seed, terms=20)
        found = compare(frame, [made], [held], made.changes)
        inside += found.freed_low <= 3.0 <= found.freed_high
    assert inside >= 14  # 20 expected; 3 deviations are 6


def test_too_few_changes_tell_nothing():
    frame, made, held = facts(seed=1)
    assert compare(frame, [made], [], made.changes) is None
    alone = AppliedChanges("n", PROPOSED, SEEN, held.changes[:1], 0.0, 0.0)
    assert compare(frame, [made], [alone], made.changes) is None
