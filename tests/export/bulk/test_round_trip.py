"""Sheets read back by admatch's own reader; real downloads changed and undone."""

import openpyxl
import polars as pl
import pytest

from admatch.export.bulk.write import complete_inverse, write_bulksheet
from admatch.impact.changes import Change, ChangeSet, Operation, Place
from admatch.reports.account.reader import read_account
from admatch.reports.account.records import Entity, MatchType

from .amazon import SHEET, Amazon, Held, rows_of

DOWNLOAD = "bulk-a3snsjclchkfi8-20251118-20260117-1768683859196.xlsx"
DESK = Place("Lamps", "Desk")


def as_row(change: Change):
    """Return what a bulk sheet says about a change, in the words of an account."""
    is_keyword = change.match_type is not None
    archive = change.operation == Operation.ARCHIVE
    return {
        "entity": change.entity.value,
        "operation": change.operation.value,
        "campaign_id": change.place.campaign_id,
        "ad_group_id": change.place.ad_group_id,
        "target_id": change.target_id,
        "keyword": change.text if is_keyword else None,
        "expression": None if is_keyword else change.text,
        "match_type": change.match_type and change.match_type.value,
        "bid": change.bid,
        "state": None if archive else change.state,
    }


def test_the_reader_of_accounts_reads_what_was_written(tmp_path):
    amazon = Amazon().hold(
        Held("Keyword", "1", "11", "desk lamp", "exact", 0.9),
        Held("Negative Keyword", "1", "11", "oil lamp", "negativePhrase"),
    )
    exact, negative = MatchType.EXACT, MatchType.NEGATIVE_EXACT
    changes = (
        Change.keyword('leather "rocker"  lamp', exact, DESK, 1.005),
        Change.keyword("水筒 lamp", MatchType.BROAD, DESK),
        Change.negative_keyword("007", negative, DESK),
        Change.negative_keyword("true", negative, Place("Auto lamps")),
        Change.negative_product("B0LAMP0001", DESK),
        Change.keyword_bid("desk lamp", exact, DESK, 2),
        Change.archive(Entity.NEGATIVE_KEYWORD, "oil lamp", DESK, MatchType.NEGATIVE_PHRASE),
    )
    path = tmp_path / "bulk.xlsx"
    done = write_bulksheet(ChangeSet(changes), amazon.account(), path, marketplace="DE")
    assert not done.refused
    expected = [as_row(change) for change in done.changes]
    assert read_account(done.file).frame.select(*expected[0]).to_dicts() == expected
    undone = [as_row(entry.inverse) for entry in done.written]
    assert read_account(done.inverse).frame.select(*undone[0]).to_dicts() == undone


@pytest.mark.filterwarnings("ignore:Workbook contains no default style")
def test_spellings_and_formats_are_those_of_a_real_download(shared_bulk, tmp_path):
    sheet = openpyxl.load_workbook(shared_bulk / DOWNLOAD)[SHEET]
    header, *lines = sheet.iter_rows()
    real = [dict(zip((cell.value for cell in header), line, strict=True)) for line in lines]
    keyword = next(line for line in real if line["Entity"].value == "Keyword")
    place = Place("", campaign_id="1", ad_group_id="2")
    change = Change.keyword("lamp", MatchType.EXACT, place, 1)
    done = write_bulksheet(ChangeSet((change,)), None, tmp_path / "bulk.xlsx", marketplace="US")
    sheet = openpyxl.load_workbook(done.file)[SHEET]
    mine = dict(zip((cell.value for cell in sheet[1]), sheet[2], strict=True))
    for column in ("Product", "Entity", "State"):
        assert mine[column].value == keyword[column].value
    assert mine["Match Type"].value in {
        line["Match Type"].value.lower() for line in real if line["Match Type"].value
    }
    for column in ("Campaign ID", "Ad Group ID", "Keyword Text", "Bid"):
        assert mine[column].number_format == keyword[column].number_format
        assert mine[column].data_type == keyword[column].data_type


def test_a_real_download_is_changed_and_undone(shared_bulk, tmp_path):
    account = read_account(shared_bulk / DOWNLOAD)
    targets = account.targets.filter(pl.col("bid").is_not_null())
    changes = tuple(
        Change(
            Operation.UPDATE,
            Entity(row["entity"]),
            Place("", campaign_id=row["campaign_id"], ad_group_id=row["ad_group_id"]),
            row["keyword"] or row["expression"],
            MatchType(row["match_type"]) if row["match_type"] else None,
            round(row["bid"] * 1.1 + 0.01, 2),
        )
        for row in targets.iter_rows(named=True)
    )
    path = tmp_path / "bulk.xlsx"
    done = write_bulksheet(ChangeSet(changes), account, path, marketplace="US")
    assert not done.refused
    assert len(changes) > 100
    back = read_account(done.inverse).frame
    assert back["target_id"].to_list() == targets["target_id"].to_list()
    assert back["bid"].to_list() == targets["bid"].to_list()
    # nobody has uploaded it: every bid is still what it was
    undo = complete_inverse(done.manifest, account, tmp_path / "undo.xlsx")
    assert len(undo.refused) == len(changes)
    assert not rows_of(undo.file)
