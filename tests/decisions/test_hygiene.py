"""Keywords that stand in each other's way, are blocked, or never serve: told, not changed."""

import dataclasses
import json
from datetime import date

import polars as pl
import pytest

from admatch.decisions.hygiene import SCHEMA, hygiene
from admatch.messages import from_json
from admatch.reports.account.records import ACCOUNT_SCHEMA, Account, Entity


def entity(kind, campaign="A", ad_group=None, **cells):
    return {
        "entity": kind.value,
        "campaign": campaign,
        "ad_group": ad_group,
        "state": "enabled",
    } | {
        "ad_product": "Sponsored Products",
        **cells,
    }


def keyword(text, ad_group="one", campaign="A", match_type="exact", **cells):
    figures = {"impressions": 900, "clicks": 30, "orders": 2, "spend": 9.0, "sales": 40.0}
    known = {"keyword": text, "match_type": match_type, "target_id": f"{campaign}{ad_group}{text}"}
    return entity(Entity.KEYWORD, campaign, ad_group, **known | figures | cells)


def ad(asin, ad_group="one", campaign="A", **cells):
    return entity(Entity.PRODUCT_AD, campaign, ad_group, asin=asin, **cells)


def places(*pairs, **cells):
    rows = [entity(Entity.CAMPAIGN, one, **cells) for one in dict.fromkeys(one for one, _ in pairs)]
    return [*rows, *(entity(Entity.AD_GROUP, one, group) for one, group in pairs)]


def told(*rows):
    frame = pl.DataFrame(list(rows), infer_schema_length=None)
    missing = [pl.lit(None, kind).alias(name) for name, kind in ACCOUNT_SCHEMA.items()
               if name not in frame.columns]  # fmt: skip
    frame = frame.with_columns(missing).select(*ACCOUNT_SCHEMA).cast(pl.Schema(ACCOUNT_SCHEMA))
    found = hygiene(Account(frame, (), ()))
    assert dict(found.schema) == SCHEMA
    for line in found.to_dicts():
        assert from_json(json.loads(line["what_message"])) == line["what"]
    return found.select("issue", "campaign", "ad_group", "keyword").rows()


TWO = places(("A", "one"), ("B", "two"))


def test_nothing_is_told_of_a_tidy_account():
    rows = [keyword("oat milk"), keyword("oat drink", "two", "B"), ad("B0A"), ad("B0A", "two", "B")]
    assert told(*TWO, *rows) == []
    assert hygiene(None).is_empty()


@pytest.mark.parametrize("text", ["oat milk", "Oat  Milk", "oat MILK"])
def test_the_same_keyword_for_the_same_product_in_two_ad_groups_competes(text):
    rows = [keyword("oat milk"), keyword(text, "two", "B"), ad("B0A"), ad("B0A", "two", "B")]
    assert {row[:3] for row in told(*TWO, *rows)} == {
        ("competing", "A", "one"),
        ("competing", "B", "two"),
    }


@pytest.mark.parametrize(
    "changed",
    [
        {"match_type": "phrase"},
        {"keyword": "oat milks"},
        {"state": "paused"},
        {"ad_product": "Sponsored Brands"},
    ],
)
def test_other_keywords_do_not_compete(changed):
    rows = [keyword("oat milk"), keyword("oat milk", "two", "B") | changed]
    assert told(*TWO, *rows, ad("B0A"), ad("B0A", "two", "B")) == []


def test_other_products_and_ended_places_do_not_compete():
    both = [keyword("oat milk"), keyword("oat milk", "two", "B")]
    assert told(*TWO, *both, ad("B0A"), ad("B0B", "two", "B")) == []
    assert told(*TWO, *both, ad("B0A"), ad("B0A", "two", "B", state="paused")) == []
    for kind in (Entity.CAMPAIGN, Entity.AD_GROUP):
        ended = [
            row | {"state": "paused"} if row["entity"] == kind and row["campaign"] == "B" else row
            for row in TWO
        ]
        assert told(*ended, *both, ad("B0A"), ad("B0A", "two", "B")) == []


def test_a_keyword_twice_in_an_ad_group_is_a_duplicate_and_days_are_not():
    twice = [keyword("oat milk", target_id="1"), keyword("Oat milk", target_id="2", orders=5)]
    found = told(*TWO, *twice)
    assert found == [("duplicate", "A", "one", "oat milk"), ("duplicate", "A", "one", "Oat milk")]
    daily = [
        keyword("oat milk", target_id="1", start_date=date(2026, 1, day)) for day in range(1, 20)
    ]
    assert told(*TWO, *daily) == []


def test_a_duplicate_names_the_one_that_sold_most():
    frame = pl.DataFrame(
        [*TWO, keyword("oat", target_id="1"), keyword("oat", target_id="2", orders=5)],
        infer_schema_length=None,
    )
    missing = [pl.lit(None, kind).alias(name) for name, kind in ACCOUNT_SCHEMA.items()
               if name not in frame.columns]  # fmt: skip
    account = Account(frame.with_columns(missing).select(*ACCOUNT_SCHEMA), (), ())
    worse, best = hygiene(account)["what"]
    assert "with ID 2" in worse
    assert "keep this one" in best
    assert dataclasses.replace(account).frame.equals(account.frame)


NEGATIVE = {
    "exact": ("negativeExact", "oat milk"),
    "phrase": ("negativePhrase", "oat"),
    "plural": ("negativeExact", "oat milks"),
}


@pytest.mark.parametrize("case", NEGATIVE)
@pytest.mark.parametrize("whole", [True, False])
def test_a_keyword_that_a_negative_blocks_is_told(case, whole):
    kind, text = NEGATIVE[case]
    blocking = entity(
        Entity.CAMPAIGN_NEGATIVE_KEYWORD if whole else Entity.NEGATIVE_KEYWORD,
        "A", None if whole else "one", keyword=text, match_type=kind,
    )  # fmt: skip
    assert told(*TWO, keyword("oat milk"), blocking) == [("blocked", "A", "one", "oat milk")]
    # a broad keyword serves other terms, and another place is another place
    assert told(*TWO, keyword("oat milk", match_type="broad"), blocking) == []
    assert told(*TWO, keyword("oat milk", "two", "B"), blocking) == []
    # and what is blocked competes with nothing
    both = [keyword("oat milk"), keyword("oat milk", "two", "B"), ad("B0A"), ad("B0A", "two", "B")]
    assert [row[0] for row in told(*TWO, *both, blocking)] == ["blocked"]


def test_a_negative_of_another_ad_group_or_a_paused_one_blocks_nothing():
    for ad_group, kind, text, state in (
        ("other", "negativeExact", "oat milk", "enabled"),
        ("one", "negativeExact", "oat milk", "archived"),
        ("one", "negativePhrase", "milk oat", "enabled"),
    ):
        cells = {"keyword": text, "match_type": kind, "state": state}
        blocking = entity(Entity.NEGATIVE_KEYWORD, "A", ad_group, **cells)
        assert told(*TWO, keyword("oat milk"), blocking) == []


def test_a_keyword_without_an_impression_in_a_campaign_that_serves_is_told():
    silent = keyword("oat cream", impressions=0, clicks=0, orders=0)
    busy = keyword("oat milk", impressions=5_000)
    assert told(*TWO, busy, silent) == [("never-serves", "A", "one", "oat cream")]
    assert told(*TWO, busy, silent | {"impressions": None}) == []
    assert told(*TWO, silent) == []  # the campaign does not serve either
    for last, known in ((14, [("never-serves", "A", "one", "oat cream")]), (13, [])):
        days = {"start_date": date(2026, 1, 1), "end_date": date(2026, 1, last)}
        assert told(*TWO, busy | days, silent | days) == known
