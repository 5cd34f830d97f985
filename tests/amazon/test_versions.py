"""Both versions of the API do and read the same; what only v1 has is read without a fall."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admatch.amazon.allow import select
from admatch.amazon.batch import Batch
from admatch.amazon.dialects import find_dialect
from admatch.amazon.entities import list_account, write_account
from admatch.amazon.expressions import expression_text
from admatch.amazon.failures import AmazonError
from admatch.amazon.outcomes import StepOutcome
from admatch.amazon.plan import Step
from admatch.amazon.resources import find_resource, resources
from admatch.amazon.runs import apply_plan, roll_back
from admatch.amazon.target_details import read_details
from admatch.amazon.versions import ApiVersion
from admatch.impact.changes import Change, Operation, Place
from admatch.reports.account.reader import read_account
from admatch.reports.account.records import Entity, MatchType

from .fake import FakeAds
from .fake_v1 import FILTERS, ID_OF
from .scenario import JOB, client_of, draw_changes, shop, write_plan
from .times import FakeClock

V1, V3 = ApiVersion.V1, ApiVersion.V3
HERE = Place("Hoses", "Hoses all", "1", "2")


@pytest.mark.parametrize("seed", range(20))
def test_equal_plans_give_equal_accounts(server, tmp_path, seed):
    """Applied by one version, read by the other, and taken back by either."""
    ends, accounts = {}, {}
    for version, other in ((V1, V3), (V3, V1)):
        ads = server.serve(FakeAds(FakeClock(), seed=seed))
        wanted = draw_changes(random.Random(seed), ads, shop(ads))
        before = ads.living()
        plan = write_plan(tmp_path / version, [one.change for one in wanted])
        with client_of(server, version=version) as client:
            results = apply_plan(client, plan, select(plan, JOB), largest=7)
        assert [one.outcome for one in results] == [one.outcome for one in wanted]
        ends[version] = ads.living()
        with client_of(server, version=other) as client:
            accounts[version] = list_account(client, "USD").frame.drop("target_id")
        with client_of(server, version=random.Random(seed).choice((version, other))) as client:
            roll_back(client, plan)
        assert ads.living() == before
    assert ends[V1] == ends[V3]
    columns = ["entity", "keyword", "expression", "match_type", "ad_group_id"]
    one, two = (frame.drop("row").sort(columns) for frame in accounts.values())
    assert one.equals(two)


REFINED = [
    ({"productCategoryId": "11", "productPriceGreaterThan": 5.0, "productPriceLessThan": 49.99,
      "productCategoryIdResolved": "Hoses"}, 'category="11" price=5-49.99'),
    ({"productRatingLessThan": 4.0, "productRatingGreaterThan": 3.5, "productBrandId": "7"},
     'brand="7" rating=3.5-4'),
    ({"productCategoryId": "11", "productPrimeShippingEligible": True, "productColour": "red"},
     'category="11" asin-is-prime-shipping-eligible="true" productcolour="red"'),
]  # fmt: skip


@pytest.mark.parametrize(("refinement", "text"), REFINED)
def test_refined_categories_are_read(refinement, text):
    key = "productCategoryRefinement"
    details = {"productCategoryTarget": {key: {key: refinement}}}
    assert expression_text(read_details("PRODUCT_CATEGORY", details)) == text


def test_parts_of_a_refined_category_may_stand_in_any_order(server, ads, tmp_path):
    """A bulk file's order is not always the API's."""
    here = shop(ads)[0]
    at = {"campaignId": here.campaign_id, "adGroupId": here.ad_group_id}
    target_id = ads.add(
        "targets", **at, expressionType="MANUAL", bid=0.3, expression=EXPRESSIONS[7]
    )
    text = 'rating>3 price<49.99 category="11"'
    change = Change(Operation.UPDATE, Entity.PRODUCT_TARGETING, here, text, None, 0.2, target_id,
                    0.3, "enabled")  # fmt: skip
    plan = write_plan(tmp_path, [change])
    with client_of(server, version=V1) as client:
        [result] = apply_plan(client, plan, select(plan, JOB))
    assert result.outcome is StepOutcome.APPLIED


EXPRESSIONS = [
    [{"type": "QUERY_BROAD_REL_MATCHES"}],
    [{"type": "ASIN_SUBSTITUTE_RELATED"}],
    [{"type": "ASIN_ACCESSORY_RELATED"}],
    [{"type": "ASIN_EXPANDED_FROM", "value": "B0RIVAL002"}],
    [{"type": "KEYWORD_GROUP_SAME_AS", "value": "brand"}],
    [{"type": "KEYWORD_GROUP_SAME_AS", "value": "gift"}],
    [{"type": "ASIN_BRAND_SAME_AS", "value": "17"}],
    [{"type": "ASIN_CATEGORY_SAME_AS", "value": "11"},
     {"type": "ASIN_PRICE_LESS_THAN", "value": "49.99"},
     {"type": "ASIN_REVIEW_RATING_GREATER_THAN", "value": "3"}],
]  # fmt: skip


def test_both_read_the_same_account(server, ads):
    here, auto = shop(ads)
    at = {"campaignId": here.campaign_id, "adGroupId": here.ad_group_id}
    for expression in EXPRESSIONS:
        ads.add("targets", **at, expressionType="MANUAL", bid=0.3, expression=expression)
    ads.add("campaignNegativeKeywords", campaignId=auto.campaign_id, keywordText="free",
            matchType="NEGATIVE_PHRASE")  # fmt: skip
    ads.add("campaignNegativeTargets", campaignId=auto.campaign_id, expression=EXPRESSIONS[3])
    ads.add("negativeTargets", **at, expression=EXPRESSIONS[6])
    accounts = []
    for version in ApiVersion:
        with client_of(server, version=version) as client:
            accounts.append(list_account(client, "USD"))
    assert accounts[0].frame.equals(accounts[1].frame)
    assert not accounts[0].problems
    assert not accounts[1].problems


STRANGE = [
    {"targetId": "91", "targetType": "LOCATION", "targetDetails": {"locationTarget": {
        "locationId": "seattle"}}},
    {"targetId": "92", "targetType": "MOOD", "targetDetails": {"moodTarget": {"mood": "calm"}}},
    {"targetId": "93", "targetType": "KEYWORD", "targetDetails": {"keywordTarget": {
        "keyword": "hose", "matchType": "CONCEPT"}}},
    {"targetId": "94", "targetType": "PRODUCT", "targetDetails": {"productTarget": {
        "matchType": "PRODUCT_LIKE", "product": {"productId": "B0X"}, "productIdType": "ASIN"}}},
    {"targetId": "95", "targetType": "THEME", "targetDetails": {"themeTarget": {
        "matchType": "KEYWORDS_RELATED_TO_PRIME_DAY"}}, "globalTargetId": "g-1"},
    {"targetId": "96", "targetType": "THEME", "targetDetails": {"themeTarget": {
        "matchType": "KEYWORDS_RELATED_TO_PEER_BRANDS_PRODUCT_CATEGORY"}}},
    {"targetId": "97", "targetType": "THEME", "targetDetails": None},
    {"targetId": "98"},
]  # fmt: skip


@pytest.fixture
def strange(server, ads):
    """An account with values that nobody knew when this was written."""
    group = shop(ads)[0].ad_group_id
    for one in STRANGE:
        row = {"adGroupId": group, "state": "ENABLED", "negative": False, **one}
        ads.more_targets.append(row)
    with client_of(server, version=V1) as client:
        yield list_account(client, "USD")


def test_unknown_values_are_kept_and_named(strange, tmp_path):
    rows = {row["target_id"]: row for row in strange.frame.to_dicts() if row["target_id"]}
    assert (rows["91"]["entity"], rows["92"]["entity"]) == ("LOCATION", "MOOD")
    assert rows["92"]["expression"] == '{"moodTarget": {"mood": "calm"}}'
    assert rows["93"]["match_type"] == "CONCEPT"
    assert rows["94"]["expression"] == 'product-like="B0X"'
    assert rows["95"]["expression"] == 'keyword-group="keywords-related-to-prime-day"'
    assert rows["98"]["campaign"] == "Hoses"  # of its ad group, as it names no campaign
    named = " ".join(map(str, strange.problems))
    for word in ("LOCATION", "MOOD", "CONCEPT", "product-like"):
        assert f"1 target of Amazon has '{word}" in named
    assert "prime-day" not in named
    write_account(strange, tmp_path / "account.json")
    again = read_account(tmp_path / "account.json")
    assert len(again) == len(strange)
    assert any("MOOD" in str(one) for one in again.problems)


def json_of(keys):
    """Anything that JSON holds, with these keys."""
    scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=8,
    )


WORDS = st.sampled_from(["KEYWORD", "PRODUCT", "PRODUCT_CATEGORY", "THEME", "EXACT", "DAILY", ""])
NAMES = st.sampled_from(
    ["targetType", "targetDetails", "negative", "bid", "state", "adGroupId", "budgets", "name",
     "optimizations", "bidSettings", "bidStrategy", "creative", "productCreative",
     "productCreativeSettings", "advertisedProduct", "productIdType", "autoCreationSettings",
     "autoCreateTargets", "targetLevel", "keywordTarget", "matchType", "productTarget", "product",
     "themeTarget", "productCategoryTarget", "productCategoryRefinement", "productPriceLessThan",
     "recurrenceTimePeriod", "budgetValue"]
)  # fmt: skip
JSON = json_of(st.text(max_size=5))


@settings(max_examples=300)
@given(row=st.dictionaries(NAMES, json_of(NAMES)))
def test_any_row_is_read(row):
    for resource in resources(V1):
        columns = find_dialect(V1).columns(resource, row)
        assert columns["ad_product"] == "Sponsored Products"


@pytest.mark.parametrize("kind", ["PRODUCT", "PRODUCT_CATEGORY", "THEME", "AUTO", "KEYWORD"])
@given(details=json_of(NAMES))
def test_any_details_are_read(kind, details):
    row = {"targetId": "1", "adGroupId": "2", "targetType": kind, "targetDetails": details}
    find_dialect(V1).columns(find_resource(Entity.KEYWORD, V1), row)


@settings(max_examples=200)
@given(body=JSON | st.fixed_dictionaries({"success": JSON, "error": JSON}))
def test_any_answer_is_settled(body):
    """What an answer does not say is unknown, and found out by reading."""
    change = Change.negative_keyword("a", MatchType.NEGATIVE_EXACT, HERE)
    reply = Batch((Step(2, change, change),), V1).reply(body)
    assert len(reply.made) + len(reply.refused) + len(reply.duplicate) <= 3


@pytest.mark.parametrize(
    "text",
    ['asin="B0X"', 'asin-expanded="B0X"', 'category="11"', 'brand="17"', 'keyword-group="gift"',
     'keyword-group="keywords-related-to-prime-day"'],
)  # fmt: skip
@pytest.mark.parametrize("entity", [Entity.PRODUCT_TARGETING, Entity.NEGATIVE_PRODUCT_TARGETING])
def test_a_target_there_and_back(text, entity):
    dialect, resource = find_dialect(V1), find_resource(entity, V1)
    row = dialect.new(Change(Operation.CREATE, entity, HERE, text))
    columns = dialect.columns(resource, row)
    assert (columns["entity"], columns["expression"]) == (entity.value, text)
    assert "campaignId" not in row  # the ad group's, says Amazon


@given(kind=st.sampled_from(list(MatchType)), text=st.text(max_size=20), whole=st.booleans())
def test_a_keyword_there_and_back(kind, text, whole):
    negative = kind.startswith("negative")
    place = replace(HERE, ad_group=None, ad_group_id=None) if whole and negative else HERE
    change = (Change.negative_keyword if negative else Change.keyword)(text, kind, place)
    dialect = find_dialect(V1)
    row = dialect.new(change)
    assert row["negative"] is negative
    columns = dialect.columns(find_resource(change.entity, V1), row)
    assert (columns["entity"], columns["keyword"]) == (change.entity.value, text)
    assert columns["match_type"] == kind


def test_resources_are_named_as_the_fake_has_them():
    """Both lists were written from Amazon's pages, each for itself."""
    own = {one.path: one for one in resources(V1)}
    assert {path: one.ids[0] for path, one in own.items()} == ID_OF
    for path, one in own.items():
        assert {one.filter, *(name for where in one.where.values() for name in where)} <= FILTERS[
            path
        ]
        assert one.request("list") == ("POST", f"/adsApi/v1/query/{path}")


def test_a_thousand_in_one_request(server, ads, tmp_path):
    auto = shop(ads)[1]
    texts = [f"hose {n}" for n in range(1200)]
    changes = [Change.negative_keyword(one, MatchType.NEGATIVE_EXACT, auto) for one in texts]
    plan = write_plan(tmp_path, changes)
    with client_of(server, version=V1) as client:
        results = apply_plan(client, plan, select(plan, JOB))
    assert {one.outcome for one in results} == {StepOutcome.APPLIED}
    assert ads.requests.count(("POST", "/adsApi/v1/create/targets")) == 2


def test_what_is_deleted_may_be_in_no_list(server, ads, tmp_path):
    """No page says whether v1 lists it afterwards."""
    shop(ads)
    ads.forgets = True
    target_id, row = next(iter(ads.now_there("keywords").items()))
    place = Place("Hoses", "Hoses all", row["campaignId"], row["adGroupId"])
    changes = [
        Change(Operation.ARCHIVE, Entity.KEYWORD, place, row["keywordText"], MatchType.BROAD, None,
               target_id, row["bid"], "enabled"),
        Change.negative_keyword("reel", MatchType.NEGATIVE_EXACT, place),
    ]  # fmt: skip
    before, plan = ads.living(), write_plan(tmp_path, changes)
    with client_of(server, version=V1) as client:
        results = apply_plan(client, plan, select(plan, JOB))
        assert [one.outcome for one in results] == [StepOutcome.APPLIED] * 2
        assert [one.outcome for one in roll_back(client, plan)] == [StepOutcome.APPLIED] * 2
    assert ads.living() == before


def test_a_profile_without_an_advertising_account(server, ads, monkeypatch, tmp_path):
    from . import fake_v1_reports
    from .test_reporting import fetch

    monkeypatch.setattr(fake_v1_reports, "ACCOUNTS", fake_v1_reports.ACCOUNTS[:1])
    said = r'no advertising account with profile .*api = "v3"'
    with client_of(server, version=V1) as client, pytest.raises(AmazonError, match=said):
        fetch(client, tmp_path)
