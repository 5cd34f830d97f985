"""A new keyword bids what a click of its term is worth, within a step of what it has cost."""

import pytest

from admatch.decisions.actions import Action
from admatch.reports.account.records import Entity

from .conftest import entity, make_account, term


@pytest.mark.parametrize(("target", "bid"), [(0.30, 1.20), (0.22, None)])
def test_the_bid_follows_the_worth(advise, target, bid):
    account = make_account(
        entity(Entity.PRODUCT_AD, "Manual", "Reels", asin="B0HOSE0001"),
    )
    found = advise(
        term("reel hose long", clicks=60, orders=30), account=account, target=target,
        about={"reel hose long": (0.99, "B0REEL0001")},
    )  # fmt: skip
    changes = found.advice.changes(Action.HARVEST_EXACT, Action.MOVE)
    new = [one for one in changes if one.text == "reel hose long"]
    if bid is not None:
        assert [one.bid for one in new] == [bid]
    for one in new:
        assert 0.8 <= one.bid <= 1.2
