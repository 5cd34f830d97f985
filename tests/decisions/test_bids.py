"""A bid for every keyword and target, with what it rests on."""

from dataclasses import replace

import polars as pl
import pytest

from admatch.decisions.bids import bid_changes, bid_table
from admatch.decisions.ruled_out import REJECTED
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.reports.account.records import Entity

from .conftest import entity, make_account

NONE, NOTHING = ChangeSet(()), pl.DataFrame(schema=REJECTED)


@pytest.fixture
def account():
    return make_account(
        entity(Entity.PRODUCT_TARGETING, "Auto", "All", expression="close-match", bid=1.25),
        entity(Entity.PRODUCT_TARGETING, "Auto", "All", expression="loose-match", bid=9.0),
        entity(Entity.PRODUCT_TARGETING, "Auto", "All", expression="substitutes", bid=2.0),
    )


def row_of(table, targeting):
    (row,) = table.filter(table["targeting"] == targeting).to_dicts()
    return row


def test_every_target_has_a_bid_from_what_a_click_is_worth(advise, account):
    table = bid_table(advise(account=account).advice, account, step=0.2)
    assert set(table["targeting"]) == {"close-match", "loose-match", "substitutes", "hose reel"}
    seen = row_of(table, "close-match")
    # 12 terms of 300 clicks: 528 orders of 30 each, some still to come
    assert seen["value"] == pytest.approx(30 * 528 / 3600, rel=0.05)
    assert seen["worth"] == pytest.approx(seen["value"] * 0.3 * 1.25, rel=1e-6)
    assert seen["value_low"] < seen["value"] < seen["value_high"]
    assert seen["new_bid"] == 1.5  # a fifth more at most
    assert "the most that one step moves it" in seen["reason"]


def test_without_clicks_it_is_the_ad_groups_and_wider(advise, account):
    table = bid_table(advise(account=account).advice, account, step=0.2)
    seen, unseen = row_of(table, "close-match"), row_of(table, "substitutes")
    assert unseen["clicks"] == 0
    assert unseen["value"] == pytest.approx(seen["value"], rel=0.1)
    assert unseen["value_high"] - unseen["value_low"] > seen["value_high"] - seen["value_low"]
    assert row_of(table, "loose-match")["new_bid"] == 7.2  # far above what it could bear
    # an ad group that nothing is known of
    assert row_of(table, "hose reel")["value"] is None
    assert row_of(table, "hose reel")["new_bid"] is None


def test_a_bid_within_its_interval_stays(advise, account):
    table = bid_table(advise(account=account).advice, account, step=0.2)
    stays = row_of(table, "substitutes")
    if stays["worth_low"] <= 2.0 <= stays["worth_high"]:
        assert stays["new_bid"] is None
        assert "stays" in stays["reason"]


def test_targets_that_something_else_changes_are_left(advise, account):
    table = bid_table(advise(account=account).advice, account, step=0.2)
    every = bid_changes(table, NONE, NONE, NONE, NOTHING)
    assert {change.text for change in every} >= {"close-match", "loose-match"}
    taken = ChangeSet((Change.target_bid("close-match", Place("Auto", "All"), 1.1),))
    for sets in ((taken, NONE, NONE), (NONE, taken, NONE)):
        left = bid_changes(table, *sets, NOTHING)
        assert "close-match" not in {change.text for change in left}
    lowered = replace(taken.changes[0], before=1.4)
    left = bid_changes(table, NONE, NONE, ChangeSet((lowered,)), NOTHING)
    assert "close-match" not in {change.text for change in left}
    raised = replace(taken.changes[0], before=1.0)
    left = bid_changes(table, NONE, NONE, ChangeSet((raised,)), NOTHING)
    assert "close-match" in {change.text for change in left}
