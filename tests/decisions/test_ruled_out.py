"""What an earlier run did is not taken back, and what somebody rejected is only watched."""

from dataclasses import replace

import polars as pl
import pytest

from admatch.decisions.ruled_out import REJECTED, without_rejected
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.reports.account.records import Entity, MatchType

from .conftest import GOOD, entity, make_account, term

PLACE = Place("Auto", "All")


def bid_change(before, after):
    return replace(Change.target_bid("close-match", PLACE, after), before=before)


def auto(bid):
    return make_account(
        entity(Entity.PRODUCT_TARGETING, "Auto", "All", expression="close-match", bid=bid)
    )


@pytest.mark.parametrize(("before", "after", "refused"), [(1.0, 1.2, True), (1.5, 1.2, False)])
def test_a_bid_that_was_raised_is_not_lowered(advise, before, after, refused):
    found = advise(account=auto(1.2), target=0.15, earlier=ChangeSet((bid_change(before, after),)))
    free = advise(account=auto(1.2), target=0.15)
    lowered = [text for text in GOOD if free.action(text) == "bid-down"]
    assert lowered
    for text in lowered:
        assert found.action(text) == ("watch" if refused else "bid-down")
        if refused:
            assert "did the opposite" in found.row(text)["reason"]
            assert not found.row(text)["chosen"]


def test_a_keyword_that_was_made_is_not_negated_in_its_ad_group(advise):
    row = term("garden gnome", clicks=60)
    assert advise(row, about={"garden gnome": 0.02}).action("garden gnome") == "negate-exact"
    made = Change.keyword("garden gnome", MatchType.EXACT, PLACE, 1.0)
    found = advise(row, about={"garden gnome": 0.02}, earlier=ChangeSet((made,)))
    assert found.action("garden gnome") == "watch"
    elsewhere = replace(made, place=Place("Manual", "Reels"))
    found = advise(row, about={"garden gnome": 0.02}, earlier=ChangeSet((elsewhere,)))
    assert found.action("garden gnome") == "negate-exact"


ROWS = pl.DataFrame(
    [
        ("C", "G", "Garden Hose", None, "auto", "negate-exact", None),
        ("C", "G", "garden hose", None, "auto", "bid-down", 0.8),
        ("C", None, "garden hose", None, "auto", "negate-exact", None),
        ("C", "G", "red hose", "hose", "auto", "negate-phrase", None),
    ],
    schema=["campaign", "ad_group", "search_term", "phrase", "targeting", "action", "factor"],
    orient="row",
).with_columns(why=pl.lit("clicks"))


def actions(*keys):
    rejected = pl.DataFrame(list(keys), schema=REJECTED, orient="row")
    return without_rejected(ROWS, rejected)["action"].to_list()


def test_nothing_rejected_changes_nothing():
    assert without_rejected(ROWS, None).equals(ROWS)
    assert without_rejected(ROWS, pl.DataFrame(schema=REJECTED)).equals(ROWS)


def test_only_the_very_change_is_left():
    before = ROWS["action"].to_list()
    assert actions(("C", "G", "garden hose", "negate-exact")) == ["watch", *before[1:]]
    assert actions(("C", None, "garden hose", "negate-exact")) == [*before[:2], "watch", before[3]]
    assert actions(("C", "G", "hose", "negate-phrase")) == [*before[:3], "watch"]
    assert actions(("C", "G", "red hose", "negate-phrase")) == before
    watched = without_rejected(
        ROWS, pl.DataFrame([("C", "G", "auto", "bid-down")], schema=REJECTED, orient="row")
    )
    assert watched.row(1, named=True) | {"action": "watch", "why": "rejected", "factor": None} == (
        watched.row(1, named=True)
    )
