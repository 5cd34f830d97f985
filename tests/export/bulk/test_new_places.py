"""New campaigns as rows that Amazon accepts, in their order, and what undoes them."""

from dataclasses import replace

import polars as pl
import pytest

from admatch.export.bulk.read import read_changes
from admatch.export.bulk.write import complete_inverse, write_bulksheet
from admatch.impact.changes import Change, ChangeSet, Operation, Place
from admatch.reports.account.records import ACCOUNT_SCHEMA, Account, Entity, MatchType
from tests.export.bulk.amazon import rows_of

NEW = Place("SP | Lamps | Exact", "Exact")
STRATEGY = "Dynamic bids – down only"  # as downloads write it


def entity(kind, campaign, number, **more):
    usual = {"entity": kind.value, "campaign": campaign, "campaign_id": number, "currency": "USD"}
    return usual | {"state": "enabled"} | more


def account(*more):
    rows = [
        entity(
            Entity.CAMPAIGN, "Auto", "1", bidding_strategy=STRATEGY, targeting_type="auto",
            daily_budget=5.0,
        ),
        entity(Entity.CAMPAIGN, "Manual", "2", targeting_type="manual", daily_budget=5.0),
        entity(Entity.AD_GROUP, "Manual", "2", ad_group="Old", ad_group_id="20", default_bid=0.5),
        *more,
    ]  # fmt: skip
    return Account(pl.DataFrame(rows, schema=ACCOUNT_SCHEMA), (), ())


def keyword(text, place=NEW, bid=0.8):
    return Change.keyword(text, MatchType.EXACT, place, bid)


def whole(place=NEW, budget=12.0):
    return [
        Change.new_campaign(place.campaign, budget), Change.new_ad_group(place, 0.75),
        Change.product_ad("L-1", place), keyword("desk lamp", place), keyword("floor lamp", place),
    ]  # fmt: skip


def written(changes, folder, known=None):
    return write_bulksheet(
        ChangeSet(tuple(changes)), known or account(), folder / "c.xlsx", marketplace="US"
    )


def test_rows_have_every_required_column_and_parents_come_first(tmp_path):
    rows = rows_of(written(whole(), tmp_path).file)
    same = {"Product": "Sponsored Products", "Operation": "Create", "State": "enabled",
            "Campaign ID": NEW.campaign}  # fmt: skip
    inside = same | {"Ad Group ID": "Exact"}
    assert rows == [
        same | {"Entity": "Campaign", "Campaign Name": NEW.campaign, "Targeting Type": "Manual",
                "Daily Budget": 12, "Bidding Strategy": STRATEGY},
        inside | {"Entity": "Ad Group", "Ad Group Name": "Exact", "Ad Group Default Bid": 0.75},
        inside | {"Entity": "Product Ad", "SKU": "L-1"},
        *(
            inside | {"Entity": "Keyword", "Bid": 0.8, "Keyword Text": text, "Match Type": "exact"}
            for text in ("desk lamp", "floor lamp")
        ),
    ]  # fmt: skip


def test_one_row_undoes_a_campaign_with_all_that_is_in_it(tmp_path):
    done = written([*whole(), Change.budget(Place("Manual"), 6.0)], tmp_path)
    undo = rows_of(done.inverse)
    assert [(row["Entity"], row["Operation"]) for row in undo] == [
        ("Campaign", "Archive"), ("Campaign", "Update"),
    ]  # fmt: skip
    assert "Campaign ID" not in undo[0]  # Amazon gives it on upload


def test_the_completed_inverse_finds_the_campaign_by_its_name(tmp_path):
    done = written(whole(), tmp_path)
    after = account(
        entity(Entity.CAMPAIGN, NEW.campaign, "77", targeting_type="manual", daily_budget=12.0),
        entity(Entity.AD_GROUP, NEW.campaign, "77", ad_group="Exact", ad_group_id="770"),
    )
    undo = complete_inverse(done.manifest, after, tmp_path / "undo.xlsx")
    assert rows_of(undo.file) == [
        {"Product": "Sponsored Products", "Entity": "Campaign", "Operation": "Archive",
         "Campaign ID": "77"},
    ]  # fmt: skip
    assert not undo.refused
    gone = complete_inverse(done.manifest, account(), tmp_path / "gone.xlsx")
    assert (len(gone.written), len(gone.refused)) == (0, 1)


def test_a_new_ad_group_of_a_running_campaign_is_undone_alone(tmp_path):
    place = Place("Manual", "New")
    done = written(whole(place)[1:], tmp_path)
    rows, (undo,) = rows_of(done.file), rows_of(done.inverse)
    assert {row["Campaign ID"] for row in rows} == {"2"}
    assert {row["Ad Group ID"] for row in rows} == {"New"}
    assert (undo["Entity"], undo["Operation"], undo["Campaign ID"]) == ("Ad Group", "Archive", "2")
    after = account(entity(Entity.AD_GROUP, "Manual", "2", ad_group="New", ad_group_id="21"))
    (row,) = rows_of(complete_inverse(done.manifest, after, tmp_path / "u.xlsx").file)
    assert (row["Entity"], row["Ad Group ID"]) == ("Ad Group", "21")


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (Change.new_campaign("Manual", 12.0), "in use"),
        (Change.new_campaign("x" * 129, 12.0), "128 letters"),
        (Change.new_campaign(" x", 12.0), "without blanks"),
        (Change.new_campaign(NEW.campaign, 0.2), "daily budget"),
    ],
)
def test_what_is_in_a_refused_campaign_is_refused_with_its_reason(first, words, tmp_path):
    place = replace(NEW, campaign=first.place.campaign)
    done = written([first, *whole(place)[1:]], tmp_path)
    assert not done.written
    assert len(done.refused) == 5
    assert all(words in one.reason for one in done.refused)


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ([Change.product_ad("L-1", NEW), keyword("desk lamp")], 0),
        ([Change.product_ad("L-1", Place("Manual", "Old"))], 0),
    ],
)
def test_keywords_and_ads_need_their_ad_group(changes, count, tmp_path):
    assert len(written(changes, tmp_path).written) == count


def test_nothing_new_is_made_without_an_account(tmp_path):
    done = write_bulksheet(ChangeSet(tuple(whole())), None, tmp_path / "n.xlsx", marketplace="US")
    assert not done.written


def test_only_an_undo_ends_a_campaign(tmp_path):
    end = Change(Operation.ARCHIVE, Entity.CAMPAIGN, Place("Manual"), "Manual")
    assert not written([end], tmp_path).written


def test_a_new_campaign_is_read_back_from_the_sheet(tmp_path):
    read = read_changes(written(whole(), tmp_path).file, account())
    assert [replace(one, state=None) for one in read] == whole()
