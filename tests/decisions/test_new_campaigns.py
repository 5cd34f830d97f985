"""Campaigns for new keywords that have none: names, rows, what is counted, what follows later."""

import pytest

from admatch.decisions.new_campaigns import NewCampaigns, Structure
from admatch.errors import InputError
from admatch.export.bulk.write import write_bulksheet
from admatch.impact.changes import STRUCTURE, ChangeSet, Operation
from admatch.reports.account.records import Entity, MatchType
from tests.export.bulk.amazon import rows_of
from tests.golden.build import make_account
from tests.golden.test_golden import fitted

ONE = "new_campaigns: a seller with nowhere to go"
TWO = "new_campaigns: two products in one campaign"


@pytest.fixture(params=[ONE, TWO])
def decided(request):
    return fitted(request.param)


def written(decided, changes, path):
    account = make_account(decided.situation)
    (code,) = account.frame["currency"].unique()
    market = {"EUR": "DE", "USD": "US", "GBP": "UK"}[code]
    return write_bulksheet(changes, account, path, marketplace=market)


def test_every_row_of_the_file_is_counted(decided, tmp_path):
    known, _ = decided
    best = known.advice.best()
    done = written(known, best, tmp_path / "c.xlsx")
    assert not done.refused
    counted = int(known.advice.totals["changes"].sum())
    assert len(rows_of(done.file)) == counted == len(best)
    inside = sum(one.undone_above for one in done.written)
    assert inside > 0
    assert len(rows_of(done.inverse)) == counted - inside


def test_parents_stand_before_what_is_in_them(decided, tmp_path):
    known, _ = decided
    rows = rows_of(written(known, known.advice.best(), tmp_path / "c.xlsx").file)
    made = set()
    for row in (one for one in rows if one["Operation"] == "Create"):
        for column in ("Campaign ID", "Ad Group ID"):
            name = row.get(column, "")
            own = row["Entity"] == column.removesuffix(" ID")
            assert name.isdigit() or not name or own or name in made, row
        made |= {row["Campaign ID"], row.get("Ad Group ID")}


def test_the_negatives_of_later_are_where_the_terms_sold(decided, tmp_path):
    known, _ = decided
    later = known.advice.negatives_for_later()
    assert not {one.text for one in later} & {
        one.text for one in known.advice.best() if one.match_type == MatchType.NEGATIVE_EXACT
    }
    new = [
        one
        for one in known.advice.best()
        if one.entity == Entity.KEYWORD and one.operation == Operation.CREATE
    ]
    assert {one.text for one in later} == {one.text for one in new}
    assert {one.place.campaign for one in later} == {"Kitchen Found"}
    done = written(known, later, tmp_path / "later.xlsx")
    assert len(rows_of(done.file)) == len(rows_of(done.inverse)) == len(later)


def test_what_if_knows_what_new_keywords_take_over(decided):
    known, model = decided
    made = [
        one
        for one in known.advice.best()
        if one.operation == Operation.CREATE and one.entity in (*STRUCTURE, Entity.KEYWORD)
    ]
    effect = model.what_if(ChangeSet(tuple(made)))
    assert not effect.unknown
    assert (effect.blast_radius["effect"] == "takes over").all()
    assert effect.blast_radius.height > 0


def test_names_and_budget_follow_the_pattern():
    known, _ = fitted(ONE)
    (campaign,) = (one for one in known.advice.best() if one.entity == Entity.CAMPAIGN)
    (group,) = (one for one in known.advice.best() if one.entity == Entity.AD_GROUP)
    (word,) = (one for one in known.advice.best() if one.text == "nesting bowls")
    assert campaign.text == "SP | Nesting Bowls, Steel, Set of 6 | Exact"
    assert group.place.ad_group == "Exact"
    assert campaign.setting == round(campaign.setting) >= 10 * word.bid
    assert group.bid == word.bid


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("by-hand",), "campaign-a-product"),
        (("campaign-a-product", "SP | {title}"), "not 'title'"),
        (("campaign-a-product", "SP {product"), "a pattern knows"),
        (("campaign-a-product", "SP | Exact"), "needs one of"),
        (("ad-group-a-product", "SP | {asin}"), "share has none"),
        (("ad-group-a-product", "", "Exact"), "needs one of"),
    ],
)
def test_patterns_that_cannot_be_meant_are_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        NewCampaigns(*arguments)


def test_a_structure_has_usual_names():
    usual = NewCampaigns("ad-group-a-product")
    assert (usual.structure, usual.campaign) == (Structure.AD_GROUP_A_PRODUCT, "SP | Exact")
    assert NewCampaigns(campaign="X {sku}").campaign == "X {sku}"
