import tomllib
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admatch.errors import InputError
from admatch.impact.changes import Change, Place
from admatch.impact.keyword_rules import (
    blocked_by,
    blocks,
    contains_letters,
    describe,
    fold,
    serves,
    target_serves,
)
from admatch.reports.account.records import MatchType
from admatch.reports.records import TermKind

CASES = tomllib.loads((Path(__file__).parent / "keyword_cases.toml").read_text("utf-8"))
GROUP = Place("Lamps", "Desk")


def negative(case) -> Change:
    if "asin" in case:
        return Change.negative_product(case["asin"], GROUP)
    return Change.negative_keyword(case["text"], MatchType(case["match_type"]), GROUP)


@pytest.mark.parametrize("case", CASES["positive"], ids=lambda case: case["why"])
def test_keywords_serve_what_the_table_says(case):
    match_type = MatchType(case["match_type"])
    assert [term for term in case["serves"] if not serves(case["keyword"], match_type, term)] == []
    assert [term for term in case["not"] if serves(case["keyword"], match_type, term)] == []


@pytest.mark.parametrize("case", CASES["negative"], ids=lambda case: case["why"])
def test_negatives_block_what_the_table_says(case):
    change = negative(case)
    assert [term for term in case["blocks"] if not blocks(change, term)] == []
    assert [term for term in case["not"] if blocks(change, term)] == []


@pytest.mark.parametrize("case", CASES["target"], ids=lambda case: case["why"])
def test_targets_serve_what_the_table_says(case):
    assert [term for term in case["serves"] if not target_serves(case["expression"], term)] == []
    assert [term for term in case["not"] if target_serves(case["expression"], term)] == []


def test_longer_words_are_flagged_only():
    case = next(case for case in CASES["negative"] if "flagged" in case)
    terms = pl.Series([*case["flagged"], *case["blocks"]])
    rows = describe(terms, pl.Series([TermKind.KEYWORD.value] * len(terms)))
    flagged = rows.select(contains_letters(case["text"])).to_series()
    assert flagged.to_list() == [True] * len(case["flagged"]) + [False] * len(case["blocks"])


def test_no_words_match_nothing():
    assert not serves("?!", MatchType.BROAD, "oil lamp")
    phrase = Change.negative_keyword("", MatchType.NEGATIVE_PHRASE, GROUP)
    assert not blocks(phrase, "oil lamp")
    assert not blocks(phrase, "")


def test_stars_and_categories_are_not_blocked():
    phrase = Change.negative_keyword("lamp", MatchType.NEGATIVE_PHRASE, GROUP)
    assert not blocks(phrase, "lamp", TermKind.CATEGORY)
    assert not blocks(phrase, "*", TermKind.STAR)


def test_only_negatives_block_and_brands_are_unknown():
    with pytest.raises(InputError, match="blocks nothing"):
        blocked_by(Change.keyword("lamp", MatchType.EXACT, GROUP))
    brand = Change.negative_product("B00IPGVVZ4", GROUP)
    object.__setattr__(brand, "text", 'brand="123"')
    with pytest.raises(InputError, match="name their ASINs"):
        blocked_by(brand)


words = st.lists(st.from_regex(r"[a-zäöß]{1,9}", fullmatch=True), min_size=1, max_size=5)


@settings(max_examples=30, deadline=None)
@given(words)
def test_folding_twice_changes_nothing_that_matters(spelled):
    term = " ".join(spelled)
    assert fold(pl.Series([term]))[0].count(" ") == len(spelled) + 1
    assert "ß" in term or serves(term, MatchType.EXACT, term.upper())


@settings(max_examples=30, deadline=None)
@given(words, words, words)
def test_a_phrase_is_served_wherever_it_stands(before, phrase, after):
    term = " ".join([*before, *phrase, *after])
    text = " ".join(phrase)
    assert serves(text, MatchType.PHRASE, term)
    assert serves(text, MatchType.BROAD, term)
    assert blocks(Change.negative_keyword(text, MatchType.NEGATIVE_PHRASE, GROUP), term)


@settings(max_examples=30, deadline=None)
@given(words, words)
def test_exact_implies_phrase_implies_broad(keyword, term):
    text, asked = " ".join(keyword), " ".join(term)
    exact, phrase, broad = (
        serves(text, one, asked) for one in (MatchType.EXACT, MatchType.PHRASE, MatchType.BROAD)
    )
    assert exact <= phrase <= broad


@pytest.mark.parametrize("group", ["brand", "gift", "keywords-related-to-prime-day"])
def test_keyword_groups_answer_queries(group):
    assert target_serves(f'keyword-group="{group}"', "garden hose")
    assert not target_serves(f'keyword-group="{group}"', "B0HOSES001")
