import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.amazon.entities import list_account, write_account
from admatch.amazon.expressions import expression_text, predicates
from admatch.amazon.versions import ApiVersion
from admatch.export.bulk.write import write_bulksheet
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.reports.account.reader import read_account
from admatch.reports.account.records import ACCOUNT_SCHEMA, Entity, MatchType, Placement

from .scenario import shop


@pytest.fixture(params=ApiVersion)
def version(request):
    return request.param


def test_the_account(client, ads):
    shop(ads)
    account = list_account(client, "USD")

    assert account.frame.schema == pl.Schema(ACCOUNT_SCHEMA)
    counts = dict(account.frame["entity"].value_counts().iter_rows())
    assert counts == {
        "Campaign": 2, "Bidding Adjustment": 6, "Ad Group": 2, "Product Ad": 2, "Keyword": 4,
        "Product Targeting": 2, "Negative Keyword": 1,
    }  # fmt: skip
    added = account.only(Entity.BIDDING_ADJUSTMENT).filter(campaign="Hoses")
    assert added.select("placement", "percentage").rows() == [
        (Placement.TOP, 25.0), (Placement.PRODUCT_PAGE, 0.0), (Placement.BUSINESS, 10.0),
    ]  # fmt: skip
    [negative] = account.negatives.to_dicts()
    assert negative["keyword"] == "old hose"
    assert negative["match_type"] == "negativeExact"
    assert (negative["campaign"], negative["ad_group"]) == ("Hoses", "Hoses all")
    assert account.only(Entity.PRODUCT_TARGETING)["expression"].to_list() == [
        "close-match", 'asin="B0RIVAL001"',
    ]  # fmt: skip
    assert account.targets["bid"].to_list() == [0.5, 0.6, 0.7, 0.8, 0.4, 0.8]
    assert account.only(Entity.CAMPAIGN)["targeting_type"].to_list() == ["manual", "auto"]
    assert account.only(Entity.PRODUCT_AD)["asin"].to_list() == ["B0HOSES001"] * 2


def test_its_file_is_read_as_the_same_account(client, ads, tmp_path):
    shop(ads)
    ads.add("negativeKeywords", campaignId="1", adGroupId="2", keywordText="=cmd|' /C calc'!A0",
            matchType="NEGATIVE_PHRASE")  # fmt: skip
    account = list_account(client, "USD")
    write_account(account, tmp_path / "account.json")

    again = read_account(tmp_path / "account.json")

    assert not again.problems
    same = pl.exclude("file", "row", "portfolio")
    assert again.frame.select(same).equals(account.frame.select(same))


def test_an_empty_account(client, ads):
    assert len(list_account(client)) == 0


def test_a_bulk_sheet_is_written_of_it(client, ads, tmp_path):
    """An account that was asked for serves wherever a bulk download does."""
    shop(ads)
    place = Place("Discovery", "Discovery all")
    changes = ChangeSet((Change.negative_keyword("reel", MatchType.NEGATIVE_EXACT, place),))

    done = write_bulksheet(
        changes, list_account(client, "USD"), tmp_path / "changes.xlsx", marketplace="US"
    )

    assert not done.refused
    assert done.changes[0].place.ad_group_id


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([{"type": "QUERY_BROAD_REL_MATCHES"}], "loose-match"),
        ([{"type": "ASIN_EXPANDED_FROM", "value": "B0X"}], 'asin-expanded="B0X"'),
        (
            [{"type": "ASIN_CATEGORY_SAME_AS", "value": "11"},
             {"type": "ASIN_PRICE_LESS_THAN", "value": "49.99"},
             {"type": "ASIN_REVIEW_RATING_GREATER_THAN", "value": "3"}],
            'category="11" price<49.99 rating>3',
        ),
        ([{"type": "SOMETHING_NEW", "value": "1"}], 'something-new="1"'),
    ],
)  # fmt: skip
def test_expressions_are_written_as_in_bulk_files(parts, text):
    assert expression_text(parts) == text


@given(
    kind=st.sampled_from(["asin", "asin-expanded", "brand", "category"]),
    value=st.text(st.characters(exclude_characters='"'), max_size=12),
)
def test_one_predicate_there_and_back(kind, value):
    text = f'{kind}="{value}"'

    assert expression_text(predicates(text)) == text


def test_refined_categories_are_not_guessed():
    assert predicates('category="11" price<49.99') is None
    assert predicates("close-match") is None
