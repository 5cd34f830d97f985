"""Which proposals an account shows, and for how long they are left to themselves."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from admatch.export.bulk.directory import Directory
from admatch.export.bulk.marketplace import find_marketplace
from admatch.export.bulk.validate import validate
from admatch.impact.changes import Change, Place
from admatch.jobs.store.applied import Ending, What, applied_counts, note_applied
from admatch.jobs.store.nights import Night, record_night
from admatch.jobs.store.proposals import mature_changes, note_seen, seen_changes
from admatch.reports.account.records import MatchType
from tests.export.bulk.amazon import Amazon, Held

DAY = date(2026, 3, 1)
DECIDED = dict.fromkeys(
    (
        "action",
        "campaign",
        "ad_group",
        "search_term",
        "targeting",
        "match_type",
        "phrase",
        "reason",
    ),
    pl.String,
) | {
    **{"chosen": pl.Boolean, "clicks": pl.Int64, "orders": pl.Int64},
    **dict.fromkeys(("spend_freed", "sales_at_risk"), pl.Float64),
}


@pytest.fixture
def amazon():
    return Amazon().hold(Held("Keyword", "1", "11", "desk lamp", "exact", 0.9))


def propose(workspace, amazon, name="n"):
    account = amazon.account()
    campaign, group = account.frame.row(1, named=True)["campaign"], None
    names = account.frame.filter(pl.col("ad_group_id") == "11").row(0, named=True)
    place = Place(names["campaign"] or campaign, names["ad_group"] or group, "1", "11")
    wanted = (
        Change.negative_keyword("red shoes", MatchType.NEGATIVE_EXACT, place),
        Change.keyword_bid("desk lamp", MatchType.EXACT, place, 0.72),
    )
    entries, refused = validate(wanted, Directory(account), find_marketplace("DE"))
    assert not refused
    night = Night(name, "shop", "job", DAY, Path("out"), {}, {})
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


def test_of_a_change_that_two_nights_proposed_one_is_seen(workspace, amazon):
    propose(workspace, amazon, "a")
    propose(workspace, amazon, "b")
    uploaded = Amazon().hold(
        Held("Keyword", "1", "11", "desk lamp", "exact", 0.9),
        Held("Negative Keyword", "1", "11", "red shoes", "negativeExact"),
    )
    with workspace.writing() as transaction:
        assert note_seen(transaction, "shop", uploaded.account(), DAY) == 1
        assert note_seen(transaction, "shop", uploaded.account(), DAY + timedelta(1)) == 0


def test_what_the_api_made_counts_from_that_day_until_it_is_taken_back(workspace, amazon):
    negative, _ = (entry.change for entry in propose(workspace, amazon))
    made, undone = DAY + timedelta(2), DAY + timedelta(6)
    with workspace.writing() as transaction:
        ends = [
            Ending(0, "applied", True, None, "9", _moment(made)),
            Ending(1, "refused", False, "why", None, _moment(made)),
        ]
        note_applied(transaction, "n", What.APPLIED, ends)
        assert note_seen(transaction, "shop", amazon.account(), made) == 0
        assert seen_changes(transaction, "shop", made, 24).changes == (negative,)
        assert not seen_changes(transaction, "shop", made - timedelta(1), 24)
        back = Ending(0, "applied", True, None, "9", _moment(undone))
        note_applied(transaction, "n", What.ROLLED_BACK, [back])
        before = undone - timedelta(1)
        assert seen_changes(transaction, "shop", before, 90, standing=True).changes == (negative,)
        assert not seen_changes(transaction, "shop", undone, 90, standing=True)
        # what it touched is left alone as long again, and nobody asks what it did
        assert seen_changes(transaction, "shop", made + timedelta(24), 24).changes == (negative,)
        assert not mature_changes(transaction, "shop", made + timedelta(50), 24)
        assert applied_counts(transaction)["n"] == {
            "applied": {"applied": 1, "refused": 1}, "rolled back": {"applied": 1},
        }  # fmt: skip


def _moment(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()
