"""Which proposals an account shows, and for how long they are left to themselves."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from admatch.export.bulk.directory import Directory
from admatch.export.bulk.judge import judge
from admatch.export.bulk.marketplace import find_marketplace
from admatch.impact.changes import Change, Place
from admatch.reports.account.records import MatchType
from admatch.store.nights import Night, record_night
from admatch.store.proposals import note_seen, seen_changes
from tests.export.bulk.amazon import Amazon, Held

DAY = date(2026, 3, 1)
DECIDED = dict.fromkeys(
    ("action", "campaign", "ad_group", "search_term", "targeting", "match_type", "reason"),
    pl.String,
) | {"chosen": pl.Boolean, "spend_freed": pl.Float64, "sales_at_risk": pl.Float64}


@pytest.fixture
def amazon():
    return Amazon().hold(Held("Keyword", "1", "11", "desk lamp", "exact", 0.9))


def propose(workspace, amazon):
    account = amazon.account()
    campaign, group = account.frame.row(1, named=True)["campaign"], None
    names = account.frame.filter(pl.col("ad_group_id") == "11").row(0, named=True)
    place = Place(names["campaign"] or campaign, names["ad_group"] or group, "1", "11")
    wanted = (
        Change.negative_keyword("red shoes", MatchType.NEGATIVE_EXACT, place),
        Change.keyword_bid("desk lamp", MatchType.EXACT, place, 0.72),
    )
    entries, refused = judge(wanted, Directory(account), find_marketplace("DE"))
    assert not refused
    night = Night("n", "shop", "job", DAY, Path("out"), {}, {})
    with workspace.writing() as transaction:
        record_night(transaction, night, pl.DataFrame(schema=DECIDED), entries, {})
    return entries


def test_a_change_counts_from_the_day_on_which_the_account_shows_it(workspace, amazon):
    entries = propose(workspace, amazon)
    later = DAY + timedelta(3)
    with workspace.writing() as transaction:
        assert note_seen(transaction, "shop", amazon.account(), DAY) == 0
        assert not seen_changes(transaction, "shop", later, 30)
        uploaded = Amazon().hold(
            Held("Keyword", "1", "11", "desk lamp", "exact", 0.9),
            Held("Negative Keyword", "1", "11", "red shoes", "negativeExact"),
        )
        assert note_seen(transaction, "shop", uploaded.account(), later) == 1
        assert note_seen(transaction, "shop", uploaded.account(), later + timedelta(1)) == 0
        assert seen_changes(transaction, "shop", later, 24).changes == (entries[0].change,)
        assert not seen_changes(transaction, "shop", DAY, 24)  # not known by then
        assert seen_changes(transaction, "shop", later + timedelta(23), 24)
        assert not seen_changes(transaction, "shop", later + timedelta(24), 24)


def test_a_bid_is_seen_when_it_is_the_one_that_was_proposed(workspace, amazon):
    entries = propose(workspace, amazon)
    other = Amazon().hold(Held("Keyword", "1", "11", "desk lamp", "exact", 0.72))
    target = entries[1].change.target_id
    with workspace.writing() as transaction:
        assert note_seen(transaction, "shop", other.account(), DAY) == 1
        (change,) = seen_changes(transaction, "shop", DAY, 24)
        assert (change.target_id, change.bid) == (target, 0.72)
