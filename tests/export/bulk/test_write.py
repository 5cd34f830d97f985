"""What stands in the files."""

import hashlib
import json
import tempfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admatch.errors import InputError
from admatch.export.bulk.rows import COLUMNS, workbook
from admatch.export.bulk.write import write_bulksheet
from admatch.export.keyword_text import folded
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.reports.account.records import Entity, MatchType

from .amazon import SHEET, Amazon, rows_of

DESK, FLOOR = Place("Lamps", "Desk"), Place("Lamps", "Floor")
CAMPAIGN, AUTO = Place("Lamps"), Place("Auto lamps")
EXACT, BROAD, PHRASE = MatchType.EXACT, MatchType.BROAD, MatchType.PHRASE
NEG_EXACT, NEG_PHRASE = MatchType.NEGATIVE_EXACT, MatchType.NEGATIVE_PHRASE
TEMPLATE = "AmazonAdvertisingBulksheetSellerTemplate.xlsx"


def test_a_row_of_each_kind(export):
    done = export(
        Change.negative_keyword("led bulb", NEG_EXACT, CAMPAIGN),
        Change.negative_keyword("led bulb", NEG_PHRASE, DESK),
        Change.keyword("tall lamp", PHRASE, FLOOR, bid=1.005),
        Change.keyword("tall lamp", BROAD, FLOOR),
        Change.negative_product("b0lamp0002", DESK),
        Change.negative_product("b0lamp0002", AUTO),
        Change.keyword_bid("DESK  lamp", EXACT, DESK, 1),
        Change.target_bid("close-match", Place("Auto lamps", "All"), 0.35),
        Change.archive(Entity.NEGATIVE_KEYWORD, "oil lamp", DESK, NEG_PHRASE),
    )
    assert not done.refused
    sp, new = {"Product": "Sponsored Products"}, {"Operation": "Create", "State": "enabled"}
    desk = {"Campaign ID": "1", "Ad Group ID": "11"}
    floor = {"Campaign ID": "1", "Ad Group ID": "12"}
    assert rows_of(done.file) == [
        sp | new | {"Entity": "Campaign Negative Keyword", "Campaign ID": "1",
            "Keyword Text": "led bulb", "Match Type": "negativeExact"},
        sp | new | desk | {"Entity": "Negative Keyword", "Keyword Text": "led bulb",
            "Match Type": "negativePhrase"},
        sp | new | floor | {"Entity": "Keyword", "Keyword Text": "tall lamp",
            "Match Type": "phrase", "Bid": 1.01},
        sp | new | floor | {"Entity": "Keyword", "Keyword Text": "tall lamp",
            "Match Type": "broad"},
        sp | new | desk | {"Entity": "Negative Product Targeting",
            "Product Targeting Expression": 'asin="B0LAMP0002"'},
        sp | new | {"Entity": "Campaign Negative Product Targeting", "Campaign ID": "2",
            "Product Targeting Expression": 'asin="B0LAMP0002"'},
        sp | desk | {"Entity": "Keyword", "Operation": "Update", "Keyword ID": "1000",
            "Keyword Text": "desk lamp", "Match Type": "exact", "State": "enabled", "Bid": 1},
        sp | {"Entity": "Product Targeting", "Operation": "Update", "Campaign ID": "2",
            "Ad Group ID": "21", "Product Targeting ID": "1003", "State": "enabled",
            "Product Targeting Expression": "close-match", "Bid": 0.35},
        sp | desk | {"Entity": "Negative Keyword", "Operation": "Archive", "Keyword ID": "1004",
            "Keyword Text": "oil lamp", "Match Type": "negativePhrase"},
    ]  # fmt: skip


def test_ids_are_text_and_bids_are_numbers_with_their_decimals(export, tmp_path):
    sheet = openpyxl.load_workbook(export(Change.keyword("a", EXACT, DESK, 2)).file)[SHEET]
    cells = dict(zip(COLUMNS, sheet[2], strict=True))
    assert (cells["Campaign ID"].data_type, cells["Campaign ID"].number_format) == ("s", "@")
    assert (cells["Bid"].data_type, cells["Bid"].number_format) == ("n", "0.00")
    account = Amazon(currency="JPY").account()
    yen = Change.keyword("a", EXACT, DESK, 20.4)
    done = export(yen, account=account, marketplace="JP", name="yen.xlsx")
    bid = openpyxl.load_workbook(done.file)[SHEET]["S2"]
    assert (bid.value, bid.number_format) == (20, "0")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\n", "'", "{=", "http://a.b"])
def test_no_text_becomes_a_formula(start, tmp_path):
    path = tmp_path / "bulk.xlsx"
    path.write_bytes(workbook([{"Keyword Text": f"{start}1+1", "Campaign ID": "0012"}], 2))
    sheet = openpyxl.load_workbook(path)[SHEET]
    assert (sheet["T2"].value, sheet["T2"].data_type) == (f"{start}1+1", "s")
    assert sheet["T2"].hyperlink is None
    assert sheet["D2"].value == "0012"


def test_a_bid_update_keeps_a_paused_keyword_paused(export, amazon):
    done = export(Change.keyword_bid("green lamp", BROAD, DESK, 0.5))
    assert rows_of(done.file)[0]["State"] == "paused"
    undo = rows_of(done.inverse)[0]
    assert (undo["Operation"], undo["Bid"], undo["State"]) == ("Update", 0.75, "paused")
    assert "no bid of its own" in done.written[0].notes[0]


def test_marketplace_and_currency_belong_together(export):
    with pytest.raises(InputError, match=r"are in EUR, and bids in US are in USD"):
        export(marketplace="US")
    with pytest.raises(InputError, match="not a marketplace"):
        export(marketplace="Mars")


def test_another_suffix_is_an_error(amazon, tmp_path):
    with pytest.raises(InputError, match=r"does not end in \.xlsx"):
        write_bulksheet(ChangeSet(()), None, tmp_path / "bulk.csv", marketplace="DE")


def test_the_same_input_makes_the_same_bytes(amazon, tmp_path):
    changes = ChangeSet(
        (Change.keyword("a", EXACT, DESK, 2), Change.keyword_bid("desk lamp", EXACT, DESK, 2))
    )
    source = tmp_path / "bulk-download.xlsx"
    source.write_bytes(b"downloaded")
    contents = []
    for folder in ("one", "two"):
        done = write_bulksheet(
            changes, amazon.account([source]), tmp_path / folder / "bulk.xlsx",
            marketplace="DE", settings={"target_acos": 0.3, "again": True},
        )  # fmt: skip
        contents.append([path.read_bytes() for path in (done.file, done.inverse, done.manifest)])
    assert contents[0] == contents[1]
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == [
        "bulk.inverse.xlsx",
        "bulk.manifest.json",
        "bulk.xlsx",
    ]


def test_the_manifest_has_everything(export, amazon, tmp_path):
    source = tmp_path / "bulk-download.xlsx"
    source.write_bytes(b"downloaded")
    done = export(
        Change.keyword(" new   lamp", EXACT, DESK, 0.333),
        Change.keyword_bid("desk lamp", EXACT, DESK, 1),
        Change.keyword('5" pot', EXACT, DESK),
        account=amazon.account([source]),
        settings={"target_acos": 0.3},
    )
    manifest = json.loads(done.manifest.read_text(encoding="utf-8"))
    assert (manifest["marketplace"], manifest["currency"]) == ("DE", "EUR")
    assert manifest["settings"] == {"target_acos": 0.3}
    assert manifest["inputs"] == [
        {"file": source.name, "sha256": hashlib.sha256(b"downloaded").hexdigest()}
    ]
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (done.file, done.inverse)]
    assert [one["sha256"] for one in manifest["outputs"]] == hashes
    assert manifest["changes"][1]["change"]["before"] == 0.9
    assert manifest["inverse_rows_without_id"] == [2]
    assert manifest["changes"][0]["notes"] == [
        "white space was folded to single blanks",
        "the bid 0.333 was rounded to 0.33",
    ]
    assert manifest["refused"][0]["change"]["text"] == '5" pot'
    assert "pairs" in manifest["refused"][0]["reason"]


def test_nothing_is_replaced_when_a_file_cannot_be_written(export, tmp_path):
    (tmp_path / "bulk.manifest.json").mkdir()
    (tmp_path / "bulk.manifest.json" / "x").touch()
    with pytest.raises(OSError, match=r"."):
        export(Change.keyword("a", EXACT, DESK))
    assert not (tmp_path / "bulk.xlsx").exists()


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=90)
    | st.text("aZ9éß水\" '.-+&[]\t\n\u3000", max_size=90)
    | st.text("=+-@\t'a", max_size=5)
)
def test_a_keyword_is_read_back_as_written_or_refused(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "bulk.xlsx")
        change = Change.keyword(text, EXACT, Place("", campaign_id="1", ad_group_id="2"))
        done = write_bulksheet(ChangeSet((change,)), None, path, marketplace="US")
        if done.refused:
            assert done.refused[0].reason
            assert not rows_of(path)
        else:
            assert rows_of(path)[0]["Keyword Text"] == folded(text)


@pytest.mark.filterwarnings("ignore:Workbook contains no default style")
def test_the_header_is_that_of_amazons_template(shared_bulk):
    sheet = openpyxl.load_workbook(shared_bulk / TEMPLATE)[SHEET]
    assert tuple(cell.value for cell in sheet[1]) == COLUMNS


@pytest.mark.filterwarnings("ignore:Workbook contains no default style")
def test_values_are_spelled_as_amazons_template_lists_them(shared_bulk, export):
    config = openpyxl.load_workbook(shared_bulk / TEMPLATE)["Config"]
    listed = {row[0]: set(row[1:]) - {None} for row in config.iter_rows(values_only=True)}
    prefix = "SponsoredProducts"
    changes = [
        Change.keyword("x", EXACT, DESK),
        Change.negative_keyword("y", NEG_EXACT, DESK),
        Change.negative_keyword("z", NEG_PHRASE, CAMPAIGN),
        Change.negative_product("B0LAMP0009", DESK),
        Change.keyword_bid("desk lamp", EXACT, DESK, 2),
        Change.target_bid('asin="B0LAMP0001"', FLOOR, 2),
        Change.archive(Entity.NEGATIVE_KEYWORD, "oil lamp", DESK, NEG_PHRASE),
    ]
    done = export(*changes)
    assert not done.refused
    for row in rows_of(done.file):
        operation, entity = row["Operation"], row["Entity"].replace(" ", "")
        assert {row["Product"]} == listed[f"{prefix}ProductNames"]
        assert row["Entity"] in listed[f"{prefix}EntityNames"]
        assert operation in listed[f"{prefix}OperationNames"]
        filled = {column.replace(" ID", " Id") for column in row}
        assert listed[f"{prefix}{operation}{entity}RequiredHeaders"] <= filled
        if operation != "Archive":
            assert row["State"] in listed[f"{prefix}{operation}{entity}States"]
        if operation == "Create" and "Match Type" in row:
            assert row["Match Type"] in listed[f"{prefix}Create{entity}MatchTypes"]


def test_the_files_of_another_export_stay(export, tmp_path):
    """They may be what undoes it; the same export once more makes the same files."""
    first = export(Change.negative_keyword("led bulb", NEG_EXACT, DESK))
    content = first.inverse.read_bytes()
    assert export(Change.negative_keyword("led bulb", NEG_EXACT, DESK)).file == first.file
    with pytest.raises(InputError, match="belongs to another export"):
        export(Change.negative_keyword("oil", NEG_EXACT, DESK))
    assert first.inverse.read_bytes() == content
