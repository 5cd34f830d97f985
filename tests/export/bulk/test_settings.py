"""New settings of campaigns as rows of a bulk file, and the rows that undo them."""

from dataclasses import replace

import polars as pl
import pytest

from admatch.export.bulk.directory import Directory
from admatch.export.bulk.read import read_changes
from admatch.export.bulk.settings import setting_of
from admatch.export.bulk.write import complete_inverse, write_bulksheet
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.reports.account.records import ACCOUNT_SCHEMA, Account, Entity, Placement
from tests.export.bulk.amazon import rows_of

LAMPS = Place("Lamps")


def account(top=45.0, budget=9.0, **campaign):
    rows = [
        {"entity": Entity.CAMPAIGN.value, "daily_budget": budget, "state": "enabled",
         "portfolio_id": "77", "ends_on": "20261231",
         "bidding_strategy": "Dynamic bids - up and down"} | campaign,
        {"entity": Entity.BIDDING_ADJUSTMENT.value, "placement": Placement.TOP.value,
         "percentage": top},
    ]  # fmt: skip
    usual = {"campaign": "Lamps", "campaign_id": "1", "currency": "USD"}
    return Account(pl.DataFrame([usual | row for row in rows], schema=ACCOUNT_SCHEMA), (), ())


def written(changes, folder, known=None):
    return write_bulksheet(
        ChangeSet(tuple(changes)), known or account(), folder / "c.xlsx", marketplace="US"
    )


def test_a_placement_s_row_has_what_amazon_asks_for(tmp_path):
    done = written([Change.placement(Placement.TOP, LAMPS, 20.0)], tmp_path)
    (row,), (undo,) = rows_of(done.file), rows_of(done.inverse)
    assert row == {
        "Product": "Sponsored Products", "Entity": "Bidding Adjustment", "Operation": "Update",
        "Campaign ID": "1", "Bidding Strategy": "Dynamic bids - up and down",
        "Placement": "Placement Top", "Percentage": 20,
    }  # fmt: skip
    assert undo == row | {"Percentage": 45}
    assert done.written[0].change.before == 45


def test_a_placement_without_a_line_is_created_and_undone_by_zero(tmp_path):
    done = written([Change.placement(Placement.PRODUCT_PAGE, LAMPS, 15.0)], tmp_path)
    (row,), (undo,) = rows_of(done.file), rows_of(done.inverse)
    assert (row["Operation"], row["Percentage"]) == ("Create", 15)
    assert (undo["Operation"], undo["Percentage"]) == ("Update", 0)


def test_a_budget_s_row_keeps_portfolio_end_and_strategy(tmp_path):
    done = written([Change.budget(LAMPS, 10.8)], tmp_path)
    (row,), (undo,) = rows_of(done.file), rows_of(done.inverse)
    assert row == {
        "Product": "Sponsored Products", "Entity": "Campaign", "Operation": "Update",
        "Campaign ID": "1", "Portfolio ID": "77", "Campaign Name": "Lamps",
        "End Date": "20261231", "State": "enabled", "Daily Budget": 10.8,
        "Bidding Strategy": "Dynamic bids - up and down",
    }  # fmt: skip
    assert undo == row | {"Daily Budget": 9}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change.placement(Placement.TOP, LAMPS, 45.0), "45 already"),
        (Change.placement(Placement.TOP, LAMPS, 901.0), "0 to 900"),
        (Change.placement(Placement.TOP, LAMPS, -1.0), "0 to 900"),
        (Change.placement(Placement.TOP, LAMPS, 12.5), "whole percentage"),
        (Change.placement(Placement.TOP, LAMPS, float("nan")), "whole percentage"),
        (Change.placement(Placement.TOP, Place("Other"), 1.0), "Other"),
        (Change.budget(LAMPS, 0.5), "daily budget in US"),
        (Change.budget(LAMPS, 9.0), "already"),
        (replace(Change.placement(Placement.TOP, LAMPS, 1.0), text="Somewhere"), "no placement"),
    ],
)
def test_what_amazon_would_not_take_is_refused(change, words, tmp_path):
    done = written([change], tmp_path)
    assert not done.written
    assert words in done.refused[0].reason


def test_the_same_setting_is_not_changed_twice(tmp_path):
    top = [Change.placement(Placement.TOP, LAMPS, new) for new in (20.0, 30.0)]
    done = written([*top, Change.budget(LAMPS, 12.0)], tmp_path)
    assert len(done.written) == 2
    assert done.refused[0].change == top[1]


def test_an_archived_campaign_and_no_account_are_refused(tmp_path):
    change = Change.placement(Placement.TOP, LAMPS, 20.0)
    assert written([change], tmp_path, account(state="archived")).refused
    done = write_bulksheet(ChangeSet((change,)), None, tmp_path / "n.xlsx", marketplace="US")
    assert "only a bulk file" in done.refused[0].reason


def test_the_inverse_puts_back_what_was_there(tmp_path):
    changes = [Change.placement(Placement.TOP, LAMPS, 20.0), Change.budget(LAMPS, 12.0)]
    done = written(changes, tmp_path)
    after = account(top=20.0, budget=12.0)
    undo = complete_inverse(done.manifest, after, tmp_path / "undo.xlsx")
    assert [one.setting for one in undo.changes] == [45.0, 9.0]
    assert rows_of(undo.file) == rows_of(done.inverse)


def test_settings_are_read_back_from_the_sheet(tmp_path):
    changes = [Change.placement(Placement.TOP, LAMPS, 20.0), Change.budget(LAMPS, 12.0)]
    done = written(changes, tmp_path)
    read = read_changes(done.file, account())
    assert [(one.entity, one.text, one.setting) for one in read] == [
        (Entity.BIDDING_ADJUSTMENT, "Placement Top", 20.0), (Entity.CAMPAIGN, "Lamps", 12.0),
    ]  # fmt: skip


def test_an_account_shows_whether_a_setting_was_made():
    known = Directory(account())
    place = Place("Lamps", campaign_id="1")
    assert setting_of(known, Change.placement(Placement.TOP, place, 20.0)) == 45
    assert setting_of(known, Change.placement(Placement.REST, place, 20.0)) is None
    assert setting_of(known, Change.budget(place, 12.0)) == 9
    assert setting_of(known, Change.budget(Place("Gone", campaign_id="9"), 12.0)) is None
