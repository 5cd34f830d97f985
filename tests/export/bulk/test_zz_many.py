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
from admatch.export.bulk.write import complete_inverse, write_bulksheet
from admatch.export.keyword_text import folded
from admatch.impact.changes import Change, ChangeSet, Operation, Place
from admatch.reports.account import Entity, MatchType

from .amazon import SHEET, Amazon, Held, account_of, rows_of

DESK, FLOOR = Place("Lamps", "Desk"), Place("Lamps", "Floor")
CAMPAIGN, AUTO = Place("Lamps"), Place("Auto lamps")
EXACT, BROAD, PHRASE = MatchType.EXACT, MatchType.BROAD, MatchType.PHRASE
NEG_EXACT, NEG_PHRASE = MatchType.NEGATIVE_EXACT, MatchType.NEGATIVE_PHRASE
TEMPLATE = "AmazonAdvertisingBulksheetSellerTemplate.xlsx"


@pytest.fixture
def amazon():
    return Amazon().hold(
        Held("Keyword", "1", "11", "desk lamp", "exact", 0.9),
        Held("Keyword", "1", "11", "Green Lamp", "broad", None, "paused"),
        Held("Product Targeting", "1", "12", 'asin="B0LAMP0001"', None, 0.6),
        Held("Product Targeting", "2", "21", "close-match", None, 0.3),
        Held("Negative Keyword", "1", "11", "oil lamp", "negativePhrase"),
        Held("Campaign Negative Keyword", "1", None, "lava lamp", "negativeExact"),
        Held("Keyword", "1", "11", "old lamp", "exact", 0.5, "archived"),
    )


@pytest.fixture
def export(amazon, tmp_path):
    def write(*changes, account="", **options):
        held = amazon.account() if account == "" else account
        options = {"marketplace": "DE"} | options
        return write_bulksheet(ChangeSet(changes), held, tmp_path / "bulk.xlsx", **options)

    return write


def reason(exported):
    assert not exported.written
    return exported.refused[0].reason


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
    done = export(Change.keyword("a", EXACT, DESK, 20.4), account=account, marketplace="JP")
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


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (Change.keyword('5" pot', EXACT, DESK), "quotes in pairs"),
        (Change.negative_keyword("a b c d e", NEG_PHRASE, DESK), "4 words"),
        (Change.keyword("lamp", EXACT, Place("lamps", "Desk")), "no campaign named 'lamps'"),
        (Change.keyword("lamp", EXACT, Place("Lamps", "desk")), "no ad group named 'desk'"),
        (Change.keyword("lamp", EXACT, Place("", "Desk", "9")), "no campaign with ID 9"),
        (Change.keyword("lamp", EXACT, Place("", "", "1", "21")), "no ad group with ID 21"),
        (Change.keyword("lamp", EXACT, CAMPAIGN), "belongs to an ad group"),
        (Change.keyword("lamp", NEG_EXACT, DESK), "exact, phrase, broad, not negativeExact"),
        (Change.negative_keyword("lamp", EXACT, DESK), "not exact"),
        (Change.keyword("lamp", EXACT, DESK, bid=0.01), "0.02 EUR to 1000.00 EUR"),
        (Change.keyword("lamp", EXACT, DESK, bid=float("inf")), "0.02 EUR to 1000.00 EUR"),
        (Change.keyword("lamp", EXACT, Place("Auto lamps", "All")), "is an auto campaign"),
        (Change.keyword("Desk   LAMP", EXACT, DESK), "already there (enabled) with ID 1000"),
        (Change.keyword("green lamp", BROAD, DESK), "already there (paused)"),
        (Change.negative_keyword("oil lamp", NEG_PHRASE, DESK), "already there"),
        (Change.negative_keyword("lava lamp", NEG_EXACT, DESK), "for the whole campaign"),
        (
            Change.keyword("blue oil lamp", BROAD, DESK),
            "'oil lamp' (negativePhrase) of the same ad",
        ),
        (Change.keyword("Lava Lamp", EXACT, FLOOR), "of the same campaign would block it"),
        (Change.keyword_bid("desk lamp", EXACT, DESK, 0.901), "0.90 EUR already"),
        (Change.keyword_bid("green lamp", BROAD, DESK, 0.75), "default is 0.75 EUR already"),
        (Change.keyword_bid("no such", EXACT, DESK, 1), "has no keyword 'no such' (exact)"),
        (Change.keyword_bid("old lamp", EXACT, DESK, 1), "not archived"),
        (Change.negative_product("B0", DESK), "ten letters"),
        (Change.negative_product("B0LAMP0003", CAMPAIGN), "in auto campaigns only"),
        (
            Change.archive(Entity.PRODUCT_TARGETING, "close-match", Place("Auto lamps", "All")),
            "can only be paused",
        ),
        (Change.archive(Entity.AD_GROUP, "Desk", DESK), "nothing that admatch writes"),
        (
            Change(Operation.UPDATE, Entity.NEGATIVE_KEYWORD, DESK, "oil lamp", NEG_PHRASE, 1),
            "no bid to update",
        ),
        (
            Change(Operation.UPDATE, Entity.KEYWORD, DESK, "", bid=1, target_id="1006"),
            "is archived, which is for good",
        ),
        (
            Change(Operation.UPDATE, Entity.KEYWORD, FLOOR, "", bid=1, target_id="1000"),
            "of another place",
        ),
        (Change(Operation.UPDATE, Entity.KEYWORD, DESK, "desk lamp", EXACT), "needs a bid"),
    ],
)
def test_refusals_say_what_was_found_and_what_to_do(export, change, told):
    found = reason(export(change))
    assert told in found
    assert ";" in found
    assert "\n" not in found


def test_what_blocks_only_a_part_is_no_conflict(export):
    done = export(
        Change.keyword("oil for lamp", BROAD, DESK),
        Change.keyword("soil lamp", EXACT, DESK),
        Change.keyword("lava lamp", BROAD, FLOOR),
        Change.keyword("blue oil lamp", EXACT, FLOOR),
    )
    assert not done.refused


def test_a_proposed_negative_blocks_wherever_it_stands_in_the_set(export):
    done = export(
        Change.keyword("floor lamp", EXACT, DESK),
        Change.keyword("floor lamp", EXACT, FLOOR),
        Change.negative_keyword("Floor Lamp", NEG_EXACT, DESK),
    )
    assert [one.change.place.ad_group for one in done.refused] == ["Desk"]
    assert [one.place.ad_group for one in done.changes] == ["Floor", "Desk"]


def test_a_new_negative_may_block_what_is_there(export):
    assert export(Change.negative_keyword("desk lamp", NEG_EXACT, DESK)).written


def test_an_archived_negative_blocks_no_more(export):
    done = export(
        Change.keyword("oil lamp blue", EXACT, DESK),
        Change.archive(Entity.NEGATIVE_KEYWORD, "oil lamp", DESK, NEG_PHRASE),
    )
    assert not done.refused


def test_the_later_of_two_equal_changes_is_refused(export):
    done = export(
        Change.keyword("tall lamp", EXACT, DESK, 1),
        Change.keyword("Tall  lamp", EXACT, DESK, 2),
        Change.keyword_bid("desk lamp", EXACT, DESK, 1),
        Change.archive(Entity.KEYWORD, "desk lamp", DESK, EXACT),
        Change.negative_keyword("x", NEG_EXACT, DESK),
        Change.negative_keyword("x", NEG_EXACT, CAMPAIGN),
    )
    assert [change.bid for change in done.changes] == [1, 1, None]
    assert [one.reason.split(";")[0] for one in done.refused] == [
        "this change set holds the same earlier on",
        "this change set holds another update of ID 1000 already",
        "it is already there for the whole campaign",
    ]


def test_what_is_archived_in_the_same_file_is_not_created_in_it(export):
    done = export(
        Change.archive(Entity.KEYWORD, "desk lamp", DESK, EXACT),
        Change.keyword("desk lamp", EXACT, DESK, 2),
    )
    assert "its archive is in this set; upload that first" in done.refused[0].reason


def test_an_ad_group_takes_a_thousand_keywords(export):
    changes = [Change.keyword(f"lamp {number}", EXACT, DESK) for number in range(999)]
    done = export(*changes)
    assert (len(done.written), len(done.refused)) == (998, 1)  # two are there, one more archived
    assert "1,000 keywords" in done.refused[0].reason


def test_names_that_occur_twice_are_refused(export):
    rows = [
        {"entity": "Campaign", "campaign_id": "1", "campaign": "Twin", "state": "enabled"},
        {"entity": "Campaign", "campaign_id": "2", "campaign": "Twin", "state": "paused"},
        {"entity": "Campaign", "campaign_id": "3", "campaign": "Once", "state": "archived"},
        {"entity": "Campaign", "campaign_id": "4", "campaign": "Once", "state": "enabled"},
        {"entity": "Campaign", "campaign_id": "5", "campaign": "Gone", "state": "archived"},
    ]

    def negative(name):
        change = Change.negative_keyword("x", NEG_EXACT, Place(name))
        return export(change, account=account_of(rows))

    assert "2 times campaign named 'Twin'" in reason(negative("Twin"))
    assert negative("Once").changes[0].place.campaign_id == "4"
    assert "'Gone' is archived" in reason(negative("Gone"))


def test_without_an_account_changes_carry_their_ids(export):
    with_ids, named = Place("Lamps", "Desk", "1", "11"), Place("Lamps", "Desk")
    update = {"bid": 0.5, "target_id": "7", "match_type": EXACT}
    done = export(
        Change.negative_keyword("lamp", NEG_EXACT, with_ids),
        Change(Operation.UPDATE, Entity.KEYWORD, with_ids, "lamp", before=0.4, **update),
        Change.negative_keyword("lamp", NEG_EXACT, named),
        Change.keyword_bid("lamp", EXACT, with_ids, 0.5),
        Change(Operation.UPDATE, Entity.KEYWORD, with_ids, "lamp", **(update | {"target_id": "8"})),
        Change.negative_keyword("lamp", NEG_PHRASE, Place("", "Desk", "=1+1", "11")),
        account=None,
    )
    assert [row.get("State") for row in rows_of(done.file)] == ["enabled", None]
    assert rows_of(done.inverse)[1]["Bid"] == 0.4
    told = [one.reason for one in done.refused]
    assert "ID of its campaign is not known" in told[0]
    assert "ID of its keyword or target is not known" in told[1]
    assert "nothing would undo it" in told[2]
    assert "'=1+1' is no ID" in told[3]


def test_an_account_without_ids_finds_nothing(export):
    rows = [{"entity": "Campaign", "campaign": "Lamps"}]
    assert "no campaign named" in reason(
        export(Change.negative_keyword("x", NEG_EXACT, CAMPAIGN), account=account_of(rows))
    )


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


def test_the_manifest_tells_everything(export, amazon, tmp_path):
    source = tmp_path / "bulk-download.xlsx"
    source.write_bytes(b"downloaded")
    done = export(
        Change.keyword(" new   lamp", EXACT, DESK, 0.333),
        Change.keyword_bid("desk lamp", EXACT, DESK, 1),
        Change.keyword('5" pot', EXACT, DESK),
        account=amazon.account([source]),
        settings={"target_acos": 0.3},
    )
    told = json.loads(done.manifest.read_text(encoding="utf-8"))
    assert (told["marketplace"], told["currency"]) == ("DE", "EUR")
    assert told["settings"] == {"target_acos": 0.3}
    assert told["inputs"] == [
        {"file": source.name, "sha256": hashlib.sha256(b"downloaded").hexdigest()}
    ]
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (done.file, done.inverse)]
    assert [one["sha256"] for one in told["outputs"]] == hashes
    assert told["changes"][1]["change"]["before"] == 0.9
    assert told["inverse_rows_without_id"] == [2]
    assert told["changes"][0]["notes"] == [
        "white space was folded to single blanks",
        "the bid 0.333 was rounded to 0.33",
    ]
    assert told["refused"][0]["change"]["text"] == '5" pot'
    assert "pairs" in told["refused"][0]["reason"]


def test_nothing_is_replaced_when_a_file_cannot_be_written(export, tmp_path):
    (tmp_path / "bulk.manifest.json").mkdir()
    (tmp_path / "bulk.manifest.json" / "x").touch()
    with pytest.raises(OSError, match=r"."):
        export(Change.keyword("a", EXACT, DESK))
    assert not (tmp_path / "bulk.xlsx").exists()


def test_a_completed_inverse_archives_what_amazon_gave_ids(export, amazon, tmp_path):
    before = amazon.running()
    done = export(
        Change.keyword("new lamp", EXACT, DESK, 1),
        Change.negative_keyword("Red Lamp", NEG_PHRASE, CAMPAIGN),
        Change.archive(Entity.KEYWORD, "green lamp", DESK, BROAD),
    )
    undo = rows_of(done.inverse)
    assert [row["Operation"] for row in undo] == ["Archive", "Archive", "Create"]
    assert "Keyword ID" not in undo[0]
    assert (undo[0]["Keyword Text"], undo[0]["Match Type"]) == ("new lamp", "exact")
    assert undo[2]["State"] == "paused"
    assert not amazon.upload(done.file)
    completed = complete_inverse(done.manifest, amazon.account(), tmp_path / "undo.xlsx")
    assert not completed.refused
    after = amazon.running()
    assert not amazon.upload(completed.file)
    assert amazon.running() == before
    again = complete_inverse(completed.manifest, amazon.account(), tmp_path / "redo.xlsx")
    assert not amazon.upload(again.file)
    assert amazon.running() == after


def test_what_is_gone_since_is_told(export, amazon, tmp_path):
    done = export(
        Change.keyword("new lamp", EXACT, DESK), Change.keyword_bid("desk lamp", EXACT, DESK, 2)
    )
    completed = complete_inverse(done.manifest, amazon.account(), tmp_path / "undo.xlsx")
    told = [one.reason for one in completed.refused]
    assert "has no keyword 'new lamp' (exact) that is not archived" in told[0]
    assert "0.90 EUR already" in told[1]


@pytest.mark.parametrize("content", ["{}", "no json", "[1]", '{"changes": [{"inverse": {}}]}'])
def test_a_file_that_is_no_manifest(amazon, tmp_path, content):
    path = tmp_path / "x.manifest.json"
    path.write_text(content)
    with pytest.raises(InputError, match="not the manifest of an export"):
        complete_inverse(path, amazon.account(), tmp_path / "undo.xlsx")
    with pytest.raises(InputError, match=r"gone\.json: "):
        complete_inverse(tmp_path / "gone.json", amazon.account(), tmp_path / "undo.xlsx")


words = st.sampled_from(["lamp", "oil", "Desk", "red", "tall"])
texts = st.lists(words, min_size=1, max_size=3).map(" ".join)
bids = st.sampled_from([0.02, 0.4, 0.75, 1.2, 33.337])
groups = st.sampled_from([DESK, FLOOR])
positive, negative = (
    st.sampled_from([EXACT, PHRASE, BROAD]),
    st.sampled_from([NEG_EXACT, NEG_PHRASE]),
)
asins = st.sampled_from(["B0LAMP0001", "B0LAMP0002"])
places = st.sampled_from([DESK, FLOOR, CAMPAIGN, AUTO, Place("Auto lamps", "All")])
states = st.sampled_from(["enabled", "paused", "archived"])


@st.composite
def accounts(draw):
    amazon = Amazon().hold(Held("Product Targeting", "2", "21", "close-match", None, 0.3))
    where = st.sampled_from(["11", "12"])
    own = st.none() | bids
    kinds = st.one_of(
        st.builds(Held, st.just("Keyword"), st.just("1"), where, texts,
                  positive.map(str), own, states),
        st.builds(Held, st.just("Product Targeting"), st.just("1"), where,
                  asins.map('asin="{}"'.format), st.none(), own, states),
        st.builds(Held, st.just("Negative Keyword"), st.just("1"), where, texts,
                  negative.map(str), st.none(), states),
        st.builds(Held, st.just("Campaign Negative Keyword"), st.just("1"), st.none(), texts,
                  negative.map(str)),
        st.builds(Held, st.just("Negative Product Targeting"), st.just("1"), where,
                  asins.map('asin="{}"'.format), st.none(), st.none(), states),
    )  # fmt: skip
    things = draw(st.lists(kinds, max_size=8))
    return amazon.hold(*{one.key: one for one in things}.values())


changes = st.one_of(
    st.builds(Change.keyword, texts, positive, groups, st.none() | bids),
    st.builds(Change.negative_keyword, texts, negative, places),
    st.builds(Change.negative_product, asins, places),
    st.builds(Change.keyword_bid, texts, positive, groups, bids),
    st.builds(Change.target_bid, asins.map('asin="{}"'.format), groups, bids),
    st.builds(Change.archive, st.just(Entity.KEYWORD), texts, groups, positive),
    st.builds(Change.archive, st.just(Entity.NEGATIVE_KEYWORD), texts, groups, negative),
    st.builds(
        Change.archive, st.just(Entity.NEGATIVE_PRODUCT_TARGETING),
        asins.map('asin="{}"'.format), groups,
    ),
)  # fmt: skip


@st.composite
def situations(draw):
    """An account and changes, half of which are of something that is there."""
    amazon = draw(accounts())
    made = draw(st.lists(changes, max_size=6))
    for target_id, held in amazon.held.items():
        entity = Entity(held.entity)
        place = Place("", campaign_id=held.campaign_id, ad_group_id=held.ad_group_id)
        match_type = MatchType(held.match_type) if held.match_type else None
        kind = draw(st.sampled_from(["leave", "bid", "archive"]))
        operation = {"bid": Operation.UPDATE, "archive": Operation.ARCHIVE}.get(kind)
        if operation:
            bid = draw(bids) if kind == "bid" else None
            identified = draw(st.booleans())
            made.append(
                Change(operation, entity, place, held.text, match_type, bid,
                       target_id if identified else None)
            )  # fmt: skip
    return amazon, ChangeSet(tuple(draw(st.permutations(made))))


@settings(max_examples=1500, deadline=None)
@given(situations())
def test_amazon_takes_every_row_and_the_inverse_gives_the_account_back(situation):
    amazon, change_set = situation
    with tempfile.TemporaryDirectory() as folder:
        before = amazon.running()
        done = write_bulksheet(
            change_set, amazon.account(), Path(folder, "bulk.xlsx"), marketplace="DE"
        )
        assert len(done.written) + len(done.refused) == len(change_set)
        assert not amazon.upload(done.file)
        completed = complete_inverse(done.manifest, amazon.account(), Path(folder, "undo.xlsx"))
        assert not completed.refused
        if not any(entry.awaits_id for entry in done.written):
            assert rows_of(done.inverse) == rows_of(completed.file)
        assert not amazon.upload(completed.file)
        assert amazon.running() == before


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


def test_the_header_is_that_of_amazons_template(shared_bulk):
    sheet = openpyxl.load_workbook(shared_bulk / TEMPLATE)[SHEET]
    assert tuple(cell.value for cell in sheet[1]) == COLUMNS


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
