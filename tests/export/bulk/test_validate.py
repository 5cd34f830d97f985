"""What is refused, with the reason."""

import pytest

from admatch.impact.changes import Change, Operation, Place
from admatch.reports.account.records import Entity, MatchType

from .amazon import account_of, rows_of

DESK, FLOOR = Place("Lamps", "Desk"), Place("Lamps", "Floor")
CAMPAIGN, AUTO = Place("Lamps"), Place("Auto lamps")
EXACT, BROAD, PHRASE = MatchType.EXACT, MatchType.BROAD, MatchType.PHRASE
NEG_EXACT, NEG_PHRASE = MatchType.NEGATIVE_EXACT, MatchType.NEGATIVE_PHRASE


def reason(exported):
    assert not exported.written
    return exported.refused[0].reason


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Change.keyword('5" pot', EXACT, DESK), "quotes in pairs"),
        (Change.negative_keyword("a b c d e", NEG_PHRASE, DESK), "4 words"),
        (Change.keyword("lamp", EXACT, Place("lamps", "Desk")), "no campaign named 'lamps'"),
        (Change.keyword("lamp", EXACT, Place("Lamps", "desk")), "no ad group named 'desk'"),
        (Change.keyword("lamp", EXACT, Place("", "Desk", "9")), "no campaign with ID 9"),
        (Change.keyword("lamp", EXACT, Place("", "", "1", "21")), "no ad group with ID 21"),
        (
            Change.keyword("lamp", EXACT, CAMPAIGN),
            "an ad group, not to campaign 'Lamps'",
        ),
        (Change.keyword("lamp", NEG_EXACT, DESK), "exact, phrase or broad, not negative exact"),
        (Change.negative_keyword("lamp", EXACT, DESK), "not exact"),
        (Change.keyword("lamp", EXACT, DESK, bid=0.01), "€0.02 to €1,000.00"),
        (Change.keyword("lamp", EXACT, DESK, bid=float("inf")), "€0.02 to €1,000.00"),
        (Change.keyword("lamp", EXACT, Place("Auto lamps", "All")), "is an auto campaign"),
        (Change.keyword("Desk   LAMP", EXACT, DESK), "already exists (enabled) with ID 1000"),
        (Change.keyword("green lamp", BROAD, DESK), "already exists (paused)"),
        (Change.negative_keyword("oil lamp", NEG_PHRASE, DESK), "already exists"),
        (Change.negative_keyword("lava lamp", NEG_EXACT, DESK), "for the whole campaign"),
        (
            Change.keyword("blue oil lamp", BROAD, DESK),
            "'oil lamp' (negative phrase) of the same ad",
        ),
        (Change.keyword("Lava Lamp", EXACT, FLOOR), "of the same campaign would block it"),
        (Change.keyword_bid("desk lamp", EXACT, DESK, 0.901), "€0.90 already"),
        (Change.keyword_bid("green lamp", BROAD, DESK, 0.75), "default is €0.75 already"),
        (Change.keyword_bid("no such", EXACT, DESK, 1), "has no keyword 'no such' (exact)"),
        (Change.keyword_bid("old lamp", EXACT, DESK, 1), "not archived"),
        (Change.negative_product("B0", DESK), "ten letters"),
        (Change.negative_product("B0LAMP0003", CAMPAIGN), "in auto campaigns only"),
        (
            Change.archive(Entity.PRODUCT_TARGETING, "close-match", Place("Auto lamps", "All")),
            "can only be paused",
        ),
        (
            Change.archive(Entity.AD_GROUP, "Desk", DESK),
            "no change of the kind 'ad group'",
        ),
        (
            Change(Operation.UPDATE, Entity.NEGATIVE_KEYWORD, DESK, "oil lamp", NEG_PHRASE, 1),
            "no bid to update",
        ),
        (
            Change(Operation.UPDATE, Entity.KEYWORD, DESK, "", bid=1, target_id="1006"),
            "is archived, which cannot be reversed",
        ),
        (
            Change(Operation.UPDATE, Entity.KEYWORD, FLOOR, "", bid=1, target_id="1000"),
            "of another place",
        ),
        (Change(Operation.UPDATE, Entity.KEYWORD, DESK, "desk lamp", EXACT), "needs a bid"),
    ],
)
def test_refusals_say_what_was_found_and_what_to_do(export, change, expected):
    done = export(change)
    found = reason(done)
    assert str(done.refused[0]).endswith(f"{change.place}: {found}")
    assert expected in found
    assert ";" in found
    assert "\n" not in found
    chinese = done.refused[0].message.in_language("zh")
    assert "；" in chinese
    assert str(change.place) not in chinese


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
        "this change set contains the same change before",
        "this change set already contains another update of ID 1000",
        "it already exists for the whole campaign",
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
        return export(change, account=account_of(rows), name=f"{name}.xlsx")

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
    reasons = [one.reason for one in done.refused]
    assert "ID of its campaign is unknown" in reasons[0]
    assert "ID of its keyword or target is unknown" in reasons[1]
    assert "nothing would undo the change" in reasons[2]
    assert "'=1+1' is not the ID of its campaign" in reasons[3]


def test_an_account_without_ids_finds_nothing(export):
    rows = [{"entity": "Campaign", "campaign": "Lamps"}]
    assert "no intact ID" in reason(
        export(Change.negative_keyword("x", NEG_EXACT, CAMPAIGN), account=account_of(rows))
    )


@pytest.mark.parametrize("ad_group", ["Desk", None])
def test_a_change_of_a_report_without_campaigns_is_refused(export, ad_group):
    place = Place(None, ad_group)
    assert "names no campaign" in reason(export(Change.negative_keyword("x", NEG_EXACT, place)))


def test_only_ids_of_digits_are_written(export):
    rows = [{"entity": "Campaign", "campaign": "Lamps", "campaign_id": "1,234"}]
    change = Change.negative_keyword("x", NEG_EXACT, CAMPAIGN)
    assert "IDs are digits" in reason(export(change, account=account_of(rows)))
