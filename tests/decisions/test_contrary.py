"""What an earlier run did is not taken back by the next one."""

from dataclasses import replace

import pytest

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
